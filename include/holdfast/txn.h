/*
 * txn.h - transactions over accounts of the store and outside participants: TCC and saga.
 *
 *                 every try succeeded             every confirm answered
 *     - -> TRYING ------------------> CONFIRMING ------------------------> CONFIRMED
 *             \ refused, aborted,
 *              \  deadline passed                 every cancel answered
 *               `-----------------> CANCELLING ------------------------> CANCELLED
 *
 * The step out of TRYING is the decision; after it the direction never changes. PARKED is a flag
 * beside the state: a person must look at the transaction. Until then no participant is called, and
 * the transaction keeps its state.
 *
 * A transaction has moves (between accounts of this store, or with the world) and branches (outside
 * participants). Moves are held when the transaction is accepted, posted with the decision to
 * confirm, released with the decision to cancel. Without branches all of it is one commit.
 *
 * The outcome of a transaction is in the store; hf_txn_get reads it.
 */
#ifndef HOLDFAST_TXN_H
#define HOLDFAST_TXN_H

#include <holdfast/participant.h>
#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HF_BRANCHES_MAX 64    /* branches of one transaction */
#define HF_MOVES_MAX    4096  /* moves of one transaction */
#define HF_PAYLOAD_MAX  16384 /* bytes of one branch's payload */
#define HF_SHARDS       64    /* transactions are spread over so many shards */

/* How the branches of a transaction are run. */
typedef enum hf_txn_kind {
    HF_TXN_TCC = 0,     /* try all, then confirm all or cancel all */
    HF_TXN_SAGA = 1,    /* do steps in the order of their groups, or undo them in reverse */
    HF_TXN_COMMAND = 2, /* one command to a payment provider; made by the engine only */
} hf_txn_kind;

/* States of a transaction. */
typedef enum hf_txn_state {
    HF_TXN_NONE = 0,
    HF_TXN_TRYING = 1,
    HF_TXN_CONFIRMING = 2,
    HF_TXN_CONFIRMED = 3,
    HF_TXN_CANCELLING = 4,
    HF_TXN_CANCELLED = 5,
} hf_txn_state;

/* States of a branch. */
typedef enum hf_branch_state {
    HF_BRANCH_NONE = 0,
    HF_BRANCH_WAITING = 1,    /* not started: a group before it has not ended */
    HF_BRANCH_TRYING = 2,     /* may have been called */
    HF_BRANCH_TRIED = 3,      /* its try succeeded */
    HF_BRANCH_REFUSED = 4,    /* its try refused: there is nothing to cancel */
    HF_BRANCH_CONFIRMING = 5, /* must confirm */
    HF_BRANCH_CONFIRMED = 6,
    HF_BRANCH_CANCELLING = 7, /* must cancel */
    HF_BRANCH_CANCELLED = 8,
} hf_branch_state;

/* Flags of a branch. */
#define HF_BRANCH_PIVOT 1u /* saga: its success is the decision */

/* Until when a submission waits for its callback. */
typedef enum hf_txn_wait {
    HF_TXN_ACCEPTED = 0, /* it is durable and will end */
    HF_TXN_DECIDED = 1,  /* confirm or cancel is decided, and moves are posted or released */
    HF_TXN_FINISHED = 2, /* every branch has answered */
} hf_txn_wait;

/*
 * Bits of a transaction of kind COMMAND. FINAL: hf_call.final of its calls. REPORTED: a report
 * ended the command (payment.h), and its answer is still possible; the answer clears the bit.
 * NAMED: the report had a `reference`, so an answer with another one is another movement of money.
 */
#define HF_TXN_FINAL    1u /* the last capture of its payment */
#define HF_TXN_REPORTED 2u /* ended by a report, and not answered since */
#define HF_TXN_NAMED    4u /* ended by a report that named the movement */

