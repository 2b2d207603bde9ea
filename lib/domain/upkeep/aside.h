/*
 * aside.h - records that the engine skips, because handling them broke an invariant.
 *
 * Why: deadlines, promotions and steps of transactions are the engine's own work. A bug that one
 * record meets must not stop the others, so the engine has to know the record, and must not try it
 * again and again.
 */
#ifndef HF_DOMAIN_UPKEEP_ASIDE_H
#define HF_DOMAIN_UPKEEP_ASIDE_H

#include "domain/core/operation.h"
#include "domain/core/suspect.h"
#include "domain/order/load.h"

/* Arguments of the engine's own operations HF_EVENT_SET_ASIDE and HF_EVENT_RESUME. */
typedef struct hf__aside_args {
    hf_op_head head;
    hf_id id;
    uint32_t kind; /* hf_subject_kind: ORDER, PAYMENT, HOLD or TXN */
    uint32_t reserved;
    hf_name place; /* SET_ASIDE: where the invariant broke */
} hf__aside_args;

/*
 * HF_EVENT_SET_ASIDE: attention on the record; a WAITING order leaves its queues, a transaction is
 * parked. Quiet when that has been done by this version of the library. Reads and checks as little
 * as it can, because what it is about has just met a bug. 0, HF_E_NOT_FOUND, HF_E_NOMEM.
 */
int hf__decide_set_aside(const hf__operation *op, hf__draft *draft);
void hf__load_set_aside(const hf__operation *op, hf__draft *draft);

/*
 * HF_EVENT_RESUME: a record that an older version of the library has set aside is handled again.
 * 0, HF_E_NOMEM, and the errors of what follows.
 */
int hf__decide_resume(const hf__operation *op, hf__draft *draft);
void hf__load_resume(const hf__operation *op, hf__draft *draft);

/*
 * Forgets that an order was set aside, whose bit is cleared: it waits in its queues again. As
 * hf__order_rejoin.
 */
int hf__aside_order_over(hf__draft *draft, hf__order *order);

#endif
