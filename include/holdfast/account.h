/*
 * account.h - accounts: anything countable, with limits.
 *
 * An account has a balance. held_out is the sum of the remaining amounts of open holds from the
 * account, held_in that of open holds to it. The open units of orders and the authorized money of
 * payments from accounts count as open holds here. available = balance - held_out. No command takes
 * balance below min_balance, available below min_available, or balance + held_in above max_balance.
 * These three limits express every policy: (0, 0, max) is a wallet, (-L, -L, max) a credit line of
 * L, (0, S, max) a safety stock of S and (0, -B, max) a backorder of up to B. A capacity of N is an
 * account opened with N; "once per customer" is a max_balance of 1.
 */
#ifndef HOLDFAST_ACCOUNT_H
#define HOLDFAST_ACCOUNT_H

#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Why a person should look at a record: bits of `attention`. hf_attention_list lists the records
 * with attention, hf_attention_clear clears bits (attention.h). Where a bit is set and what a
 * person does about it:
 * BEYOND_LIMIT, on an account: bring its balance back within its limits, or change the limits. The
 * account accepts no new hold until then.
 * LATE_PAYMENT, UNPAID, MONEY_HELD, on an order: see order.h.
 * UNEXPECTED_FACT, on a fact, its payment and rarely its order: compare payment and provider, and
 * correct the one that is wrong by a command or a report.
 * UNMATCHED_FACT, on a fact: report the message again with the payment that it belongs to.
 * CHARGEBACK, on a fact and its payment: dispute it with the provider, which reports a reversal.
 * COMMAND_REFUSED, on a payment: ask again by hf_payment_capture, hf_payment_void or
 * hf_payment_refund, or resolve it with the provider, which reports the outcome.
 * INVARIANT, on a fact, an order, a payment or a hold: a bug of the library (HF_E_INVARIANT) kept
 * it from being handled. A fact has had no effect and matches no payment: report the same message
 * again, which takes effect as soon as the bug is gone. An order, payment or hold was set aside:
 * the engine neither expires nor promotes it, and an order that is WAITING waits in no queue.
 * Operations of the host work on the record as usual. The engine handles it again when the bit is
 * cleared, or when a newer version of the library opens the store. A transaction that was set aside
 * is parked (hf_txn_unpark).
 */
typedef enum hf_attention {
    HF_ATTENTION_BEYOND_LIMIT = 1,     /* a fact took an account beyond its limits */
    HF_ATTENTION_LATE_PAYMENT = 2,     /* a payment succeeded too late, and its money is returned */
    HF_ATTENTION_UNEXPECTED_FACT = 4,  /* a fact that breaks an expectation */
    HF_ATTENTION_UNMATCHED_FACT = 8,   /* a fact that matches no payment */
    HF_ATTENTION_CHARGEBACK = 16,      /* money was taken back by the payer's bank */
    HF_ATTENTION_COMMAND_REFUSED = 32, /* the provider refused a capture, void or refund */
    HF_ATTENTION_UNPAID = 64,          /* an order owes more than what covers it */
    HF_ATTENTION_MONEY_HELD = 128,     /* an ended order has more money than it owes */
    HF_ATTENTION_INVARIANT = 256,      /* a bug of the library kept a record from being handled */
} hf_attention;

/* An account as stored. */
typedef struct hf_account {
    hf_account_ref key;
    int64_t balance;
    int64_t held_out; /* sum of the remaining amounts of open holds from this account */
    int64_t held_in;  /* sum of the remaining amounts of open holds to this account */
    int64_t min_balance;
    int64_t min_available;
    int64_t max_balance;
    int64_t created_at_ms;
    int64_t updated_at_ms;
    uint64_t version;
    uint64_t waiting;   /* number of orders that wait on the account */
    uint32_t frozen;    /* 1: new holds and moves out of it are refused */
    uint32_t overtake;  /* 1: orders that fit need not wait for older ones that do not */
    uint32_t attention; /* hf_attention bits */
    uint32_t reserved;
    const void *meta;
    uint64_t meta_bytes;
} hf_account;

