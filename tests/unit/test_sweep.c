/*
 * Every allocation of ours and every store call fails once, in each scenario, on each store.
 *
 * A scenario is a list of steps. It runs once without faults, which counts allocations and calls
 * and notes the digest after each step; then once for each of them and each kind of failure, up to
 * the first step that fails. Every run must end in a documented code, leave no memory, and after
 * reopening the store is clean and as it was before or after the failed step. The controls show
 * that a leak and a store that is ahead are noticed. HOLDFAST_SWEEP_STORE names one store.
 *
 * On disk, and under the sanitizers, only every sixth call fails by default; the whole sweep is
 * HOLDFAST_SWEEP_STRIDE=1.
 */
#include "support/check_main.h"
#include "support/fault.h"

#include <holdfast.h>
#include <stdio.h>
#include <string.h>

#define STEPS_MAX 12
#define START_MS  INT64_C(1700000000000)

/* Counts what the engine takes, and fails one of it. */
typedef struct counted {
    uint64_t calls;
    uint64_t fail_at; /* 0: none */
    int64_t live;
} counted;

typedef struct run {
    hf__fault fault;
    counted memory;
    hf_allocator allocator;
    struct uv_loop_s *loop;
    hf_engine *engine;
    const char *store;
    char path[64];
    uint32_t durability;
    uint8_t digest[16]; /* of the last verify */
    int ended;          /* of verify, backup and close: how often called back */
    int status;         /* of that */
    uint32_t findings;
    uint32_t plain; /* 1: on the C library's memory, which is zero without being written */
} run;

typedef int (*step)(run *r);

static uint64_t runs; /* of the whole program */

/* ---- A host that fails ----------------------------------------------------------------------- */

static void *take(void *context, size_t bytes)
{
    counted *memory = context;
    if (++memory->calls == memory->fail_at)
        return NULL;
    void *block = malloc(bytes);
    memory->live += block != NULL;
    return block;
}

static void give(void *context, void *block)
{
    ((counted *)context)->live -= block != NULL;
    free(block);
}

static void on_close(void *data, int status, const char *detail)
{
    (void)status;
    (void)detail;
    ((run *)data)->ended++;
}

static void on_verify(void *data, int status, const hf_verify_result *result)
{
    run *r = data;
    r->ended++;
    r->status = status;
    r->findings = status == 0 ? result->finding_count : 0;
    if (status == 0)
        memcpy(r->digest, result->digest, sizeof r->digest);
    for (uint32_t i = 0; i < r->findings; i++)
        (void)fprintf(stderr, "%s\n", result->findings[i].text);
}

static void on_work(void *data, int status, const char *detail)
{
    (void)detail;
    ((run *)data)->ended++;
    ((run *)data)->status = status;
}

static int wait_for_end(run *r)
{
    while (r->ended == 0)
        (void)hf_loop_run_once(r->loop, 1);
    r->ended = 0;
    return r->status;
}

static int open_engine(run *r)
{
    hf_options options;
    hf_options_init(&options);
    options.threads = 0;
    options.driver = &r->fault.driver;
    options.store = r->path;
    options.queue_bytes_max = 1 << 18;
    options.batch_bytes_max = 1 << 22;
    options.cache_bytes_max = 1 << 18;
    options.queue_ops_max = 64;
    options.batch_ops_max = 64;
    options.completions_max = 64;
    options.durability = r->durability;
    options.journal_bytes_max = 1 << 20;
    options.virtual_time_ms = START_MS;
    options.random_seed = 7;
    options.allocator = r->plain ? NULL : &r->allocator;
    r->engine = NULL;
    return hf_engine_open(r->loop, &options, &r->engine);
}

static void close_engine(run *r)
{
    if (r->engine == NULL)
        return;
    ck_assert_int_eq(hf_engine_close(r->engine, on_close, r), 0);
    (void)wait_for_end(r);
    r->engine = NULL;
}

