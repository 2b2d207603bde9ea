/*
 * event.h - one event per operation that changed something: outbox, audit, replication.
 *
 * An event is committed together with the changes that it describes; `seq` has no gap. The body
 * lists the changes of the operation; folding all bodies gives the balances, holds, counters and
 * states.
 */
#ifndef HOLDFAST_EVENT_H
#define HOLDFAST_EVENT_H

#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Event types beyond hf_op_type, for changes that the engine makes by itself. */
#define HF_EVENT_EXPIRE    200u /* deadlines passed */
#define HF_EVENT_PROMOTE   201u /* waiting orders were promoted */
#define HF_EVENT_DRIVE     202u /* a transaction was driven: answers, decisions, commands */
#define HF_EVENT_LEASE     203u /* an engine took over or released leases on transactions */
#define HF_EVENT_SET_ASIDE 204u /* a record that broke an invariant is skipped from now on */
#define HF_EVENT_RESUME    205u /* a newer version of the library handles such a record again */
#define HF_EVENT_CLOCK     206u /* the stored time was set back to the clock, see hf_clock_behind */

/* What an event or a change is about. */
typedef enum hf_subject_kind {
    HF_SUBJECT_NONE = 0,
    HF_SUBJECT_ACCOUNT = 1,
    HF_SUBJECT_ORDER = 2,
    HF_SUBJECT_PAYMENT = 3,
    HF_SUBJECT_HOLD = 4,
    HF_SUBJECT_FACT = 5,
    HF_SUBJECT_CURSOR = 6,
    HF_SUBJECT_TXN = 7,
    HF_SUBJECT_BRANCH = 8, /* in changes: `id` the transaction, `no` the branch */
    HF_SUBJECT_UNIT = 9,
} hf_subject_kind;

/* An event as stored. */
typedef struct hf_event {
    uint64_t seq;
    int64_t at_ms;
    hf_id subject; /* id of the order, payment or hold; all zero for others */
    uint64_t subject_version;
    hf_id op;
    hf_name actor;
    uint32_t type;         /* hf_op_type or HF_EVENT_* */
    uint32_t subject_kind; /* hf_subject_kind */
    const void *body;      /* read with hf_event_next */
    uint64_t body_bytes;
} hf_event;

/* What one change of an event's body says. */
typedef enum hf_change_type {
    HF_CHANGE_END = 0,
    HF_CHANGE_MOVE = 1,  /* from.balance -= amount, to.balance += amount */
    HF_CHANGE_HOLD = 2,  /* from.held_out += amount, to.held_in += amount; negative: released */
    HF_CHANGE_STATE = 3, /* subject is now in state `state` */
    HF_CHANGE_LINE =
        4, /* line `no` of order `id`: counters by a (fulfilled), b (cancelled), c (returned) */
    HF_CHANGE_PAYMENT =
        5, /* payment `id`: counters by a (authorized), b (captured), c (voided), d (refunded) */
    HF_CHANGE_POSTED =
        6, /* hold `id`: counters by a (posted), b (released), c (reversed), d (amount) */
    HF_CHANGE_LIMITS = 7,   /* account `from`: min_balance a, min_available b, max_balance c */
    HF_CHANGE_NOTE = 8,     /* `text`, `amount` on the subject (an account: `from`) */
    HF_CHANGE_QUANTITY = 9, /* line `no` of order `id`: quantity by a */
    HF_CHANGE_UNIT = 10,    /* unit `text` is declared with scale a */
    HF_CHANGE_ERASED = 11,  /* hf_erase erased texts of the subject (an account: `from`) */
    HF_CHANGE_ORDER = 12,   /* order `id`: counters by a (kept), b (given_away) */
    HF_CHANGE_CLOCK = 13,   /* the stored time was a and is b (Unix ms) */
} hf_change_type;

/* One change, decoded. Fields that the type does not name are zero. */
typedef struct hf_change {
    uint32_t type;         /* hf_change_type */
    uint32_t subject_kind; /* hf_subject_kind */
    hf_id id;
    hf_account_ref from;
    hf_account_ref to;
    int64_t amount;
    int64_t a, b, c, d;
    uint32_t no;
    uint32_t state;
    hf_name text;
} hf_change;

/* The position of a consumer as stored. */
typedef struct hf_cursor {
    hf_name consumer;
    uint64_t seq;
    int64_t updated_at_ms;
} hf_cursor;

/* Arguments of hf_events_read. */
typedef struct hf_events_read_args {
    hf_op_head head;
    uint64_t after_seq; /* 0: from the first kept */
    hf_id subject;      /* only this subject; all zero: all */
    uint32_t type;      /* only this type; 0: all */
    uint32_t limit;     /* 1..256 events examined */
} hf_events_read_args;

/* Result of hf_events_read. */
typedef struct hf_event_page {
    const hf_event *const *rows;
    uint32_t count;
    uint32_t at_end;      /* 1: no later event was stored when the page was read */
    uint64_t next_seq;    /* after_seq for the next page */
    uint64_t first_seq;   /* number of the first event that is still stored; 1: all are */
    uint64_t removed;     /* events after after_seq that hf_retention removed before this read; the
                             page begins behind them. 0: no event is missing */
    hf_id store;          /* as hf_health_info.store */
    uint64_t incarnation; /* as hf_health_info.incarnation: numbers of events count within one */
} hf_event_page;