/* What a put does, depending on whether the account exists. */
typedef enum hf_put_mode {
    HF_PUT_ANY = 0,            /* open it, or change the fields of the mask */
    HF_PUT_NEW = 1,            /* open it; HF_E_EXISTS when it exists */
    HF_PUT_OPEN_IF_ABSENT = 2, /* open it, or leave it exactly as it is */
    HF_PUT_CHANGE = 3,         /* change the fields of the mask; HF_E_NOT_FOUND when absent */
} hf_put_mode;

/* Fields that a put changes on an existing account. Opening an account uses all of them. */
#define HF_PUT_MIN_BALANCE   1u
#define HF_PUT_MIN_AVAILABLE 2u
#define HF_PUT_MAX_BALANCE   4u
#define HF_PUT_FROZEN        8u
#define HF_PUT_OVERTAKE      16u

/* Arguments of hf_account_put and hf_item_put. */
typedef struct hf_account_put_args {
    hf_op_head head;
    hf_account_key key;
    uint32_t mode;       /* hf_put_mode */
    uint32_t mask;       /* HF_PUT_* bits */
    int64_t opening;     /* balance to open with, from the world; >= 0; only when it is opened */
    int64_t min_balance; /* <= max_balance */
    int64_t min_available;
    int64_t max_balance;
    uint32_t frozen;    /* 0 or 1 */
    uint32_t overtake;  /* 0 or 1 */
    int32_t unit_scale; /* 0..18 declares the unit at its first use; -1: it must be declared
                           (see also hf_unit_put) */
    uint32_t reserved;
} hf_account_put_args;

/* Arguments of hf_account_deposit, _withdraw, _transfer and hf_item_receive. */
typedef struct hf_move_args {
    hf_op_head head;
    hf_account_key from; /* the world for deposit and receive */
    hf_account_key to;   /* the world for withdraw */
    int64_t amount;      /* > 0 */
} hf_move_args;

/* How an adjustment expresses what was counted. */
typedef enum hf_adjust_mode {
    HF_ADJUST_BY = 0, /* `quantity` is the difference, not 0 */
    HF_ADJUST_TO = 1, /* `quantity` is the balance that was counted */
} hf_adjust_mode;

/* Arguments of hf_account_adjust and hf_item_adjust. */
typedef struct hf_account_adjust_args {
    hf_op_head head;
    hf_account_key key;
    uint32_t mode; /* hf_adjust_mode */
    uint32_t reserved;
    int64_t quantity;
} hf_account_adjust_args;

/* Arguments of hf_account_get and hf_item_get. */
typedef struct hf_account_get_args {
    hf_op_head head;
    hf_account_key key;
} hf_account_get_args;

/* Arguments of hf_account_list and hf_item_list: in key order, starting after `after`. */
typedef struct hf_account_list_args {
    hf_op_head head;
    hf_account_key after; /* the world: from the first of `kind` */
    uint32_t kind;        /* hf_kind; 0 = all kinds; items: ignored */
    uint32_t limit;       /* 1..256 */
} hf_account_list_args;

/* Result of a list: rows in key order; fewer than `limit` means the end. */
typedef struct hf_account_page {
    const hf_account *const *rows;
    uint32_t count;
    uint32_t reserved;
} hf_account_page;

/*
 * The name of a kind of accounts, as in SQL and JSON, e.g. "ITEM"; "?" for a number that is none.
 * Static. Thread: any. Since 0.1.
 */
HF_API const char *hf_kind_name(uint32_t kind);

/*
 * Defaults: mode ANY, mask 0, limits (0, 0, INT64_MAX), opening 0, unit_scale -1, `key` as given
 * (kind, name, unit; place ""). Texts are borrowed until the call that takes the struct returns.
 * Thread: any. Since 0.1.
 */
HF_API void hf_account_put_init(hf_account_put_args *args, uint32_t kind, const char *name,
                                const char *unit);

/*
 * Defaults: from and to the world, amount 0.
 * Thread: any. Since 0.1.
 */
