/*
 * txn.h - the coordinator's pure half: what an answer, a deadline or an operator makes of a
 * transaction, and its next call.
 *
 * The runtime (lib/txn) calls participants and brings their answers in one internal operation,
 * HF_EVENT_DRIVE; everything durable is decided here. Each such write is refused with HF_E_FENCED
 * unless the shard's lease is alive and this engine's, in the same commit.
 */
#ifndef HF_DOMAIN_TXN_TXN_H
#define HF_DOMAIN_TXN_TXN_H

#include "domain/core/draft.h"
#include "domain/core/operation.h"

/*
 * Beside HF_PARTICIPANT_* in hf__operation.participants, and not stored: what the participant has
 * done nobody can undo, it has no cancel.
 */
#define HF__PARTICIPANT_FINAL (1u << 31)

/* An answer as the runtime brings it. One that does not fit the branch's state is ignored. */
typedef struct hf__txn_answer {
    uint32_t branch;  /* no */
    uint32_t phase;   /* hf_phase that was called */
    uint32_t attempt; /* of hf__txn_call; an older one is ignored */
    uint32_t answer;  /* hf_answer */
    uint64_t epoch;   /* of the lease under which the call was made; an older one is ignored */
    int64_t amount;
    int64_t due_ms;        /* ONGOING, UNKNOWN, RETRY, NOT_FOUND: when to call again */
    uint32_t park;         /* 1: attempts or time are spent, or nobody is registered: a person */
    uint32_t in_flight_ms; /* NOT_FOUND: for how long a try may still be on its way */
    hf_name reference;
    hf_name detail;
} hf__txn_answer;

/* Arguments of HF_EVENT_DRIVE. Without answers it only looks at the deadline. */
typedef struct hf__txn_drive_args {
    hf_op_head head;
    hf_id txn;
    const hf__txn_answer *answers;
    uint32_t answer_count;
    uint32_t reserved;
} hf__txn_drive_args;

/*
 * Arguments of HF_EVENT_LEASE: takes, renews and releases leases of this engine. HF_E_FENCED when
 * another one took what a lock was to keep, HF_E_BUSY while another node of its name is alive.
 */
typedef struct hf__txn_lease_args {
    hf_op_head head;
    uint32_t drives; /* 1: a participant or provider is registered */
    uint32_t leaves; /* 1: the engine closes: all its leases are released, and its node is
                        removed */
} hf__txn_lease_args;

/* A call that is to be made. */
typedef struct hf__txn_call {
    uint32_t phase;   /* hf_phase */
    uint32_t attempt; /* from 1 */
    int64_t due_ms;   /* not before */
    hf_id key;        /* idempotency key: of (transaction, branch, phase), QUERY that of the try */
} hf__txn_call;

/*
 * The next call of a branch; false when there is nothing to call: it has ended, its turn has not
 * come, or the transaction is parked. A try that an engine of an earlier epoch may have made, or
 * that was answered UNKNOWN or ONGOING, is asked for by QUERY when the participant can. ONE_PHASE
 * branches can always be queried; `can_query` says it of the others.
 */
bool hf__txn_next_call(const hf_txn *txn, const hf_branch *branch, uint64_t epoch, bool can_query,
                       hf__txn_call *out);

/*
 * Whether answers may wait in memory for those of the branch's neighbours: an OK to a try of a
 * group in which others have not answered. Lost in a crash it is asked for again.
 */
bool hf__txn_may_wait(const hf_txn *txn, const hf__txn_answer *answer);

/* The shard of a transaction. */
uint32_t hf__txn_shard(const hf_id *txn);

#endif
