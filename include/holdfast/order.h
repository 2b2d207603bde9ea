/*
 * order.h - orders: lines that hold stock, payments that hold money, made final together.
 *
 *            payments secure it           nothing is open, all is paid
 *   place --> PENDING ----------> CONFIRMED -------------------------> CLOSED
 *     |        ^    |              ^  |  ^                               |
 *     |  supply|    | cancel,      |  |  '-- exchange; paid once more --'
 *     v        |    | deadline     |  | every unit is cancelled
 *   WAITING ---'    v              |  '-> CANCELLED
 *      '-------> CANCELLED, -------'
 *                EXPIRED    a late payment, with REVIVE
 *
 * A line takes its units through legs: each leg moves per_unit of an account for each unit. A
 * plain line has one leg, its sku to the world. A kit, an appointment or a coupon is a line with
 * several legs; a quantity split over places has one leg per place. A line whose legs are all on
 * LIMIT accounts (a coupon) follows the other lines of its order, whatever it settles on: it is
 * held when the order is confirmed, posted as a whole with the first unit fulfilled of another
 * line, and released when every unit of the other lines is cancelled. In an order without another
 * line it settles as it says. A host may also fulfil or cancel it by its number.
 *
 * WHAT AN ORDER OWES AND WHAT COVERS IT. Every function below uses these words in this sense. A
 * unit is worth its share of the line: of the line's total and of the line's part of the order's
 * own adjustments, which are split over the lines by their totals (hf_money_split).
 *   owed     the worth of the units neither cancelled nor returned, plus what was kept, less what
 *            was given away, at least 0. An order without lines owes its total in this sum; one
 *            that was cancelled or expired before it was confirmed owes what was kept alone.
 *   due      the same of the fulfilled units only, at most owed.
 *   kept     the captured worth of cancelled and returned units that a host did not refund: a fee.
 *   given    what a host refunded or released although the order owed it. When units are cancelled
 *   away     or returned later, it is lowered as far as the sum would become negative.
 *   covers   of each payment, what is authorized, or is asked or expected to be, less what is
 *            voided, barred, refunded or charged back, asked to be, or refused to be captured. A
 *            payment of a WAITING order covers its amount.
 *   secured  the same without what is only asked or expected to be authorized.
 *   net      captured and pending captures, less refunded, pending refunds and charged back.
 *   in hand  captured less refunded less charged back.
 *
 * WHAT THE ENGINE DOES WITH MONEY BY ITSELF. When an order is confirmed, fulfilled, cancelled in
 * part, amended or paid, and at every fact of a CONFIRMED one, payments that settle on CONFIRM are
 * captured until net is what is owed, then those on FULFIL until net is what is due, in order of
 * their no; not from a payment that was charged back, or refunded without a command. When
 * it is confirmed, after a cancel, return or amend and at such a fact, authorized money that is not
 * owed is voided, of MANUAL payments too; the first payments stay. A fact voids nothing beyond
 * hf_payment.amount, which an amendment may need. Refused amounts are not asked for again.
 *
 * WHAT ENDS AN ORDER. An order is CLOSED when no unit is open (neither fulfilled nor cancelled), no
 * authorization or capture is pending, and net is at least what is owed. It is CANCELLED as soon as
 * every unit is cancelled. When an order has ended (CLOSED, CANCELLED, EXPIRED), and at each later
 * fact, payments without an answer FAIL, authorized money is voided (of a CLOSED order: what it
 * does not owe beyond net), and what is in hand beyond what is owed is refunded, the last payment
 * first. An account takes back at most what its max_balance allows; the rest is MONEY_HELD.
 *
 * LATE PAYMENTS. A payment that succeeds after its order was CANCELLED or EXPIRED confirms it anew
 * when it has the policy REVIVE, was never confirmed, its payments secure the total and everything
 * can be held again; its counters of cancelled units, kept and given away are 0 then. Else the
 * money goes back, with LATE_PAYMENT. A payment that succeeds after it had FAILED (HF_PAYMENT_LATE)
 * counts for a CONFIRMED or CLOSED order as any other; what it brings beyond what is owed, in one
 * message or several, goes back out of it, before any other payment, with LATE_PAYMENT.
 *
 * ATTENTION OF AN ORDER (hf_attention).
 *   UNPAID        a fact, a refusal or a payment's deadline lowered what covers a CONFIRMED order
 *                 below what it owes (with PAY_LATER: what secures it), or net of a CLOSED one;
 *                 open money of a payment with a chargeback or a refund without a command does not
 *                 count. Or units were fulfilled with `unpaid`, or an import is not covered. The
 *                 engine clears it when the order is covered, CANCELLED or EXPIRED. A person adds a
 *                 payment, to a CLOSED order too, captures, cancels, takes units back or clears it.
 *   MONEY_HELD    set exactly while an ended order has more in hand than it owes, also while the
 *                 refund is under way. A person refunds (hf_payment_refund, also what was refused),
 *                 or clears the bit: then the money counts as kept (hf_attention_clear).
 *   LATE_PAYMENT  late money was sent back. A person informs the payer and clears it.
 *   UNEXPECTED_FACT  an account refused what follows from a report or an answer (a frozen wallet,
 *                 for example). The fact is recorded, UNPAID and MONEY_HELD are as after any other
 *                 fact; the order follows with its next operation.
 *
 * DEADLINES. The deadline of an order ends it while it is WAITING or PENDING: it refuses commands
 * then with HF_E_EXPIRED, but its payments can be voided and refunded. A payment of a provider has
 * its own, or gets the order's when it is asked, and becomes FAILED if it is PENDING then, in any
 * state of the order. The deadline of a PENDING order is put off to the latest one of its payments
 * that wait; an order without one keeps none. A PENDING order without a deadline (also when an
 * amend removes it) is CANCELLED as soon as payments cover less than it owes and one, failed or
 * not, covers less than its amount. One that waits for its authorization does not end it.
 */
