/*
 * payment.h - payments of orders, and the facts that providers report about them.
 *
 *        asked            authorized            nothing is left to capture
 *   NEW ------> PENDING ------------> AUTHORIZED -------------------------> CLOSED
 *     \            \                   ^      ^                               |
 *      \ not asked  \ refused, late    |      '---- more is authorized -------'
 *       `-----------`--> FAILED -------'  a success is reported after all
 *
 * A payment of method ACCOUNT is a hold on a money account: it is AUTHORIZED at once, or the
 * operation that brings it is refused. A payment of method PROVIDER is made by commands and facts.
 *
 * COMMANDS. The engine asks a provider to authorize, capture, void or refund. Each command is a
 * transaction (hf_txn_list shows it) whose id is the idempotency key. Its amount is pending from
 * the commit that asks for it until the command ends: by the provider's answer, or by a report of
 * the outcome. A refused authorization makes the payment FAILED. Another refused command counts its
 * amount as refused (capture_refused, void_refused, refund_refused) and raises
 * HF_ATTENTION_COMMAND_REFUSED on the payment. The engine does not ask for this amount again by
 * itself, nor for other money of the payment in its place; a host may: then it is asked for first,
 * and not refused any more. The same holds for refused voids and refunds of money that an amendment
 * makes the order need again. Money whose capture was refused does not cover the order (order.h)
 * until AUTHORIZED brings more, or is newer than every capture that was asked for or reported and
 * every failure, a host captures it, or CAPTURED reports more than was pending. VOIDED and REFUNDED
 * of more than was pending lower what counts as refused of their kind in the same way.
 *
 * FACTS. What a provider says happened, in an answer or in a report (hf_payment_report), is a fact.
 * Commands may be refused, facts may not: each is recorded as it was said, in any order and any
 * number of times. A fact is a message about a movement of money, and three texts name them:
 *   fact_ref     the message; provider, kind and fact_ref are the key of the fact
 *   reference    the movement: this authorization, capture, void, refund or dispute; when it is
 *                empty, fact_ref names the movement as well
 *   payment_ref  the payment, as the provider calls it (hf_payment.provider_ref)
 * An answer names its movement, too: a provider's function sets hf_call_answer.reference to the
 * text that the webhook of the same movement has as `reference`, so both count once.
 *
 * WHICH MESSAGE IS WHICH FACT. A host names the payment by its id where the message has the id
 * (metadata, merchantReference, custom_id), else by payment_ref.
 *   Stripe: fact_ref is the event (evt_), payment_ref the payment intent (pi_)      reference
 *     payment_intent.amount_capturable_updated  AUTHORIZED, amount_capturable +     pi_
 *                                               amount_received
 *     payment_intent.requires_action            ACTION_REQUIRED                     pi_
 *     payment_intent.canceled                   VOIDED of all that was left, or     pi_
 *                                               FAILED if nothing was authorized
 *     payment_intent.succeeded, charge.captured CAPTURED with TOTAL and FINAL       charge (ch_)
 *     refund.created, refund.updated            REFUNDED when it has succeeded      refund (re_)
 *     refund.failed                             FAILED                              refund (re_)
 *     charge.dispute.funds_withdrawn            CHARGEBACK                          balance (txn_)
 *     charge.dispute.funds_reinstated           CHARGEBACK_REVERSED                 balance (txn_)
 *     No fact: payment_intent.payment_failed (the payer may try again), charge.dispute.created and
 *     .closed (no money moves), charge.refunded beside the refund events. The release of money that
 *     was authorized and not captured (by the last capture, by canceling) is a refund to Stripe as
 *     well, with refund.created and charge.refunded: no fact, FINAL or VOIDED reports it. Such
 *     a refund has no balance_transaction. A host without the refund events reports charge.refunded
 *     of a captured charge as REFUNDED with TOTAL of the charge: amount_refunded less what was
 *     released (amount less amount_captured), and nothing when this is 0.
 *     A dispute that was won can be lost again: each of its balance transactions is a movement.
 *   Adyen: fact_ref is eventCode and pspReference, payment_ref is originalReference
 *     AUTHORISATION                             AUTHORIZED; FAILED without success  pspReference
 *     AUTHORISATION_ADJUSTMENT                  AUTHORIZED, the whole new amount    payment_ref
 *       that a void of ours made                VOIDED, what it released            pspReference
 *     CAPTURE, REFUND                           CAPTURED, REFUNDED with success     pspReference
 *     CAPTURE_FAILED, REFUND_FAILED,            FAILED                              that of CAPTURE
 *     REFUNDED_REVERSED                                                             or REFUND
 *     CANCELLATION, TECHNICAL_CANCEL, EXPIRE    VOIDED of all that was left         pspReference
 *     CHARGEBACK, CHARGEBACK_REVERSED           the kind of this name               pspReference
 *     SECOND_CHARGEBACK                         CHARGEBACK: another movement        pspReference/2
 *     No fact: NOTIFICATION_OF_*, REQUEST_FOR_INFORMATION, a refusal that may be tried again.
 *   PayPal: fact_ref is the event (WH-), payment_ref is the order
 *     PAYMENT.AUTHORIZATION.CREATED             AUTHORIZED                          authorization
 *       of a reauthorization                    AUTHORIZED                          the first one
 *     PAYMENT.AUTHORIZATION.VOIDED              VOIDED of all that was left         authorization
 *     PAYMENT.CAPTURE.COMPLETED                 CAPTURED, FINAL if final_capture    capture
 *     PAYMENT.CAPTURE.DECLINED, .DENIED         FAILED                              capture
 *     PAYMENT.CAPTURE.REFUNDED                  REFUNDED                            refund
 *     PAYMENT.CAPTURE.REVERSED                  CHARGEBACK                          its resource
 *     No fact: PAYMENT.CAPTURE.PENDING, CUSTOMER.DISPUTE.* (a refund or reversal moves the money).
 *   Mollie: the webhook has an id only. The host reads the payment (tr_), its payment_ref, and
 *   reports what is new of it; fact_ref is the id of this part and its status
 *     authorized; failed, canceled, expired     AUTHORIZED; FAILED                  tr_
 *     paid, of a payment without captures       CAPTURED (with CAPTURE_ONLY)        tr_
 *     a capture that succeeded                  CAPTURED                            cpt_
 *     a refund that is refunded; that failed    REFUNDED; FAILED                    re_
 *     a chargeback; its reversedAt              CHARGEBACK; CHARGEBACK_REVERSED     chb_
 *   Bank statement, of payments with CAPTURE_ONLY: fact_ref is the entry, reference is empty. A
 *   credit is CAPTURED, our own refund REFUNDED, a debit that was returned CHARGEBACK.
 *
 * WHICH PAYMENT. The payment is the one whose id is named; else the one whose provider_ref is
 * payment_ref; else the one that another report with this payment_ref belongs to; else the one
 * whose provider_ref is the movement; else the one that another fact of the movement belongs to. A
 * report is set aside when payment_ref is the provider_ref of another payment than id names, when
 * no id is named and two payments have the provider_ref, the payment_ref or the movement, when the
 * payment is of method ACCOUNT, of another provider or in another currency, when the movement has
 * counted for another payment, or when `reference` is the provider_ref of another payment: the fact
 * is kept with HF_FACT_SET_ASIDE, says nothing about its movement and raises UNEXPECTED_FACT. A
 * report that leads to no payment is kept with UNMATCHED_FACT. It counts as soon as a payment gets
 * the payment_ref that the report named (at most 64 facts at once), or when the same message is
 * reported again and leads to a payment. Of the facts with one payment_ref 256 are looked at for a
 * payment. provider_ref is set once: from payment_ref, else from the movement of AUTHORIZED (of
 * CAPTURED with CAPTURE_ONLY), or from the answer to the authorization. Where these differ (order
 * and authorization of PayPal) a report records the other one, too (hf_fact.payment_ref).
 *
 * HOW AMOUNTS ADD UP. The same message again changes nothing; with another amount or unit, or with
 * the id of another payment, it raises UNEXPECTED_FACT on the first fact and its payment. Amounts
 * of different movements add up. Of one movement of a payment
 *   AUTHORIZED: the message with the newest provider_time_ms counts, on a tie the larger amount.
 *     The amount is what is authorized at its time, without what was voided before: voids that are
 *     older than the newest message of each authorization are added (a void without a time is
 *     older than its record). `authorized` is at least captured + voided, also before AUTHORIZED
 *     arrives. An authorization that is raised for an order that will be amended (incremental
 *     authorization) is reported first, then the order is amended; both may be linked operations
 *     of one batch.
 *   CAPTURED, VOIDED, REFUNDED, CHARGEBACK, CHARGEBACK_REVERSED: the first message counts. A
 *     further one with the same amount counts 0; with another amount it is set aside, unless it has
 *     HF_REPORT_TOTAL and is not older: then the difference counts, with UNEXPECTED_FACT when the
 *     total became lower.
 *   FAILED: when it is newer by provider_time_ms than every success of its movement, it takes them
 *     back, with UNEXPECTED_FACT. Else it counts 0. A success older than a known failure counts 0.
 *     Where the report that counts 0 has no time, it raises UNEXPECTED_FACT.
 *   What FAILED and a lower total take back of a capture counts as refused (capture_refused), and
 * so does what a lower total takes back of a void or refund that was asked for. A void or refund
 * that fails for the first time is asked for once more; the second one counts as refused. After the
 * last capture (CAPTURED with FINAL, or any of a payment with ONE_CAPTURE) what is neither captured
 * nor voided counts as voided, in whatever order the messages come, as far as it was authorized at
 * the time of this capture (an answer has the time at which it came) and the capture did not fail
 * since. What is authorized later is open. A reversal lowers charged_back. A reversal before its
 * chargeback is remembered and undoes the next one; a reversal of more than was charged back is set
 * aside until a further chargeback makes it fit. Both raise UNEXPECTED_FACT.
 *
 * WHAT A FACT DOES. Counters move in every state of the payment, and the state follows: a payment
 * with authorized money is AUTHORIZED while some is neither captured nor voided, else CLOSED,
 * whatever its state was. FAILED without a success of its movement makes a PENDING payment FAILED,
 * unless the movement was reported as captured, voided or refunded, of which it says nothing more;
 * in another state it ends a command (see below) or raises UNEXPECTED_FACT. ACTION_REQUIRED sets a
 * flag of a PENDING payment. Then the order follows (order.h). Attention of the fact is raised on
 * its payment, too: UNEXPECTED_FACT: money was captured, voided or refunded that no command had
 * asked for, unless it is CAPTURED with CAPTURE_ONLY; or authorized less voided money grew, unless
 * it was asked for or reported before and is at most hf_payment.amount. CHARGEBACK: each chargeback
 * that counts.
 *
 * REPORTS AND COMMANDS UNDER WAY. A report of CAPTURED, VOIDED or REFUNDED that counts ends the
 * open command of its kind when it covers the amount; of several commands only their answers
 * identify which one it was, so these end together, when nothing of them is pending any more. With
 * FINAL, and of a payment with ONE_CAPTURE, it ends all captures. A report after which nothing is
 * left to capture ends the other captures and voids as refused, and one that takes the payment out
 * of PENDING or FAILED ends its authorization. The transaction gets HF_TXN_REPORTED, also when it
 * was parked, so a host that only forwards reports registers no provider. FAILED of a movement that
 * no other fact is about ends the open command other than an authorization as refused, when there
 * is only one and FAILED has its amount or 0 and is not older than the command (a time in whole
 * seconds lasts a second); without a time only when no other command was refused. Otherwise the
 * answer or a person ends the command. When the provider answers OK to a command that a report has
 * ended, a movement that is known counts nothing more. The answer counts when it names another
 * movement than the report did (HF_TXN_NAMED), or when nothing was reported as authorized. When
 * report and answer of one movement differ in their amounts, the larger counts, with
 * UNEXPECTED_FACT; an OK whose movement was reported as FAILED counts as a refusal. Answers to two
 * commands with one movement add up, with UNEXPECTED_FACT on the second unless they are captures
 * (of one charge); reports of the movement are compared with their sum.
 */
