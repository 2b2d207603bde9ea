/*
 * sim.h - engines, participants and clients in one seeded world: virtual time, one thread.
 *
 *     event heap -> a client asks, a message arrives, a node wakes, something breaks -> checks
 *
 * Everything that ships runs as it is: public API, loop, engine, coordinator, recovery. The world
 * makes time, network, store and crashes, and keeps truths of its own: what participants did, what
 * clients were told. The same seed makes the same run, which a hash of its trace proves.
 */
#ifndef HF_TESTS_SIM_SIM_H
#define HF_TESTS_SIM_SIM_H

#include <holdfast.h>
#include <holdfast/store.h>
#include <stdbool.h>

#define SIM_NODES   3u
#define SIM_PARTIES 4u
#define SIM_WALLETS 4u
#define SIM_OPS     256u
#define SIM_SUBS    8192u
#define SIM_EFFECTS 1024u
#define SIM_EVENTS  8192u
#define SIM_START   INT64_C(1700000000000)
#define SIM_LEASE   INT64_C(3000)

/* What happened how often; each must happen somewhere in a suite's seeds. */
typedef enum sim_count {
    SIM_LOST = 0,
    SIM_LATE,
    SIM_DOUBLED,
    SIM_OVERTAKEN,
    SIM_STALE_TICKET,
    SIM_CRASH,
    SIM_CRASH_BEFORE_COMMIT,
    SIM_CRASH_AFTER_COMMIT,
    SIM_POWER_CUT,
    SIM_PAUSE,
    SIM_OVERSLEPT,
    SIM_DRAIN,
    SIM_CLOCK_JUMP,
    SIM_TAKE_OVER,
    SIM_HANDED_OVER,
    SIM_FENCED,
    SIM_STORE_BUSY,
    SIM_STORE_FULL,
    SIM_STORE_BROKEN,
    SIM_STORE_ACK_LOST,
    SIM_PARTY_DOWN,
    SIM_PARTY_REFUSED,
    SIM_OLD_EPOCH,
    SIM_NULL_CANCEL,
    SIM_PARK,
    SIM_UNPARK,
    SIM_ABORT,
    SIM_RESUBMITTED,
    SIM_MOVED,
    SIM_CONFIRMED,
    SIM_CANCELLED,
    SIM_CAPTURED,
    SIM_REFUNDED,
    SIM_COUNTS
} sim_count;

/* What is broken on purpose, to see that the checks see it. */
typedef enum sim_control {
    SIM_SOUND = 0,
    SIM_NO_FENCE,    /* reads show each engine its own epoch in the leases */
    SIM_EXPIRED,     /* leases that have expired look alive to who had them */
    SIM_NO_SYNC,     /* the store forgets acknowledged commits when the power fails */
    SIM_NO_DECISION, /* commits with a decision are acknowledged and dropped */
    SIM_NO_BARRIER,  /* participants look at nothing before they work */
    SIM_CONTROLS
} sim_control;

/* ---- The heap of events ---------------------------------------------------------------------- */

typedef enum sim_kind {
    SIM_EV_CALL = 0, /* a message at a participant */
    SIM_EV_ANSWER,   /* a message at a node */
    SIM_EV_WAKE,     /* a node's timer */
    SIM_EV_CLIENT,   /* a new wish */
    SIM_EV_REPEAT,   /* an operation is asked for again */
    SIM_EV_FAULT,
    SIM_EV_CARE, /* somebody looks after the nodes */
} sim_kind;

typedef struct sim_message {
    hf_call call; /* its pointers are dead */
    int64_t amount;
    int64_t sent_ms;
    uint64_t number; /* to see who overtakes */
    uint32_t party;
    uint32_t node;
    uint32_t life; /* of the node when it called */
    uint32_t saga;
    uint32_t must;
    uint32_t answer;
} sim_message;

typedef struct sim_event {
    int64_t at_ms;
    uint64_t seq;
    uint32_t kind;
    uint32_t index; /* of a node or an operation */
    sim_message message;
} sim_event;

/* ---- Participants ---------------------------------------------------------------------------- */

typedef enum sim_party_kind { SIM_TCC = 0, SIM_ONCE, SIM_PROVIDER } sim_party_kind;

typedef enum sim_effect_state {
    SIM_NOTHING = 0, /* never done, or given back */
    SIM_RESERVED,
    SIM_DONE,
    SIM_NEVER, /* refused for good */
} sim_effect_state;

/* What a participant did for one branch (TCC) or one idempotency key (the others). */
typedef struct sim_effect {
    hf_id txn;
    hf_id key;
    hf_id payment;
    hf_barrier row;
    int64_t amount;
    uint32_t branch;
    uint32_t state; /* sim_effect_state */
    uint32_t saga;
    uint32_t must;
    uint32_t command;
    uint32_t reserved;
} sim_effect;

typedef struct sim_party {
    const char *name;
    uint32_t kind;
    uint32_t count;
    int64_t start; /* what it began with */
    int64_t free;
    int64_t reserved;
    int64_t spent;
    int64_t down_until_ms;
    sim_effect effects[SIM_EFFECTS];
} sim_party;

/* What the payload of a branch says. */
typedef struct sim_payload {
    int64_t amount;
    uint32_t saga;
    uint32_t must; /* behind a pivot: not to be refused */
} sim_payload;