HF_API void hf_move_init(hf_move_args *args);

/*
 * Defaults: the key as given, place "", mode BY, quantity 0.
 * Thread: any. Since 0.1.
 */
HF_API void hf_account_adjust_init(hf_account_adjust_args *args, uint32_t kind, const char *name,
                                   const char *unit);

/*
 * Defaults: the key as given, place "".
 * Thread: any. Since 0.1.
 */
HF_API void hf_account_get_init(hf_account_get_args *args, uint32_t kind, const char *name,
                                const char *unit);

/*
 * Defaults: all kinds, from the first, limit 100.
 * Thread: any. Since 0.1.
 */
HF_API void hf_account_list_init(hf_account_list_args *args);

/*
 * Opens an account or changes its limits. Result: hf_account.
 * Completes with HF_E_EXISTS or HF_E_NOT_FOUND by mode, HF_E_UNIT_UNKNOWN, HF_E_UNIT_SCALE,
 * HF_E_MAX_BALANCE (opening above max), HF_E_ARGUMENT (min above max, a mask bit unknown),
 * HF_E_VERSION_MOVED, HF_E_ID_REUSED. A limit may be set tighter than the present balance: the
 * account then accepts no new hold until its balance is within the limits again.
 * Returns 0 when accepted, or a misuse or HF_E_OVERLOADED at once: then there is no callback.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_account_put(hf_engine *engine, hf_req *req, const hf_account_put_args *args,
                          hf_done_cb cb);

/*
 * Moves `amount` from the world into `to` (`from` must be the world). Result: hf_account of `to`.
 * Completes with HF_E_NOT_FOUND, HF_E_MAX_BALANCE, HF_E_ID_REUSED, HF_E_VERSION_MOVED.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_account_deposit(hf_engine *engine, hf_req *req, const hf_move_args *args,
                              hf_done_cb cb);

/*
 * Moves `amount` from `from` to the world (`to` must be the world). Result: hf_account of `from`.
 * Completes with HF_E_NOT_FOUND, HF_E_FUNDS_SHORT (HF_E_STOCK_SHORT, HF_E_LIMIT_SHORT by kind),
 * HF_E_FROZEN, HF_E_QUEUED_AHEAD, HF_E_ID_REUSED, HF_E_VERSION_MOVED.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_account_withdraw(hf_engine *engine, hf_req *req, const hf_move_args *args,
                               hf_done_cb cb);

/*
 * Moves `amount` between two accounts of one unit. Result: hf_account of `from`.
 * Completes as hf_account_withdraw and hf_account_deposit, and HF_E_CURRENCY when the units
 * differ, HF_E_ARGUMENT when both are the same account.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_account_transfer(hf_engine *engine, hf_req *req, const hf_move_args *args,
                               hf_done_cb cb);

/*
 * Corrects the balance of an account to what was counted or decided elsewhere: a stock-take, a
 * purchase that the bank reversed. The difference is moved from the world or to the world. An
 * adjustment is a fact: it is recorded whatever the limits are. A balance beyond the limits raises
 * HF_ATTENTION_BEYOND_LIMIT, and the account accepts no new hold until its balance is within the
 * limits again. A difference above 0 promotes orders that wait for the account. Result: hf_account.
 * Completes with HF_E_NOT_FOUND, HF_E_OVERFLOW, HF_E_ID_REUSED, HF_E_VERSION_MOVED; HF_E_QUANTITY
 * for a difference of 0.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_account_adjust(hf_engine *engine, hf_req *req, const hf_account_adjust_args *args,
                             hf_done_cb cb);

/*
 * Reads one account. Result: hf_account. Completes with HF_E_NOT_FOUND.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_account_get(hf_engine *engine, hf_req *req, const hf_account_get_args *args,
                          hf_done_cb cb);

/*
 * Reads a page of accounts in key order (kind, name, place, unit). Result: hf_account_page.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_account_list(hf_engine *engine, hf_req *req, const hf_account_list_args *args,
                           hf_done_cb cb);

#ifdef __cplusplus
}
#endif

#endif
