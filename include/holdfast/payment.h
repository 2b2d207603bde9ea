/*
 * payment.h - payments of orders, and the facts providers report.
 *
 *   NEW --> PENDING --> AUTHORIZED --capture, void--> CLOSED (nothing left to capture)
 *               \--> FAILED                              \--refund--> same
 *
 * A payment of method ACCOUNT is a hold on a money account, so it is AUTHORIZED at once or
 * refused. A provider is asked: authorize, capture, void and refund are commands that count as
 * pending until it has answered, each a transaction of its own (hf_txn_list shows them; its id is
 * the provider's idempotency key). Commands may be refused, facts may not: what a provider says
 * happened, as an answer or by hf_payment_report, is recorded in any order and any number of
 * times, and raises attention when it breaks an expectation.
 */
#ifndef HOLDFAST_PAYMENT_H
#define HOLDFAST_PAYMENT_H

#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a payment is made. */
typedef enum hf_payment_method {
    HF_METHOD_ACCOUNT = 0,  /* from a money account of the store */
    HF_METHOD_PROVIDER = 1, /* by an outside provider; see hf_provider_register */
} hf_payment_method;

/* States of a payment. */
typedef enum hf_payment_state {
    HF_PAYMENT_NONE = 0,
    HF_PAYMENT_NEW = 1,
    HF_PAYMENT_PENDING = 2,
    HF_PAYMENT_AUTHORIZED = 3,
    HF_PAYMENT_CLOSED = 4,
    HF_PAYMENT_FAILED = 5,
} hf_payment_state;

/* Bits of a payment. */
#define HF_PAYMENT_BEYOND          1u  /* a fact broke its limits: counters may exceed each other */
#define HF_PAYMENT_ACTION_REQUIRED 2u  /* the payer must act before it can be authorized */
#define HF_PAYMENT_WITHDRAWN       4u  /* refunded unasked: only a command captures more */
#define HF_PAYMENT_CAPTURE_ONLY    8u  /* no authorization is expected: it begins with CAPTURED */
#define HF_PAYMENT_WHOLE_VOID      16u /* its provider cannot void a part */
#define HF_PAYMENT_ONE_CAPTURE     32u /* its provider captures once; what is left is released */

/* What a provider says happened. */
typedef enum hf_fact_kind {
    HF_FACT_AUTHORIZED = 0,
    HF_FACT_CAPTURED = 1,
    HF_FACT_VOIDED = 2,
    HF_FACT_REFUNDED = 3,
    HF_FACT_FAILED = 4,
    HF_FACT_CHARGEBACK = 5,
    HF_FACT_ACTION_REQUIRED = 6,
    HF_FACT_CHARGEBACK_REVERSED = 7,
} hf_fact_kind;

/* Bits of a report. */
#define HF_REPORT_TOTAL 1u /* the amount is the running total of its reference */
#define HF_REPORT_FINAL 2u /* CAPTURED: the last one; the provider has released what is left */

/* A payment as stored. */
typedef struct hf_payment {
    hf_id id;
    uint8_t fingerprint[16];
    hf_id order;
    hf_account_ref account; /* method ACCOUNT; else empty */
    hf_name provider;       /* method PROVIDER; else empty */
    hf_name provider_ref;
    int64_t amount;
    int64_t authorized;
    int64_t captured;
    int64_t voided;
    int64_t refunded;
    int64_t charged_back;
    int64_t pending_authorize;
    int64_t pending_capture;
    int64_t pending_void;
    int64_t pending_refund;
    int64_t deadline_ms;
    int64_t created_at_ms;
    int64_t updated_at_ms;
    uint64_t version;
    uint32_t no;        /* in the order, from 1 */
    uint32_t method;    /* hf_payment_method */
    uint32_t settle_on; /* hf_settle */
    uint32_t state;     /* hf_payment_state */
    uint32_t attention; /* hf_attention bits */
    uint32_t commands;  /* given to the provider so far */
    uint32_t flags;     /* HF_PAYMENT_* bits */
    uint32_t reserved;
    int64_t barred; /* authorized, not to be captured, and released with the last capture */
    int64_t capture_refused;      /* open, but the provider refused to capture it */
    int64_t void_refused;         /* open, but the provider refused to void it */
    int64_t refund_refused;       /* captured, but the provider refused to refund it */
    int64_t authorized_implied;   /* part of `authorized` that only captures and voids imply */
    int64_t chargeback_reversals; /* reported before the chargeback that they reverse */
} hf_payment;

