/*
 * sim.h - engines, participants and clients in one seeded world: virtual time, one thread.
 *
 *     event heap -> a client asks, a message arrives, a node wakes, something breaks -> checks
 *
 * Everything that ships runs as it is: public API, loop, engine, coordinator, recovery. The world
 * makes time, network, store and crashes, and keeps truths of its own: what participants did, what
 * clients were answered. The same seed makes the same run, which a hash of its trace proves.
 */
#ifndef HF_TESTS_SIM_SIM_H
#define HF_TESTS_SIM_SIM_H

#include <holdfast.h>
#include <holdfast/store.h>
#include <stdbool.h>

#define SIM_NODES        3u
#define SIM_PARTICIPANTS 4u
#define SIM_WALLETS      4u
#define SIM_ITEMS        2u
#define SIM_BOOKS        (SIM_WALLETS + SIM_ITEMS)
#define SIM_OPS          8192u
#define SIM_SUBS         131072u
#define SIM_EFFECTS      16384u
#define SIM_EVENTS       65536u
#define SIM_NAMES        131072u
#define SIM_START        INT64_C(1700000000000)
#define SIM_LEASE        INT64_C(3000)
#define SIM_OPENING      INT64_C(1000) /* of a wallet */
#define SIM_SHELF        INT64_C(12)   /* of an item */
#define SIM_NOBODY       UINT32_MAX
#define SIM_BUSY         101u /* every so many seeds one with thousands of operations */

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
    SIM_UNSYNCED_LOST,
    SIM_UNSYNCED_KEPT,
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
    SIM_PARTICIPANT_DOWN,
    SIM_PARTICIPANT_REFUSED,
    SIM_PARTICIPANT_UNSURE,
    SIM_OLD_EPOCH,
    SIM_NULL_CANCEL,
    SIM_PARK,
    SIM_UNPARK,
    SIM_ABORT,
    SIM_RESUBMITTED,
    SIM_CHECKED,
    SIM_ORDERS,
    SIM_TXNS,
    SIM_MOVED,
    SIM_CONFIRMED,
    SIM_CANCELLED,
    SIM_CAPTURED,
    SIM_REFUNDED,
    SIM_WAITED,
    SIM_PROMOTED,
    SIM_ORDER_EXPIRED,
    SIM_ORDER_CANCELLED,
    SIM_ORDER_CLOSED,
    SIM_RETURNED,
    SIM_HELD,
    SIM_REPORTED,
    SIM_REPORTED_FIRST, /* before any answer said it */
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
    SIM_NO_RETRY,    /* "not known" and "later" are counted as refused */
    SIM_EARLY_ACK,   /* answers are given before the commit, which a crash then drops */
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
    SIM_EV_MAINTAIN, /* somebody looks after the nodes */
} sim_kind;

typedef struct sim_message {
    hf_call call; /* its pointers are dead */
    int64_t amount;
    int64_t sent_ms;
    uint64_t number; /* to see who overtakes */
    uint32_t participant;
    uint32_t node;
    uint32_t life; /* of the node when it called */
    uint32_t saga;
    uint32_t must;
    uint32_t answer;
    uint32_t reference; /* of what a provider did; 0: none */
    uint32_t reserved;
} sim_message;

typedef struct sim_event {
    int64_t at_ms;
    uint64_t seq;
    uint32_t kind;
    uint32_t index; /* of a node, an operation or a message */
} sim_event;

/* ---- Names ----------------------------------------------------------------------------------- */

/* What an id may name, the `no` of a name; effects by branch take participant << 8 | branch. */
#define SIM_AN_OP     0x10000u
#define SIM_A_PAYMENT 0x20000u
#define SIM_A_KEY     0x30000u /* + participant */

typedef struct sim_name {
    hf_id id;
    uint32_t no;
    uint32_t index;
    uint64_t run; /* of another run: empty */
} sim_name;

/* ---- Participants ---------------------------------------------------------------------------- */

typedef enum sim_participant_kind { SIM_TCC = 0, SIM_ONCE, SIM_PROVIDER } sim_participant_kind;

typedef enum sim_effect_state {
    SIM_NOTHING = 0, /* never done, or released */
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

typedef struct sim_participant {
    const char *name;
    uint32_t kind;
    uint32_t count;
    int64_t start; /* what it began with */
    int64_t free;
    int64_t reserved;
    int64_t spent;
    int64_t down_until_ms;
    sim_effect *effects;
} sim_participant;

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
    uint64_t epochs[HF_SHARDS]; /* it took in the store; 0: none, or released */
    uint32_t life;
    uint32_t closed;
    bool drained;
    bool dying;  /* the process has ended, its memory is there still */
    bool doomed; /* it ends as soon as it has said what it has to say */
    bool open;   /* as the store sees it */
} sim_node;