/* Arguments of hf_cursor_put. */
typedef struct hf_cursor_put_args {
    hf_op_head head;
    const char *consumer;
    uint64_t seq; /* of the last event that was handled; at least the stored one; 0: none */
} hf_cursor_put_args;

/* Arguments of hf_cursor_get. */
typedef struct hf_cursor_get_args {
    hf_op_head head;
    const char *consumer;
} hf_cursor_get_args;

/* Arguments of hf_cursor_list: in order of the consumers' names, starting after `after`. */
typedef struct hf_cursor_list_args {
    hf_op_head head;
    const char
        *after;     /* 0..63 bytes: the last consumer of the page before; NULL or "": the first */
    uint32_t limit; /* 1..256 */
    uint32_t reserved;
} hf_cursor_list_args;

/* Result of hf_cursor_list: rows in order of the names; fewer than `limit` means the end. */
typedef struct hf_cursor_page {
    const hf_cursor *const *rows;
    uint32_t count;
    uint32_t reserved;
    uint64_t first_seq; /* number of the first event that is still stored; 1: all are */
    uint64_t last_seq;  /* number of the last event when the page was read; 0: there is none */
} hf_cursor_page;

/* Arguments of hf_cursor_reset. */
typedef struct hf_cursor_reset_args {
    hf_op_head head;
    const char *consumer;
    uint64_t seq; /* of the last event that counts as handled; 0: none; forward or back */
} hf_cursor_reset_args;

/* Arguments of hf_cursor_remove. */
typedef struct hf_cursor_remove_args {
    hf_op_head head;
    const char *consumer;
} hf_cursor_remove_args;

/* Arguments of hf_statement: an account's movements out of the events. */
typedef struct hf_statement_args {
    hf_op_head head;
    hf_account_key account;
    uint64_t after_seq; /* next_seq of the page before; 0: from the first event that is kept */
    uint32_t limit;     /* 1..256 movements */
    uint32_t after_no;  /* next_no of the page before; 0: from the event's first movement */
} hf_statement_args;

/* One movement of a statement. */
typedef struct hf_movement {
    uint64_t seq;
    int64_t at_ms;
    hf_id subject;
    int64_t amount; /* positive: into the account */
    hf_account_ref other;
    uint32_t type; /* of the event */
    uint32_t subject_kind;
} hf_movement;

/* Result of hf_statement. */
typedef struct hf_statement_page {
    const hf_movement *const *rows;
    uint32_t count;
    uint32_t at_end;   /* 1: no later event was stored when the page was read */
    uint64_t next_seq; /* after_seq of the next page */
    uint32_t next_no;  /* after_no of the next page */
    uint32_t reserved;
    uint64_t first_seq; /* as in hf_event_page */
    uint64_t removed;   /* as in hf_event_page: their movements are missing here */
} hf_statement_page;

/* A live subscription. */
typedef struct hf_subscription hf_subscription;

/*
 * Called on the loop thread with new events in order, after the callbacks of the operations that
 * wrote them. The view lives until the callback returns. status is 0, or an error once with page
 * NULL, after which the subscription has ended: HF_E_CANCELLED when the engine closes, or an error
 * of hf_events_read, whose text hf_engine_detail returns inside the callback. When hf_retention
 * removed events that the subscription has not had, the next page says how many (`removed`); that
 * page may have no event (count 0).
 */
typedef void (*hf_events_cb)(void *data, int status, const hf_event_page *page);

/*
 * The name of an event's type, as in SQL and JSON: of an operation its name in upper case, e.g.
 * "ORDER_PLACE", of what the engine does by itself "EXPIRE", "PROMOTE", "DRIVE", "LEASE",
 * "SET_ASIDE" or "RESUME". "?" for a number that is neither an hf_op_type nor an HF_EVENT_* number.
 * Static.
 * Thread: any. Since 0.1.
 */
HF_API const char *hf_event_type_name(uint32_t type);

/*
 * Defaults: from the first, all, limit 256.
 * Thread: any. Since 0.1.
 */
HF_API void hf_events_read_init(hf_events_read_args *args);

/*
 * Defaults: consumer and seq as given.
 * Thread: any. Since 0.1.
 */
HF_API void hf_cursor_put_init(hf_cursor_put_args *args, const char *consumer, uint64_t seq);

/*
 * Defaults: consumer as given.
 * Thread: any. Since 0.1.
 */
HF_API void hf_cursor_get_init(hf_cursor_get_args *args, const char *consumer);

/*
 * Defaults: from the first, limit 100.
 * Thread: any. Since 0.1.
 */
HF_API void hf_cursor_list_init(hf_cursor_list_args *args);

/*
 * Defaults: consumer and seq as given.
 * Thread: any. Since 0.1.
 */
HF_API void hf_cursor_reset_init(hf_cursor_reset_args *args, const char *consumer, uint64_t seq);

