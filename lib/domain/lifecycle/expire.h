/*
 * expire.h - deadlines: due holds and orders release what they hold.
 */
#ifndef HF_DOMAIN_LIFECYCLE_EXPIRE_H
#define HF_DOMAIN_LIFECYCLE_EXPIRE_H

#include "domain/core/operation.h"
#include "domain/ledger/due.h"
#include "domain/order/load.h"

/* Expires a PENDING or WAITING order whose deadline has passed; end.c. */
int hf__order_expire(hf__draft *draft, hf__order *order);

/* Fails the payment at index `at` of an order, whose provider has not answered in time; follow.c.
 */
int hf__payment_expire(hf__draft *draft, hf__order *order, uint32_t at);

/* Arguments of the engine's own operations HF_EVENT_EXPIRE and HF_EVENT_PROMOTE. */
typedef struct hf__sweep_args {
    hf_op_head head;
    uint32_t limit; /* records at most in one go, 1..HF__SWEEP_MOST */
    uint32_t reserved;
    hf_account_ref account; /* PROMOTE: whose waiting orders; EXPIRE: whose due records, or the
                               world: whatever is due */
    uint64_t after;         /* PROMOTE with overtake: only orders placed after this event */
} hf__sweep_args;

/* Result of both: more is due. */
typedef struct hf__sweep_result {
    uint32_t count;
    uint32_t more;
    uint64_t after;      /* PROMOTE with overtake: the last order that was looked at; else 0 */
    uint64_t queue_head; /* PROMOTE: as hf__view.queue_head, after it */
    int64_t due_ms;      /* EXPIRE: the earliest deadline that is due; 0: none is */
    hf_id refused;       /* PROMOTE: the order whose promotion an account refuses; all zero: none */
} hf__sweep_result;

/* HF_EVENT_EXPIRE: what is due, earliest first. */
void hf__load_expire(const hf__operation *op, hf__draft *draft);
int hf__decide_expire(const hf__operation *op, hf__draft *draft);

/*
 * HF_EVENT_PROMOTE: at most args->limit (1..32) orders that wait on an account and can now hold
 * everything, the earliest first. Where orders overtake, those behind one that stays are looked at
 * too; promote.c.
 */
void hf__load_promote(const hf__operation *op, hf__draft *draft);
int hf__decide_promote(const hf__operation *op, hf__draft *draft);

#endif
