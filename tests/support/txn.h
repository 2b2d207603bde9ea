/*
 * Services on the fixture: participants that note their calls and answer as a test says, and a host
 * whose virtual clock advances until something happened.
 */
#ifndef HF_TESTS_SUPPORT_TXN_H
#define HF_TESTS_SUPPORT_TXN_H

#include "support/host.h"

#define HF_TEST_CALLS       96u
#define HF_TEST_PATIENCE_MS 864000000 /* ten days, which tests jump through */

/* Stores and threads that tests go through by their loop index. */
typedef enum hf_test_place {
    HF_TEST_MEMORY_INLINE = 0,
    HF_TEST_MEMORY_THREADS,
    HF_TEST_LMDB_INLINE,
    HF_TEST_LMDB_THREADS,
    HF_TEST_PLACES
} hf_test_place;

/* A call as it came. */
typedef struct hf_test_seen {
    hf_call call; /* its pointers are dead */
    char payload[32];
} hf_test_seen;

/* A participant. answers[phase] NONE: the call is left open. */
typedef struct hf_test_service {
    hf_test_host *host;
    uint32_t answers[4];
    int64_t amount;
    int64_t after_ms;
    hf_test_seen seen[HF_TEST_CALLS]; /* the first ones */
    int count;
    int by_phase[4];
    int open;     /* not answered */
    int open_max; /* the most at once */
    void (*on_call)(struct hf_test_service *service, const hf_call *call);
} hf_test_service;

/* The end of a transaction as its caller saw it. */
typedef struct hf_test_txn {
    hf_req req;
    int calls;
    int status;
    uint32_t state;
    uint32_t parked;
    uint32_t attempts;
    uint32_t branch_state[4];
    hf_id id;
    char detail[128];
    char reason[64];
} hf_test_txn;

static inline void hf_test_place_options(hf_test_host *host, int place)
{
    memset(host, 0, sizeof *host);
    (void)remove("txns.mdb"); /* of the test before */
    (void)remove("txns.mdb-lock");
    hf_options_init(&host->options);
    host->options.store = place >= HF_TEST_LMDB_INLINE ? "lmdb:txns.mdb" : "memory:";
    host->options.threads = (uint32_t)place % 2;
    host->options.virtual_time_ms = INT64_C(1700000000000);
    host->options.random_seed = 7;
    host->options.durability = HF_DURABILITY_NONE; /* no power is cut here */
    host->options.queue_bytes_max = 1 << 20;
    host->options.batch_bytes_max = 8 << 20;
    host->options.cache_bytes_max = 1 << 20;
    host->options.queue_ops_max = 256;
    host->options.completions_max = 256;
    host->options.txns_max = 64;
    host->options.error = host->error;
    host->options.error_bytes = sizeof host->error;
}

static inline void hf_test_place_start(hf_test_host *host, int place)
{
    hf_test_place_options(host, place);
    hf_test_open(host);
}

/* ---- services ---- */

static inline int hf_test_reply(hf_test_service *service, uint64_t ticket, uint32_t what)
{
    hf_call_answer answer;
    hf_call_answer_init(&answer, what);
    answer.amount = what == HF_ANSWER_OK ? service->amount : 0;
    answer.after_ms = what == HF_ANSWER_ONGOING || what == HF_ANSWER_RETRY ? service->after_ms : 0;
    answer.detail = what == HF_ANSWER_REJECTED ? "sold out" : NULL;
    int error = hf_call_done(service->host->engine, ticket, &answer);
    if (error == 0)
        service->open--;
    return error;
}

static inline void hf_test_called(void *data, const hf_call *call)
{
    hf_test_service *service = data;
    if ((uint32_t)service->count < HF_TEST_CALLS) {
        hf_test_seen *seen = &service->seen[service->count];
        seen->call = *call;
        uint64_t capacity = sizeof seen->payload;
        uint64_t kept = call->payload_bytes < capacity ? call->payload_bytes : capacity;
        if (kept > 0) /* else there may be none */
            memcpy(seen->payload, call->payload, kept);
    }
    service->count++;
    service->by_phase[call->phase]++;
    service->open++;
    if (service->open > service->open_max)
        service->open_max = service->open;
    if (service->on_call != NULL)
        service->on_call(service, call);
    else if (service->answers[call->phase] != HF_ANSWER_NONE)
        ck_assert_int_eq(hf_test_reply(service, call->ticket, service->answers[call->phase]), 0);
}

/* A participant that says OK to everything. */
static inline hf_participant hf_test_service_init(hf_test_service *service, hf_test_host *host,
                                                  const char *name, uint32_t flags)
{
    memset(service, 0, sizeof *service);
    service->host = host;
    for (int i = 0; i < 4; i++)
        service->answers[i] = HF_ANSWER_OK;
    hf_participant about;
    hf_participant_init(&about, name);
    about.flags = flags;
    about.attempt = hf_test_called;
    about.confirm = hf_test_called;
    about.cancel = hf_test_called;
    if (flags & HF_PARTICIPANT_ONE_PHASE)
        about.query = hf_test_called;
    about.data = service;
    return about;
}

