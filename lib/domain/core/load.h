/*
 * load.h - the loads of operations, declared from operations.def.
 *
 * A load names every row that is known from the rows that are there (draft.h), and is called again
 * when the missing rows have been loaded: a hold first, then its accounts. It changes nothing. It
 * says what the operation takes of accounts, so that what is due of one that is short expires first
 * (ledger/shortage.h).
 */
#ifndef HF_DOMAIN_CORE_LOAD_H
#define HF_DOMAIN_CORE_LOAD_H

#include "domain/core/draft.h"
#include "domain/core/operation.h"

typedef void (*hf__load_fn)(const hf__operation *op, hf__draft *draft);

/*
 * For a decision that begins anew: an empty draft, and in it what `load` names, which is there. 0,
 * HF_E_NOMEM.
 */
int hf__load_again(const hf__operation *op, hf__draft *draft, hf__load_fn load);

#define HF__WRITE(NAME, name, args, last, result, handler, load, ...)                              \
    void load(const hf__operation *op, hf__draft *draft);
#include "model/operations.def"

#endif