/* A transaction as stored. */
typedef struct hf_txn {
    hf_id id;
    uint8_t fingerprint[16];
    hf_id payment; /* of a COMMAND; else all zero */
    int64_t deadline_ms;
    int64_t due_ms; /* when the coordinator looks at it next; 0: it has ended, or is parked */
    int64_t created_at_ms;
    int64_t decided_at_ms;
    int64_t ended_at_ms;
    int64_t updated_at_ms;
    int64_t amount; /* of a COMMAND */
    uint64_t epoch; /* of its shard's lease when it was written last */
    uint64_t version;
    hf_name reason;        /* why it was cancelled or parked; else empty */
    uint32_t kind;         /* hf_txn_kind */
    uint32_t state;        /* hf_txn_state */
    uint32_t parked;       /* 1: a person must look */
    uint32_t open;         /* 1: begun, hf_txn_seal has not been called */
    uint32_t shard;        /* 0..HF_SHARDS-1 */
    uint32_t branch_count; /* branches with a record */
    uint32_t move_count;   /* moves */
    uint32_t attempts;     /* entries of its history */
    uint32_t command;      /* of a COMMAND: hf_command */
    uint32_t flags;        /* HF_TXN_* bits */
    const void *meta;
    uint64_t meta_bytes;
} hf_txn;

/* A branch as stored. */
typedef struct hf_branch {
    hf_id txn;
    hf_name participant;
    hf_name detail;   /* of its last answer */
    int64_t due_ms;   /* when it is called next; 0: nothing to call */
    int64_t first_ms; /* of the first answer of this phase; 0: none */
    int64_t amount;   /* of the answer to its try */
    int64_t updated_at_ms;
    uint64_t epoch; /* of the shard's lease when its try was started */
    uint32_t no;    /* from 1 */
    uint32_t participant_version;
    uint32_t participant_flags; /* HF_PARTICIPANT_* when it was added */
    uint32_t flags;             /* HF_BRANCH_* */
    uint32_t group;             /* order among the tries; 0 first */
    uint32_t state;             /* hf_branch_state */
    uint32_t attempts;          /* answers in this phase */
    uint32_t answer;            /* hf_answer: the last of this phase */
    const void *payload;
    uint64_t payload_bytes;
} hf_branch;

/* One attempt, or one act of an operator, as stored. */
typedef struct hf_attempt {
    hf_id txn;
    hf_name actor;  /* who did it; empty: the engine */
    hf_name detail; /* what was answered, or the operator's reason */
    int64_t at_ms;
    uint64_t epoch;
    uint32_t no;     /* from 1, in the transaction */
    uint32_t branch; /* 0: the transaction */
    uint32_t phase;  /* hf_phase */
    uint32_t answer; /* hf_answer; NONE: an operator's act or the engine's own decision */
} hf_attempt;

/* A transaction with its branches. */
typedef struct hf_txn_view {
    const hf_txn *txn;
    const hf_branch *const *branches; /* by no */
    uint32_t branch_count;
    uint32_t reserved;
} hf_txn_view;

/* One movement in arguments: `amount` from one account to the other; one may be the world. */
typedef struct hf_txn_move_args {
    hf_account_key from;
    hf_account_key to;
    int64_t amount; /* > 0 */
} hf_txn_move_args;

/* One branch in arguments. */
typedef struct hf_branch_args {
    const char *participant; /* name of a registered participant */
    const void *payload;     /* given to each of its calls; may be NULL */
    uint64_t payload_bytes;  /* 0..HF_PAYLOAD_MAX */
    uint32_t version;        /* of the participant */
    uint32_t group;          /* order among the tries; branches of one group run in parallel */
    uint32_t flags;          /* HF_BRANCH_* */
    uint32_t reserved;
} hf_branch_args;

/* Arguments of hf_txn_submit and hf_txn_begin. head.id is the transaction's id. */
typedef struct hf_txn_args {
    hf_op_head head;
    const hf_txn_move_args *moves; /* 0..HF_MOVES_MAX */
    uint32_t move_count;
    uint32_t move_bytes;            /* sizeof(hf_txn_move_args) */
    const hf_branch_args *branches; /* 0..HF_BRANCHES_MAX */
    uint32_t branch_count;
    uint32_t branch_bytes; /* sizeof(hf_branch_args) */
    int64_t deadline_ms;   /* no decision by then: cancelled; 0: 30 s from the batch's time */
    uint32_t kind;         /* hf_txn_kind: TCC or SAGA */
    uint32_t wait;         /* hf_txn_wait; hf_txn_begin ignores it */
    int64_t wait_ms;       /* how long the callback waits for that, once accepted: then it gets
                              HF_E_UNKNOWN. 0: until a minute after the deadline */
} hf_txn_args;