/* ---- Nodes ----------------------------------------------------------------------------------- */

typedef struct sim_node {
    struct uv_loop_s *loop;
    hf_engine *engine; /* NULL: not open */
    int64_t looked_ms; /* world time of its clock */
    int64_t skew_ms;
    int64_t paused_until_ms;    /* 0: not */
    int64_t wake_ms;            /* event that is in the heap; 0: none */
    uint64_t epochs[HF_SHARDS]; /* it took in the store; 0: none, or given up */
    uint32_t life;
    uint32_t closed;
    bool drained;
    bool dying; /* the process has ended, its memory is there still */
    bool open;  /* as the store sees it */
} sim_node;

/* ---- Clients --------------------------------------------------------------------------------- */

typedef enum sim_op_kind {
    SIM_OP_MOVE = 0,
    SIM_OP_TXN,
    SIM_OP_ORDER,
    SIM_OP_CAPTURE,
    SIM_OP_VOID,
    SIM_OP_REFUND,
    SIM_OP_KINDS
} sim_op_kind;

/* One wish of a client, and what it was told. */
typedef struct sim_op {
    hf_id id;
    hf_id payment;
    int64_t amount;
    int64_t deadline_ms;
    int64_t branch_amounts[3];
    uint64_t event_seq; /* of the first answer */
    uint32_t kind;
    uint32_t from;
    uint32_t to;
    uint32_t branches;
    uint32_t party[3];
    uint32_t saga;
    uint32_t pivot; /* no of the branch; 0: none */
    uint32_t wait;
    uint32_t settle_on;
    uint32_t outstanding; /* submissions without an answer */
    bool asked;           /* an answer is owed or was given */
    bool told;            /* an answer that is final for the client */
    int32_t status;       /* of it */
    uint32_t decided;     /* TXN, as told: 0 not, 1 to confirm, 2 to cancel */
} sim_op;

/* One submission of an operation. */
typedef struct sim_sub {
    uint32_t op;
    uint32_t node;
    uint32_t life;
    bool out;
} sim_sub;

typedef struct sim_store sim_store;

/* The world. */
typedef struct sim_world {
    uint64_t seed;
    uint64_t random;
    uint64_t hash;
    uint64_t next_seq;
    uint64_t next_message;
    uint64_t last_arrived;
    int64_t now_ms;
    int64_t heal_ms;
    uint32_t control;
    bool healed;
    bool quiet; /* no store faults just now */
    bool trace;
    uint32_t event_count;
    uint32_t op_count;
    uint32_t sub_count;
    uint32_t current; /* the node opened last */
    uint64_t counts[SIM_COUNTS];
    char broken[512]; /* what was found; empty: nothing */
    sim_store *store;
    sim_node nodes[SIM_NODES];
    sim_party parties[SIM_PARTIES];
    sim_op ops[SIM_OPS];
    sim_sub subs[SIM_SUBS];
    sim_event events[SIM_EVENTS];
} sim_world;

extern sim_world *sim;

/* world.c */
void sim_run(sim_world *world, uint64_t seed, uint32_t control);
uint64_t sim_next(void);
uint32_t sim_below(uint32_t limit);
bool sim_chance(uint32_t per_thousand); /* never once everything has healed */
int64_t sim_between(int64_t low, int64_t high);
void sim_note(uint64_t a, uint64_t b, uint64_t c); /* into the trace */
void sim_push(int64_t at_ms, uint32_t kind, uint32_t index, const sim_message *message);
void sim_broken(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sim_trace(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *sim_count_name(uint32_t count);

/* trouble.c */
void sim_trouble(void);
void sim_care(void);

/* store.c */
int sim_store_open(void);
void sim_store_close(void);
void sim_store_crash(uint32_t node); /* it reaches the store no more */
void sim_store_start(uint32_t node);
void sim_store_power_cut(void); /* forgets what was not flushed */
const hf_store_driver *sim_store_driver(void);

/* party.c */
void sim_party_init(void);
void sim_party_register(uint32_t node);
void sim_party_take(const sim_message *message);
sim_effect *sim_party_find(uint32_t party, const hf_id *txn, uint32_t branch);

/* node.c */
void sim_node_open(uint32_t node);
void sim_node_close(uint32_t node); /* in good order */
void sim_node_crash(uint32_t node);
void sim_node_step(uint32_t node); /* everything it can do now */
bool sim_node_up(uint32_t node);
void sim_node_verify(uint32_t node);
int sim_node_ask(uint32_t node, uint32_t type, const void *args, hf_completion *done);
void sim_node_fini(uint32_t node);

/* client.c */
void sim_client_init(void);
void sim_client_wish(void);
void sim_client_submit(uint32_t op);
void sim_client_done(uint32_t node, const hf_completion *done);
void sim_client_lost(uint32_t node); /* nobody will answer its submissions */
bool sim_client_content(void);
uint32_t sim_client_find(const hf_id *id); /* the operation with this id */
hf_account_key sim_client_wallet(uint32_t wallet);
#define SIM_OPENING INT64_C(1000)

/* check.c */
bool sim_check_ended(uint32_t node); /* no transaction is open; parked ones are let go on */
void sim_check_all(uint32_t node);

#endif