/*
 * Defaults: consumer as given.
 * Thread: any. Since 0.1.
 */
HF_API void hf_cursor_remove_init(hf_cursor_remove_args *args, const char *consumer);

/*
 * Defaults: the account (kind, name, unit) at place "", from the first, limit 256.
 * Thread: any. Since 0.1.
 */
HF_API void hf_statement_init(hf_statement_args *args, uint32_t kind, const char *name,
                              const char *unit);

/*
 * Reads a page of events. Result: hf_event_page. Completes with HF_E_SEQ_AHEAD when after_seq is
 * above the number of the last event, which the detail names: the reader has seen events that this
 * store does not have, as after a restore of an older backup.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_events_read(hf_engine *engine, hf_req *req, const hf_events_read_args *args,
                          hf_done_cb cb);

/*
 * Decodes the change at *position of an event's body and advances *position, which is 0 at first.
 * Returns 1 with *out filled, 0 at the end, HF_E_CORRUPT for a body that does not decode,
 * HF_E_ARGUMENT for NULL. Decodes into the caller's struct; nothing is borrowed.
 * Thread: any. Since 0.1.
 */
HF_API int hf_event_next(const hf_event *event, uint64_t *position, hf_change *out);

/*
 * Follows the events from `after_seq` on: first those stored, then each new one. `data` is passed
 * to `cb`. HF_E_NOMEM, HF_E_ARGUMENT, HF_E_CLOSED. When no event has the number `after_seq` yet,
 * `cb` is called with HF_E_SEQ_AHEAD. End it with hf_events_unsubscribe.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_events_subscribe(hf_engine *engine, uint64_t after_seq, hf_events_cb cb, void *data,
                               hf_subscription **out);

/*
 * Ends a subscription; its callback is not called again. Takes NULL. Not needed after its
 * callback was called with a status other than 0.
 * Thread: loop. Since 0.1.
 */
HF_API void hf_events_unsubscribe(hf_engine *engine, hf_subscription *subscription);

/*
 * Stores the number of the last event that a consumer has handled. Result: hf_cursor. Completes
 * with HF_E_SEQ_AHEAD when no event has that number yet (the detail names the last one),
 * HF_E_CURSOR_BACK when the stored number is larger; hf_cursor_reset moves a cursor back. Returns 0
 * when accepted, else at once as hf_account_put. Thread: loop. Since 0.1.
 */
HF_API int hf_cursor_put(hf_engine *engine, hf_req *req, const hf_cursor_put_args *args,
                         hf_done_cb cb);

/*
 * Reads the number of the last event that a consumer has handled. Result: hf_cursor. Completes with
 * HF_E_NOT_FOUND.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_cursor_get(hf_engine *engine, hf_req *req, const hf_cursor_get_args *args,
                         hf_done_cb cb);

/*
 * Reads a page of cursors in bytewise order of their consumers. Result: hf_cursor_page. A consumer
 * that is far behind last_seq keeps all events after its cursor from hf_retention.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_cursor_list(hf_engine *engine, hf_req *req, const hf_cursor_list_args *args,
                          hf_done_cb cb);

/*
 * Moves a cursor to any event that has happened, also back: an act of a person, not of the
 * consumer. Result: hf_cursor, NULL for a repeat of the same id. The event has the subject kind
 * HF_SUBJECT_CURSOR and one HF_CHANGE_NOTE, with the consumer as its text and the new number as its
 * amount; a cursor that has this number already is not changed, and there is no event. Cursors have
 * no version: head.expected_version is ignored. Completes with HF_E_NOT_FOUND (no such cursor),
 * HF_E_SEQ_AHEAD as hf_cursor_put, HF_E_ID_REUSED, HF_E_ID_TOO_OLD. Returns 0 when accepted, else
 * at once as hf_account_put. Thread: loop. Since 0.1.
 */
HF_API int hf_cursor_reset(hf_engine *engine, hf_req *req, const hf_cursor_reset_args *args,
                           hf_done_cb cb);

/*
 * Removes the cursor of a consumer that is gone, so that hf_retention may remove the events that
 * the consumer has not handled. Result: hf_cursor as it was, NULL for a repeat of the same id. The
 * event is that of hf_cursor_reset, with the number that the cursor had. head.expected_version is
 * ignored. Completes with HF_E_NOT_FOUND (no such cursor), HF_E_ID_REUSED, HF_E_ID_TOO_OLD. Returns
 * 0 when accepted, else at once as hf_account_put. Thread: loop. Since 0.1.
 */
HF_API int hf_cursor_remove(hf_engine *engine, hf_req *req, const hf_cursor_remove_args *args,
                            hf_done_cb cb);

/*
 * Reads an account's movements, oldest first. Result: hf_statement_page. A page has `limit`
 * movements, or fewer at the end or after 4,096 events; it may end between two movements of one
 * event, and the next page begins with the second. Completes with HF_E_SEQ_AHEAD as hf_events_read.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_statement(hf_engine *engine, hf_req *req, const hf_statement_args *args,
                        hf_done_cb cb);

#ifdef __cplusplus
}
#endif

#endif