static inline void hf_test_register(hf_test_service *service, hf_test_host *host, const char *name,
                                    uint32_t flags)
{
    hf_participant about = hf_test_service_init(service, host, name, flags);
    ck_assert_int_eq(hf_participant_register(host->engine, &about), 0);
}

/* ---- time ---- */

/*
 * Lets what is to be done at this time be done: a write that changes nothing and a read go through
 * the request queues behind it, as often as the longest sequence of steps between two calls.
 */
static inline void hf_test_rest(hf_test_host *host)
{
    for (int round = 0; round < 12; round++) {
        hf_test_call guard = {.calls = 0};
        hf_test_call read = {.calls = 0};
        hf_expect_args args;
        hf_expect_init(&args);
        args.subject = HF_SUBJECT_ACCOUNT;
        args.key = (hf_account_key){.kind = HF_KIND_ITEM, .name = "none", .unit = "pcs"};
        ck_assert_int_eq(hf_expect(host->engine, &guard.req, &args, hf_test_done), 0);
        ck_assert_int_eq(hf_test_get(host, &read), 0);
        while (guard.calls == 0 || read.calls == 0)
            (void)hf_loop_run_once(host->loop, 1);
    }
}

/*
 * Runs the loop until `*counter` reaches `least`. The clock advances only when everything that was
 * to be done at this time has been done: threads may be slow, and their time is not the clock's.
 */
static inline void hf_test_until(hf_test_host *host, const int *counter, int least)
{
    for (int turn = 0; *counter < least; turn++) {
        for (int i = 0; i < 64 && *counter < least; i++)
            (void)hf_loop_run_once(host->loop, 0);
        if (*counter < least)
            hf_test_rest(host);
        if (*counter < least)
            (void)hf_clock_advance(host->engine, 20);
        if (turn > 200000)
            ck_abort_msg("%d instead of %d", *counter, least);
    }
}

/* ---- transactions ---- */

static inline void hf_test_txn_done(hf_req *req, const hf_completion *done)
{
    hf_test_txn *txn = (hf_test_txn *)(void *)req;
    txn->calls++;
    txn->status = done->status;
    (void)snprintf(txn->detail, sizeof txn->detail, "%s", done->detail);
    if (done->result == NULL)
        return;
    const hf_txn_view *view = done->result;
    txn->id = view->txn->id;
    txn->state = view->txn->state;
    txn->parked = view->txn->parked;
    txn->attempts = view->txn->attempts;
    (void)snprintf(txn->reason, sizeof txn->reason, "%s", view->txn->reason.text);
    for (uint32_t i = 0; i < view->branch_count && i < 4; i++)
        txn->branch_state[i] = view->branches[i]->state;
}

/* Submits a transaction with a branch for each name; "a,b" as one text. */
static inline int hf_test_submit(hf_test_host *host, hf_test_txn *txn, const char *const *names,
                                 uint32_t count, uint32_t wait)
{
    hf_branch_args branches[4];
    hf_txn_args args;
    hf_txn_init(&args);
    for (uint32_t i = 0; i < count; i++) {
        hf_branch_init(&branches[i], names[i]);
        branches[i].payload = names[i];
        branches[i].payload_bytes = strlen(names[i]) + 1;
    }
    args.head.id = txn->id;
    args.branches = branches;
    args.branch_count = count;
    args.wait = wait;
    args.wait_ms = HF_TEST_PATIENCE_MS;
    return hf_txn_submit(host->engine, &txn->req, &args, hf_test_txn_done);
}

static inline void hf_test_txn_get(hf_test_host *host, hf_test_txn *txn, const hf_id *id)
{
    memset(txn, 0, sizeof *txn);
    hf_txn_get_args args;
    hf_txn_get_init(&args, id);
    ck_assert_int_eq(hf_txn_get(host->engine, &txn->req, &args, hf_test_txn_done), 0);
    while (txn->calls == 0)
        (void)hf_loop_run_once(host->loop, 0);
}

/* The stored state of a transaction. */
static inline uint32_t hf_test_txn_state(hf_test_host *host, const hf_id *id)
{
    hf_test_txn txn;
    hf_test_txn_get(host, &txn, id);
    ck_assert_int_eq(txn.status, 0);
    return txn.state;
}

#define hf_test_status(call, expected)                                                             \
    ck_assert_msg((call)->status == (expected), "%s instead of %s: %s",                            \
                  hf_error_name((call)->status), hf_error_name(expected), (call)->detail)

#endif
