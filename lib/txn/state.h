/*
 * state.h - the runtime's own state, shared by the files of this module.
 *
 * Pools are sized at open. An active transaction (an entry) is being read, called for, answered or
 * written. A transaction that only waits for its due time has no entry: the store's index of due
 * times has it, and `scan` has the time of the next look at that index.
 */
#ifndef HF_TXN_STATE_H
#define HF_TXN_STATE_H

#include "base/checksum.h"
#include "base/structures/map.h"
#include "domain/txn/txn.h"
#include "txn/heap.h"
#include "txn/runtime.h"

#include <holdfast/order.h>

#define HF__SCAN_PAGE 256u
#define HF__AGAIN_MS  100  /* after an internal operation that failed */
#define HF__LOOK_MS   250  /* shared stores: between looks for what other engines did */
#define HF__STUCK_MS  1000 /* a full participant is stuck after so long without an answer */
#define HF__OVERFLOW_MS                                                                            \
    5000 /* when to look again for transactions that a stuck participant refused */
#define HF__DELAY_MAX_MS ((int64_t)1 << 40) /* of what a callee may ask for */

typedef struct hf__active_txn hf__active_txn;
typedef struct hf__ticket hf__ticket;

typedef enum hf__job_kind {
    HF__JOB_READ = 0,    /* a transaction */
    HF__JOB_WRITE = 1,   /* answers */
    HF__JOB_SCAN = 2,    /* a page of what is due */
    HF__JOB_LEASE = 3,   /* the epoch */
    HF__JOB_PAYMENT = 4, /* of a command */
    HF__JOB_CLEANUP = 5, /* a page of what has ended */
} hf__job_kind;

/* Kinds of timed items. */
#define HF__TIMED_ENTRY  0u
#define HF__TIMED_TICKET 1u
#define HF__TIMED_WAITER 2u

struct hf__txn_job {
    hf__job_kind kind;
    bool out;              /* submitted, not completed */
    hf__active_txn *entry; /* READ, WRITE, PAYMENT */
};

/* A call queue: tickets that wait, in the order of arrival. */
typedef struct hf__call_queue {
    hf__ticket *first;
    hf__ticket *last;
} hf__call_queue;

/* A registered participant or provider. */
typedef struct hf__callee {
    char name[HF_NAME_MAX + 1];
    hf_participant about;   /* `retry` by phase; name points to the above */
    hf_call_cb commands[5]; /* of a provider, by hf_command */
    bool is_provider;
    uint32_t payment_flags; /* of a provider: HF_PAYMENT_* bits of its payments */
    bool turned_away;       /* a ticket was refused because the queues were full */
    hf_breaker breaker;
    hf_limiter limiter;
    hf_budget budget;
    hf__call_queue queues[2]; /* first attempts, and retries */
    uint32_t waiting;         /* in both */
    int64_t wake_ms;   /* when breaker or budget may let the next through; 0: when a call ends */
    int64_t ended_ms;  /* the last call */
    uint64_t calls;    /* since open */
    uint64_t failures; /* of these, that ended without an answer or with UNKNOWN */
    uint64_t timeouts; /* of these, that timed out */
    uint64_t retries;  /* calls that were not the first attempt */
} hf__callee;

typedef enum hf__ticket_state {
    HF__TICKET_FREE = 0,
    HF__TICKET_WAITING,  /* in a call queue of its participant */
    HF__TICKET_GRANTED,  /* may call; the transaction is being read again for the payload */
    HF__TICKET_CALLED,   /* its number is valid */
    HF__TICKET_ANSWERED, /* the answer is here */
    HF__TICKET_SENT,     /* the answer is being written */
} hf__ticket_state;

/* One call of a branch, from its turn to its stored answer. */
struct hf__ticket {
    hf__timed timer; /* CALLED: its time-out */
    hf__ticket_state state;
    uint32_t generation;   /* upper half of its number */
    bool placed;           /* counts against the cap of the participant */
    hf__active_txn *entry; /* NULL: its answer is not needed any more */
    hf__callee *callee;
    hf__ticket *next;   /* of its entry, or of the free list */
    hf__ticket *before; /* in its call queue */
    hf__ticket *behind;
    uint64_t pass;    /* of the breaker */
    int64_t first_ms; /* of the branch's phase */
    int64_t called_ns;
    hf__txn_call what;
    hf__txn_answer answer;
};

