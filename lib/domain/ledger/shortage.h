/*
 * shortage.h - what must happen before an account gives what it cannot give as it is: its due
 * records expire, and waiting orders that may overtake get what came for them.
 */
#ifndef HF_DOMAIN_LEDGER_SHORTAGE_H
#define HF_DOMAIN_LEDGER_SHORTAGE_H

#include "domain/core/draft.h"

/* As place_seq of a taker: it comes before every order that waits. */
#define HF__BEFORE_QUEUES UINT64_MAX

/*
 * In a load: the operation takes up to `amount` more of the account that was named at `at`.
 * `place_seq`: placed_seq of the order that takes; 0: behind all orders that wait. When something
 * must happen first, draft->sweep_type says so.
 */
void hf__load_taking(hf__draft *draft, uint32_t at, int64_t amount, uint64_t place_seq);

/*
 * True when hf__load_taking may find something, so that a load has to find out whether the
 * operation is refused before it takes.
 */
bool hf__cannot_give(const hf__draft *draft, uint32_t from, int64_t amount, bool queues);

#endif
