/*
 * movement.h - the hold primitive: the only code that changes balance, held_out and held_in.
 *
 * Each function changes the rows of both accounts in the draft (the world has none), checks the
 * limits that the direction needs, appends the change to the event's body, and returns 0 or the
 * refusal with the account named in the detail. `what` names the culprit's place for people ("line
 * 3"), "" for none.
 *
 * An operation that knows where its load has named the accounts calls hf__ends_*. One that has many
 * accounts calls the functions below them, which find the rows by their names. What must happen
 * before an account gives has happened (shortage.h).
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

/* Both accounts of a movement as rows of the draft that may be changed; the world is NULL. */
typedef struct hf__ends {
    hf_account *from;
    hf_account *to;
    bool queued; /* orders wait on `from` that come before this movement */
} hf__ends;

/* What the names of the ends say alone: 0, HF_E_ARGUMENT, HF_E_CURRENCY. */
int hf__ends_check(const hf__draft *draft, const hf__movement *m);

/* HF_E_NOT_FOUND when an end that is not the world has no row. */
int hf__ends_there(const hf__draft *draft, const hf__movement *m, const hf__ends *e);

/* from.held_out += amount, to.held_in += amount. */
int hf__ends_hold(hf__draft *draft, const hf__movement *m, const hf__ends *e);

/* The held amount becomes final: held -= amount on both, balances move. */
int hf__ends_post(hf__draft *draft, const hf__movement *m, const hf__ends *e);

/* Releases the held amount. Never refused for a limit. */
int hf__ends_release(hf__draft *draft, const hf__movement *m, const hf__ends *e);

/* Hold and post in one: for what is final at once. */
int hf__ends_move(hf__draft *draft, const hf__movement *m, const hf__ends *e);

/* Like move, but a fact: beyond a limit raises attention instead of refusing. */
int hf__ends_move_fact(hf__draft *draft, const hf__movement *m, const hf__ends *e);

/* True while nothing is held of an account because a fact has led it beyond its limits. */
bool hf__blocked_by_attention(const hf_account *account);

/* ---- Movements between accounts that are found by their names; movement_find.c --------------- */

/*
 * Reads whether an order that was placed before `place_seq` waits on an account that a load has
 * named; NULL: there is no such account. For the movements below, where they come behind a queue.
 */
void hf__load_queue(hf__draft *draft, const hf_account *account, uint64_t place_seq);

/* The same as hf__hold and hf__move where the rows of both ends are known. */
int hf__hold_between(hf__draft *draft, const hf__movement *m, hf__ends *e);
int hf__move_between(hf__draft *draft, const hf__movement *m, hf__ends *e);

int hf__hold(hf__draft *draft, const hf__movement *m);
int hf__post(hf__draft *draft, const hf__movement *m);
int hf__release(hf__draft *draft, const hf__movement *m);
int hf__move(hf__draft *draft, const hf__movement *m);

/* Takes a final movement back: from `to` to `from`, limits of a command. */
int hf__reverse(hf__draft *draft, const hf__movement *m);
int hf__move_fact(hf__draft *draft, const hf__movement *m);

/*
 * How much could be held of an account now (>= 0): for ordered candidates. A missing account has 0.
 */
int hf__available(hf__draft *draft, const hf_account_ref *account, uint64_t place_seq,
                  int64_t *out);

#endif
