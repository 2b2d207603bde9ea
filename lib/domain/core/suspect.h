/*
 * suspect.h - the record that an invariant which breaks now is blamed on, and records set aside.
 *
 * Deadlines, promotions and steps of transactions are the engine's own work. A bug that one record
 * meets must not stop the others, so the engine names each record that it handles.
 */
#ifndef HF_DOMAIN_CORE_SUSPECT_H
#define HF_DOMAIN_CORE_SUSPECT_H

#include "domain/core/draft.h"

#include <holdfast/account.h>

/*
 * Names the record that is handled from here on, also inside the operation of a caller. Returns
 * what was named before, for hf__suspect_done.
 */
hf__suspect hf__suspect_set(hf__draft *draft, uint32_t kind, const hf_id *id);

/*
 * The record has been handled with this result. HF_E_INVARIANT when an invariant broke meanwhile,
 * and the record stays named; else `error`, and `before` is named again.
 */
int hf__suspect_done(hf__draft *draft, const hf__suspect *before, int error);

/* Whether a record with these attention bits is skipped. */
static inline bool hf__is_aside(uint32_t attention)
{
    return (attention & HF_ATTENTION_INVARIANT) != 0;
}

/* Names what hf__aside_forget reads; returns its position in the draft, as hf__draft_load. */
uint32_t hf__aside_name(hf__draft *draft, uint32_t kind, const hf_id *id);

/* Forgets that a record was set aside; nothing when it was not. 0, HF_E_NOMEM. */
int hf__aside_forget(hf__draft *draft, uint32_t kind, const hf_id *id);

#endif
