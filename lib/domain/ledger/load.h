/*
 * load.h - the loads of the operations on accounts, units, items and holds.
 *
 * Each names every row that it can know of with what is there (rows.h), and is called again when
 * what was missing has come: a hold first, then its accounts. It changes nothing. When the account
 * that would give cannot do so as it is, and nothing else refuses the operation before, the load
 * sets draft->taking (shortage.h).
 */
#ifndef HF_DOMAIN_LEDGER_LOAD_H
#define HF_DOMAIN_LEDGER_LOAD_H

#include "domain/core/draft.h"
#include "domain/core/operation.h"

void hf__load_account_put(const hf__operation *op, hf__draft *draft);
void hf__load_move(const hf__operation *op, hf__draft *draft);
void hf__load_account_adjust(const hf__operation *op, hf__draft *draft);
void hf__load_hold_place(const hf__operation *op, hf__draft *draft);
void hf__load_hold_post(const hf__operation *op, hf__draft *draft);
void hf__load_hold_release(const hf__operation *op, hf__draft *draft);
void hf__load_hold_adjust(const hf__operation *op, hf__draft *draft);
void hf__load_hold_reverse(const hf__operation *op, hf__draft *draft);
void hf__load_unit_put(const hf__operation *op, hf__draft *draft);

#endif
