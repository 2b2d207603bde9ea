/*
 * types.h - the types that all headers share: ids, names, account keys, operations, requests,
 * completions.
 *
 * Amounts are int64 in the smallest part of their unit (cents, grams, pieces). Times are int64
 * Unix milliseconds UTC, 0 means none. Texts are NUL-terminated UTF-8, compared bytewise.
 * Structs the caller fills begin with their size, set by their _init function, which alone gives
 * defaults: a field that is 0 after _init means 0.
 */
#ifndef HOLDFAST_TYPES_H
#define HOLDFAST_TYPES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HF_API             __attribute__((visibility("default")))

#define HF_NAME_MAX        63    /* bytes of a key text, without its NUL */
#define HF_LINES_MAX       4096  /* lines of one order */
#define HF_LEGS_MAX        128   /* legs of one line */
#define HF_PAYMENTS_MAX    64    /* payments of one order */
#define HF_ADJUSTMENTS_MAX 4096  /* adjustments of one order */
#define HF_META_MAX        16384 /* bytes of meta on one record */
#define HF_CHAIN_MAX       64    /* operations of one linked chain */
#define HF_ALL                                                                                     \
    INT64_MAX /* as an amount or quantity where documented: all that                               \
                 remains */

/* An opened engine. The value is a handle, never dereferenced: a stale one is refused. */
typedef struct hf_engine hf_engine;

/* A UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then version, variant and random bits. */
typedef struct hf_id {
    uint8_t bytes[16];
} hf_id;

/* A key text as records store it: UTF-8, at most 63 bytes, padded with NUL to 64 bytes. */
typedef struct hf_name {
    char text[HF_NAME_MAX + 1];
} hf_name;

/* What an account counts. WORLD is the outside (supplier, customer, bank); it has no record. */
typedef enum hf_kind {
    HF_KIND_WORLD = 0,
    HF_KIND_ITEM = 1,  /* pieces of something: stock, seats, slots */
    HF_KIND_MONEY = 2, /* a wallet, a gift card, a till */
    HF_KIND_LIMIT = 3, /* a right to do something so many times: coupon uses, credit hours */
} hf_kind;

/*
 * Names an account in arguments: all four fields are the key. For the world, kind is
 * HF_KIND_WORLD and the texts are NULL. `place` may be NULL or "" (no place). Borrowed.
 */
typedef struct hf_account_key {
    uint32_t kind; /* hf_kind */
    uint32_t reserved;
    const char *name;  /* 1..63 bytes: sku, wallet name, limit name */
    const char *place; /* 0..63 bytes */
    const char *unit;  /* 1..63 bytes: "pcs", "EUR" */
} hf_account_key;

/* Names an account in records: the same four, inline. kind 0 is the world, texts empty. */
typedef struct hf_account_ref {
    hf_name name;
    hf_name place;
    hf_name unit;
    uint32_t kind; /* hf_kind */
    uint32_t reserved;
} hf_account_ref;

/* When a line or payment is made final. */
typedef enum hf_settle {
    HF_SETTLE_CONFIRM = 0, /* at once when the order is confirmed */
    HF_SETTLE_FULFIL = 1,  /* as units are fulfilled */
    HF_SETTLE_MANUAL = 2,  /* payments only: by hf_payment_capture */
} hf_settle;

