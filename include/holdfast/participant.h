/*
 * participant.h - the callees of transactions: participants, payment providers, and the barrier
 * that a service with a database of its own puts before its work.
 *
 * Participants are called on the loop thread, after the request for the call is durable, and answer
 * at any later time. A call may come twice with the same `key`: participants must be idempotent.
 * An answer that is lost, late or malformed counts as UNKNOWN: the call is made again, and never
 * counts as refused.
 *
 * A payment provider gets commands (hf_command). REJECTED ends a command: the provider has done
 * nothing and will do nothing for this key. What a refusal of each command means for the payment
 * (payment.h) and its order (order.h):
 *   AUTHORIZE  The payment is FAILED. The order stays PENDING for another payment until its
 *              deadline; without a deadline it is CANCELLED when the others do not cover it. A
 *              CONFIRMED order is UNPAID when it is not covered any more.
 *   CAPTURE    The amount counts as capture_refused: it does not cover the order any more, which
 *              becomes UNPAID. The payment gets COMMAND_REFUSED.
 *   VOID       The amount counts as void_refused and may still be captured; COMMAND_REFUSED.
 *   REFUND     The amount counts as refund_refused and is captured still; COMMAND_REFUSED, and on
 *              an order that has ended MONEY_HELD.
 * The engine does not ask for a refused amount again by itself; a host may, with a new key.
 */
#ifndef HOLDFAST_PARTICIPANT_H
#define HOLDFAST_PARTICIPANT_H

#include <holdfast/resilience.h>
#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a participant is asked to do. */
typedef enum hf_phase {
    HF_PHASE_TRY = 0,     /* TCC: reserve; saga and ONE_PHASE: do it */
    HF_PHASE_CONFIRM = 1, /* TCC: make what was reserved final */
    HF_PHASE_CANCEL = 2,  /* TCC: release it; saga: undo it. Also when the try never arrived */
    HF_PHASE_QUERY = 3,   /* what became of the try with this key? */
} hf_phase;

/* What a participant answers. */
typedef enum hf_answer {
    HF_ANSWER_NONE = 0,
    HF_ANSWER_OK = 1,        /* done */
    HF_ANSWER_REJECTED = 2,  /* try and query: refused, nothing was done and nothing will be */
    HF_ANSWER_ONGOING = 3,   /* not yet known; ask again after `after_ms`. When the attempts of the
                                retry policy are used up, a try is repeated until the transaction's
                                deadline; without one the transaction is parked */
    HF_ANSWER_UNKNOWN = 4,   /* lost, timed out, malformed: ask again, it may have happened */
    HF_ANSWER_RETRY = 5,     /* confirm and cancel: not now; again after `after_ms` */
    HF_ANSWER_PARK = 6,      /* confirm and cancel: a person must look */
    HF_ANSWER_NOT_FOUND = 7, /* query: the try has not arrived. When this is also the answer
                                call_timeout_ms after the deadline, it never will */
} hf_answer;

/* Flags of a participant. */
#define HF_PARTICIPANT_READONLY  1u /* its try changes nothing: no confirm, no cancel */
#define HF_PARTICIPANT_ORDERED   2u /* its branches of one transaction run one after another */
#define HF_PARTICIPANT_ONE_PHASE 4u /* its try is final; `query` is required */
#define HF_PARTICIPANT_QUEUED    8u /* calls come from hf_completions instead of functions */

/*
 * What a provider cannot do, beside the flags of a participant; see HF_PAYMENT_WHOLE_VOID. Each
 * payment of the provider that an engine accepts gets these bits while the provider is registered
 * there; payments that were accepted before keep what they have.
 */
#define HF_PROVIDER_WHOLE_VOID  16u /* it voids an authorization only as a whole */
#define HF_PROVIDER_ONE_CAPTURE 32u /* it captures once and releases what is left with it */

/* What a payment provider is asked for, beside hf_phase: its calls are TRY or QUERY. */
typedef enum hf_command {
    HF_COMMAND_NONE = 0,
    HF_COMMAND_AUTHORIZE = 1,
    HF_COMMAND_CAPTURE = 2,
    HF_COMMAND_VOID = 3,
    HF_COMMAND_REFUND = 4,
} hf_command;

/*
 * One call of a participant. The struct and what it points to live until the function it is given
 * to returns (from hf_completions: until the next call of that); `ticket` is valid until the call
 * has been answered or has timed out.
 */
