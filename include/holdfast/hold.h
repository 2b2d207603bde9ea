/*
 * hold.h - holds without an order, for trading, prepaid charging and quotes.
 *
 * A hold promises an amount of one account to another. Posting moves a part of it, releasing ends
 * the promise for a part of it. What is neither posted nor released is the remaining amount:
 * amount - posted - released. A hold is open while its remaining amount is above 0.
 *
 *   place --> HELD --post, release--> PARTIAL --post, release--> DONE | VOID
 *   HELD, PARTIAL --post, release of all that remains--> DONE | VOID
 *   HELD, PARTIAL --deadline--> EXPIRED | DONE
 *   DONE --reverse--> DONE
 */
#ifndef HOLDFAST_HOLD_H
#define HOLDFAST_HOLD_H

#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* States of a hold. */
typedef enum hf_hold_state {
    HF_HOLD_NONE = 0,    /* no stored hold has this state */
    HF_HOLD_HELD = 1,    /* open; nothing was posted or released */
    HF_HOLD_PARTIAL = 2, /* open; a part was posted or released */
    HF_HOLD_DONE = 3,    /* nothing remains, and something was posted */
    HF_HOLD_VOID = 4,    /* nothing remains, and everything was released by an operation */
    HF_HOLD_EXPIRED = 5, /* the deadline released everything; nothing was posted */
} hf_hold_state;

/* A hold as stored. Its remaining amount is amount - posted - released. */
typedef struct hf_hold {
    hf_id id;
    uint8_t fingerprint[16];
    hf_account_ref from;
    hf_account_ref to;
    int64_t amount;      /* everything the hold was placed for or grew by; > 0 */
    int64_t posted;      /* moved from `from` to `to`, reversed amounts included */
    int64_t released;    /* no longer promised, and never moved */
    int64_t reversed;    /* the part of `posted` that was moved back */
    int64_t deadline_ms; /* 0 = none */
    int64_t created_at_ms;
    int64_t updated_at_ms;
    uint64_t version;
    uint32_t state;     /* hf_hold_state */
    uint32_t attention; /* hf_attention bits */
    const void *meta;
    uint64_t meta_bytes;
    hf_id txn; /* of the transaction it belongs to, which alone changes it; all zero: none */
} hf_hold;

/* Arguments of hf_hold_place. head.id is the hold's id. */
typedef struct hf_hold_place_args {
    hf_op_head head;
    hf_account_key from; /* or the world */
    hf_account_key to;   /* or the world; not both the world */
    int64_t amount;      /* > 0 */
    int64_t deadline_ms; /* 0 = none, else in the future */
} hf_hold_place_args;

/* Arguments of hf_hold_post. */
typedef struct hf_hold_post_args {
    hf_op_head head;
    hf_id hold;
    int64_t post;    /* to move from `from` to `to`; >= 0; HF_ALL: the remaining amount */
    int64_t release; /* to release; >= 0; HF_ALL: the remaining amount after `post` */
} hf_hold_post_args;

/* Arguments of hf_hold_release and hf_hold_reverse. */
typedef struct hf_hold_amount_args {
    hf_op_head head;
    hf_id hold;
    int64_t amount; /* > 0; HF_ALL: the remaining amount (release), posted - reversed (reverse) */
} hf_hold_amount_args;

/* Arguments of hf_hold_adjust. */
typedef struct hf_hold_adjust_args {
    hf_op_head head;
    hf_id hold;
    int64_t grow;          /* by how much `amount` grows; >= 0; the limits are checked */
    int64_t deadline_ms;   /* used when set_deadline is 1; 0 = none */
    uint32_t set_deadline; /* 0 or 1 */
    uint32_t reserved;
} hf_hold_adjust_args;

/* Arguments of hf_hold_get. */
typedef struct hf_hold_get_args {
    hf_op_head head;
    hf_id hold;
} hf_hold_get_args;

/*
 * The name of a state of holds, as in SQL and JSON, e.g. "HELD"; "?" for a number that is none.
 * Static. Thread: any. Since 0.1.
 */
HF_API const char *hf_hold_state_name(uint32_t state);

/*
 * Defaults: from and to the world, amount 0, no deadline.
 * Thread: any. Since 0.1.
 */
HF_API void hf_hold_place_init(hf_hold_place_args *args);

/*
 * Defaults: the hold as given, post and release 0.
 * Thread: any. Since 0.1.
 */
HF_API void hf_hold_post_init(hf_hold_post_args *args, const hf_id *hold);

