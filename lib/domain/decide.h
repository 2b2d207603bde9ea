/*
 * decide.h - the entry point of the pure core.
 *
 *     decide(op, draft) -> 0         done: the draft's rows, event body and result hold
 *                       -> HF__NEED  the view noted what to load; load it and decide again
 *                       -> HF__SWEEP what the draft says in sweep_wanted must be done first; do it
 *                                    and decide again
 *                       -> HF_E_*    refused: the draft's detail names the culprit; nothing changed
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
 * True when hf__decide names every row of the operation before it decides, so that what the view
 * has noted with HF__NEED is all that can be known; else hf__plan names more.
 */
bool hf__is_loaded_first(const hf__operation *op);

/*
 * Touches every key that the arguments name, so that everything is noted in one pass. 0 when all
 * of it is in the view.
 */
int hf__plan(const hf__operation *op, hf__draft *draft);

#endif
