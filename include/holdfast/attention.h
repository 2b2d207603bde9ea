/*
 * attention.h - lists the records that a person should look at, and clears their attention bits.
 *
 * account.h says what each bit means and what a person does about it.
 */
#ifndef HOLDFAST_ATTENTION_H
#define HOLDFAST_ATTENTION_H

#include <holdfast/account.h>
#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hf_account;
struct hf_order;
struct hf_payment;
struct hf_fact;
struct hf_hold;

/* What raised attention. */
typedef enum hf_attention_subject {
    HF_ATTENTION_ON_ACCOUNT = 0,
    HF_ATTENTION_ON_ORDER = 1,
    HF_ATTENTION_ON_PAYMENT = 2,
    HF_ATTENTION_ON_FACT = 3,
    HF_ATTENTION_ON_HOLD = 4,
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
    hf_id after_id;               /* order, payment or hold; all zero: from the start */
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
    const struct hf_payment *const *payments;
    const struct hf_fact *const *facts;
    const struct hf_hold *const *holds;
} hf_attention_page;

/* Arguments of hf_attention_clear. The field that fits `subject` names the record. */
typedef struct hf_attention_clear_args {
    hf_op_head head;
    uint32_t subject; /* hf_attention_subject */
    uint32_t bits;    /* hf_attention bits to clear */
    hf_account_key account;
    hf_id id; /* order, payment or hold */
    const char *provider;
    const char *fact_ref;
    uint32_t kind; /* of the fact */
    uint32_t reserved;
    const char *reason; /* 1..63 bytes, kept in the event */
} hf_attention_clear_args;

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
 * Reads a page of records with attention (account.h says what each bit means and what a person
 * does). Result: hf_attention_page; fewer than `limit` means the end.
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_attention_list(hf_engine *engine, hf_req *req, const hf_attention_list_args *args,
                             hf_done_cb cb);

/*
 * Clears attention bits of a record; actor (head.actor) and reason stay in the event. An account
 * that is still beyond its limits keeps HF_ATTENTION_BEYOND_LIMIT. HF_ATTENTION_MONEY_HELD on an
 * order: the money in hand beyond what the order owes is counted as kept (hf_order.kept) and owed
 * from then on; while a refund of one of its payments is requested, the bit stays and nothing is
 * counted. HF_ATTENTION_INVARIANT on an order, payment or hold: the engine handles the record
 * again; a WAITING order returns to its old position in its queues. No result struct. Completes
 * with HF_E_NOT_FOUND, HF_E_ID_REUSED, HF_E_VERSION_MOVED. Returns 0 when accepted, else at once as
 * hf_order_place. Thread: loop. Since 0.1.
 */
HF_API int hf_attention_clear(hf_engine *engine, hf_req *req, const hf_attention_clear_args *args,
                              hf_done_cb cb);

#ifdef __cplusplus
}
#endif

#endif