struct hf__active_txn {
    hf__timed timer; /* its deadline, or when to look again */
    hf_id id;
    hf__txn_job read;
    hf__txn_job write;
    hf__txn_job payment;
    hf_txn txn; /* as last read; its pointers are not */
    hf__ticket *tickets;
    hf__active_txn *next_read; /* in the list of those to be read */
    hf__active_txn *next_write;
    hf__active_txn *next_free;
    hf__active_txn *next_viewed;
    const hf_txn_view *view; /* as an operation of the batch being delivered answered it */
    uint64_t driven_version; /* version + 1 at which the transaction was last driven without
                                an answer */
    bool in_use;
    bool to_read;          /* in the list */
    bool to_write;         /* in the list */
    bool is_viewed;        /* in the list */
    bool changed;          /* since the read that is out was asked for */
    bool waits_for_ticket; /* found no free ticket */
    bool busy;             /* its calls are being made */
    bool payment_known;
    hf_id order; /* of a command, from its payment */
    hf_name unit;
    hf_name reference;
};

/* A write of answers as it is submitted. */
typedef struct hf__drive {
    hf__txn_drive_args args;
    hf__txn_answer answers[HF_BRANCHES_MAX];
} hf__drive;

typedef struct hf__active_txns {
    hf__active_txn *first;
    hf__active_txn *last;
} hf__active_txns;

/* An operation of the host's that completes later. */
typedef struct hf__waiter {
    hf__timed timer; /* how long it waits at most */
    hf_id txn;
    hf_id op;
    hf__txn_caller caller;
    uint64_t event_seq;
    uint32_t type;
    uint32_t wait;             /* hf_txn_wait: DECIDED or FINISHED */
    bool looked_for;           /* no entry was free for its transaction */
    struct hf__waiter *next;   /* of the same transaction, or free */
    struct hf__waiter *before; /* of all */
    struct hf__waiter *behind;
} hf__waiter;

/* Looking for due transactions. */
typedef struct hf__scan {
    hf__txn_job job;
    hf_txn_list_args args; /* `after` of the next page */
    bool going;            /* not at its end */
    int64_t next_ms;       /* when to begin anew; 0: never */
    int64_t again_ms;      /* a page could not be read, and is not read again before this time */
} hf__scan;

/* Removing what ended long ago. */
typedef struct hf__cleanup {
    hf__txn_job job;
    int64_t keep_ms;   /* 0: for ever */
    int64_t next_ms;   /* when to look; 0: not known yet */
    int64_t before_ms; /* of the running pass; 0: there is none */
} hf__cleanup;

/* Lease state: which shards this engine drives, and until when it may call. See lease.c. */
typedef struct hf__lease_state {
    hf__txn_job job;
    int64_t lease_ms;
    int64_t asked_up_ms;   /* uptime when the operation that is out was asked for */
    int64_t next_ms;       /* when to ask next; 0: at once */
    int64_t next_up_ms;    /* the same by uptime, whichever comes first */
    int64_t calls_up_ms;   /* shared stores: it may call until this uptime */
    uint64_t shards;       /* of this engine after the last operation */
    int32_t failed_status; /* status of the last operation that failed; 0 */
    bool asked;            /* one was done */
    bool drives;           /* as the operation that was submitted last */
    bool draining;
} hf__lease_state;

struct hf__runtime {
    hf_env *env;
    hf__txn_host host;
    uint64_t random;
    bool ended;
    int64_t now_ms;    /* the time, as it was read last */
    int64_t now_ns;    /* when that was */
    int64_t steady_ns; /* the monotonic clock, as it was looked at last */

    hf__callee callees[HF__CALLEES_MAX];
    uint32_t callee_count;
    uint32_t waiting; /* tickets in all queues */

