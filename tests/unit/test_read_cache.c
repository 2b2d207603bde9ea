/*
 * The read cache against an engine without one. Two engines run the same random operations on
 * stores of their own, with the same failures of the store: one has a cache that is too small for
 * all records, the other has none. After each step every record that is read from the first, or
 * looked at in its cache, must be what the second one reads from its store, byte for byte. Within
 * its callbacks a record must be at least as new as what any callback has reported.
 *
 * The negative controls break the cache on purpose, through the linker: what a commit changes is
 * not brought up to date, and rows enter before their commit. The comparison must notice both.
 */
#include "api/call.h"
#include "cache/packed_result.h"
#include "engine/state.h"
#include "store/builtin.h"
#include "support/drawn.h"
#include "support/fault.h"
#include "support/plain_memory.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BATCH 6u
#define BYTES ((size_t)1 << 16) /* of a packed result, at most */

/* ---- What is broken on purpose --------------------------------------------------------------- */

typedef enum control {
    WORKS = 0,
    NOT_INVALIDATED, /* nothing is brought up to date */
    BEFORE_COMMIT,   /* rows enter before their commit, which may fail */
} control;

static control broken;

void __real_hf__engine_publish(hf__engine *engine, const hf__batch *batch);
void __wrap_hf__engine_publish(hf__engine *engine, const hf__batch *batch);
void __wrap_hf__engine_publish(hf__engine *engine, const hf__batch *batch)
{
    if (broken != NOT_INVALIDATED)
        __real_hf__engine_publish(engine, batch);
}

int __real_hf__cache_flush(hf__cache *cache);
int __wrap_hf__cache_flush(hf__cache *cache);
int __wrap_hf__cache_flush(hf__cache *cache)
{
    hf__engine *engine = (hf__engine *)(void *)((uint8_t *)cache - offsetof(hf__engine, cache));
    if (broken == BEFORE_COMMIT && engine->reads.index != NULL) {
        hf__batch early = {.work = engine->group.batch->work, .number = engine->number + 1};
        hf__changes_list(engine, &early);
        __real_hf__engine_publish(engine, &early);
    }
    return __real_hf__cache_flush(cache);
}

/* ---- Two engines ----------------------------------------------------------------------------- */

typedef struct side {
    hf__fault fault;
    struct uv_loop_s *loop;
    hf_engine *engine;
    char location[32];
    uint64_t cache_bytes;
} side;

static struct {
    side sides[2]; /* with a cache, without */
    operation operations[BATCH];
    uint32_t count;
    uint64_t versions[ORDERS]; /* of orders, as callbacks of the first side have reported them */
    uint32_t version_of[ORDERS];
    uint64_t peeked;      /* records that were found in the cache */
    uint64_t peeked_many; /* orders of several that were looked at together */
    uint64_t missed;
    uint64_t differences;
    uint64_t failures; /* commits that failed */
    uint64_t drawn;    /* operations */
    uint64_t done;
    int closed;
} world;

static void differs(const char *what, uint32_t number)
{
    world.differences++;
    if (broken == WORKS)
        ck_abort_msg("%s %u differs", what, number);
}

static void open_side(side *s)
{
    char error[480] = "";
    hf_options options;
    hf_options_init(&options);
    options.driver = &s->fault.driver;
    options.store = s->location;
    options.threads = 0;
    options.queue_bytes_max = 1 << 20;
    options.batch_bytes_max = 4 << 20;
    options.cache_bytes_max = 1 << 20;
    options.read_cache_bytes_max = s->cache_bytes;
    options.durability = HF_DURABILITY_NONE;
    options.virtual_time_ms = drawn.now_ms;
    options.random_seed = 7;
    options.error = error;
    options.error_bytes = sizeof error;
    int status = hf_engine_open(s->loop, &options, &s->engine);
    ck_assert_msg(status == 0, "%s: %s", hf_error_name(status), error);
}

static void on_closed(void *data, int status, const char *detail)
{
    (void)data;
    (void)status;
    (void)detail;
    world.closed++;
}