/* Arguments of hf_txn_branch. */
typedef struct hf_txn_branch_args {
    hf_op_head head;
    hf_id txn;
    hf_branch_args branch;
} hf_txn_branch_args;

/* Arguments of hf_txn_seal. */
typedef struct hf_txn_seal_args {
    hf_op_head head;
    hf_id txn;
    uint32_t wait;   /* hf_txn_wait */
    uint32_t keep;   /* 1: an account that refuses to post a move refuses the seal, and the
                        transaction stays begun with its moves held. 0: it is cancelled then */
    int64_t wait_ms; /* as in hf_txn_args */
} hf_txn_seal_args;

/* Arguments of hf_txn_abort and of the operators: head.actor and reason stay in the history. */
typedef struct hf_txn_act_args {
    hf_op_head head;
    hf_id txn;
    const char *reason; /* 1..63 bytes */
    uint32_t branch;    /* resolve: which, from 1; else 0 */
    uint32_t answer;    /* resolve: HF_ANSWER_OK or HF_ANSWER_REJECTED (of a try); else 0 */
} hf_txn_act_args;

/* Arguments of hf_txn_get. */
typedef struct hf_txn_get_args {
    hf_op_head head;
    hf_id txn;
} hf_txn_get_args;

/* What hf_txn_list lists. */
typedef enum hf_txn_which {
    HF_TXN_WHICH_ALL = 0,    /* by id */
    HF_TXN_WHICH_OPEN = 1,   /* not ended, by id */
    HF_TXN_WHICH_PARKED = 2, /* parked, by id */
    HF_TXN_WHICH_DUE = 3,    /* not ended and not parked, by due time */
} hf_txn_which;

/* Arguments of hf_txn_list. */
typedef struct hf_txn_list_args {
    hf_op_head head;
    hf_id after;             /* last id of the page before; all zero: from the start */
    int64_t after_ms;        /* DUE: due_ms of the last one */
    int64_t created_to_ms;   /* only those created before; 0: all */
    const char *participant; /* only those with a branch of it that has not ended; NULL: all */
    uint32_t which;          /* hf_txn_which */
    uint32_t state;          /* only this hf_txn_state; 0: all */
    uint32_t limit;          /* 1..256 */
    uint32_t reserved;
} hf_txn_list_args;

/* A page of transactions. */
typedef struct hf_txn_page {
    const hf_txn *const *rows;
    uint32_t count;
    uint32_t at_end; /* 1: nothing follows. Filters may leave a page short of its limit */
    hf_id next;      /* `after` and `after_ms` of the next page */
    int64_t next_ms;
} hf_txn_page;

/* Arguments of hf_txn_history. */
typedef struct hf_txn_history_args {
    hf_op_head head;
    hf_id txn;
    uint32_t after_no; /* 0: from the start */
    uint32_t limit;    /* 1..256 */
} hf_txn_history_args;

/* A page of a transaction's history; fewer than `limit` means the end. */
typedef struct hf_attempt_page {
    const hf_attempt *const *rows;
    uint32_t count;
    uint32_t reserved;
} hf_attempt_page;

/*
 * The name of a state of transactions, as in SQL and JSON, e.g. "CONFIRMING"; "?" for a number that
 * is none. Static. Thread: any. Since 0.1.
 */
HF_API const char *hf_txn_state_name(uint32_t state);

/*
 * The name of a state of branches, as in SQL and JSON, e.g. "TRIED"; "?" for a number that is none.
 * Static. Thread: any. Since 0.1.
 */
HF_API const char *hf_branch_state_name(uint32_t state);

/*
 * Defaults: TCC, no moves, no branches, deadline 0 (30 s), waits until FINISHED, for wait_ms 0.
 * Thread: any. Since 0.1.
 */
HF_API void hf_txn_init(hf_txn_args *args);

/*
 * Defaults: version 1 of the participant, no payload, group 0, no flags.
 * Thread: any. Since 0.1.
 */
HF_API void hf_branch_init(hf_branch_args *branch, const char *participant);