    hf__active_txn *entries;
    uint32_t entries_max;
    uint32_t entries_high; /* used at least once */
    uint32_t entry_count;
    hf__active_txn *entries_free;
    hf__map by_id;
    hf__active_txns to_read;
    hf__active_txns to_write;
    hf__active_txn *viewed; /* those with a view */
    uint32_t waiting_for_ticket;
    uint64_t calls;          /* made */
    hf_histogram call_ns[2]; /* of participants, and of providers */

    hf__ticket *tickets;
    uint32_t tickets_max;
    uint32_t tickets_high;
    uint32_t ticket_count;
    hf__ticket *tickets_free;

    hf__waiter *waiters;
    uint32_t waiters_max;
    uint32_t waiters_high;
    uint32_t waiter_count;
    uint32_t looked_for;
    hf__waiter *waiters_free;
    hf__waiter *waiters_all;
    hf__map waiters_by_txn;

    uint32_t expected;         /* transactions of operations that are not delivered yet */
    uint32_t expected_waiters; /* and callers that will wait */

    hf__heap heap;
    hf__scan scan;
    hf__cleanup cleanup;
    hf__lease_state lease;
    hf__drive drive; /* put together here */
};

/* registry.c */
hf__callee *hf__callee_find(hf__runtime *runtime, bool provider, const char *name,
                            uint32_t version);

/* call_queue.c: which participants may be called now. */
bool hf__call_queue_enter(hf__runtime *runtime, hf__ticket *ticket);
bool hf__call_queue_wait(hf__runtime *runtime, hf__ticket *ticket); /* false: refused */
void hf__call_queue_leave(hf__runtime *runtime, hf__ticket *ticket, uint32_t outcome);
void hf__call_queue_unwait(hf__runtime *runtime, hf__ticket *ticket);
void hf__call_queue_back(hf__runtime *runtime, hf__ticket *ticket); /* to the head of its queue */
uint32_t hf__call_queue_max(const hf__runtime *runtime);            /* of one participant */
bool hf__callee_full(const hf__callee *callee); /* as many calls as its cap are under way */
bool hf__callee_stuck(const hf__callee *callee, int64_t now); /* and no call ends */

/* call_grant.c: grants the next tickets in the queues, and when to do so again. */
void hf__call_queue_turn(hf__runtime *runtime);
int64_t hf__call_queue_due(const hf__runtime *runtime);

/* figures.c: the end of a call. */
void hf__figures_call(hf__runtime *runtime, const hf__ticket *ticket, bool failed);

/*
 * tickets.c. number: by which an answer finds the ticket; by: the ticket that is called, NULL when
 * the number is not valid.
 */
hf__ticket *hf__ticket_new(hf__runtime *runtime, hf__active_txn *entry, uint32_t branch);
hf__ticket *hf__ticket_of(const hf__active_txn *entry, uint32_t branch);
void hf__ticket_drop(hf__runtime *runtime, hf__ticket *ticket); /* from its entry */
void hf__ticket_free(hf__runtime *runtime, hf__ticket *ticket);
uint64_t hf__ticket_number(const hf__runtime *runtime, const hf__ticket *ticket);
hf__ticket *hf__ticket_by(hf__runtime *runtime, uint64_t number);

/* calls.c: false: it was not made, and waits in its queue */
bool hf__call_make(hf__runtime *runtime, hf__ticket *ticket, const hf_txn_view *view,
                   const hf_branch *branch);
void hf__call_timed_out(hf__runtime *runtime, hf__ticket *ticket);

/* answers.c */
int hf__answer_check(const hf__ticket *ticket, const hf_call_answer *answer, hf__detail *detail);
void hf__answer_set(hf__runtime *runtime, hf__ticket *ticket, const hf_call_answer *answer);
void hf__answer_lost(hf__runtime *runtime, hf__ticket *ticket, const char *detail);
void hf__answer_park(const hf__runtime *runtime, hf__ticket *ticket, const hf__txn_call *call,
                     uint64_t epoch, const char *detail);