static void close_side(side *s)
{
    world.closed = 0;
    ck_assert_int_eq(hf_engine_close(s->engine, on_closed, NULL), 0);
    while (world.closed == 0)
        (void)hf_loop_run_once(s->loop, 1);
}

/* ---- Reading and comparing ------------------------------------------------------------------- */

typedef struct answer {
    hf_req req;
    bool ended;
    int status;
    int64_t at_ms;
    size_t bytes;
    uint8_t packed[BYTES];
    uint32_t table;
} answer;

/* Packed at one address, two equal results have equal bytes, pointers included. */
static _Alignas(16) uint8_t packed[BYTES];

static void take(answer *a, const void *result)
{
    a->bytes = hf__result_bytes(a->table, result);
    ck_assert_uint_le(a->bytes, BYTES);
    memset(packed, 0, a->bytes);
    hf__result_pack(a->table, result, packed);
    memcpy(a->packed, packed, a->bytes);
}

static void on_answer(hf_req *req, const hf_completion *done)
{
    answer *a = (answer *)(void *)req;
    a->ended = true;
    a->status = done->status;
    a->at_ms = done->at_ms;
    if (done->status == 0)
        take(a, done->result);
}

static void ask(side *s, uint32_t type, const void *args_of, answer *a)
{
    a->ended = false;
    ck_assert_int_eq(hf__call(s->engine, type, args_of, &a->req, on_answer), 0);
    while (!a->ended)
        (void)hf_loop_run_once(s->loop, 1);
}

static bool same(const answer *a, const answer *b)
{
    return a->status == b->status &&
           (a->status != 0 ||
            (a->bytes == b->bytes && memcmp(a->packed, b->packed, a->bytes) == 0));
}

/* What one record is asked for with. */
typedef struct record {
    const char *what;
    uint32_t number;
    uint32_t type;
    uint32_t table;
    args args;
} record;

static record order_record(uint32_t number)
{
    record r = {"order", number, HF_OP_ORDER_GET, HF__ORDERS, {{0}}};
    hf_id id = id_of(&drawn.orders, number);
    hf_order_get_init(&r.args.order, &id);
    return r;
}

static record item_record(uint32_t number)
{
    record r = {"item", number, HF_OP_ITEM_GET, HF__ACCOUNTS, {{0}}};
    hf_item_get_init(&r.args.account, name_of("item", number));
    return r;
}

static record any_record(void)
{
    uint32_t kind = below(8);
    record r = item_record(below(ITEMS));
    hf_id id;
    if (kind < 3)
        return order_record(latest(&drawn.orders, ORDERS));
    if (kind == 3) {
        r = (record){"wallet", below(WALLETS), HF_OP_ACCOUNT_GET, HF__ACCOUNTS, {{0}}};
        hf_account_get_init(&r.args.account, HF_KIND_MONEY, name_of("wallet", r.number), "EUR");
    } else if (kind == 4) {
        r = (record){"hold", latest(&drawn.holds, HOLDS), HF_OP_HOLD_GET, HF__HOLDS, {{0}}};
        id = id_of(&drawn.holds, r.number);
        hf_hold_get_init(&r.args.hold_get, &id);
    } else if (kind == 5) {
        r = (record){
            "payment", latest(&drawn.orders, ORDERS), HF_OP_PAYMENT_GET, HF__PAYMENTS, {{0}}};
        id = payment_of(r.number);
        hf_payment_get_init(&r.args.payment, &id);
    }
    return r;
}

static int peek(const record *r, const void **out)
{
    hf_engine *engine = world.sides[0].engine;
    int64_t age_ms = -1;
    int status = HF_E_NOT_CACHED;
    *out = NULL;
    if (r->type == HF_OP_ORDER_GET)
        status = hf_order_peek(engine, &r->args.order, (const hf_order_view **)out, &age_ms);
    else if (r->type == HF_OP_ITEM_GET)
        status = hf_item_peek(engine, &r->args.account, (const hf_account **)out, &age_ms);
    else if (r->type == HF_OP_ACCOUNT_GET)
        status = hf_account_peek(engine, &r->args.account, (const hf_account **)out, &age_ms);
    else
        return status;
    ck_assert_int_eq(age_ms, 0);
    ck_assert(status == 0 || status == HF_E_NOT_CACHED);
    ck_assert((*out != NULL) == (status == 0));
    return status;
}