/*
 * Defaults: the transaction as given, a branch as hf_branch_init.
 * Thread: any. Since 0.1.
 */
HF_API void hf_txn_branch_init(hf_txn_branch_args *args, const hf_id *txn, const char *participant);

/*
 * Defaults: the transaction as given, waits until FINISHED, for wait_ms 0; keep 0.
 * Thread: any. Since 0.1.
 */
HF_API void hf_txn_seal_init(hf_txn_seal_args *args, const hf_id *txn);

/*
 * Defaults: the transaction as given; `reason` must be set.
 * Thread: any. Since 0.1.
 */
HF_API void hf_txn_act_init(hf_txn_act_args *args, const hf_id *txn);

/*
 * Defaults: the transaction as given.
 * Thread: any. Since 0.1.
 */
HF_API void hf_txn_get_init(hf_txn_get_args *args, const hf_id *txn);

/*
 * Defaults: OPEN, from the start, limit 100.
 * Thread: any. Since 0.1.
 */
HF_API void hf_txn_list_init(hf_txn_list_args *args);

/*
 * Defaults: the transaction as given, from the start, limit 100.
 * Thread: any. Since 0.1.
 */
HF_API void hf_txn_history_init(hf_txn_history_args *args, const hf_id *txn);

/*
 * Submits a transaction with all its moves and branches. Result: hf_txn_view. Completes with 0
 * when it is accepted, decided or finished, as `wait` says, and its state is not on the way to
 * CANCELLED; with HF_E_TXN_ABORTED when it was cancelled (detail: why); with the refusal of a move
 * (HF_E_STOCK_SHORT, HF_E_FUNDS_SHORT, HF_E_LIMIT_SHORT, HF_E_MAX_BALANCE, HF_E_FROZEN,
 * HF_E_ATTENTION, HF_E_QUEUED_AHEAD, HF_E_NOT_FOUND), HF_E_ARGUMENT (two ONE_PHASE participants; a
 * saga's step that cannot be undone and is neither the pivot nor after it), HF_E_ID_REUSED,
 * HF_E_DEADLINE, and then nothing was stored; with HF_E_UNKNOWN when wait_ms has passed before
 * that, or the engine closes or is poisoned: the transaction continues, in another engine or at the
 * next open, and hf_txn_get reads its state. The same id and content again waits for (or gets) the
 * same outcome. Without branches: one commit, CONFIRMED.
 * Callbacks with `wait` DECIDED or FINISHED come when it is so, out of the order of submission.
 * Returns 0 when accepted, else at once as hf_order_place; HF_E_OVERLOADED also when too many
 * transactions are in progress; HF_E_DRAINING after hf_node_drain; HF_E_UNSUPPORTED in a chain.
 * Thread: loop. Since 0.1. Source: TCC after Pardon and Pautasso, sagas after Garcia-Molina and
 * Salem.
 */
HF_API int hf_txn_submit(hf_engine *engine, hf_req *req, const hf_txn_args *args, hf_done_cb cb);

/*
 * Begins a transaction to which branches are added one by one, each tried at once (a saga's steps:
 * in the order of their groups). It is decided after hf_txn_seal, or cancelled by its deadline.
 * Result: hf_txn_view. Completes as hf_txn_submit that waits until ACCEPTED.
 * Returns 0 when accepted, else at once as hf_txn_submit.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_txn_begin(hf_engine *engine, hf_req *req, const hf_txn_args *args, hf_done_cb cb);

/*
 * Adds a branch to a transaction that was begun. Result: hf_txn_view. Completes with
 * HF_E_NOT_FOUND, HF_E_TXN_STATE (sealed, decided or past its deadline), HF_E_TOO_MANY,
 * HF_E_ARGUMENT (as hf_txn_submit, looking at the branches that it has), HF_E_ID_REUSED,
 * HF_E_VERSION_MOVED.
 * Returns 0 when accepted, else at once as hf_txn_submit.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_txn_branch(hf_engine *engine, hf_req *req, const hf_txn_branch_args *args,
                         hf_done_cb cb);

/*
 * Says that no branch will be added: the transaction is decided when its tries have answered.
 * Result: hf_txn_view. Completes as hf_txn_submit with the same `wait`, and with HF_E_NOT_FOUND,
 * HF_E_TXN_STATE (not begun by hf_txn_begin). An account may refuse to post what it has held, for
 * one because it was frozen meanwhile. That cancels the transaction, unless `keep` is 1 and the
 * seal itself decides: then the seal completes with HF_E_FROZEN, HF_E_STOCK_SHORT
 * (HF_E_FUNDS_SHORT, HF_E_LIMIT_SHORT by kind), nothing has changed, and a later seal may succeed.
 * A service whose moves belong to a transaction that is decided elsewhere sets it. Returns 0 when
 * accepted, else at once as hf_txn_submit. Thread: loop. Since 0.1.
 */