/*
 * active.c. of: the entry of a transaction, made if need be; NULL: every entry is in use. at_work:
 * something of it is under way, and ends by itself. set_waits: whether it found no free ticket.
 */
hf__active_txn *hf__active_txn_find(const hf__runtime *runtime, const hf_id *id);
hf__active_txn *hf__active_txn_of(hf__runtime *runtime, const hf_id *id);
bool hf__active_txn_at_work(const hf__active_txn *entry);
void hf__active_txn_queue_read(hf__runtime *runtime, hf__active_txn *entry);
void hf__active_txn_queue_write(hf__runtime *runtime, hf__active_txn *entry);
void hf__active_txn_drop_tickets(hf__runtime *runtime, hf__active_txn *entry);
void hf__active_txn_set_waits(hf__runtime *runtime, hf__active_txn *entry, bool waits_for_ticket);
void hf__active_txn_release(hf__runtime *runtime, hf__active_txn *entry);
void hf__scan_at(hf__runtime *runtime, int64_t at_ms); /* looks in the store, not later than then */

/* driver.c. lost: looks for transactions of shards that another engine has. */
void hf__active_txn_finish(hf__runtime *runtime, hf__active_txn *entry);
void hf__active_txns_lost(hf__runtime *runtime);
void hf__driver_see(hf__runtime *runtime, hf__active_txn *entry, const hf_txn_view *view);
void hf__driver_read(hf__runtime *runtime, hf__active_txn *entry, const hf_completion *done);
void hf__driver_payment(hf__runtime *runtime, hf__active_txn *entry, const hf_completion *done);
void hf__driver_written(hf__runtime *runtime, hf__active_txn *entry, const hf_completion *done);
void hf__driver_step(hf__runtime *runtime);

/* lease.c */
uint64_t hf__lease_epoch(const hf__runtime *runtime, const hf_id *txn);
bool hf__lease_holds(const hf__runtime *runtime, const hf_id *txn); /* this engine drives it */
bool hf__lease_calls(const hf__runtime *runtime, const hf_id *txn); /* and participants may be
                                                                       called */
bool hf__lease_known(const hf__runtime *runtime); /* the leases are known, or are not needed */
void hf__lease_step(hf__runtime *runtime);
bool hf__lease_done(hf__runtime *runtime, const hf_completion *done); /* true: shards were lost */
bool hf__lease_refused(hf__runtime *runtime); /* a write was fenced; false: for good */
void hf__lease_drain(hf__runtime *runtime);   /* no call is made and no lease is taken any more */
int64_t hf__lease_due(const hf__runtime *runtime);

/* recovery.c */
void hf__scan_step(hf__runtime *runtime);
void hf__scan_page(hf__runtime *runtime, const hf_completion *done);

/* cleanup.c */
void hf__cleanup_init(hf__runtime *runtime, int64_t keep_ms);
void hf__cleanup_step(hf__runtime *runtime);
void hf__cleanup_done(hf__runtime *runtime, const hf_completion *done);
int64_t hf__cleanup_due(const hf__runtime *runtime);

/* waiters.c */
bool hf__waiters_have(const hf__runtime *runtime, const hf_id *txn);
void hf__waiters_look(hf__runtime *runtime, const hf_id *txn);
void hf__waiters_complete(hf__runtime *runtime, const hf_txn_view *view, int64_t at_ms);
void hf__waiters_step(hf__runtime *runtime);
void hf__waiter_timed_out(hf__runtime *runtime, hf__waiter *waiter);

/*
 * clock.c. read: the time is read. look: it is read again when a millisecond has passed since the
 * last reading.
 */
void hf__txn_clock_read(hf__runtime *runtime);
void hf__txn_clock_look(hf__runtime *runtime);

/* The hash of a transaction's id in the maps. */
static inline uint64_t hf__txn_hash(const hf_id *id)
{
    return hf__hash_key(id, sizeof *id, 0);
}

static inline int64_t hf__txn_now(const hf__runtime *runtime)
{
    return runtime->now_ms;
}

#endif