/* All of `ops` at once; the first status that is not 0. */
static int submit(run *r, const hf_op *ops, uint32_t count)
{
    int accepted = hf_submit(r->engine, ops, count, NULL);
    if (accepted < 0)
        return accepted;
    int status = 0;
    for (int taken = 0; taken < accepted;) {
        hf_completion done;
        if (hf_completions(r->engine, &done, 1) == 0) {
            (void)hf_loop_run_once(r->loop, 1);
            continue;
        }
        taken++;
        status = status == 0 ? done.status : status;
    }
    return status;
}

static int one(run *r, uint32_t type, const void *args)
{
    const hf_op op = {.type = type, .args = args};
    return submit(r, &op, 1);
}

/* ---- Steps ----------------------------------------------------------------------------------- */

static hf_id id_of(const char *text)
{
    hf_id id;
    ck_assert_int_eq(hf_id_from_key(START_MS, text, &id), 0);
    return id;
}

static int put_items(run *r)
{
    hf_account_put_args args[2];
    const char *const skus[] = {"tea", "cup"};
    hf_op ops[2] = {{0}};
    for (uint32_t i = 0; i < 2; i++) {
        hf_item_put_init(&args[i], skus[i]);
        args[i].opening = 100;
        ops[i] = (hf_op){.type = HF_OP_ITEM_PUT, .args = &args[i]};
    }
    ops[0].flags = HF_OP_LINKED; /* both or none: a step is all or nothing */
    return submit(r, ops, 2);
}

static int put_wallet(run *r)
{
    hf_account_put_args args;
    hf_account_put_init(&args, HF_KIND_MONEY, "anna", "EUR");
    args.unit_scale = 2;
    args.opening = 1000;
    return one(r, HF_OP_ACCOUNT_PUT, &args);
}

/* Two lines; paid 1, or pending until a deadline. */
static int place(run *r, const char *name, uint32_t settle_on, bool paid)
{
    hf_line_args lines[2];
    hf_payment_args payment;
    hf_order_place_args args;
    hf_line_init(&lines[0], "tea", 2, 50);
    hf_line_init(&lines[1], "cup", 1, 100);
    lines[0].settle_on = settle_on;
    lines[1].settle_on = settle_on;
    hf_payment_init(&payment, "anna", "EUR", 200);
    payment.settle_on = settle_on;
    hf_order_place_init(&args, "EUR");
    args.head.id = id_of(name);
    args.total = 200;
    args.lines = lines;
    args.line_count = 2;
    args.payments = &payment;
    args.payment_count = paid ? 1 : 0;
    args.deadline_ms = paid ? 0 : START_MS + 1000;
    return one(r, HF_OP_ORDER_PLACE, &args);
}

static int check_out(run *r)
{
    return place(r, "order", HF_SETTLE_CONFIRM, true);
}

static int place_paid(run *r)
{
    return place(r, "order", HF_SETTLE_FULFIL, true);
}

static int place_pending(run *r)
{
    return place(r, "order", HF_SETTLE_FULFIL, false);
}

static int units(run *r, uint32_t type)
{
    hf_order_units_args args;
    const hf_id order = id_of("order");
    const hf_line_quantity line = {.line = 1, .quantity = 1};
    hf_order_units_init(&args, &order);
    args.lines = &line;
    args.line_count = type == HF_OP_ORDER_CANCEL ? 0 : 1;
    return one(r, type, &args);
}

static int fulfil(run *r)
{
    return units(r, HF_OP_ORDER_FULFIL);
}

static int take_back(run *r)
{
    return units(r, HF_OP_ORDER_RETURN);
}

static int cancel(run *r)
{
    return units(r, HF_OP_ORDER_CANCEL);
}

static int hold_place(run *r)
{
    hf_hold_place_args args;
    hf_hold_place_init(&args);
    args.head.id = id_of("hold");
    args.from = (hf_account_key){.kind = HF_KIND_MONEY, .name = "anna", .unit = "EUR"};
    args.amount = 50;
    args.deadline_ms = START_MS + 500;
    return one(r, HF_OP_HOLD_PLACE, &args);
}

