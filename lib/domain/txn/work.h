/*
 * work.h - a transaction with its branches while one operation changes it.
 *
 * Loaded as copies, moved by the state machines, advanced as far as it goes, stored as a whole:
 * what did not change is not written, and when nothing changed there is no event.
 */
#ifndef HF_DOMAIN_TXN_WORK_H
#define HF_DOMAIN_TXN_WORK_H

#include "domain/core/load.h"
#include "domain/txn/state.h"
#include "domain/txn/txn.h"

/* Why the decision to confirm could not be carried out; see hf__txn_guarded. */
typedef struct hf__txn_block {
    bool hit;  /* a movement, or the books of a command, refused */
    bool deny; /* second round: do without it, for this reason */
    hf_name reason;
} hf__txn_block;

/* The positions of the rows of a move in the draft, see hf__draft_load. */
typedef struct hf__txn_move_rows {
    uint32_t hold; /* 0: the move has none yet */
    uint32_t from; /* 0: the world */
    uint32_t to;
} hf__txn_move_rows;

typedef struct hf__txn_work {
    hf__draft *draft;
    hf_txn row;
    uint64_t epoch; /* of its shard's lease */
    hf_branch *branches;
    bool *dirty;              /* each branch */
    uint32_t *branch_at;      /* where the draft has the row of each branch that has one */
    hf__txn_move_rows *moves; /* of a TRYING transaction, each; else NULL */
    uint32_t at;              /* where the draft has the row; fresh: unused */
    uint32_t count;
    uint32_t old_count; /* branches that have a row */
    bool fresh;         /* the transaction has none */
    bool changed;
    hf__txn_block *block;
} hf__txn_work;

/* ---- load.c ---- */

/*
 * Reads a transaction with its branches, and memory for one branch more; *out NULL: there is none.
 * 0; HF__MISSING when the view does not have a row, and then the other rows are named nevertheless;
 * HF_E_NOMEM; HF_E_INVARIANT: the store has lost a branch.
 */
int hf__txn_read(hf__draft *draft, const hf_id *id, hf__txn_work **out);

/*
 * Names a transaction and the rows that may change with it: its lease, its branches and, until it
 * is decided, its holds and their accounts. Returns it when it is there and nothing is missing.
 */
hf__txn_work *hf__txn_name(hf__draft *draft, const hf_id *id);

/* Who changes a transaction. */
typedef enum hf__txn_by {
    HF__TXN_BY_CALLER = 0, /* its host, or an operator: decided on the rows as they are */
    HF__TXN_BY_DRIVER,     /* the engine, of what it has called: only while it holds the shard */
} hf__txn_by;

/*
 * The transaction that hf__txn_name has named, after the check of its lease. 0, HF_E_FENCED,
 * HF_E_NOT_FOUND.
 */
int hf__txn_loaded(hf__draft *draft, const hf_id *id, hf__txn_by by, hf__txn_work **out);

/*
 * A transaction that exists and that the operation is not about, after the check of its lease; its
 * rows are named. 0, HF_E_FENCED, HF_E_NOMEM.
 */
int hf__txn_open(hf__draft *draft, const hf_id *id, hf__txn_work **out);

/* A new one with capacity for `branches`; row.id is set. */
int hf__txn_new(hf__draft *draft, const hf_id *id, uint32_t branches, hf__txn_work **out);

/* An event of the transaction, or of its branch with the index `at`. The caller knows that it is
 * possible. */
int hf__txn_move(hf__txn_work *work, hf__txn_event event);
int hf__txn_move_branch(hf__txn_work *work, uint32_t at, hf__branch_event event);

/* A line of the history: `about` without transaction, number, time and epoch. */
int hf__txn_record(hf__txn_work *work, const hf_attempt *about);

/* Writes what changed; subject and result of the operation. */
int hf__txn_store(hf__txn_work *work);

/* Writes what changed of a transaction that the operation is not about. */
int hf__txn_keep(hf__txn_work *work);

/* When it is looked at next. */
int64_t hf__txn_due(const hf__txn_work *work);

/* Whether the deadline of the transaction has passed. */
bool hf__txn_late(const hf__txn_work *work);

/* The result of a repeated operation. */
int hf__txn_answer_again(hf__draft *draft, const hf_id *id);

/*
 * Runs `body`; when the confirmation it led to is refused by an account, runs `load` and it again
 * on an empty draft with block->deny: then the transaction is cancelled for that reason, or parked
 * when what was done outside cannot be undone.
 */
typedef int (*hf__txn_body)(const hf__operation *op, hf__draft *draft, hf__txn_block *block);
int hf__txn_guarded(const hf__operation *op, hf__draft *draft, hf__load_fn load, hf__txn_body body);

/* ---- moves.c ---- */

/* Held or moved at once, between the rows that hf__load_txn_submit has named; the detail names the
 * move. */
int hf__txn_moves_hold(hf__draft *draft, const hf_txn *txn, const hf_txn_args *args);
int hf__txn_moves_now(hf__draft *draft, const hf_txn_args *args);

/* Names the hold of a move and the accounts of that. */
void hf__txn_name_move(hf__draft *draft, const hf_id *txn, uint32_t no, hf__txn_move_rows *out);

/* Every hold of the transaction is posted or released, whole. */
int hf__txn_moves_end(hf__txn_work *work, bool post);

/* The hold of a move, from 1. */
void hf__txn_hold_id(const hf_id *txn, uint32_t no, hf_id *out);

/* ---- advance.c ---- */

/*
 * Applies all that follows from the rows: next groups, the decision, the order of the branches, the
 * end.
 */
int hf__txn_advance(hf__txn_work *work);

/* Whether the decision waits for the branch: all do, but those after a pivot. */
bool hf__txn_decides(const hf__txn_work *work, const hf_branch *branch);

/* Decides to cancel. */
int hf__txn_cancel(hf__txn_work *work, const char *reason);

/* Whether everything succeeded but one ONE_PHASE branch whose outcome is not known. */
bool hf__txn_in_doubt(const hf__txn_work *work);

/* From now on such a branch is only queried, never tried. */
void hf__txn_ask_only(hf__txn_work *work);

/* Parks the transaction for a person. */
void hf__txn_park(hf__txn_work *work, const char *reason);

/* Why it was cancelled, as far as its rows show. */
void hf__txn_cancel_reason(const hf__txn_work *work, hf_name *out);

/* ---- drive/drive.c ---- */

/* A try's outcome is known: the branch moves, and for a command the payment is updated. */
int hf__txn_tried(hf__txn_work *work, uint32_t at, const hf__txn_answer *answer);

/* ---- drive/act.c ---- */

/*
 * Resumes a transaction that an older version of the library has set aside; nothing happens when it
 * is not parked.
 */
int hf__txn_resume(hf__draft *draft, const hf_id *id);

/* ---- handlers ---- */

int hf__decide_txn_drive(const hf__operation *op, hf__draft *draft);
void hf__load_txn_drive(const hf__operation *op, hf__draft *draft);

#endif
