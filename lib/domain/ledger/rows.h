/*
 * rows.h - the rows that operations on accounts, units, items and holds name before they are
 * decided: each load fills in draft->loaded by these numbers, each decision reads them there.
 */
#ifndef HF_DOMAIN_LEDGER_ROWS_H
#define HF_DOMAIN_LEDGER_ROWS_H

#include "domain/ledger/movement.h"

/* Indexes in hf__draft.loaded; an operation that names one account has it at HF__ROW_FROM. */
enum { HF__ROW_FROM, HF__ROW_TO, HF__ROW_HOLD, HF__ROW_UNIT, HF__ROW_PAYMENT = HF__ROW_HOLD };

/* Names the account of an argument, of a row, or a unit. The world has no row. */
void hf__load_account(hf__draft *draft, uint32_t as, const hf_account_key *key);
void hf__load_account_of(hf__draft *draft, uint32_t as, const hf_account_ref *account);
void hf__load_unit(hf__draft *draft, const char *code);

/*
 * The same for an operation that finds its accounts by their names: returns the position of the row
 * in the draft. 0: the world, or missing.
 */
uint32_t hf__name_account(hf__draft *draft, const hf_account_key *key);
uint32_t hf__name_account_of(hf__draft *draft, const hf_account_ref *account);

/* A row that was named, or NULL; `as` is one of the numbers above. */
static inline const void *hf__row(const hf__draft *draft, uint32_t as)
{
    return hf__loaded(draft, draft->loaded[as]);
}

/*
 * The account of an argument as its row has it, named at `at`, else in `made`: for texts, and for
 * an account that is not there.
 */
const hf_account_ref *hf__account_ref_at(const hf__draft *draft, uint32_t at,
                                         const hf_account_key *key, hf_account_ref *made);

/* The same with one of the numbers above. */
static inline const hf_account_ref *hf__row_ref(const hf__draft *draft, uint32_t as,
                                                const hf_account_key *key, hf_account_ref *made)
{
    return hf__account_ref_at(draft, draft->loaded[as], key, made);
}

/*
 * The rows of both ends of a movement, named at `from` and `to`, to be changed. 0, HF_E_ARGUMENT
 * and HF_E_CURRENCY for what the names say, HF_E_NOT_FOUND, HF_E_NOMEM.
 */
int hf__ends_at(hf__draft *draft, const hf__movement *m, uint32_t from, uint32_t to, hf__ends *out);

/* The same with two of the numbers above. */
static inline int hf__row_ends(hf__draft *draft, const hf__movement *m, uint32_t from, uint32_t to,
                               hf__ends *out)
{
    return hf__ends_at(draft, m, draft->loaded[from], draft->loaded[to], out);
}

#endif
