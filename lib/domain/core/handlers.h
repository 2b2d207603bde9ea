/*
 * handlers.h - one function per operation type, all of the same form; decide.c has their table.
 *
 * Each returns what hf__decide does. What all have in common (repeated ids, expected version, the
 * event, waiting orders that supply may promote) is done by decide.c around them.
 */
#ifndef HF_DOMAIN_CORE_HANDLERS_H
#define HF_DOMAIN_CORE_HANDLERS_H

#include "domain/core/draft.h"
#include "domain/core/operation.h"

#define HF__WRITE(NAME, name, args, last, result, handler, ...)                                    \
    int hf__decide_##handler(const hf__operation *op, hf__draft *draft);
#include "model/operations.def"

/*
 * The load of a repeated erasure: nothing is changed, and the answer says whether something is left
 * to erase.
 */
void hf__load_erase_again(const hf__operation *op, hf__draft *draft);

#endif