/* Orders that are looked at together are those that are looked at one by one. */
static void look_at_many(void)
{
    hf_id ids[2 * ORDERS + 1];
    const hf_order_view *views[2 * ORDERS + 1];
    int64_t ages_ms[2 * ORDERS + 1];
    bool all = true;
    for (uint32_t i = 0; i <= 2 * ORDERS; i++)
        ids[i] = id_of(&drawn.orders, drawn.orders.last - i % ORDERS);
    int status = hf_orders_peek(world.sides[0].engine, ids, 2 * ORDERS + 1, views, ages_ms);
    for (uint32_t i = 0; i <= 2 * ORDERS; i++) {
        const record r = order_record(drawn.orders.last - i % ORDERS);
        const void *one;
        all = peek(&r, &one) == 0 && all;
        ck_assert_ptr_eq(views[i], one);
        world.peeked_many += one != NULL;
        ck_assert_int_eq(ages_ms[i], 0);
    }
    ck_assert_int_eq(status, all ? 0 : HF_E_NOT_CACHED);
}

/* Of answers that are not the same: the statuses, the times, and the first bytes that differ. */
static void report_difference(const record *r, const answer *a, const answer *b)
{
    size_t at = 0;
    while (at < a->bytes && at < b->bytes && a->packed[at] == b->packed[at])
        at++;
    if (broken == WORKS)
        (void)fprintf(stderr,
                      "the cached one: %s at %lld, %zu bytes; the stored one: %s at %lld, "
                      "%zu bytes; the same up to byte %zu\n",
                      hf_error_name(a->status), (long long)a->at_ms, a->bytes,
                      hf_error_name(b->status), (long long)b->at_ms, b->bytes, at);
    differs(r->what, r->number);
}

static void compare(const record *r)
{
    static answer one;
    static answer other;
    static answer seen;
    const void *found;
    one.table = other.table = seen.table = r->table;
    ask(&world.sides[1], r->type, &r->args, &other);
    int status = peek(r, &found);
    world.peeked += status == 0;
    world.missed += status != 0;
    if (status == 0)
        take(&seen, found);
    if (status == 0 && !same(&seen, &other))
        report_difference(r, &seen, &other);
    ask(&world.sides[0], r->type, &r->args, &one);
    if (!same(&one, &other) || one.at_ms != other.at_ms)
        report_difference(r, &one, &other);
    look_at_many();
}

/* ---- Callbacks ------------------------------------------------------------------------------- */

static void report(const hf_order_view *view)
{
    for (uint32_t n = drawn.orders.last; n > 0 && n + ORDERS > drawn.orders.last; n--) {
        hf_id id = id_of(&drawn.orders, n);
        if (memcmp(&id, &view->order->id, sizeof id) != 0)
            continue;
        world.version_of[n % ORDERS] = n;
        world.versions[n % ORDERS] = view->order->version;
    }
}

/* In a callback: no order is older than what was reported of it. */
static void look_at_orders(void)
{
    for (uint32_t i = 0; i < ORDERS; i++) {
        const void *found;
        const record r = order_record(world.version_of[i]);
        if (world.version_of[i] == 0 || peek(&r, &found) != 0)
            continue;
        if (((const hf_order_view *)found)->order->version < world.versions[i])
            differs("in a callback, order", r.number);
    }
}

static bool returns_order(uint32_t type)
{
    return type >= HF_OP_ORDER_PLACE && type <= HF_OP_ORDER_RETURN;
}

static void on_done_0(hf_req *req, const hf_completion *done)
{
    operation *o = (operation *)(void *)req;
    o->status[0] = done->status;
    o->ended[0] = true;
    if (done->status == 0 && returns_order(done->type))
        report(done->result);
    look_at_orders();
}

