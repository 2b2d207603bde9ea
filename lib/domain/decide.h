/*
 * decide.h - the entry point of the pure core.
 *
 *     decide(op, draft) -> 0            done: rows, event body and result are in the draft
 *                       -> HF__MISSING  the view noted what to load; load it and decide again
 *                       -> HF__SWEEP    what the draft says in sweep_type must be done first; do it
 *                                       and decide again
 *                       -> HF_E_*       refused: the detail names the culprit; nothing changed
 *
 * No I/O, clock, random numbers or heap: the same inputs always give the same answer, on every
 * store and in the simulator.
 */
#ifndef HF_DOMAIN_DECIDE_H
#define HF_DOMAIN_DECIDE_H

#include "domain/core/draft.h"
#include "domain/core/operation.h"

int hf__decide(const hf__operation *op, hf__draft *draft);

/*
 * Names every row that can be known with what is there, and decides nothing. 0 when all of it is in
 * the view; HF__MISSING, HF_E_NOMEM, or the refusal of an id that was used before.
 */
int hf__name_rows(const hf__operation *op, hf__draft *draft);

#endif
