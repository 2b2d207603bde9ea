/*
 * erase.h - erases the personal data of a customer; the books stay as they are.
 *
 * holdfast keeps personal data in few columns: meta of orders, accounts, holds and transactions;
 * the customer and the external reference of an order; and the texts of transactions (the payload
 * of a branch, what a participant answered, the reason of a cancellation). hf_erase removes or
 * replaces them in any state of the record. Amounts, states, times, ids and numbers do not change,
 * so orders that wait or are pending continue as before, hf_verify finds the same books, and
 * hf_retention removes a record no later than it would have. The version of an erased record moves
 * by one.
 *
 * What is not erased, and why:
 * - Fingerprints of requests stay. They are hashes of 128 bits over the whole request: the same
 *   request with the same id still gets its first answer. Somebody with the rest of a request can
 *   check a guess of a short customer name against the hash.
 * - Events never carry meta or a customer. They carry the actor of an operation, the reason of
 *   hf_attention_clear and names of accounts. The host writes pseudonyms there; hf_retention
 *   removes old events.
 * - Names of accounts, items and series, and the references of payment providers (provider_ref,
 *   fact_ref) are keys of the books: other records name them. A wallet is named by a pseudonym.
 * - Payments have no text of their own. The transactions that ask a provider have, and are erased
 *   with their order.
 * - The actor of what an operator did to a transaction stays in its history. The reason is a text
 *   of the transaction and is erased.
 *
 * When the erased bytes are gone from the disk:
 * - From every read: when the call completes. hf_backup copies the erased state from then on.
 * - From the journal (PATH.journal beside the store): its segments keep the old record until they
 *   are used again, and are removed when the engine is closed in good order (hf_engine_close).
 * - From an SQLite store: the engine sets PRAGMA secure_delete, so the next checkpoint overwrites
 *   the bytes in the file. The log (PATH-wal) keeps them until its frames are written over, and is
 *   removed when the engine is closed in good order.
 * - From an LMDB store: the old pages are free and keep their bytes until LMDB writes them again,
 *   and so may the unused part of a page. hf_backup and hf_restore copy pages as they are. LMDB's
 *   compacting copy (mdb_copy -n -c FROM TO, of a store that no engine has open) writes a file that
 *   has what is stored and nothing else; it opens as a store.
 * - Deleting or overwriting a file does not clear the blocks of a disk: only the file system and
 *   the encryption of the disk can do that.
 * - Backups that were made before, and copies that a host, a consumer of events or an operator
 *   made, keep what they have. A restored backup has the text again: erase it again. The events say
 *   which records were erased (HF_CHANGE_ERASED), so a consumer can follow.
 * For certainty: erase, copy the store into a new file, put the copy in the store's place and
 * delete the old file. The copy of an SQLite store is that of hf_backup; the copy of an LMDB store
 * is the compacting copy, made after the engine was closed.
 */
#ifndef HOLDFAST_ERASE_H
#define HOLDFAST_ERASE_H

#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What names the records that are erased. */
typedef enum hf_erase_by {
    HF_ERASE_BY_ORDER = 0,    /* `record`: an order */
    HF_ERASE_BY_CUSTOMER = 1, /* `customer`: every order that has this customer */
    HF_ERASE_BY_ACCOUNT = 2,  /* `account` */
    HF_ERASE_BY_HOLD = 3,     /* `record`: a hold without an order */
    HF_ERASE_BY_TXN = 4,      /* `record`: a transaction that has ended */
} hf_erase_by;

/* What is erased: bits of hf_erase_args.what. */
#define HF_ERASE_META     1u /* meta of the record: replaced by head.meta, removed without one */
#define HF_ERASE_CUSTOMER 2u /* of an order: replaced by `replacement`, removed without one */
#define HF_ERASE_REF      4u /* of an order: external_ref is removed */
#define HF_ERASE_TEXTS                                                                             \
    8u /* payload, detail and reason of an ended transaction, and of those that asked the          \
          providers of an order's payments */

/* Arguments of hf_erase. */
typedef struct hf_erase_args {
    hf_op_head head; /* meta: what takes the place of the meta; expected_version: not by CUSTOMER */
    hf_id record;    /* BY_ORDER, BY_HOLD, BY_TXN: its id; else all zero */
    hf_account_key account;  /* BY_ACCOUNT; else the world */
    const char *customer;    /* BY_CUSTOMER; else NULL or "" */
    const char *replacement; /* pseudonym that takes the customer's place, 0..63 bytes; NULL or "":
                                the order has no customer afterwards */
    uint32_t by;             /* hf_erase_by */
    uint32_t what;           /* HF_ERASE_* bits */
    uint32_t limit;          /* records changed in this call, 1..256 */
    uint32_t reserved;       /* 0 */
} hf_erase_args;

/* Result of hf_erase. */
typedef struct hf_erase_result {
    uint64_t records; /* changed by this call: orders, accounts, holds, and of transactions each
                         branch and each entry of the history; 0: there was nothing to erase */
    uint64_t orders;  /* of them: orders that this call has erased */
    uint32_t open;    /* transactions examined that have not ended: their texts stay until then */
    uint32_t more;    /* 1: the limit was reached, call again with a new id; 0: all is erased */
} hf_erase_result;

/*
 * Defaults: the order `record` (NULL: none), META, CUSTOMER and TEXTS, removed, limit 256. Set `by`
 * and what it names for anything else. Thread: any. Since 0.1.
 */
HF_API void hf_erase_init(hf_erase_args *args, const hf_id *record);

/*
 * Erases a page of at most `limit` records in one commit, and writes one event that names them and
 * has no content (HF_CHANGE_ERASED); nothing to erase writes none. Result: hf_erase_result. While
 * `more` is 1, call again with the same arguments and a new head.id. An order's transactions come
 * first and the order itself last, so what is left is always found again the same way.
 *
 * By CUSTOMER the orders are found by their customer, and no longer are once they are erased; a
 * customer without orders is no error. An order whose transactions have not all ended (`open`) is
 * erased nevertheless: erase it again by its id, which the event names, when they have.
 *
 * A repeated head.id changes nothing; its result has records 0, and `more` as it is at that time.
 *
 * Completes with HF_E_NOT_FOUND (no such order, account, hold or transaction), HF_E_TXN_STATE (the
 * transaction has not ended), HF_E_VERSION_MOVED, HF_E_TOO_MANY (the records of the page do not fit
 * hf_options.batch_bytes_max: give a smaller limit; a record with full meta takes 16 KiB).
 * Returns 0 when accepted, else at once as hf_account_put, and HF_E_ARGUMENT for a selector that
 * does not belong to `by`, for `what` 0 or without CUSTOMER by CUSTOMER, for a replacement that is
 * the customer, or that nothing of `what` uses, and for expected_version by CUSTOMER; HF_E_ID and
 * HF_E_TEXT_MISSING when what `by` names is missing.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_erase(hf_engine *engine, hf_req *req, const hf_erase_args *args, hf_done_cb cb);

#ifdef __cplusplus
}
#endif

#endif
