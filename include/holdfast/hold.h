/*
 * hold.h - holds without an order: trading, prepaid charging, quotes.
 *
 *   place --> HELD --post/release--> PART --> DONE | VOID
 *                  \--deadline--> EXPIRED (DONE when something was taken)
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
    HF_HOLD_NONE = 0,
    HF_HOLD_HELD = 1,
    HF_HOLD_PART = 2,
    HF_HOLD_DONE = 3,
    HF_HOLD_VOID = 4,
    HF_HOLD_EXPIRED = 5,
} hf_hold_state;

/* A hold as stored. Its rest is amount - taken - freed. */
typedef struct hf_hold {
    hf_id id;
    uint8_t fingerprint[16];
    hf_account_ref from;
    hf_account_ref to;
    int64_t amount;
    int64_t taken;
    int64_t freed;
    int64_t reversed;
    int64_t deadline_ms; /* 0 = none */
    int64_t created_at_ms;
    int64_t updated_at_ms;
    uint64_t version;
    uint32_t state; /* hf_hold_state */
    uint32_t reserved;
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
    int64_t take; /* >= 0; HF_ALL: the rest; moved from `from` to `to` */
    int64_t free; /* >= 0; HF_ALL: what take leaves of the rest; given back */
} hf_hold_post_args;

/* Arguments of hf_hold_release and hf_hold_reverse. */
typedef struct hf_hold_amount_args {
    hf_op_head head;
    hf_id hold;
    int64_t amount; /* > 0; HF_ALL: everything possible */
} hf_hold_amount_args;

/* Arguments of hf_hold_adjust. */
typedef struct hf_hold_adjust_args {
    hf_op_head head;
    hf_id hold;
    int64_t grow;          /* >= 0: held in addition, limits checked */
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
 * Defaults: the hold as given, take and free 0.
 * Thread: any. Since 0.1.
 */
HF_API void hf_hold_post_init(hf_hold_post_args *args, const hf_id *hold);

/*
 * Defaults: the hold as given, amount HF_ALL. For release and reverse.
 * Thread: any. Since 0.1.
 */
HF_API void hf_hold_amount_init(hf_hold_amount_args *args, const hf_id *hold);

/*
 * Defaults: the hold as given, grow 0, deadline left alone.
 * Thread: any. Since 0.1.
 */
HF_API void hf_hold_adjust_init(hf_hold_adjust_args *args, const hf_id *hold);

/*
 * Defaults: the hold as given.
 * Thread: any. Since 0.1.
 */
HF_API void hf_hold_get_init(hf_hold_get_args *args, const hf_id *hold);

/*
 * Promises `amount` of `from` to `to`: from.held_out and to.held_in grow. Result: hf_hold.
 * Expired holds and orders of `from` are swept first when it would be short: the hold's own event
 * lists them, but when there are more than 32 the others have HF_EVENT_EXPIRE before it, which stay
 * when the hold is refused. So it is with everything that takes from an account. Completes with
 * HF_E_STOCK_SHORT, HF_E_FUNDS_SHORT or HF_E_LIMIT_SHORT by kind, HF_E_MAX_BALANCE, HF_E_FROZEN,
 * HF_E_ATTENTION, HF_E_QUEUED_AHEAD, HF_E_NOT_FOUND (an account), HF_E_CURRENCY (units differ),
 * HF_E_DEADLINE, HF_E_ID_REUSED, HF_E_ID_TOO_OLD. The same id and content again gets the hold as it
 * is now, with event_seq 0.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_hold_place(hf_engine *engine, hf_req *req, const hf_hold_place_args *args,
                         hf_done_cb cb);

/*
 * Makes `take` of the hold final and gives `free` back: (x, 0) is one of several captures,
 * (x, rest - x) the last one, (fill, limit - fill) a better fill. Result: hf_hold.
 * Completes with HF_E_NOT_FOUND, HF_E_HOLD_STATE (the state named), HF_E_EXPIRED (at or after the
 * deadline), HF_E_OVER_POST, HF_E_QUANTITY (both 0), HF_E_FROZEN, HF_E_ID_REUSED,
 * HF_E_VERSION_MOVED.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_hold_post(hf_engine *engine, hf_req *req, const hf_hold_post_args *args,
                        hf_done_cb cb);

/*
 * Gives `amount` of the rest back. Result: hf_hold. Completes with HF_E_NOT_FOUND,
 * HF_E_HOLD_STATE, HF_E_OVER_POST (more than the rest), HF_E_ID_REUSED, HF_E_VERSION_MOVED.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_hold_release(hf_engine *engine, hf_req *req, const hf_hold_amount_args *args,
                           hf_done_cb cb);

/*
 * Holds more, or moves the deadline either way. Result: hf_hold. Completes with HF_E_NOT_FOUND,
 * HF_E_HOLD_STATE, HF_E_EXPIRED, HF_E_DEADLINE, the limits as hf_hold_place, HF_E_OVERFLOW,
 * HF_E_ID_REUSED, HF_E_VERSION_MOVED.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_hold_adjust(hf_engine *engine, hf_req *req, const hf_hold_adjust_args *args,
                          hf_done_cb cb);

/*
 * Moves `amount` of what a DONE hold took back from `to` to `from`. Result: hf_hold. Completes
 * with HF_E_NOT_FOUND, HF_E_HOLD_STATE, HF_E_OVER_REVERSE, the limits of `to`,
 * HF_E_MAX_BALANCE of `from`, HF_E_ID_REUSED, HF_E_VERSION_MOVED.
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