static int hold_post(run *r)
{
    hf_hold_post_args args;
    const hf_id hold = id_of("hold");
    hf_hold_post_init(&args, &hold);
    args.post = 20;
    args.release = HF_ALL;
    return one(r, HF_OP_HOLD_POST, &args);
}

static int hold_reverse(run *r)
{
    hf_hold_amount_args args;
    const hf_id hold = id_of("hold");
    hf_hold_amount_init(&args, &hold);
    return one(r, HF_OP_HOLD_REVERSE, &args);
}

/* The clock advances, so that what is pending expires with the next batch. */
static int expire(run *r)
{
    int error = hf_clock_advance(r->engine, 2000);
    return error != 0 ? error : put_wallet(r);
}

static int retain(run *r)
{
    int error = hf_clock_advance(r->engine, 5000);
    hf_retention_args args;
    hf_retention_init(&args);
    args.before_ms = START_MS + 4000;
    return error != 0 ? error : one(r, HF_OP_RETENTION, &args);
}

/* Finds the order by its index: it gets a customer, then loses it again with its meta. */
static int erase(run *r)
{
    hf_erase_args args[2];
    const hf_id order = id_of("order");
    hf_erase_init(&args[0], &order);
    args[0].replacement = "ada";
    args[0].head.meta = "her address";
    args[0].head.meta_bytes = 11;
    hf_erase_init(&args[1], NULL);
    args[1].by = HF_ERASE_BY_CUSTOMER;
    args[1].customer = "ada";
    const hf_op ops[] = {{.type = HF_OP_ERASE, .flags = HF_OP_LINKED, .args = &args[0]},
                         {.type = HF_OP_ERASE, .args = &args[1]}};
    return submit(r, ops, 2);
}

static int verify(run *r)
{
    int error = hf_verify(r->engine, NULL, on_verify, r);
    return error != 0 ? error : wait_for_end(r);
}

static int back_up(run *r)
{
    if (r->fault.kept != NULL)
        return 0; /* memory has none */
    int error = hf_backup(r->engine, "sweep-copy", NULL, on_work, r);
    return error != 0 ? error : wait_for_end(r);
}

/* Many at once through the completion queue, a read among them. */
static int many(run *r)
{
    hf_move_args move;
    hf_account_get_args get;
    hf_item_receive_init(&move, "tea", 1);
    hf_item_get_init(&get, "tea");
    const hf_op ops[] = {
        {.type = HF_OP_ITEM_RECEIVE, .flags = HF_OP_LINKED, .args = &move},
        {.type = HF_OP_ITEM_RECEIVE, .flags = HF_OP_LINKED, .args = &move},
        {.type = HF_OP_ITEM_RECEIVE, .args = &move},
        {.type = HF_OP_ITEM_GET, .args = &get},
    };
    return submit(r, ops, 4);
}

/* clang-format off */
static const step scenarios[][STEPS_MAX] = {
    { NULL }, /* open and close */
    { put_items, put_wallet, check_out },
    { put_items, put_wallet, place_paid, fulfil, take_back },
    { put_wallet, hold_place, hold_post, hold_reverse },
    { put_items, put_wallet, place_pending, expire },
    { put_items, put_wallet, place_pending, cancel, retain },
    { put_items, put_wallet, place_paid, erase },
    { put_items, verify },
    { put_items, back_up },
    { put_items, many },
};

/* How a store call fails. */
static const hf__fault_plan plans[] = {
    { .kind = HF__FAULT_FAIL, .error = HF_E_IO },
    { .kind = HF__FAULT_FAIL, .error = HF_E_NO_SPACE },
    { .kind = HF__FAULT_FAIL, .error = HF_E_NOMEM },
    { .kind = HF__FAULT_LOSE_ACK },
    { .kind = HF__FAULT_CRASH_DONE },
};
/* clang-format on */

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* ---- The sweep ------------------------------------------------------------------------------- */

static const hf_allocator plain = {.alloc = take, .free = give, .context = &(counted){.calls = 0}};