#ifndef HOLDFAST_PAYMENT_H
#define HOLDFAST_PAYMENT_H

#include <holdfast/attention.h>
#include <holdfast/money.h>
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

/*
 * Bits of a payment. The engine sets the first three, LATE and FINAL. The others are for a payment
 * of a provider that is added, and say what its provider does:
 * CAPTURE_ONLY: the provider has no authorizations (a bank transfer, cash on delivery). The engine
 * asks for none and captures nothing by itself; the payment is PENDING until CAPTURED is reported.
 * WHOLE_VOID: the provider voids an authorization only as a whole. A part that is not owed any more
 * is barred: it is not captured any more, and the last capture or a void of the whole releases it.
 * ONE_CAPTURE: the provider captures once and releases what is left with it. The engine captures
 * the payment once by itself: one that settles on FULFIL when no unit of its order is open.
 */
#define HF_PAYMENT_BEYOND          1u  /* a fact broke its limits: counters may exceed each other */
#define HF_PAYMENT_ACTION_REQUIRED 2u  /* the payer must act before it can be authorized */
#define HF_PAYMENT_WITHDRAWN       4u  /* refunded without a command: the engine captures nothing */
#define HF_PAYMENT_CAPTURE_ONLY    8u  /* no authorization is expected */
#define HF_PAYMENT_WHOLE_VOID      16u /* no part of it can be voided */
#define HF_PAYMENT_ONE_CAPTURE     32u /* it is captured once */
#define HF_PAYMENT_LATE            64u /* it had FAILED before it succeeded; see order.h */
#define HF_PAYMENT_FINAL           128u /* its last capture was reported (HF_REPORT_FINAL) */

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