/* A fact as stored. Keyed by provider, kind and fact_ref. */
typedef struct hf_fact {
    hf_name provider;
    hf_name fact_ref;
    hf_name unit;
    hf_id payment; /* all zero: it matches none */
    int64_t amount;
    int64_t provider_time_ms;
    int64_t at_ms;
    uint32_t kind;       /* hf_fact_kind */
    uint32_t attention;  /* hf_attention bits */
    hf_id txn;           /* the command it answered; all zero: only reported */
    hf_name reference;   /* of the movement of money; empty: fact_ref */
    hf_name payment_ref; /* of the payment, while it matches none; else empty */
    int64_t uncounted;   /* how much of the amount moved no counter of the payment */
    uint32_t flags;      /* HF_REPORT_* bits */
    uint32_t reserved;
} hf_fact;

/* One payment in arguments. */
typedef struct hf_payment_args {
    hf_id id;               /* all zero: made from the order's id and the payment's no */
    hf_account_key account; /* method ACCOUNT; kind MONEY */
    const char *provider;   /* method PROVIDER */
    int64_t amount;         /* > 0; of an imported order >= 0 */
    uint32_t method;        /* hf_payment_method */
    uint32_t settle_on;     /* hf_settle */
    int64_t deadline_ms; /* PROVIDER: until when its answer is waited for; an order that is to end
                            earlier is kept until then. 0: the order's deadline */
    uint32_t flags;      /* PROVIDER: CAPTURE_ONLY, WHOLE_VOID, ONE_CAPTURE of HF_PAYMENT_* */
    uint32_t reserved;
} hf_payment_args;

/*
 * Arguments of hf_payment_add. The payment's id is payment.id, or head.id when that is zero; when
 * both are given they are both used up, and neither does anything else again.
 */
typedef struct hf_payment_add_args {
    hf_op_head head;
    hf_id order;
    hf_payment_args payment;
} hf_payment_add_args;

/* Arguments of hf_payment_capture, hf_payment_void and hf_payment_refund. */
typedef struct hf_payment_amount_args {
    hf_op_head head;
    hf_id payment;
    int64_t amount; /* > 0; HF_ALL: all that is possible */
} hf_payment_amount_args;

/* Arguments of hf_payment_report. */
typedef struct hf_payment_report_args {
    hf_op_head head;
    const char *provider;
    const char *fact_ref; /* the provider's id of this message */
    const char *unit;     /* of the amount */
    hf_id payment;        /* all zero: not known */
    int64_t amount;       /* > 0; >= 0 with HF_REPORT_TOTAL, FAILED and ACTION_REQUIRED */
    int64_t provider_time_ms;
    uint32_t kind;           /* hf_fact_kind */
    uint32_t flags;          /* HF_REPORT_* bits */
    const char *reference;   /* the provider's id of the movement of money: of this authorization,
                                capture, void, refund or dispute. NULL or "": fact_ref */
    const char *payment_ref; /* the provider's id of the payment that it belongs to; may be NULL */
} hf_payment_report_args;

/* Arguments of hf_payment_get. */
typedef struct hf_payment_get_args {
    hf_op_head head;
    hf_id payment;
} hf_payment_get_args;

/* Arguments of hf_payment_find. */
typedef struct hf_payment_find_args {
    hf_op_head head;
    const char *provider;
    const char *provider_ref;
} hf_payment_find_args;

/* By what hf_payment_list selects. */
typedef enum hf_payment_by {
    HF_PAYMENTS_ALL = 0,         /* all payments, in order of their ids */
    HF_PAYMENTS_BY_ORDER = 1,    /* those of the order `order`, in order of their no */
    HF_PAYMENTS_BY_PROVIDER = 2, /* those of the provider `provider`, in order of their ids */
} hf_payment_by;

/* Arguments of hf_payment_list: the payments that fit the selector and the state. */
typedef struct hf_payment_list_args {
    hf_op_head head;
    hf_id order;           /* for BY_ORDER; else all zero */
    hf_id after;           /* the last payment id of the page before; all zero: from the start */
    const char *provider;  /* for BY_PROVIDER; else NULL or "" */
    uint32_t by;           /* hf_payment_by */
    uint32_t state;        /* hf_payment_state; HF_PAYMENT_NONE = any */
    uint32_t newest_first; /* 0: the smallest id or no first; 1: the largest first */
    uint32_t limit;        /* 1..256 */
} hf_payment_list_args;

/* A page of payments. */
typedef struct hf_payment_page {
    const hf_payment *const *rows;
    uint32_t count;
    uint32_t reserved;
} hf_payment_page;

/* What raised attention. */
typedef enum hf_attention_subject {
    HF_ATTENTION_ON_ACCOUNT = 0,
    HF_ATTENTION_ON_ORDER = 1,
    HF_ATTENTION_ON_PAYMENT = 2,
    HF_ATTENTION_ON_FACT = 3,
} hf_attention_subject;