static void on_done_1(hf_req *req, const hf_completion *done)
{
    operation *o = (operation *)(void *)(req - 1);
    o->status[1] = done->status;
    o->ended[1] = true;
}

static void submit(uint32_t n)
{
    static const hf_done_cb callbacks[2] = {on_done_0, on_done_1};
    for (uint32_t i = 0; i < world.count; i++) {
        operation *o = &world.operations[i];
        o->status[n] = hf__call(world.sides[n].engine, o->type, &o->args, &o->req[n], callbacks[n]);
        o->ended[n] = o->status[n] != 0;
    }
    for (uint32_t i = 0; i < world.count; i++)
        while (!world.operations[i].ended[n])
            (void)hf_loop_run_once(world.sides[n].loop, 1);
}

/* ---- Steps ----------------------------------------------------------------------------------- */

/* The same commit of both fails, or has no outcome that is known. */
static void arm(void)
{
    static const struct {
        uint32_t kind;
        int error;
    } faults[] = {
        {HF__FAULT_FAIL, HF_E_NO_SPACE}, {HF__FAULT_FAIL, HF_E_BUSY}, {HF__FAULT_FAIL, HF_E_IO},
        {HF__FAULT_LOSE_ACK, 0},         {HF__FAULT_CRASH, 0},        {HF__FAULT_CRASH_DONE, 0},
    };
    uint32_t which = below(sizeof faults / sizeof faults[0]);
    hf__fault_plan plan = {.calls = 1u << HF__FAULT_COMMIT};
    if (below(6) == 0) {
        plan.at = 1;
        plan.kind = faults[which].kind;
        plan.error = faults[which].error;
    }
    for (uint32_t n = 0; n < 2; n++)
        hf__fault_arm(&world.sides[n].fault, &plan);
}

static bool is_poisoned(hf_engine *engine)
{
    hf_health_info health = {.size = sizeof health};
    ck_assert_int_eq(hf_health(engine, &health), 0);
    return health.state == HF_HEALTH_POISONED;
}

static void reopen(void)
{
    const hf__fault_plan nothing = {.at = 0};
    for (uint32_t n = 0; n < 2; n++) {
        close_side(&world.sides[n]);
        hf__fault_arm(&world.sides[n].fault, &nothing);
        open_side(&world.sides[n]);
    }
    memset(world.versions, 0, sizeof world.versions); /* an unknown outcome may go back */
    memset(world.version_of, 0, sizeof world.version_of);
}

/* What the engine does by itself has ended before anything fails. */
static void rest(side *s)
{
    for (int i = 0; i < 16; i++)
        (void)hf_loop_run_once(s->loop, 0);
}

static void advance(void)
{
    int64_t ms = 1 + below(4000);
    drawn.now_ms += ms;
    for (uint32_t n = 0; n < 2; n++) {
        ck_assert_int_eq(hf_clock_advance(world.sides[n].engine, ms), 0);
        rest(&world.sides[n]);
    }
}

static void step(void)
{
    const record first = any_record();
    world.count = 1 + below(BATCH);
    for (uint32_t i = 0; i < world.count; i++)
        make(&world.operations[i]);
    rest(&world.sides[0]);
    rest(&world.sides[1]);
    arm();
    submit(0);
    submit(1);
    for (uint32_t i = 0; i < world.count; i++) {
        ck_assert_int_eq(world.operations[i].status[0], world.operations[i].status[1]);
        world.drawn++;
        world.done += world.operations[i].status[0] == 0;
    }
    world.failures += hf__fault_hits(&world.sides[0].fault) != 0;
    ck_assert_int_eq(hf__fault_hits(&world.sides[0].fault) != 0,
                     hf__fault_hits(&world.sides[1].fault) != 0);
    bool crashed = is_poisoned(world.sides[1].engine);
    ck_assert(crashed == is_poisoned(world.sides[0].engine));
    if (!crashed && below(4) == 0)
        advance();
    compare(&first);
    for (uint32_t i = 0; i < 6; i++) {
        const record r = any_record();
        compare(&r);
    }
    if (crashed || below(50) == 0)
        reopen();
}