HF_API int hf_txn_seal(hf_engine *engine, hf_req *req, const hf_txn_seal_args *args, hf_done_cb cb);

/*
 * Decides to cancel a transaction that is still TRYING; a parked transaction is unparked. A
 * ONE_PHASE branch that may have been called is first asked for its outcome, which then decides.
 * Result: hf_txn_view. Completes with 0 when it was cancelled before, with HF_E_NOT_FOUND,
 * HF_E_TXN_STATE (decided to confirm), HF_E_VERSION_MOVED, HF_E_ID_REUSED.
 * Returns 0 when accepted, else at once as hf_txn_submit.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_txn_abort(hf_engine *engine, hf_req *req, const hf_txn_act_args *args, hf_done_cb cb);

/*
 * Reads a transaction with its branches. Result: hf_txn_view. Completes with HF_E_NOT_FOUND.
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_txn_get(hf_engine *engine, hf_req *req, const hf_txn_get_args *args, hf_done_cb cb);

/*
 * Reads a page of transactions. Result: hf_txn_page.
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_txn_list(hf_engine *engine, hf_req *req, const hf_txn_list_args *args, hf_done_cb cb);

/*
 * Reads a page of a transaction's history: every answer that was recorded and every act of an
 * operator. Result: hf_attempt_page. Completes with HF_E_NOT_FOUND.
 * Returns 0 when accepted, else at once as hf_order_place.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_txn_history(hf_engine *engine, hf_req *req, const hf_txn_history_args *args,
                          hf_done_cb cb);

/*
 * Operator: makes the calls now that are due later. Result: hf_txn_view. Completes with
 * HF_E_NOT_FOUND, HF_E_TXN_STATE (ended or parked), HF_E_VERSION_MOVED, HF_E_ID_REUSED. Returns 0
 * when accepted, else at once as hf_txn_submit. Thread: loop. Since 0.1.
 */
HF_API int hf_txn_retry_now(hf_engine *engine, hf_req *req, const hf_txn_act_args *args,
                            hf_done_cb cb);

/*
 * Operator: stops calling until hf_txn_unpark. Result and errors as hf_txn_retry_now.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_txn_park(hf_engine *engine, hf_req *req, const hf_txn_act_args *args, hf_done_cb cb);

/*
 * Operator: continues a parked transaction, and counts its attempts from 0 again. Result:
 * hf_txn_view. Completes as hf_txn_retry_now; HF_E_TXN_STATE when it is not parked. The engine
 * parks a transaction when a step of it met a bug of the library (HF_E_INVARIANT): the reason names
 * the place, the participant is asked again later for the answer that was not recorded, and a newer
 * version of the library unparks the transaction at open. Thread: loop. Since 0.1.
 */
HF_API int hf_txn_unpark(hf_engine *engine, hf_req *req, const hf_txn_act_args *args,
                         hf_done_cb cb);

/*
 * Operator: answers for a branch whose participant cannot: OK, or for a try REJECTED. What happened
 * there must be known. A parked transaction continues. Result: hf_txn_view. Completes as
 * hf_txn_retry_now; HF_E_NOT_FOUND for the branch, HF_E_TXN_STATE when the branch waits for no
 * answer. Thread: loop. Since 0.1.
 */
HF_API int hf_txn_resolve_branch(hf_engine *engine, hf_req *req, const hf_txn_act_args *args,
                                 hf_done_cb cb);

#ifdef __cplusplus
}
#endif

#endif