/* ---- Clients --------------------------------------------------------------------------------- */

typedef enum sim_op_kind {
    SIM_OP_MOVE = 0,
    SIM_OP_SUPPLY,
    SIM_OP_TXN,
    SIM_OP_ORDER,
    SIM_OP_CAPTURE,
    SIM_OP_VOID,
    SIM_OP_REFUND,
    SIM_OP_FULFIL,
    SIM_OP_RETURN,
    SIM_OP_CANCEL,
    SIM_OP_HOLD,
    SIM_OP_POST,
    SIM_OP_RELEASE,
    SIM_OP_REPORT, /* a provider reports by itself what it did */
    SIM_OP_KINDS
} sim_op_kind;

/* What the model thinks became of an operation. */
typedef struct sim_fate {
    uint64_t event_seq; /* that made it; 0: it is not stored */
    int64_t fulfilled;  /* orders: units */
    int64_t cancelled;
    int64_t returned;
    int64_t authorized; /* orders: money of an account; holds: posted, released */
    int64_t captured;
    int64_t voided;
    int64_t refunded;
    int64_t given_away; /* orders: refunded or voided although the units stayed */
    int64_t done[5];    /* orders paid by card: what the provider did, by command */
    uint32_t state;
    uint32_t reserved;
} sim_fate;

/* One operation that a client wants, and the answer that it got. */
typedef struct sim_op {
    hf_id id;
    hf_id payment;
    int64_t amount;
    int64_t deadline_ms;
    int64_t branch_amounts[3];
    uint64_t event_seq; /* of the first answer */
    sim_fate fate;
    uint32_t kind;
    uint32_t from; /* accounts: wallets, then items */
    uint32_t to;
    uint32_t target; /* order or hold that it works on */
    uint32_t branches;
    uint32_t participant[3];
    uint32_t saga;
    uint32_t pivot; /* no of the branch; 0: none */
    uint32_t wait;
    uint32_t settle_on;   /* of the payment */
    uint32_t line_settle; /* of the line */
    uint32_t item;        /* account; SIM_NOBODY: nothing is taken from a shelf */
    uint32_t quantity;
    uint32_t by_card;
    uint32_t queue;
    uint32_t outstanding; /* submissions without an answer */
    bool asked;           /* an answer is owed or was given */
    bool answered;        /* an answer that is final for the client */
    bool moved;           /* the model has changed since it was compared */
    int32_t status;       /* of it */
    uint32_t decided;     /* TXN, as answered: 0 not, 1 to confirm, 2 to cancel */
} sim_op;

/* An account as the model has it. */
typedef struct sim_book {
    int64_t balance;
    int64_t held_out;
    int64_t held_in;
    int64_t least_available; /* since the node moved */
    uint32_t waiting;        /* orders in front of it */
    uint32_t most_waiting;
} sim_book;

/* One submission of an operation. */
typedef struct sim_sub {
    uint32_t op;
    uint32_t node;
    uint32_t life;
    bool out;
} sim_sub;

typedef struct sim_store sim_store;

/* The world. What stands behind `names` is only read where this run has written. */
typedef struct sim_world {
    uint64_t seed;
    uint64_t run; /* of this process */
    uint64_t random;
    uint64_t hash;
    uint64_t next_seq;
    uint64_t next_message;
    uint64_t last_arrived;
    int64_t now_ms;
    int64_t heal_ms;
    uint32_t control;
    bool busy; /* thousands of operations, and fewer faults for each */
    bool healed;
    bool quiet;   /* no store faults just now */
    bool crashed; /* and nobody has verified the store since */
    bool trace;
    uint32_t event_count;
    uint32_t message_count;
    uint32_t free_count;
    uint32_t op_count;
    uint32_t sub_count;
    uint32_t current;   /* the node opened last */
    uint64_t model_seq; /* the model is as of this event */
    int64_t model_ms;
    uint64_t counts[SIM_COUNTS];
    char broken[512]; /* what was found; empty: nothing */
    sim_store *store;
    sim_node nodes[SIM_NODES];
    sim_participant participants[SIM_PARTICIPANTS];
    sim_book books[SIM_BOOKS];
    sim_name names[SIM_NAMES];
    sim_effect effects[SIM_PARTICIPANTS][SIM_EFFECTS];
    sim_op ops[SIM_OPS];
    sim_sub subs[SIM_SUBS];
    sim_event events[SIM_EVENTS];
    sim_message messages[SIM_EVENTS];
    uint32_t free_messages[SIM_EVENTS];
} sim_world;