static const char *const stores[] = {
    "memory",
#if HF_HAVE_LMDB
    "lmdb",
#endif
#if HF_HAVE_SQLITE
    "sqlite",
#endif
};
#define STORES ((int)(sizeof stores / sizeof stores[0]))

static void start(int store)
{
    memset(&world, 0, sizeof world);
    hf_test_drawn_start();
    for (uint32_t n = 0; n < 2; n++) {
        side *s = &world.sides[n];
        ck_assert_int_eq(hf_loop_create(&s->loop), 0);
        const hf_store_driver *inner = hf_store_builtin(stores[store]);
        bool keep = (inner->capabilities & HF_STORE_PERSISTENT) == 0;
        ck_assert_int_eq(hf__fault_init(&s->fault, inner, keep ? &hf_test_plain_memory : NULL), 0);
        (void)snprintf(s->location, sizeof s->location, "%s%u.db", stores[store], n);
        if (keep)
            s->location[0] = '\0';
        s->cache_bytes = n == 0 ? (uint64_t)32768 << below(4) : 0;
        open_side(s);
    }
    world.count = 1;
    for (uint32_t i = 0; i < ITEMS + WALLETS; i++) {
        operation *o = &world.operations[0];
        memset(o, 0, sizeof *o);
        o->type = i < ITEMS ? HF_OP_ITEM_PUT : HF_OP_ACCOUNT_PUT;
        if (i < ITEMS)
            hf_item_put_init(&o->args.put, name_of("item", i));
        else
            hf_account_put_init(&o->args.put, HF_KIND_MONEY, name_of("wallet", i - ITEMS), "EUR");
        o->args.put.opening = i < ITEMS ? 8 : 5000;
        if (i >= ITEMS)
            o->args.put.unit_scale = 2;
        submit(0);
        submit(1);
        ck_assert_int_eq(o->status[0], 0);
    }
}

static void finish(void)
{
    for (uint32_t n = 0; n < 2; n++) {
        close_side(&world.sides[n]);
        hf__fault_fini(&world.sides[n].fault);
        ck_assert_int_eq(hf_loop_destroy(world.sides[n].loop), 0);
    }
}

static void run(int store, uint32_t steps)
{
    const char *more = getenv("HF_TEST_STEPS");
    if (more != NULL && broken == WORKS)
        steps = (uint32_t)strtoul(more, NULL, 10);
    start(store);
    for (uint32_t i = 0; i < steps; i++)
        step();
    finish();
    (void)fprintf(stderr,
                  "%u steps: %llu found in the cache, %llu not, %llu failed commits, %llu of %llu "
                  "operations done\n",
                  steps, (unsigned long long)world.peeked, (unsigned long long)world.missed,
                  (unsigned long long)world.failures, (unsigned long long)world.done,
                  (unsigned long long)world.drawn);
    ck_assert_uint_gt(world.done, world.drawn / 4);
}

START_TEST(a_cached_record_is_what_the_store_has_under_failures_and_crashes)
{
    run(_i, 400);
    ck_assert_uint_gt(world.peeked, 300);
    ck_assert_uint_gt(world.peeked_many, 0);
    ck_assert_uint_gt(world.missed, 100);
    ck_assert_uint_gt(world.failures, 15);
}
END_TEST

START_TEST(a_cache_that_no_commit_brings_up_to_date_is_noticed)
{
    broken = NOT_INVALIDATED;
    run(0, 200);
    ck_assert_uint_gt(world.differences, 0);
}
END_TEST

START_TEST(rows_that_enter_before_their_commit_are_noticed)
{
    broken = BEFORE_COMMIT;
    run(0, 400);
    ck_assert_uint_gt(world.differences, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("read cache");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_cached_record_is_what_the_store_has_under_failures_and_crashes, 0,
                        STORES);
    tcase_add_test(core, a_cache_that_no_commit_brings_up_to_date_is_noticed);
    tcase_add_test(core, rows_that_enter_before_their_commit_are_noticed);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