/*
 * Arguments of hf_attention_list: records with attention, of one subject, in key order, after
 * the key named by the field that fits the subject.
 */
typedef struct hf_attention_list_args {
    hf_op_head head;
    uint32_t subject;             /* hf_attention_subject */
    uint32_t limit;               /* 1..256 */
    hf_account_key after_account; /* the world: from the start */
    hf_id after_id;               /* order or payment; all zero: from the start */
    const char *after_provider;   /* fact: provider, kind and reference; NULL: from the start */
    const char *after_fact_ref;
    uint32_t after_kind;
    uint32_t reserved;
} hf_attention_list_args;

/* A page of records with attention; only the array that fits the subject is set. */
typedef struct hf_attention_page {
    uint32_t subject; /* hf_attention_subject */
    uint32_t count;
    const struct hf_account *const *accounts;
    const struct hf_order *const *orders;
    const hf_payment *const *payments;
    const hf_fact *const *facts;
} hf_attention_page;

/* Arguments of hf_attention_clear: the subject by the field that fits. */
typedef struct hf_attention_clear_args {
    hf_op_head head;
    uint32_t subject; /* hf_attention_subject */
    uint32_t bits;    /* hf_attention bits to clear */
    hf_account_key account;
    hf_id id; /* order or payment */
    const char *provider;
    const char *fact_ref;
    uint32_t kind; /* of the fact */
    uint32_t reserved;
    const char *reason; /* 1..63 bytes, kept in the event */
} hf_attention_clear_args;

/*
 * The name of a state of payments, as in SQL and JSON, e.g. "AUTHORIZED"; "?" for a number that is
 * none. Static. Thread: any. Since 0.1.
 */
HF_API const char *hf_payment_state_name(uint32_t state);

/*
 * Defaults: method ACCOUNT from the money account (name, unit) at place "", settles on CONFIRM.
 * Thread: any. Since 0.1.
 */
HF_API void hf_payment_init(hf_payment_args *payment, const char *account, const char *unit,
                            int64_t amount);

/*
 * Defaults: method PROVIDER, asked of `provider`, settles on CONFIRM, waits as long as the order.
 * Thread: any. Since 0.1.
 */
HF_API void hf_payment_provider_init(hf_payment_args *payment, const char *provider,
                                     int64_t amount);

/*
 * Defaults: the order as given, a payment as hf_payment_init without an account.
 * Thread: any. Since 0.1.
 */
HF_API void hf_payment_add_init(hf_payment_add_args *args, const hf_id *order);

/*
 * Defaults: the payment as given, amount HF_ALL. For capture, void and refund.
 * Thread: any. Since 0.1.
 */
HF_API void hf_payment_amount_init(hf_payment_amount_args *args, const hf_id *payment);

/*
 * Defaults: no payment, amount 0.
 * Thread: any. Since 0.1.
 */
HF_API void hf_payment_report_init(hf_payment_report_args *args);

/*
 * Defaults: the payment as given.
 * Thread: any. Since 0.1.
 */
HF_API void hf_payment_get_init(hf_payment_get_args *args, const hf_id *payment);

/*
 * Defaults: provider and reference as given.
 * Thread: any. Since 0.1.
 */
HF_API void hf_payment_find_init(hf_payment_find_args *args, const char *provider,
                                 const char *provider_ref);

/*
 * Defaults: all payments in any state, the smallest id first, from the start, limit 100.
 * Thread: any. Since 0.1.
 */
HF_API void hf_payment_list_init(hf_payment_list_args *args);

/*
 * Defaults: accounts, from the start, limit 100.
 * Thread: any. Since 0.1.
 */
HF_API void hf_attention_list_init(hf_attention_list_args *args);

/*
 * Defaults: an account, no bits; `reason` must be set.
 * Thread: any. Since 0.1.
 */
HF_API void hf_attention_clear_init(hf_attention_clear_args *args);