/* Every operation. Values are stable; reads and writes go through the same queue. */
typedef enum hf_op_type {
    HF_OP_NONE = 0,
    HF_OP_ITEM_PUT = 1,
    HF_OP_ITEM_RECEIVE = 2,
    HF_OP_ITEM_ADJUST = 3,
    HF_OP_ITEM_GET = 4,
    HF_OP_ITEM_LIST = 5,
    HF_OP_ACCOUNT_PUT = 6,
    HF_OP_ACCOUNT_DEPOSIT = 7,
    HF_OP_ACCOUNT_WITHDRAW = 8,
    HF_OP_ACCOUNT_TRANSFER = 9,
    HF_OP_ACCOUNT_GET = 10,
    HF_OP_ACCOUNT_LIST = 11,
    HF_OP_HOLD_PLACE = 12,
    HF_OP_HOLD_POST = 13,
    HF_OP_HOLD_RELEASE = 14,
    HF_OP_HOLD_ADJUST = 15,
    HF_OP_HOLD_REVERSE = 16,
    HF_OP_HOLD_GET = 17,
    HF_OP_ORDER_PLACE = 18,
    HF_OP_ORDER_AMEND = 19,
    HF_OP_ORDER_CANCEL = 20,
    HF_OP_ORDER_FULFIL = 21,
    HF_OP_ORDER_RETURN = 22,
    HF_OP_ORDER_GET = 23,
    HF_OP_ORDER_LIST = 24,
    HF_OP_PAYMENT_ADD = 25,
    HF_OP_PAYMENT_CAPTURE = 26,
    HF_OP_PAYMENT_VOID = 27,
    HF_OP_PAYMENT_REFUND = 28,
    HF_OP_PAYMENT_REPORT = 29,
    HF_OP_PAYMENT_GET = 30,
    HF_OP_PAYMENT_FIND = 31,
    HF_OP_PAYMENT_LIST = 32,
    HF_OP_ATTENTION_LIST = 33,
    HF_OP_ATTENTION_CLEAR = 34,
    HF_OP_EXPECT = 35,
    HF_OP_EVENTS_READ = 36,
    HF_OP_CURSOR_PUT = 37,
    HF_OP_CURSOR_GET = 38,
    HF_OP_RETENTION = 39,
    HF_OP_STATEMENT = 40,
    HF_OP_TXN_SUBMIT = 41,
    HF_OP_TXN_BEGIN = 42,
    HF_OP_TXN_BRANCH = 43,
    HF_OP_TXN_SEAL = 44,
    HF_OP_TXN_ABORT = 45,
    HF_OP_TXN_GET = 46,
    HF_OP_TXN_LIST = 47,
    HF_OP_TXN_HISTORY = 48,
    HF_OP_TXN_RETRY_NOW = 49,
    HF_OP_TXN_PARK = 50,
    HF_OP_TXN_UNPARK = 51,
    HF_OP_TXN_RESOLVE_BRANCH = 52,
    HF_OP_NODES_LIST = 53,
    HF_OP_NODE_DRAIN = 54,
    HF_OP_ACCOUNT_ADJUST = 55,
    HF_OP_UNIT_PUT = 56,
    HF_OP_ERASE = 57,
    HF_OP_UNIT_LIST = 58,
    HF_OP_CURSOR_LIST = 59,
    HF_OP_CURSOR_RESET = 60,
    HF_OP_CURSOR_REMOVE = 61,
    HF_OP_UNIT_GET = 62,
} hf_op_type;

/*
 * How every argument struct begins.
 * `id` is the idempotency key of an operation that changes something, and the id of the record
 * for those that make one (order place, hold place, payment add). All zero: the engine makes one
 * and the completion has it, but then a repeat is a new operation. Reads ignore it.
 *
 * One id, one effect. Orders, holds, payments and keys share one space of ids, whatever the id was
 * used for: the same request with it again gives the first answer and changes nothing; anything
 * else is HF_E_ID_REUSED. So the id of an order cannot be used for one of its payments. What was
 * refused or changed nothing leaves its id unused. An id that retention may have removed is
 * HF_E_ID_TOO_OLD.
 *
 * Two requests are the same when their type, all their fields and their meta are equal. Left out
 * are expected_version and actor, which a retry may change, and `wait` and `wait_ms` of a
 * transaction. Meta is part of the request, because it is stored: a repeat with other meta is
 * HF_E_ID_REUSED. So is one with another deadline: a host that computes it ("in 15 minutes") begins
 * with the time of the id (hf_id_time), and not with that of the call.
 *
 * Of an operation that changes something these are checked first, in this order: HF_E_ID_REUSED,
 * HF_E_ID_TOO_OLD; with an expected_version HF_E_NOT_FOUND (there is no such record) and
 * HF_E_VERSION_MOVED. Then come the errors that the operation lists. Any operation, a read too, may
 * complete with HF_E_INVARIANT, which is a bug of the library (error.h).
 */