/* Bits of a report. FINAL is for CAPTURED: what is neither captured nor voided counts as voided. */
#define HF_REPORT_TOTAL 1u /* the amount is the running total of its movement */
#define HF_REPORT_FINAL 2u /* the last capture; the provider has released what is left */
/* A further bit of hf_fact.flags: the report does not fit its payment, and moved nothing. */
#define HF_FACT_SET_ASIDE 4u

/* A payment as stored. */
typedef struct hf_payment {
    hf_id id;
    uint8_t fingerprint[16];
    hf_id order;
    hf_account_ref account; /* method ACCOUNT; else empty */
    hf_name provider;       /* method PROVIDER; else empty */
    hf_name provider_ref;
    int64_t amount;            /* what the payment is for */
    int64_t authorized;        /* by account or provider, captured and voided money included */
    int64_t captured;          /* out of `authorized`, refunded and charged back money included */
    int64_t voided;            /* out of `authorized`: released without being captured */
    int64_t refunded;          /* out of `captured` */
    int64_t charged_back;      /* out of `captured`: taken back by the payer's bank */
    int64_t pending_authorize; /* asked of the provider, or expected (CAPTURE_ONLY) */
    int64_t pending_capture;   /* asked of the provider and not answered yet, as the next two */
    int64_t pending_void;      /* of both, at most what is left counts for what covers the order */
    int64_t pending_refund;
    int64_t deadline_ms; /* until when a PENDING payment waits; of an ACCOUNT: the order's */
    int64_t created_at_ms;
    int64_t updated_at_ms;
    uint64_t version;
    uint32_t no;        /* in the order, from 1 */
    uint32_t method;    /* hf_payment_method */
    uint32_t settle_on; /* hf_settle */
    uint32_t state;     /* hf_payment_state */
    uint32_t attention; /* hf_attention bits */
    uint32_t commands;  /* number of commands that the provider was asked so far */
    uint32_t flags;     /* HF_PAYMENT_* bits */
    uint32_t reserved;
    int64_t barred; /* authorized, not to be captured, and released with the last capture */
    int64_t capture_refused;      /* authorized; the provider refused to capture it */
    int64_t void_refused;         /* authorized; the provider refused to void it */
    int64_t refund_refused;       /* captured; the provider refused to refund it */
    int64_t authorized_implied;   /* part of `authorized` that only captures and voids imply */
    int64_t chargeback_reversals; /* reported before the chargebacks that they reverse */
} hf_payment;

