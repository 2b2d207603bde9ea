/*
 * movement.h - the hold primitive: the only code that changes balance, held_out and held_in.
 *
 * Each function edits both accounts in the draft (the world has none), checks the limits that the
 * direction needs, appends the change to the event's body, and answers 0, HF__NEED or the refusal
 * with the account named in the detail. `what` names the culprit's place for people ("line 3"),
 * "" for none.
 */
#ifndef HF_DOMAIN_LEDGER_MOVEMENT_H
#define HF_DOMAIN_LEDGER_MOVEMENT_H

#include "domain/core/account_ref.h"
#include "domain/core/draft.h"

/* Both ends and the amount; at least one end is an account; units are equal (HF_E_CURRENCY). */
typedef struct hf__movement {
    const hf_account_ref *from;
    const hf_account_ref *to;
    int64_t amount; /* >= 0 */
    uint64_t
        place_seq;    /* orders: their placed_seq, so that an order does not queue behind itself */
    const char *what; /* the culprit's place for people: "line", "payment"; "" for none */
    uint32_t no;      /* of it; 0: `what` says all */
    uint32_t reserved;
} hf__movement;

/* from.held_out += amount, to.held_in += amount. Sweeps due holds of `from` when it is short. */
int hf__hold(hf__draft *draft, const hf__movement *m);

/* The held amount becomes final: held -= amount on both, balances move. */
int hf__post(hf__draft *draft, const hf__movement *m);

/* Releases the held amount. Never refused for a limit. */
int hf__release(hf__draft *draft, const hf__movement *m);

/* Hold and post in one: for what is final at once. */
int hf__move(hf__draft *draft, const hf__movement *m);

/* Takes a final movement back: from `to` to `from`, limits of a command. */
int hf__reverse(hf__draft *draft, const hf__movement *m);

/* Like move, but a fact: beyond a limit raises attention instead of refusing. */
int hf__move_fact(hf__draft *draft, const hf__movement *m);

/*
 * How much could be held of an account now (>= 0), expired holds included as free: for ordered
 * candidates. A missing account has 0.
 */
int hf__available(hf__draft *draft, const hf_account_ref *account, uint64_t place_seq,
                  int64_t *out);

#endif