/*
 * Adds a payment to an order that is PENDING, or CONFIRMED with pay-later, and authorizes it.
 * When the payments then cover the total, a pending order is confirmed. Result: hf_order_view
 * (declared in order.h). Completes with HF_E_NOT_FOUND, HF_E_ORDER_STATE, HF_E_EXPIRED,
 * HF_E_CURRENCY, HF_E_OVER_PAID, HF_E_FUNDS_SHORT, HF_E_FROZEN, HF_E_ATTENTION, HF_E_TOO_MANY,
 * HF_E_ID_REUSED, HF_E_VERSION_MOVED (of the order).
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_payment_add(hf_engine *engine, hf_req *req, const hf_payment_add_args *args,
                          hf_done_cb cb);

/*
 * Captures authorized money; of a provider: asks it to (pending_capture). Result: hf_payment.
 * Completes with HF_E_NOT_FOUND, HF_E_PAYMENT_STATE, HF_E_ORDER_STATE (not confirmed),
 * HF_E_OVER_CAPTURE, HF_E_OVER_PAID (net captured above the order's total), HF_E_FROZEN,
 * HF_E_ID_REUSED, HF_E_VERSION_MOVED.
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_payment_capture(hf_engine *engine, hf_req *req, const hf_payment_amount_args *args,
                              hf_done_cb cb);

/*
 * Gives authorized money back before it is captured; of a provider: asks it to (pending_void).
 * Result: hf_payment. Completes with HF_E_NOT_FOUND, HF_E_PAYMENT_STATE, HF_E_EXPIRED (the order's
 * deadline has passed), HF_E_OVER_VOID, HF_E_ID_REUSED, HF_E_VERSION_MOVED.
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_payment_void(hf_engine *engine, hf_req *req, const hf_payment_amount_args *args,
                           hf_done_cb cb);

/*
 * Gives captured money back; of a provider: asks it to (pending_refund). Result: hf_payment.
 * Completes with HF_E_NOT_FOUND, HF_E_PAYMENT_STATE, HF_E_OVER_REFUND, HF_E_MAX_BALANCE,
 * HF_E_ID_REUSED, HF_E_VERSION_MOVED.
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_payment_refund(hf_engine *engine, hf_req *req, const hf_payment_amount_args *args,
                             hf_done_cb cb);

/*
 * Records what a provider says happened; the payment is the one that is named, else the one with
 * this reference, and it and its order follow the fact. Never refused for what it says: a fact that
 * matches no payment is kept with HF_ATTENTION_UNMATCHED_FACT; one that names a payment of method
 * ACCOUNT, or of another provider or currency, repeats a reference with another amount, or says
 * what nobody asked for raises HF_ATTENTION_UNEXPECTED_FACT; a chargeback raises
 * HF_ATTENTION_CHARGEBACK; one with the same reference, kind, amount and unit does nothing, unless
 * it matched no payment before and does now: then it counts, and is not UNMATCHED any more. Of a
 * success and a FAILED of one reference the newer by provider_time_ms counts, on a tie the success.
 * Answers to commands are told apart by their key: a reference that a provider gives to two of them
 * counts for each, the second under the command's own id and with HF_ATTENTION_UNEXPECTED_FACT.
 * Result: hf_fact. Completes with HF_E_UNIT_UNKNOWN.
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_payment_report(hf_engine *engine, hf_req *req, const hf_payment_report_args *args,
                             hf_done_cb cb);

/*
 * Reads one payment. Result: hf_payment. Completes with HF_E_NOT_FOUND.
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_payment_get(hf_engine *engine, hf_req *req, const hf_payment_get_args *args,
                          hf_done_cb cb);

/*
 * Finds the payment with a provider's reference. Result: hf_payment. Completes with
 * HF_E_NOT_FOUND.
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_payment_find(hf_engine *engine, hf_req *req, const hf_payment_find_args *args,
                           hf_done_cb cb);

/*
 * Reads a page of payments. Result: hf_payment_page; fewer rows than `limit` mean the end. Payments
 * of a provider are read through an index by state. With ALL and a state, one call reads payments
 * in other states until `limit` payments fit. Misuse: HF_E_ID (BY_ORDER without `order`),
 * HF_E_TEXT_MISSING (BY_PROVIDER without `provider`), HF_E_ARGUMENT (`order` or `provider` with
 * another selector).
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_payment_list(hf_engine *engine, hf_req *req, const hf_payment_list_args *args,
                           hf_done_cb cb);

/*
 * Reads a page of records that want a person. Result: hf_attention_page; fewer than `limit`
 * means the end.
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_attention_list(hf_engine *engine, hf_req *req, const hf_attention_list_args *args,
                             hf_done_cb cb);

/*
 * Clears attention bits of a record; actor (head.actor) and reason stay in the event. An account
 * that is still beyond its limits keeps HF_ATTENTION_BEYOND_LIMIT. No result struct. Completes
 * with HF_E_NOT_FOUND, HF_E_ID_REUSED, HF_E_VERSION_MOVED.
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_attention_clear(hf_engine *engine, hf_req *req, const hf_attention_clear_args *args,
                              hf_done_cb cb);

#ifdef __cplusplus
}
#endif

#endif