/* A fact as stored. Keyed by provider, kind and fact_ref. */
typedef struct hf_fact {
    hf_name provider;
    hf_name fact_ref;
    hf_name unit;
    hf_id payment; /* all zero: the fact matches none */
    int64_t amount;
    int64_t provider_time_ms;
    int64_t at_ms;       /* when it was recorded first */
    uint32_t kind;       /* hf_fact_kind */
    uint32_t attention;  /* hf_attention bits */
    hf_id txn;           /* the command it answered; all zero: only reported */
    hf_name reference;   /* of the movement of money; empty: fact_ref */
    hf_name payment_ref; /* of the payment: while the fact matches none, or recorded beside
                            provider_ref; else empty */
    int64_t uncounted;   /* how much of the amount moved no counter of the payment */
    uint32_t flags;      /* HF_REPORT_* bits, and HF_FACT_SET_ASIDE */
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
    int64_t deadline_ms; /* PROVIDER: the payment FAILS when it is PENDING still at this time; 0: at
                            the order's deadline. See "Deadlines" in order.h */
    uint32_t flags;      /* PROVIDER: HF_PAYMENT_CAPTURE_ONLY, _WHOLE_VOID, _ONE_CAPTURE */
    uint32_t reserved;
} hf_payment_args;

/*
 * Arguments of hf_payment_add. The payment's id is payment.id, or head.id when that is zero. When
 * both are given, both are used: no other operation can have either id.
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

/* Arguments of hf_payment_report; expected_version is ignored. */
typedef struct hf_payment_report_args {
    hf_op_head head;
    const char *provider;
    const char *fact_ref;     /* the provider's id of this message */
    const char *unit;         /* of the amount */
    hf_id payment;            /* all zero: not known */
    int64_t amount;           /* > 0; >= 0 with HF_REPORT_TOTAL, FAILED and ACTION_REQUIRED */
    int64_t provider_time_ms; /* when it happened at the provider, Unix ms; 0: not known */
    uint32_t kind;            /* hf_fact_kind */
    uint32_t flags;           /* HF_REPORT_* bits */
    const char *reference;    /* the provider's id of the movement of money: of this authorization,
                                 capture, void, refund or dispute. NULL or "": fact_ref */
    const char *payment_ref;  /* the provider's id of the payment that it belongs to; may be NULL */
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
 * Defaults: method PROVIDER, asked of `provider`, settles on CONFIRM, the order's deadline.
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
 * Adds a payment and authorizes it. The order is PENDING, and is confirmed when its payments secure
 * it; or it is CONFIRMED, has PAY_LATER or owes more than what covers it, and captures what is due;
 * or it is CLOSED and owes more than what covers it: then it is CONFIRMED again, captures what is
 * owed, and closes when it is paid. (For the words see order.h.) Result: hf_order_view. Completes
 * with, in this order of checks and after those of hf_op_head (the version is the order's):
 * HF_E_NOT_FOUND; HF_E_EXPIRED (the order's deadline has passed); HF_E_ORDER_STATE; HF_E_TOO_MANY
 * (HF_PAYMENTS_MAX); HF_E_DEADLINE (in the past); HF_E_CURRENCY (of the account); HF_E_OVER_PAID
 * (more than is owed and not covered); of the account HF_E_NOT_FOUND, HF_E_FROZEN,
 * HF_E_QUEUED_AHEAD, HF_E_ATTENTION, HF_E_FUNDS_SHORT; of the accounts of an order that is
 * confirmed by it, as hf_order_fulfil. Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_payment_add(hf_engine *engine, hf_req *req, const hf_payment_add_args *args,
                          hf_done_cb cb);

/*
 * Captures authorized money; a provider is asked to (pending_capture), first for money that it
 * refused to capture before, which is not counted as refused from then on. Result: hf_payment.
 * Completes with, in this order of checks and after those of hf_op_head: HF_E_NOT_FOUND;
 * HF_E_PAYMENT_STATE (not AUTHORIZED); HF_E_ORDER_STATE (neither CONFIRMED nor a CLOSED order that
 * owes more than net); HF_E_OVER_CAPTURE (more than is authorized and neither captured, voided,
 * barred nor pending); HF_E_OVER_PAID (more than the order owes beyond what is captured or
 * pending; with HF_ALL when this is nothing); of an account HF_E_FROZEN, HF_E_FUNDS_SHORT.
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_payment_capture(hf_engine *engine, hf_req *req, const hf_payment_amount_args *args,
                              hf_done_cb cb);

/*
 * Voids authorized money, whatever the state of the order; a provider is asked to (pending_void),
 * or with HF_PAYMENT_WHOLE_VOID a part is barred. When the order is CONFIRMED and has no open unit,
 * what the void leaves owed and not covered is given away (order.h), so that the order can close.
 * A PENDING order without a deadline that it leaves uncovered is CANCELLED. Result: hf_payment.
 * Completes with, in this order of checks and after those of hf_op_head: HF_E_NOT_FOUND;
 * HF_E_PAYMENT_STATE (not AUTHORIZED); HF_E_EXPIRED (the order's deadline has passed);
 * HF_E_OVER_VOID (more than is authorized and neither captured, voided, barred nor pending).
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_payment_void(hf_engine *engine, hf_req *req, const hf_payment_amount_args *args,
                           hf_done_cb cb);

/*
 * Refunds captured money, whatever the state of the order; a provider is asked to (pending_refund).
 * What the refund takes of money that the order owes is given away (order.h). Result: hf_payment.
 * Completes with, in this order of checks and after those of hf_op_head: HF_E_NOT_FOUND;
 * HF_E_PAYMENT_STATE (neither AUTHORIZED nor CLOSED); HF_E_OVER_REFUND (more than is captured and
 * neither refunded, charged back nor pending); HF_E_MAX_BALANCE (of an account).
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_payment_refund(hf_engine *engine, hf_req *req, const hf_payment_amount_args *args,
                             hf_done_cb cb);

/*
 * Records what a provider says happened (see FACTS above); the payment and its order follow in the
 * same commit. No report is refused for its content. Result: hf_fact, of a message that is known
 * the fact as it was recorded first. Completes with HF_E_UNIT_UNKNOWN. Returns 0 when accepted,
 * else at once as hf_order_place, with HF_E_AMOUNT for an amount of 0 that is neither TOTAL, FAILED
 * nor ACTION_REQUIRED, and HF_E_ENUM for FINAL that is not CAPTURED. Thread: loop. Since 0.1.
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
 * Finds the payment with this provider_ref, else the payment for which a report recorded it
 * (hf_fact.payment_ref). Result: hf_payment. Completes with HF_E_NOT_FOUND.
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

#ifdef __cplusplus
}
#endif

#endif