#ifndef HOLDFAST_ORDER_H
#define HOLDFAST_ORDER_H

#include <holdfast/payment.h>

#ifdef __cplusplus
extern "C" {
#endif

/* States of an order. */
typedef enum hf_order_state {
    HF_ORDER_NONE = 0,
    HF_ORDER_WAITING = 1,   /* for supply; holds nothing */
    HF_ORDER_PENDING = 2,   /* holds everything; its payments do not secure it yet */
    HF_ORDER_CONFIRMED = 3, /* being fulfilled and paid */
    HF_ORDER_CLOSED = 4,    /* fulfilled and paid; returns and refunds are possible */
    HF_ORDER_CANCELLED = 5, /* before it was confirmed, or every unit of it */
    HF_ORDER_EXPIRED = 6,   /* its deadline passed before it was confirmed */
} hf_order_state;

/* What an adjustment is. */
typedef enum hf_adjustment_kind {
    HF_ADJUSTMENT_TAX = 0,
    HF_ADJUSTMENT_DISCOUNT = 1,
    HF_ADJUSTMENT_SHIPPING = 2,
    HF_ADJUSTMENT_FEE = 3,
    HF_ADJUSTMENT_TIP = 4,
    HF_ADJUSTMENT_ROUNDING = 5,
} hf_adjustment_kind;

/*
 * Policy bits of an order. IMPORT is for the history of another system: the order is CONFIRMED at
 * once, its payments may be 0 and more or less than its total, it is UNPAID when they do not cover
 * it (unless PAY_LATER), and the engine asks providers for nothing by itself.
 */
#define HF_ORDER_QUEUE     1u /* when legs are short: wait, first come first served */
#define HF_ORDER_PAY_LATER 2u /* confirmed and fulfilled without payments that cover it */
#define HF_ORDER_REVIVE    4u /* a payment that succeeds late revives it, when it can be held */
#define HF_ORDER_IMPORT    8u /* history of another system; see above */

/*
 * One leg of a line as stored. While the line is open it holds
 * (units - cancelled - fulfilled) * per_unit.
 */
typedef struct hf_leg {
    hf_account_ref from;
    hf_account_ref to;
    int64_t per_unit;
    int64_t units; /* legs of one role add up to the line's quantity */
    int64_t fulfilled;
    int64_t cancelled;
    int64_t returned;
    int64_t deadline_ms; /* while the order is pending */
    uint32_t role;       /* 0 for a plain line; a kit has one role per part */
    uint32_t reserved;
} hf_leg;

/* An order as stored. */
typedef struct hf_order {
    hf_id id;
    uint8_t fingerprint[16];
    hf_name customer;
    hf_name currency;
    hf_name series;
    hf_name external_ref;
    int64_t total;
    int64_t created_at_ms;
    int64_t deadline_ms;
    int64_t confirmed_at_ms;
    int64_t closed_at_ms;
    uint64_t number;     /* gapless in its series, from 1 */
    uint64_t placed_seq; /* the event that placed it; the order of waiting */
    uint64_t version;
    uint32_t state;     /* hf_order_state */
    uint32_t policy;    /* HF_ORDER_* bits */
    uint32_t attention; /* hf_attention bits */
    uint32_t line_count;
    uint32_t adjustment_count;
    uint32_t payment_count;
    const void *meta;
    uint64_t meta_bytes;
    int64_t kept;       /* see the top of this file; >= 0 */
    int64_t given_away; /* see the top of this file; >= 0 */
} hf_order;

/* A line as stored; its first leg inline. */
typedef struct hf_order_line {
    hf_id order;
    hf_name sku;
    int64_t quantity;
    int64_t unit_price;
    int64_t price_per; /* unit_price is for so many units */
    int64_t total;     /* muldiv(quantity, unit_price, price_per, half up) + its adjustments */
    int64_t fulfilled;
    int64_t cancelled;
    int64_t returned;
    uint32_t no;        /* from 1 */
    uint32_t settle_on; /* hf_settle: CONFIRM or FULFIL */
    uint32_t leg_count; /* 0: nothing is tracked; 1: only `leg`; more: the rest in hf_order_leg */
    uint32_t reserved;
    hf_leg leg;
} hf_order_line;

/* A further leg of a line that has more than one. */
typedef struct hf_order_leg {
    hf_id order;
    uint32_t line_no;
    uint32_t no; /* from 1; leg 0 is in the line */
    hf_leg leg;
} hf_order_leg;

/* An adjustment of an order (line 0) or of a line. */
typedef struct hf_adjustment {
    hf_id order;
    int64_t amount; /* negative for discounts */
    uint32_t no;    /* from 1 */
    uint32_t line;  /* 0 = the order */
    uint32_t kind;  /* hf_adjustment_kind */
    uint32_t reserved;
} hf_adjustment;

/* The progress of money and goods of an order; computed from counters, never set. */
typedef enum hf_progress_state {
    HF_PROGRESS_NONE = 0,
    HF_PROGRESS_PARTIAL = 1,
    HF_PROGRESS_FULL = 2,
    HF_PROGRESS_OVER = 3,
} hf_progress_state;

/* An order with everything that belongs to it; the result of the order functions. */
typedef struct hf_order_view {
    uint32_t size;
    uint32_t line_count;
    const hf_order *order;
    const hf_order_line *const *lines; /* by no */
    const hf_order_leg *const *legs;   /* by line and no */
    const hf_adjustment *const *adjustments;
    const hf_payment *const *payments; /* by no */
    uint32_t leg_count;
    uint32_t adjustment_count;
    uint32_t payment_count;
    uint32_t authorized_state; /* hf_progress_state: authorized - voided against total */
    uint32_t paid_state;       /* captured against total */
    uint32_t refund_state;     /* refunded against captured */
    uint32_t shipping_state;   /* fulfilled against quantity - cancelled */
    uint32_t return_state;     /* returned against fulfilled */
    int64_t authorized;
    int64_t captured;
    int64_t refunded;
    int64_t owed;    /* see the top of this file */
    int64_t covered; /* the sum of what covers the order, at least 0 */
} hf_order_view;

/* A page of orders, without what belongs to them. */
typedef struct hf_order_page {
    const hf_order *const *rows;
    uint32_t count;
    uint32_t reserved;
} hf_order_page;

/* One leg in arguments. */
typedef struct hf_leg_args {
    hf_account_key from; /* or the world */
    hf_account_key to;   /* or the world; not both */
    int64_t per_unit;    /* > 0 */
} hf_leg_args;

/*
 * One line in arguments. Where its units come from, one of:
 * - no legs, no places: the item (sku, place "", unit), one per unit;
 * - places: the item at these places, in this order, as much as each has (split);
 * - legs: exactly these, each per_unit for every unit;
 * - untracked 1: nothing is held (a fee, a service, freight).
 */
typedef struct hf_line_args {
    const char *sku;
    const char *unit;          /* of the item (sku); unused with legs; hf_line_init: "pcs" */
    int64_t quantity;          /* > 0 */
    int64_t unit_price;        /* >= 0 */
    int64_t price_per;         /* > 0; hf_line_init: 1 */
    const char *const *places; /* borrowed */
    uint32_t place_count;      /* 0..128 */
    uint32_t reserved;
    const hf_leg_args *legs; /* borrowed */
    uint32_t leg_count;      /* 0..128 */
    uint32_t leg_bytes;      /* sizeof(hf_leg_args); set by hf_line_init */
    uint32_t settle_on;      /* hf_settle: CONFIRM or FULFIL */
    uint32_t untracked;      /* 0 or 1 */
} hf_line_args;

/* One adjustment in arguments. */
typedef struct hf_adjustment_args {
    int64_t amount;
    uint32_t line; /* number of the line, from 1; 0 = the order */
    uint32_t kind; /* hf_adjustment_kind */
} hf_adjustment_args;

/* Arguments of hf_order_place. head.id is the order's id. */
typedef struct hf_order_place_args {
    hf_op_head head;
    const char *customer;     /* 0..63 bytes, a pseudonym */
    const char *currency;     /* a declared unit */
    const char *series;       /* of the order number; "" is a series too */
    const char *external_ref; /* 0..63 bytes */
    int64_t total;            /* lines + adjustments; see hf_order_total */
    int64_t deadline_ms;      /* of PENDING and WAITING; 0 = none, else in the future */
    uint32_t policy;          /* HF_ORDER_* bits */
    uint32_t reserved;
    const hf_line_args *lines;             /* borrowed */
    uint32_t line_count;                   /* 0..HF_LINES_MAX; 0 needs an adjustment or payment */
    uint32_t line_bytes;                   /* sizeof(hf_line_args); set by _init */
    const hf_adjustment_args *adjustments; /* borrowed */
    uint32_t adjustment_count;             /* 0..HF_ADJUSTMENTS_MAX */
    uint32_t adjustment_bytes;             /* sizeof(hf_adjustment_args); set by _init */
    const hf_payment_args *payments;       /* borrowed */
    uint32_t payment_count;                /* 0..HF_PAYMENTS_MAX */
    uint32_t payment_bytes;                /* sizeof(hf_payment_args); set by _init */
} hf_order_place_args;

/*
 * A quantity of one line. A line whose quantity was split over places takes units of all of them,
 * the first place first when it fulfils and the last place first otherwise, unless one place is
 * named, by its text or by the number of its leg. Leg 1 is the leg of the hf_order_line, leg n + 1
 * is the hf_order_leg with no n. The place of a leg is the one of its `from`, or of its `to` when
 * it comes from the world. The units of a kit are at the places of all its parts, so no place of it
 * can be named. Another place for what comes back (`elsewhere`) means the item of the same sku and
 * unit there; it holds for legs that went from an item to the world, and the other legs of the line
 * are reversed as without it.
 */
typedef struct hf_line_quantity {
    uint32_t line;        /* number of the line, from 1 */
    uint32_t scrap;       /* returns only: 1 = the units do not go back into stock */
    int64_t quantity;     /* > 0; HF_ALL: all that is possible */
    const char *place;    /* of the units; NULL or "": `leg` says which, or any. Borrowed */
    const char *to_place; /* returns with `elsewhere`: where the units go; may be "". Borrowed */
    uint32_t leg;         /* of the units: number of the leg, from 1; 0 = `place` says which */
    uint32_t elsewhere;   /* returns only: 1 = the units go to `to_place` */
} hf_line_quantity;

/* An amount of one payment. */
typedef struct hf_payment_amount {
    hf_id payment;
    int64_t amount; /* > 0 */
} hf_payment_amount;

/*
 * What a cancel or a return refunds. The share is what the units were worth of what is owed, but no
 * more than is captured beyond what stays: net (with NONE and NAMED also what was charged back)
 * less what is owed after a cancel, less what is due after a return. So money that is authorized is
 * no part of it (it is voided in every mode), nor money that other units still need.
 */
typedef enum hf_refund_mode {
    HF_REFUND_SHARE = 0, /* the share, out of the last payment first */
    HF_REFUND_NONE = 1,  /* nothing: the share is kept */
    HF_REFUND_NAMED = 2, /* exactly `refunds`: less than the share is kept, more is given away */
} hf_refund_mode;

/*
 * Arguments of hf_order_cancel, hf_order_fulfil and hf_order_return: which units of which lines.
 * No lines: everything that is possible.
 */
typedef struct hf_order_units_args {
    hf_op_head head;
    hf_id order;
    const hf_line_quantity *lines;    /* borrowed; one after the other, also of the same line */
    uint32_t line_count;              /* 0..HF_LINES_MAX */
    uint32_t line_bytes;              /* sizeof(hf_line_quantity); set by _init */
    const hf_payment_amount *refunds; /* cancel and return, with mode NAMED; borrowed */
    uint32_t refund_count;            /* 0..HF_PAYMENTS_MAX */
    uint32_t refund_bytes;            /* sizeof(hf_payment_amount); set by _init */
    uint32_t refund_mode;             /* hf_refund_mode; fulfil: must be SHARE */
    uint32_t unpaid; /* fulfil only: 1 = the goods have left although payments do not cover what is
                        due; the actor must be named */
    uint32_t final;  /* cancel only: 1 = a late payment does not revive the order */
    uint32_t reserved;
} hf_order_units_args;

/* A changed line of hf_order_amend. */
typedef struct hf_line_change {
    uint32_t line; /* number of the line, from 1 */
    uint32_t reserved;
    int64_t quantity;   /* the new quantity; at least what is fulfilled and cancelled */
    int64_t unit_price; /* the new price; >= 0; only while nothing of the line is fulfilled */
} hf_line_change;

/* Fields that an amend changes. */
#define HF_AMEND_DEADLINE     1u
#define HF_AMEND_EXTERNAL_REF 2u

/*
 * Arguments of hf_order_amend. With `returns` it is an exchange: fulfilled units come back and
 * lines are added in one step, and only the difference is paid or refunded.
 */
typedef struct hf_order_amend_args {
    hf_op_head head;
    hf_id order;
    uint32_t mask; /* HF_AMEND_* bits */
    uint32_t reserved;
    int64_t total;                         /* of the amended order */
    int64_t deadline_ms;                   /* with HF_AMEND_DEADLINE; not of a confirmed order */
    const char *external_ref;              /* with HF_AMEND_EXTERNAL_REF */
    const hf_line_change *changes;         /* borrowed */
    uint32_t change_count;                 /* 0..HF_LINES_MAX */
    uint32_t change_bytes;                 /* sizeof(hf_line_change); set by _init */
    const hf_line_args *lines;             /* added; borrowed */
    uint32_t line_count;                   /* 0..HF_LINES_MAX in all */
    uint32_t line_bytes;                   /* sizeof(hf_line_args); set by _init */
    const hf_adjustment_args *adjustments; /* added; borrowed */
    uint32_t adjustment_count;             /* 0..HF_ADJUSTMENTS_MAX in all */
    uint32_t adjustment_bytes;             /* sizeof(hf_adjustment_args); set by _init */
    const hf_payment_args *payments;       /* added; borrowed */
    uint32_t payment_count;                /* 0..HF_PAYMENTS_MAX in all */
    uint32_t payment_bytes;                /* sizeof(hf_payment_args); set by _init */
    const hf_line_quantity *returns;       /* units taken back: an exchange; borrowed */
    uint32_t return_count;                 /* 0..HF_LINES_MAX */
    uint32_t return_bytes;                 /* sizeof(hf_line_quantity); set by _init */
} hf_order_amend_args;

/* Arguments of hf_order_get. */
typedef struct hf_order_get_args {
    hf_op_head head;
    hf_id order;
} hf_order_get_args;

/* By what hf_order_list selects. */
typedef enum hf_order_by {
    HF_ORDERS_ALL = 0,         /* by id, which carries the caller's time */
    HF_ORDERS_BY_CUSTOMER = 1, /* those of the customer `text` */
    HF_ORDERS_BY_REF = 2,      /* those with the external reference `text` */
    HF_ORDERS_BY_STATE = 3,    /* those in `state`, through an index */
} hf_order_by;

/*
 * Arguments of hf_order_list: the orders that fit the selector, the state and both times, in order
 * of their ids.
 */
typedef struct hf_order_list_args {
    hf_op_head head;
    const char *text;      /* customer or reference, for BY_CUSTOMER and BY_REF */
    hf_id after;           /* the last id of the page before; all zero: from the start */
    int64_t from_ms;       /* orders whose id has this time or a later one; 0 = any */
    int64_t until_ms;      /* orders whose id has a time before this one; 0 = any */
    uint32_t by;           /* hf_order_by */
    uint32_t state;        /* hf_order_state; HF_ORDER_NONE = any, but not with BY_STATE */
    uint32_t newest_first; /* 0: the smallest id first; 1: the largest id first */
    uint32_t limit;        /* 1..256 */
} hf_order_list_args;

/*
 * The name of a state of orders, as in SQL and JSON, e.g. "CONFIRMED"; "?" for a number that is
 * none. Static. Thread: any. Since 0.1.
 */
HF_API const char *hf_order_state_name(uint32_t state);

/*
 * Defaults: unit "pcs", price_per 1, settles on CONFIRM, from the item of that sku.
 * Thread: any. Since 0.1.
 */
HF_API void hf_line_init(hf_line_args *line, const char *sku, int64_t quantity, int64_t unit_price);

/*
 * Defaults: no customer, series "", no deadline, policy 0, no lines, adjustments or payments.
 * Thread: any. Since 0.1.
 */
HF_API void hf_order_place_init(hf_order_place_args *args, const char *currency);

/*
 * Defaults: the order as given, no lines (= everything possible), refund mode SHARE.
 * For cancel, fulfil and return.
 * Thread: any. Since 0.1.
 */
HF_API void hf_order_units_init(hf_order_units_args *args, const hf_id *order);

/*
 * Defaults: the order as given, nothing changed; `total` must be set.
 * Thread: any. Since 0.1.
 */
HF_API void hf_order_amend_init(hf_order_amend_args *args, const hf_id *order);

/*
 * Defaults: the order as given.
 * Thread: any. Since 0.1.
 */
HF_API void hf_order_get_init(hf_order_get_args *args, const hf_id *order);

/*
 * Defaults: all, oldest first, from the start, limit 100.
 * Thread: any. Since 0.1.
 */
HF_API void hf_order_list_init(hf_order_list_args *args);

/*
 * Places an order: holds every leg and authorizes every payment in one commit, or changes nothing.
 * The order is CONFIRMED at once when payments from accounts make up its total, or with PAY_LATER
 * or IMPORT; CLOSED or CANCELLED when this ends it; else PENDING until providers have answered.
 * With QUEUE it is WAITING when legs are short. Result: hf_order_view.
 * A WAITING order has its number and its place in the queue, holds no stock and asks for no
 * payment; what is reported of its payments counts. When supply comes it is promoted, first come
 * first served: everything is held and the payments without money are authorized
 * (HF_EVENT_PROMOTE). One whose account is short or whose deadline has passed is FAILED. The order
 * then continues as any PENDING one; when an account refuses the promotion itself, the order is
 * CANCELLED. When one operation supplies several accounts, their queues are served in the order in
 * which it supplies them: lines by no, legs by no, moves as given; earlier operations of a batch
 * come first. So of two orders that both need a third account, the one in the first queue gets it,
 * whichever is older. After opening, after a commit that failed, and when more than 1,024 accounts
 * were supplied at once, queues are served in the order of their accounts. An account with
 * `overtake` lets orders that fit pass those that do not. Its supply is offered to all orders that
 * wait on it, the earliest first, before a new order, hold or transfer can take it, also within a
 * batch; only the operations of one chain come before them. Completes with, in this order of checks
 * and after those of hf_op_head: HF_E_UNIT_UNKNOWN; HF_E_LINE_UNKNOWN (of an adjustment);
 * HF_E_OVERFLOW, HF_E_AMOUNT (a line's total below zero); HF_E_TOTAL; of each payment
 * HF_E_DEADLINE, HF_E_CURRENCY, HF_E_ID_REUSED, HF_E_ID_TOO_OLD; HF_E_OVER_PAID (the payments
 * exceed the total); HF_E_DEADLINE; of each line HF_E_SETTLE and of its accounts HF_E_NOT_FOUND,
 * HF_E_FROZEN, HF_E_QUEUED_AHEAD, HF_E_ATTENTION, HF_E_STOCK_SHORT (HF_E_FUNDS_SHORT,
 * HF_E_LIMIT_SHORT by kind), HF_E_MAX_BALANCE; of each payment's account the same. The detail names
 * line or payment and account. Returns 0 when accepted; HF_E_TOO_MANY, HF_E_QUANTITY, HF_E_AMOUNT,
 * HF_E_TEXT_*, HF_E_ID, HF_E_ENUM, HF_E_ABI, HF_E_OVERLOADED, with a provider HF_E_DRAINING after
 * hf_node_drain, and misuse at once: then there is no callback. Thread: loop. Since 0.1.
 */
HF_API int hf_order_place(hf_engine *engine, hf_req *req, const hf_order_place_args *args,
                          hf_done_cb cb);

/*
 * Changes a PENDING or CONFIRMED order, or exchanges units of a CONFIRMED or CLOSED one (CLOSED:
 * with `returns` and new lines only; it is CONFIRMED again and closes when nothing is open). What
 * grows is held, what shrinks is released, all or nothing. New payments are authorized; a CONFIRMED
 * order must then be covered when it owes more than before (not with PAY_LATER). When it owes less,
 * the difference is refunded as far as net exceeds what is owed, out of the last payment first; a
 * host cannot keep it. The order's own adjustments are split anew over all lines, those that are
 * added included, so the worth of other units changes, also of units that were returned before; an
 * adjustment of a line stays with its line. A WAITING order can only become smaller: no line grows,
 * no line and no payment is added, and it owes at most what it owed. It keeps its place in the
 * queue; payments that were not asked for yet shrink, the last one first, and one of which nothing
 * is left is FAILED. When it fits now it is promoted by the same operation. Result: hf_order_view.
 * Completes with, in this order of checks and after those of hf_op_head: HF_E_NOT_FOUND;
 * HF_E_EXPIRED; HF_E_ORDER_STATE (also lines or payments for a WAITING order); HF_E_TOO_MANY;
 * HF_E_ORDER_STATE (the deadline of an order that was confirmed), HF_E_DEADLINE; of each change
 * HF_E_LINE_UNKNOWN, HF_E_ORDER_STATE (more units of a WAITING order), HF_E_OVER_CANCEL (below what
 * is fulfilled and cancelled), HF_E_ORDER_STATE (the price of a line of which units are fulfilled);
 * of what is added as hf_order_place up to HF_E_ID_TOO_OLD; of `returns` as of the quantities of
 * hf_order_return; HF_E_OVER_PAID (new payments exceed what is owed and not covered);
 * HF_E_ORDER_STATE (a WAITING order that would owe more); HF_E_UNPAID; of lines and payments the
 * accounts as hf_order_place; HF_E_PAYMENT_STATE (a refund waits for the answer to a capture),
 * HF_E_MAX_BALANCE. Returns 0 when accepted, else at once as hf_order_place. Thread: loop. Since
 * 0.1.
 */
HF_API int hf_order_amend(hf_engine *engine, hf_req *req, const hf_order_amend_args *args,
                          hf_done_cb cb);

/*
 * Cancels unfulfilled units: their holds are released, authorized money that is not owed any more
 * is voided, and captured money is refunded by refund_mode. A PENDING order is cancelled whole, and
 * a WAITING one without lines; its share is all of net. Units of a WAITING order may be cancelled
 * as by hf_order_amend, and it is not revived after that. Result: hf_order_view. Completes with, in
 * this order of checks and after those of hf_op_head: HF_E_NOT_FOUND; HF_E_EXPIRED;
 * HF_E_ORDER_STATE (also lines of a PENDING order); of each quantity HF_E_LINE_UNKNOWN,
 * HF_E_PLACE_UNKNOWN, HF_E_OVER_CANCEL; of refunds HF_E_NOT_FOUND, HF_E_OVER_REFUND (NAMED),
 * HF_E_PAYMENT_STATE (SHARE: a part of it waits for the answer to a capture), HF_E_MAX_BALANCE (of
 * an account). Returns 0 when accepted, else at once as hf_order_place, and with HF_E_ARGUMENT for
 * `refunds` without NAMED, and for `unpaid` or `elsewhere`. Thread: loop. Since 0.1.
 */
HF_API int hf_order_cancel(hf_engine *engine, hf_req *req, const hf_order_units_args *args,
                           hf_done_cb cb);

/*
 * Fulfils units of a CONFIRMED order: posts their legs and captures what is due. What is due for
 * all units fulfilled so far must be covered, whatever the payments settle on; not with PAY_LATER,
 * and with `unpaid` it is recorded all the same, with attention UNPAID. Result: hf_order_view.
 * Completes with, in this order of checks and after those of hf_op_head: HF_E_NOT_FOUND;
 * HF_E_EXPIRED, HF_E_ORDER_STATE; of each quantity HF_E_LINE_UNKNOWN, HF_E_PLACE_UNKNOWN,
 * HF_E_OVER_FULFIL and of its accounts HF_E_FROZEN, HF_E_STOCK_SHORT (a backorder whose goods are
 * not there; by kind as hf_order_place); HF_E_UNPAID; of the accounts of payments HF_E_FROZEN,
 * HF_E_FUNDS_SHORT.
 * Returns 0 when accepted, else at once as hf_order_place, and with HF_E_ARGUMENT for refunds,
 * `final` or `elsewhere`, HF_E_TEXT_MISSING for `unpaid` without an actor.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_order_fulfil(hf_engine *engine, hf_req *req, const hf_order_units_args *args,
                           hf_done_cb cb);

/*
 * Takes fulfilled units of a CONFIRMED or CLOSED order back: their legs are reversed, to another
 * place when it is named (not with scrap), authorized money that is not owed any more is voided,
 * and captured money is refunded by refund_mode. Result: hf_order_view. Completes with, in this
 * order of checks and after those of hf_op_head: HF_E_NOT_FOUND; HF_E_EXPIRED, HF_E_ORDER_STATE; of
 * each quantity HF_E_LINE_UNKNOWN, HF_E_PLACE_UNKNOWN, HF_E_OVER_RETURN and of its accounts
 * HF_E_NOT_FOUND (no such item at the other place), HF_E_FROZEN, HF_E_STOCK_SHORT (the account that
 * has the units now; by kind as hf_order_place), HF_E_MAX_BALANCE; of refunds as hf_order_cancel.
 * Returns 0 when accepted, else at once as hf_order_cancel, and with HF_E_ARGUMENT for `final`.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_order_return(hf_engine *engine, hf_req *req, const hf_order_units_args *args,
                           hf_done_cb cb);

/*
 * Reads an order with its lines, legs, adjustments and payments, as one read. Result:
 * hf_order_view. Completes with HF_E_NOT_FOUND. Returns 0 when accepted, else at once as
 * hf_order_place. Thread: loop. Since 0.1.
 */
HF_API int hf_order_get(hf_engine *engine, hf_req *req, const hf_order_get_args *args,
                        hf_done_cb cb);

/*
 * Reads a page of orders, without their lines. Result: hf_order_page; fewer rows than `limit` mean
 * the end. With BY_CUSTOMER or BY_REF and a state, one call reads orders in other states until
 * `limit` orders fit. The time of an order is that of its id, which the caller gave. Misuse:
 * HF_E_TEXT_MISSING (BY_CUSTOMER or BY_REF without `text`), HF_E_ENUM (BY_STATE without a state).
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_order_list(hf_engine *engine, hf_req *req, const hf_order_list_args *args,
                         hf_done_cb cb);

#ifdef __cplusplus
}
#endif

#endif