extern sim_world *sim;

/* world.c */
void sim_run(sim_world *world, uint64_t seed, uint32_t control);
uint64_t sim_next(void);
uint32_t sim_below(uint32_t limit);
bool sim_chance(uint32_t per_thousand); /* never once everything has healed */
int64_t sim_between(int64_t low, int64_t high);
void sim_note(uint64_t a, uint64_t b, uint64_t c); /* into the trace */
void sim_broken(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sim_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *sim_count_name(uint32_t count);

/* What is said is only made up when somebody listens. */
#define sim_trace(...)                                                                             \
    do {                                                                                           \
        if (sim->trace)                                                                            \
            sim_say(__VA_ARGS__);                                                                  \
    } while (0)

/* memory.c */
const struct hf_allocator *sim_allocator(void);

/* heap.c */
void sim_push(int64_t at_ms, uint32_t kind, uint32_t index);
void sim_push_message(int64_t at_ms, uint32_t kind, const sim_message *message);
sim_event sim_pop(void);
sim_message sim_take_message(uint32_t slot);
void sim_name_put(const hf_id *id, uint32_t no, uint32_t index);
uint32_t sim_name_get(const hf_id *id, uint32_t no); /* SIM_NOBODY: it names nothing */

/* trouble.c */
void sim_trouble(void);
void sim_maintain(void);

/* store.c */
int sim_store_open(void);
void sim_store_close(void);
void sim_store_crash(uint32_t node); /* it reaches the store no more */
void sim_store_start(uint32_t node);
void sim_store_power_cut(void); /* forgets what was not flushed */
const hf_store_driver *sim_store_driver(void);

/* participant.c */
void sim_participant_init(void);
void sim_participant_register(uint32_t node);
void sim_participant_take(const sim_message *message);
sim_effect *sim_participant_find(uint32_t participant, const hf_id *txn, uint32_t branch);

/* node.c */
void sim_node_open(uint32_t node);
void sim_node_close(uint32_t node); /* in good order */
void sim_node_crash(uint32_t node);
void sim_node_step(uint32_t node);  /* everything it can do now */
void sim_node_rouse(uint32_t node); /* it does so when everybody has asked */
bool sim_node_up(uint32_t node);
void sim_node_verify(uint32_t node);
int sim_node_ask(uint32_t node, uint32_t type, const void *args, hf_completion *done);
void sim_node_fini(uint32_t node);

/* client.c */
void sim_client_submit(uint32_t op);
void sim_client_done(uint32_t node, const hf_completion *done);
void sim_client_lost(uint32_t node); /* nobody will answer its submissions */
bool sim_client_content(void);
uint32_t sim_client_find(const hf_id *id); /* the operation with this id */

/* wish.c */
void sim_wish(void);
void sim_wish_report(uint32_t reference);
hf_id sim_wish_id(void);

/* ask.c */
hf_account_key sim_account(uint32_t account); /* a wallet or an item */
#define SIM_CARD      3u                      /* the provider among the participants */
#define SIM_REFERENCE 16u
const char *sim_reference(uint32_t reference, char text[SIM_REFERENCE]);
uint32_t sim_fact_kind(uint32_t reference);
void sim_ask_accounts(void);
int sim_ask(struct hf_engine *engine, uint32_t op, uint64_t user_data);

/* model.c */
void sim_model_init(void);
void sim_model_follow(void); /* up to the last event that is committed */
void sim_model_check(void);  /* follows, and compares with what is stored */
bool sim_model_rests(void);  /* no order waits for anything */

/* refusals.c */
void sim_refusals_from_here(void);
void sim_refusals_note(void); /* after an event */
void sim_refusals_judge(uint32_t op, int32_t status);

/* books.c */
void sim_books_supply(const sim_op *op);
void sim_books_hold(sim_op *op);
void sim_books_part(const sim_op *op, int64_t at_ms);
void sim_books_expire(uint32_t hold, int64_t at_ms);
void sim_books_txn(uint32_t txn, uint32_t state);
void sim_order_units(const sim_op *op);
void sim_order_money(const sim_op *op);
void sim_order_become(uint32_t order, uint32_t state, int64_t at_ms);
void sim_order_holds(uint32_t order);

/* check.c */
bool sim_check_ended(uint32_t node); /* no transaction is open; parked ones are unparked */
void sim_check_all(uint32_t node);

#endif