/* A store under test: which driver, and whether a journal lies in front of it. */
typedef struct subject {
    const char *name;
    const char *scheme;
    uint32_t durability;
} subject;

static const subject subjects[] = {
    {"memory", "memory", HF_DURABILITY_NONE},
    {"lmdb", "lmdb", HF_DURABILITY_NONE},
    {"sqlite", "sqlite", HF_DURABILITY_NONE},
    {"journal", "lmdb", HF_DURABILITY_JOURNAL},
};

static const subject *subject_of(const char *name)
{
    int i = 0;
    while (strcmp(subjects[i].name, name) != 0)
        i++;
    return &subjects[i];
}

static void remove_files(const run *r)
{
    static const char *const tails[] = {
        "", ".journal/segment-01", ".journal/segment-02", ".journal", "-wal", "-shm", "-journal",
    };
    for (int i = 0; i < COUNT(tails); i++) {
        char name[80];
        (void)snprintf(name, sizeof name, "%s%s", r->path, tails[i]);
        (void)remove(name);
        (void)snprintf(name, sizeof name, "sweep-copy%s", tails[i]);
        (void)remove(name);
    }
}

static void begin(run *r, const char *store)
{
    memset(r, 0, sizeof *r);
    r->store = store;
    r->durability = subject_of(store)->durability;
    bool memory = strcmp(store, "memory") == 0;
    (void)snprintf(r->path, sizeof r->path, "%s", memory ? "" : "sweep-store");
    r->allocator = (hf_allocator){.alloc = take, .free = give, .context = &r->memory};
    remove_files(r);
    ck_assert_int_eq(hf__fault_init(&r->fault, hf_store_builtin(subject_of(store)->scheme),
                                    memory ? &plain : NULL),
                     0);
    ck_assert_int_eq(hf_loop_create(&r->loop), 0);
}

static void end(run *r)
{
    ck_assert_int_eq(hf_loop_destroy(r->loop), 0);
    hf__fault_fini(&r->fault);
    remove_files(r);
    runs++;
}

/* Until the first step that fails: how many were done, and *status. */
static int go(run *r, const step *steps, int *status)
{
    int done = 0;
    *status = open_engine(r);
    while (*status == 0 && steps[done] != NULL) {
        *status = steps[done](r);
        done += *status == 0;
    }
    return done;
}

/* The digests after 0, 1, 2 ... steps without a fault. */
static int note_digests(const char *store, const step *steps, uint8_t digests[][16])
{
    run r;
    int status;
    int count = 0;
    while (count == 0 || steps[count - 1] != NULL) {
        step part[STEPS_MAX + 1] = {NULL};
        memcpy(part, steps, (size_t)count * sizeof *part);
        begin(&r, store);
        r.plain = 1;
        ck_assert_int_eq(go(&r, part, &status), count);
        ck_assert_msg(status == 0, "%s", hf_error_name(status));
        ck_assert_int_eq(verify(&r), 0);
        memcpy(digests[count++], r.digest, 16);
        close_engine(&r);
        end(&r);
    }
    return count - 1;
}

/* What is wrong after a run: NULL when nothing is. */
static const char *judge(run *r, uint8_t digests[][16], int done, int status)
{
    if (r->memory.live != 0)
        return "memory is left";
    if (strcmp(hf_error_name(status), "HF_E_?") == 0)
        return "the code is not documented";
    r->plain = 1;
    hf__fault_arm(&r->fault, &(hf__fault_plan){.at = 0});
    int error = open_engine(r);
    if (error == 0)
        error = verify(r);
    close_engine(r);
    if (error != 0)
        return "it does not open and verify again";
    if (r->findings != 0)
        return "verify finds something";
    bool before = memcmp(r->digest, digests[done], 16) == 0;
    bool after = status != 0 && memcmp(r->digest, digests[done + 1], 16) == 0;
    return before || after ? NULL : "a step is half done";
}