typedef struct hf_op_head {
    uint32_t size;             /* bytes of the whole argument struct; set by its _init */
    uint32_t reserved;         /* 0 */
    hf_id id;                  /* UUIDv7 or all zero */
    uint64_t expected_version; /* of the record it changes; 0 = any; else HF_E_VERSION_MOVED */
    const char *actor;         /* who requests it, for the event; NULL or 0..63 bytes; borrowed */
    const void *meta;          /* stored with the record it makes or changes; borrowed; may be NULL;
                                  HF_E_CARD_NUMBER when hf_options.refuse_card_numbers says so */
    uint64_t meta_bytes;       /* 0..HF_META_MAX; 0 leaves stored meta as it is */
} hf_op_head;

/* Flags of hf_op. */
#define HF_OP_LINKED 1u /* all or nothing together with the next operation of the array */

/* One operation for hf_submit. 64 bytes for ever. */
typedef struct hf_op {
    uint32_t type;        /* hf_op_type */
    uint32_t flags;       /* HF_OP_LINKED or 0 */
    const void *args;     /* the argument struct of that type; borrowed for the call */
    uint64_t user_data;   /* copied to the completion */
    uint64_t reserved[5]; /* 0 */
} hf_op;

/*
 * How an operation ended. 64 bytes for ever. Everything it points to is a view: inside a callback
 * it lives until the callback returns, from hf_completions until its next call.
 */
typedef struct hf_completion {
    uint64_t user_data; /* of the hf_op; 0 for calls with a request */
    int32_t status;     /* 0 or HF_E_* */
    uint32_t type;      /* hf_op_type */
    hf_id id;           /* operation id: the caller's or the one made for it */
    const void *result; /* the struct named at the operation, or NULL when status is not 0 */
    const char *detail; /* for people: the culprit of an error; "" when there is none */
    uint64_t event_seq; /* number of the event written, 0: none (reads, refusals); of a repeated id
                           that of the first event, 0 for a hold, payment or transaction that was
                           made, whose record does not keep it */
    int64_t at_ms;      /* the batch's time; of reads the time of the snapshot */
} hf_completion;

/*
 * A request: the caller's memory, pinned from an accepted call until its callback returns.
 * `data` is the caller's; the rest is the library's. Zero it once before its first use.
 */
typedef struct hf_req {
    void *data;
    uint64_t opaque[31];
} hf_req;

/*
 * Called on the loop thread, exactly once for every accepted request, never inside the call that
 * submitted it, in submission order among the writes and among the reads. It may submit more and
 * may close the engine.
 */
typedef void (*hf_done_cb)(hf_req *req, const hf_completion *done);

/*
 * The key of an account from its four parts, as the fields of hf_account_key. Nothing is copied or
 * checked: the texts are borrowed until the call that takes the key returns.
 * Thread: any. Since 0.1.
 */
HF_API hf_account_key hf_key_of(uint32_t kind, const char *name, const char *place,
                                const char *unit);

/*
 * Makes a new id of the present time, greater than every id that this engine made before; its other
 * bits are random. HF_E_ARGUMENT for NULL. Thread: loop. Since 0.1. Source: RFC 9562, section 5.7
 * and 6.2 method 1.
 */
HF_API int hf_id_make(hf_engine *engine, hf_id *out);

/*
 * Makes an id from a key of another system: the same time and text always give the same id.
 * `time_ms` 0..2^48-1 places it in time (it decides when retention may purge it); `text` is any
 * NUL-terminated text of 1..4096 bytes. HF_E_ARGUMENT otherwise.
 * Thread: any. Since 0.1.
 */
HF_API int hf_id_from_key(int64_t time_ms, const char *text, hf_id *out);

/*
 * Reads the 36-character form 8-4-4-4-12 in upper or lower case. HF_E_ID when it is not a
 * UUIDv7, HF_E_ARGUMENT for NULL.
 * Thread: any. Since 0.1.
 */
HF_API int hf_id_parse(const char *text, hf_id *out);

/*
 * Writes the 36-character lower-case form and a NUL into `out` (37 bytes, the caller's).
 * Returns `out`; NULL when an argument is NULL.
 * Thread: any. Since 0.1.
 */
HF_API char *hf_id_format(const hf_id *id, char out[37]);

/*
 * The time an id carries, in Unix ms; 0 for NULL.
 * Thread: any. Since 0.1.
 */
HF_API int64_t hf_id_time(const hf_id *id);

#ifdef __cplusplus
}
#endif

#endif