/*
 * Defaults: the hold as given, amount HF_ALL. For release and reverse.
 * Thread: any. Since 0.1.
 */
HF_API void hf_hold_amount_init(hf_hold_amount_args *args, const hf_id *hold);

/*
 * Defaults: the hold as given, grow 0, the deadline unchanged.
 * Thread: any. Since 0.1.
 */
HF_API void hf_hold_adjust_init(hf_hold_adjust_args *args, const hf_id *hold);

/*
 * Defaults: the hold as given.
 * Thread: any. Since 0.1.
 */
HF_API void hf_hold_get_init(hf_hold_get_args *args, const hf_id *hold);

/*
 * Promises `amount` of `from` to `to`: from.held_out and to.held_in grow by `amount`. Result:
 * hf_hold. When `from` would be short, its holds and orders whose deadline has passed expire first:
 * they have events of type HF_EVENT_EXPIRE before the event of this hold, and these events stay
 * when the hold is refused. Every operation that needs units of an account expires holds and orders
 * in the same way; one of a chain before the first operation of the chain, which may then find its
 * own record expired, or an account whose version is no longer the one that hf_expect names. The
 * chain can be submitted again. Completes with HF_E_STOCK_SHORT, HF_E_FUNDS_SHORT or
 * HF_E_LIMIT_SHORT by kind, HF_E_MAX_BALANCE, HF_E_FROZEN, HF_E_ATTENTION, HF_E_QUEUED_AHEAD,
 * HF_E_NOT_FOUND (an account), HF_E_CURRENCY (units differ), HF_E_DEADLINE, HF_E_ID_REUSED,
 * HF_E_ID_TOO_OLD. A repeated call with the same id and the same content changes nothing: its
 * result is the hold as it is now, and its event_seq is 0.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_hold_place(hf_engine *engine, hf_req *req, const hf_hold_place_args *args,
                         hf_done_cb cb);

/*
 * Moves `post` of the remaining amount from `from` to `to` and releases `release` of it. With
 * (x, 0) the hold can be posted again; with (x, HF_ALL) this is the last posting; a trade that was
 * filled below its limit posts the fill and releases the difference. Result: hf_hold.
 * Completes with HF_E_NOT_FOUND, HF_E_HOLD_STATE (the detail names the state), HF_E_EXPIRED (at or
 * after the deadline), HF_E_OVER_POST (post + release above the remaining amount), HF_E_QUANTITY
 * (both are 0), HF_E_FROZEN, HF_E_ID_REUSED, HF_E_VERSION_MOVED.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_hold_post(hf_engine *engine, hf_req *req, const hf_hold_post_args *args,
                        hf_done_cb cb);

/*
 * Ends the promise for `amount` of the remaining amount; it is available to `from` again. Result:
 * hf_hold. Completes with HF_E_NOT_FOUND, HF_E_HOLD_STATE, HF_E_OVER_POST (`amount` is above the
 * remaining amount), HF_E_ID_REUSED, HF_E_VERSION_MOVED.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_hold_release(hf_engine *engine, hf_req *req, const hf_hold_amount_args *args,
                           hf_done_cb cb);

/*
 * Makes an open hold larger, or sets its deadline to an earlier or a later time. Result: hf_hold.
 * Completes with HF_E_NOT_FOUND, HF_E_HOLD_STATE, HF_E_EXPIRED, HF_E_DEADLINE, the limits as
 * hf_hold_place, HF_E_OVERFLOW, HF_E_ID_REUSED, HF_E_VERSION_MOVED.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_hold_adjust(hf_engine *engine, hf_req *req, const hf_hold_adjust_args *args,
                          hf_done_cb cb);

/*
 * Moves `amount` of what a DONE hold posted back from `to` to `from`. Result: hf_hold. Completes
 * with HF_E_NOT_FOUND, HF_E_HOLD_STATE, HF_E_OVER_REVERSE (`amount` is above posted - reversed),
 * the limits of `to`, HF_E_MAX_BALANCE of `from`, HF_E_ID_REUSED, HF_E_VERSION_MOVED.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_hold_reverse(hf_engine *engine, hf_req *req, const hf_hold_amount_args *args,
                           hf_done_cb cb);

/*
 * Reads one hold. Result: hf_hold. Completes with HF_E_NOT_FOUND.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_hold_get(hf_engine *engine, hf_req *req, const hf_hold_get_args *args, hf_done_cb cb);

#ifdef __cplusplus
}
#endif

#endif