/* One run with a fault; true when the fault was met. */
static bool fail_once(const char *store, int scenario, const hf__fault_plan *plan, uint64_t memory)
{
    uint8_t digests[STEPS_MAX + 2][16] = {{0}};
    static int noted = -1;
    static const char *of = "";
    static uint8_t kept[STEPS_MAX + 2][16];
    if (noted != scenario || of != store)
        (void)note_digests(store, scenarios[scenario], kept);
    noted = scenario;
    of = store;
    memcpy(digests, kept, sizeof kept);
    run r;
    int status;
    begin(&r, store);
    hf__fault_arm(&r.fault, plan);
    r.memory.fail_at = memory;
    int done = go(&r, scenarios[scenario], &status);
    bool met = memory != 0 ? r.memory.calls >= memory : hf__fault_hits(&r.fault) != 0;
    close_engine(&r);
    const char *wrong = judge(&r, digests, done, status);
    ck_assert_msg(wrong == NULL,
                  "%s, scenario %d, step %d, kind %u error %d at %llu, memory %llu: %s: %s", store,
                  scenario, done, plan->kind, plan->error, (unsigned long long)plan->at,
                  (unsigned long long)memory, hf_error_name(status), wrong);
    end(&r);
    return met;
}

#if defined(__SANITIZE_ADDRESS__)
#define SLOW true
#elif defined(__has_feature)
#define SLOW __has_feature(address_sanitizer)
#else
#define SLOW false
#endif

static uint64_t stride_of(const char *store)
{
    const char *given = getenv("HOLDFAST_SWEEP_STRIDE");
    uint64_t stride = given != NULL ? strtoull(given, NULL, 10) : 0;
    if (stride != 0)
        return stride;
    return SLOW || strcmp(store, "memory") != 0 ? 6 : 1;
}

/* Which calls fail differs by scenario and plan, so that together they are spread evenly. */
static void sweep(const char *store, int scenario)
{
    const hf__fault_plan none = {.at = 0};
    uint64_t stride = stride_of(store);
    uint64_t first = 1 + (uint64_t)scenario % stride;
    for (uint64_t n = first; fail_once(store, scenario, &none, n); n += stride)
        ck_assert(n < 10000);
    for (int i = 0; i < COUNT(plans); i++) {
        hf__fault_plan plan = plans[i];
        plan.at = 1 + (uint64_t)(scenario + i) % stride;
        for (; fail_once(store, scenario, &plan, 0); plan.at += stride)
            ck_assert(plan.at < 10000);
    }
    (void)fprintf(stderr, "%s, scenario %d: %llu runs\n", store, scenario,
                  (unsigned long long)runs);
}

START_TEST(whatever_fails_once_leaves_all_or_nothing)
{
    const char *store = subjects[_i / COUNT(scenarios)].name;
    const char *only = getenv("HOLDFAST_SWEEP_STORE");
    if (hf_store_builtin(subject_of(store)->scheme) == NULL ||
        (only != NULL && strcmp(only, store) != 0))
        return;
    sweep(store, _i % COUNT(scenarios));
}
END_TEST

START_TEST(a_leak_and_half_a_step_are_noticed)
{
    uint8_t digests[STEPS_MAX + 2][16] = {{0}};
    int status;
    run r;
    (void)note_digests("memory", scenarios[1], digests);
    begin(&r, "memory");
    ck_assert_int_eq(go(&r, scenarios[1], &status), 3);
    close_engine(&r);
    ck_assert_ptr_null(judge(&r, digests, 3, 0));
    ck_assert_ptr_nonnull(judge(&r, digests, 1, 0)); /* a store that is two steps ahead */
    void *lost = take(&r.memory, 1);
    ck_assert_str_eq(judge(&r, digests, 3, 0), "memory is left");
    give(&r.memory, lost);
    end(&r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sweep");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, whatever_fails_once_leaves_all_or_nothing, 0,
                        COUNT(subjects) * COUNT(scenarios));
    tcase_add_test(core, a_leak_and_half_a_step_are_noticed);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
