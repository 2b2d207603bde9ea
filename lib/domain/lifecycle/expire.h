/*
 * expire.h - deadlines: due holds and orders release what they hold.
 */
#ifndef HF_DOMAIN_LIFECYCLE_EXPIRE_H
#define HF_DOMAIN_LIFECYCLE_EXPIRE_H

#include "domain/core/draft.h"
#include "domain/core/operation.h"

#define HF__SWEEP_MOST 32u /* records that expire in one operation */

/*
 * Frees due holds (of orders, payments and plain holds) of one account, earliest first, until at
 * least `amount` is available or none is due. 0; above 0 when a row is missing; HF_E_NOMEM. Part of
 * the calling operation: its event lists what expired. When that would be more than HF__SWEEP_MOST
 * or than the batch has memory for, or when orders wait on an account that lets others overtake, it
 * calls hf__draft_defer: the engine runs HF_EVENT_EXPIRE for the account first, as often as it
 * takes. What expires is then offered to the waiting orders before the operation is decided again.
 */
int hf__sweep_account(hf__draft *draft, const hf_account_ref *account, int64_t amount);

/* Expires a PENDING or WAITING order whose deadline has passed (orders room of the core). */
int hf__order_expire(hf__draft *draft, const hf_id *order);

/* Fails a payment whose provider has not answered in time; follow.c. */
int hf__payment_expire(hf__draft *draft, const hf_id *payment);

/* Expires a plain hold whose deadline has passed. */
int hf__hold_expire(hf__draft *draft, const hf_id *hold);

/* Arguments of the engine's own operations HF_EVENT_EXPIRE and HF_EVENT_PROMOTE. */
typedef struct hf__sweep_args {
    hf_op_head head;
    uint32_t limit; /* records at most in one go */
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
int hf__decide_expire(const hf__operation *op, hf__draft *draft);

/* HF_EVENT_PROMOTE: orders that wait on an account and can now hold everything. */
int hf__decide_promote(const hf__operation *op, hf__draft *draft);

#endif