typedef struct hf_call {
    uint32_t size;
    uint32_t phase;  /* hf_phase */
    uint64_t ticket; /* for hf_call_done */
    hf_id txn;
    hf_id key; /* idempotency key: the same for every attempt of this branch and phase; QUERY: of
                  its try */
    const char *participant;
    const void *payload;
    uint64_t payload_bytes;
    uint64_t epoch;       /* of the lease on the transaction's shard: a remote side refuses a lower
                             one than it has seen of the same transaction. An answer to a call of
                             an older lease is ignored, and the call made again */
    int64_t time_left_ms; /* of the transaction's deadline, for tries; of this call otherwise */
    int64_t amount;   /* command: how much; confirm and cancel: the amount of the try's answer */
    hf_id payment;    /* command: of this payment; else all zero */
    hf_id order;      /* command: of this order; else all zero */
    const char *unit; /* command: of the amount; else "" */
    const char *reference; /* command: provider_ref of the payment; "" while it is not known */
    uint32_t branch;       /* no, from 1 */
    uint32_t version;      /* of the participant */
    uint32_t attempt;      /* from 1 */
    uint32_t command;      /* hf_command */
    uint32_t final; /* CAPTURE: 1 = nothing can be captured after it: the provider is to release
                       what is left of the authorization (a final capture) */
    uint32_t reserved;
} hf_call;

/* Takes a call. It may answer at once or later. `data` is the participant's. */
typedef void (*hf_call_cb)(void *data, const hf_call *call);

/* An answer to a call. */
typedef struct hf_call_answer {
    uint32_t size;
    uint32_t answer;       /* hf_answer */
    int64_t amount;        /* try, OK: kept with the branch; command: how much was done, 0: all */
    int64_t after_ms;      /* ONGOING, RETRY: not before; 0: the retry policy decides */
    const char *reference; /* provider: its id of this authorization, capture, void or refund, as
                              its webhooks name it (payment.h); NULL or 0..63 bytes */
    const char *detail;    /* for people; NULL or text, cut at 63 bytes (see also
                              hf_options.refuse_card_numbers) */
} hf_call_answer;

/* A participant, or with `is_provider` a payment provider, to register. */
typedef struct hf_participant {
    uint32_t size;
    uint32_t version;             /* default 1 */
    const char *name;             /* 1..63 bytes; copied */
    hf_call_cb attempt;           /* TRY; NULL only with QUEUED */
    hf_call_cb confirm;           /* NULL with READONLY, ONE_PHASE or QUEUED */
    hf_call_cb cancel;            /* the same; of a saga's step, ONE_PHASE too: undoes it. Without
                                     it the step must be the pivot or come after it */
    hf_call_cb query;             /* required for ONE_PHASE; else NULL: the try is repeated */
    void *data;                   /* for the functions; QUEUED: user_data of its completions */
    hf_retry_policy retry[3];     /* by phase: TRY (and QUERY), CONFIRM, CANCEL */
    int64_t call_timeout_ms;      /* then the answer is UNKNOWN; default 10,000 */
    int64_t breaker_open_ms;      /* default 5,000; see hf_breaker */
    uint32_t breaker_failures;    /* in a row that open the breaker; 0: never; default 5 */
    uint32_t in_flight_max;       /* calls at once; default 256 */
    uint32_t retries_per_hundred; /* retry budget: retries per hundred first attempts; default 20 */
    uint32_t flags;               /* HF_PARTICIPANT_* */
} hf_participant;

/*
 * A payment provider to register: commands instead of phases. Each function gets a call whose
 * `key` is the idempotency key to send. `query` is asked before a command is repeated.
 */
typedef struct hf_provider {
    uint32_t size;
    uint32_t reserved;
    const char *name;     /* 1..63 bytes, as in hf_payment_args.provider; copied */
    hf_call_cb authorize; /* all five are required, unless QUEUED */
    hf_call_cb capture;
    hf_call_cb void_;
    hf_call_cb refund;
    hf_call_cb query;
    void *data;
    hf_retry_policy retry;
    int64_t call_timeout_ms; /* default 10,000 */
    int64_t breaker_open_ms; /* default 5,000 */
    uint32_t breaker_failures;
    uint32_t in_flight_max;
    uint32_t retries_per_hundred;
    uint32_t flags; /* HF_PARTICIPANT_QUEUED, HF_PROVIDER_* or 0 */
} hf_provider;

/* The type of a completion that carries a call of a QUEUED participant: result is a hf_call. */
#define HF_OP_CALL 128u

/* Phases and answers of hf_barrier_decide are hf_phase (TRY, CONFIRM, CANCEL). */
typedef enum hf_barrier_state {
    HF_BARRIER_NONE = 0, /* there is no row */
    HF_BARRIER_TRIED = 1,
    HF_BARRIER_CONFIRMED = 2,
    HF_BARRIER_CANCELLED = 3,
    HF_BARRIER_NULL_CANCELLED = 4, /* cancelled before its try came: a try after that is refused */
} hf_barrier_state;

/* A barrier's row, one for each transaction and branch, in the participant's own database. */
typedef struct hf_barrier {
    uint32_t state; /* hf_barrier_state */
    uint32_t attempt;
    uint64_t epoch;
} hf_barrier;

/* What a service must do with a call. */
typedef enum hf_barrier_answer {
    HF_BARRIER_DO = 1,     /* do the work and store the new row, in one transaction */
    HF_BARRIER_REPEAT = 2, /* it was done before: answer OK, change nothing */
    HF_BARRIER_SKIP = 3,   /* there is nothing to do: store the new row and answer OK */
    HF_BARRIER_REFUSE = 4, /* too late, or of an engine that was replaced: answer REJECTED */
} hf_barrier_answer;

/*
 * Defaults: the name as given, version 1, no functions; TRY retries from 50 ms doubling to 5 s,
 * CONFIRM and CANCEL from 50 ms doubling to 30 s, all until 100 attempts; the rest as said at the
 * fields.
 * Thread: any. Since 0.1.
 */
HF_API void hf_participant_init(hf_participant *participant, const char *name);

/*
 * Defaults: the name as given, no functions; retries from 200 ms doubling to 30 s until 100
 * attempts; breaker_failures 5, in_flight_max 256, retries_per_hundred 20. Thread: any. Since 0.1.
 */
HF_API void hf_provider_init(hf_provider *provider, const char *name);

/*
 * Defaults: the answer as given, amount 0, no reference, no detail.
 * Thread: any. Since 0.1.
 */
HF_API void hf_call_answer_init(hf_call_answer *answer, uint32_t what);

/*
 * Registers a participant for the transactions of this engine, those found unfinished at open
 * included: register right after hf_engine_open, before the loop runs. A branch whose participant
 * or version is not registered parks its transaction with a reason; the transaction continues after
 * both registering and hf_txn_unpark. HF_E_EXISTS (name and version), HF_E_TOO_MANY (64 are
 * registered), HF_E_ARGUMENT (a function that is missing), HF_E_TEXT_*, HF_E_ENUM, HF_E_ABI,
 * HF_E_CLOSED. Thread: loop. Since 0.1.
 */
HF_API int hf_participant_register(hf_engine *engine, const hf_participant *participant);

/*
 * Registers a payment provider; payments of method PROVIDER name it. Errors and time as
 * hf_participant_register.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_provider_register(hf_engine *engine, const hf_provider *provider);

/*
 * Answers a call, inside or any time after the function that got it. HF_E_NOT_FOUND when the
 * ticket is not valid (any more): answered before, timed out, or of an engine that was opened
 * before; the answer changes nothing then, and the participant is called again if need be.
 * HF_E_ENUM for an answer that does not fit the phase (it counts as UNKNOWN), HF_E_ARGUMENT,
 * HF_E_ABI, HF_E_CLOSED.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_call_done(hf_engine *engine, uint64_t ticket, const hf_call_answer *answer);

/*
 * Decides what a service with a database of its own does with a call. The function is pure; `row`
 * is the barrier row of (transaction, branch), or NULL. `next` is the row to store when the answer
 * is DO or SKIP. Duplicates, a cancel before its try, a try after its cancel, and calls of an
 * engine that was replaced are all distinguished. Returns hf_barrier_answer, HF_E_ARGUMENT or
 * HF_E_ENUM.
 * A service that refuses the work of a try stores `next` with the state NULL_CANCELLED before it
 * answers REJECTED: a copy of the call may still come, and its reservation would never be
 * cancelled.
 * The row's SQL, in the same database transaction as the work:
 *
 *     CREATE TABLE barriers (txn BLOB NOT NULL, branch INTEGER NOT NULL, state INTEGER NOT NULL,
 *         attempt INTEGER NOT NULL, epoch INTEGER NOT NULL, PRIMARY KEY (txn, branch));
 *     -- SQLite: BEGIN IMMEDIATE;  PostgreSQL (txn bytea, epoch bigint): BEGIN, and first
 *     -- INSERT INTO barriers VALUES ($1,$2,0,0,0) ON CONFLICT DO NOTHING;
 *     SELECT state, attempt, epoch FROM barriers WHERE txn = ? AND branch = ?;
 *         -- PostgreSQL: ... FOR UPDATE
 *     INSERT INTO barriers VALUES (?, ?, ?, ?, ?) ON CONFLICT (txn, branch) DO UPDATE
 *         SET state = excluded.state, attempt = excluded.attempt, epoch = excluded.epoch;
 *     COMMIT;
 *     -- Now and then; ids begin with their time: 6 bytes, the rest of the bound is 0
 *     DELETE FROM barriers WHERE txn < ?;
 *
 * Only IMMEDIATE, or the row that is locked first, keeps concurrent calls from waiting for each
 * other. Rows may be removed when they are older than any transaction can be; then the service
 * must refuse tries with ids of that time (hf_id_time) before it looks for a row.
 * Thread: any. Since 0.1.
 */
HF_API int hf_barrier_decide(const hf_barrier *row, uint32_t phase, uint32_t attempt,
                             uint64_t epoch, hf_barrier *next);

#ifdef __cplusplus
}
#endif

#endif
