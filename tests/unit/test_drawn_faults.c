/*
 * Random operations on a store of which single calls fail: reads, writes, and commits. What the
 * engine does by itself meets the same failures. An operation that failed because of the store has
 * changed nothing: the same operation, tried again, ends as in another engine whose store never
 * fails, and both have the same rows. The books are right, also after the store is opened again.
 *
 * The control leaves out one operation on the other engine, which the comparison must notice.
 */
#include "api/call.h"
#include "store/builtin.h"
#include "support/drawn.h"
#include "support/fault.h"
#include "support/plain_memory.h"

#include <string.h>

#define STEPS    4000
#define TRIES    40
#define RETRY_MS 1000 /* after which a degraded engine tries to write */

/* The one whose store fails, and the other one. */
typedef struct side {
    hf__fault fault;
    struct uv_loop_s *loop;
    hf_engine *engine;
} side;

static struct {
    side sides[2];
    uint32_t operations;
    uint32_t failed; /* operations that failed because of the store, and were tried again */
    uint32_t done;
    uint32_t codes[8]; /* of `errors` that callers got */
} world;

static const int errors[] = {HF_E_IO, HF_E_NOMEM, HF_E_BUSY, HF_E_NO_SPACE};
#define ERRORS ((uint32_t)(sizeof errors / sizeof errors[0]))

static void open_engine(side *s)
{
    char error[480] = "";
    hf_options options;
    hf_options_init(&options);
    options.driver = &s->fault.driver;
    options.store = "";
    options.threads = 0;
    options.queue_bytes_max = 1 << 20;
    options.batch_bytes_max = 4 << 20;
    options.cache_bytes_max = 1 << 18; /* so that rows are read again and again */
    options.durability = HF_DURABILITY_STORE;
    options.virtual_time_ms = drawn.now_ms;
    options.random_seed = 7;
    options.error = error;
    options.error_bytes = sizeof error;
    int status = hf_engine_open(s->loop, &options, &s->engine);
    ck_assert_msg(status == 0, "%s: %s", hf_error_name(status), error);
}

static void on_closed(void *data, int status, const char *detail)
{
    (void)status;
    (void)detail;
    *(bool *)data = true;
}

static void close_engine(side *s)
{
    bool closed = false;
    ck_assert_int_eq(hf_engine_close(s->engine, on_closed, &closed), 0);
    while (!closed)
        (void)hf_loop_run_once(s->loop, 1);
}

/* ---- Operations ------------------------------------------------------------------------------ */

static void on_done(hf_req *req, const hf_completion *done)
{
    operation *o = (operation *)(void *)req;
    o->status[0] = done->status;
    o->ended[0] = true;
}

static int run(const side *s, operation *o)
{
    o->ended[0] = false;
    int status = hf__call(s->engine, o->type, &o->args, &o->req[0], on_done);
    if (status != 0)
        return status;
    while (!o->ended[0])
        (void)hf_loop_run_once(s->loop, 1);
    return o->status[0];
}

/* Errors of the store, and what the engine says while it tries again by itself. */
static bool is_of_store(int status)
{
    bool found = status == HF_E_DEGRADED || status == HF_E_OVERLOADED;
    for (uint32_t i = 0; i < ERRORS; i++)
        found = found || status == errors[i];
    return found;
}

/* One or some calls of one kind fail. A commit fails in such a way that nothing has happened. */
static void arm(void)
{
    static const uint32_t calls[] = {1u << HF__FAULT_GET,
                                     1u << HF__FAULT_SCAN,
                                     1u << HF__FAULT_GET | 1u << HF__FAULT_SCAN,
                                     1u << HF__FAULT_PUT | 1u << HF__FAULT_DEL,
                                     1u << HF__FAULT_BEGIN,
                                     1u << HF__FAULT_COMMIT};
    hf__fault_plan plan = {.calls = calls[below(6)],
                           .at = 1 + below(8),
                           .count = 1 + below(3),
                           .kind = HF__FAULT_FAIL,
                           .error = errors[below(ERRORS)]};
    if (plan.calls == 1u << HF__FAULT_COMMIT) {
        plan.at = 1;
        plan.error = errors[1 + below(ERRORS - 1)];
    }
    hf__fault_arm(&world.sides[0].fault, &plan);
}

static void disarm(void)
{
    const hf__fault_plan nothing = {.at = 0};
    hf__fault_arm(&world.sides[0].fault, &nothing);
}

static void advance(int64_t ms)
{
    drawn.now_ms += ms;
    for (uint32_t n = 0; n < 2; n++) {
        ck_assert_int_eq(hf_clock_advance(world.sides[n].engine, ms), 0);
        for (uint32_t i = 0; i < 16; i++)
            (void)hf_loop_run_once(world.sides[n].loop, 0);
    }
}

/* Runs an operation until the store lets it. */
static int run_at_last(operation *o)
{
    const side *s = &world.sides[0];
    int status = run(s, o);
    for (uint32_t i = 0; is_of_store(status) && i < TRIES; i++) {
        for (uint32_t k = 0; k < ERRORS; k++)
            world.codes[k] += status == errors[k];
        world.failed++;
        if (i > 3)
            disarm();
        if (status == HF_E_DEGRADED) {
            disarm(); /* what is due now happens on both sides at the same time */
            advance(RETRY_MS);
        }
        status = run(s, o);
    }
    ck_assert_msg(!is_of_store(status), "operation %u: %s", o->type, hf_error_name(status));
    world.done += status == 0;
    return status;
}

/* With an id of the engine's a row would have another one at each try. */
static void draw(operation *o)
{
    make(o);
    if (o->args.head.id.bytes[0] == 0)
        o->args.head.id = id_at(drawn.now_ms, "operation", ++world.operations);
}

/* `left_out`: the other engine does not do it. */
static void step(bool left_out)
{
    static operation o;
    do
        draw(&o);
    while (left_out && o.type != HF_OP_ITEM_RECEIVE); /* which changes something, always */
    if (o.type == HF_OP_ORDER_PLACE) /* an order that cannot be promoted may be overtaken */
        o.args.place.policy &= ~HF_ORDER_QUEUE;
    if (below(3) != 0)
        arm();
    const int status = run_at_last(&o);
    disarm();
    if (!left_out)
        ck_assert_int_eq(run(&world.sides[1], &o), status);
    if (below(4) == 0)
        advance(1 + below(4000));
}

/* What the engine does by itself meets failures too, so only the books can be compared. */
static void step_alone(void)
{
    static operation o;
    draw(&o);
    if (below(3) != 0)
        arm();
    (void)run_at_last(&o);
    if (below(4) == 0)
        advance(1 + below(4000));
    disarm();
}

static hf_verify_result verified(const side *s)
{
    hf_verify_result result = {.size = sizeof result};
    ck_assert_int_eq(hf_run_verify(s->engine, &result), 0);
    for (uint32_t i = 0; i < result.finding_count; i++)
        (void)fprintf(stderr, "%s\n", result.findings[i].text);
    ck_assert_uint_eq(result.findings_total, 0);
    return result;
}

static bool have_the_same(void)
{
    const hf_verify_result one = verified(&world.sides[0]);
    const hf_verify_result other = verified(&world.sides[1]);
    return memcmp(one.digest, other.digest, sizeof one.digest) == 0;
}

static void put_accounts(void)
{
    static operation o;
    for (uint32_t i = 0; i < ITEMS + WALLETS; i++) {
        memset(&o, 0, sizeof o);
        o.type = i < ITEMS ? HF_OP_ITEM_PUT : HF_OP_ACCOUNT_PUT;
        if (i < ITEMS)
            hf_item_put_init(&o.args.put, name_of("item", i));
        else
            hf_account_put_init(&o.args.put, HF_KIND_MONEY, name_of("wallet", i - ITEMS), "EUR");
        o.args.put.opening = i < ITEMS ? 8 : 5000;
        if (i >= ITEMS)
            o.args.put.unit_scale = 2;
        ck_assert_int_eq(run(&world.sides[0], &o), 0);
        ck_assert_int_eq(run(&world.sides[1], &o), 0);
    }
}

static void start(void)
{
    memset(&world, 0, sizeof world);
    hf_test_drawn_start();
    for (uint32_t n = 0; n < 2; n++) {
        side *s = &world.sides[n];
        ck_assert_int_eq(hf_loop_create(&s->loop), 0);
        ck_assert_int_eq(
            hf__fault_init(&s->fault, hf_store_builtin("memory"), &hf_test_plain_memory), 0);
        open_engine(s);
    }
    put_accounts();
}

static void finish(void)
{
    for (uint32_t n = 0; n < 2; n++) {
        close_engine(&world.sides[n]);
        hf__fault_fini(&world.sides[n].fault);
        ck_assert_int_eq(hf_loop_destroy(world.sides[n].loop), 0);
    }
}

START_TEST(an_operation_whose_store_failed_has_done_nothing_and_ends_well_later)
{
    const char *more = getenv("HF_TEST_STEPS");
    const uint32_t steps = more == NULL ? STEPS : (uint32_t)strtoul(more, NULL, 10);
    start();
    for (uint32_t i = 0; i < steps; i++) {
        step(false);
        if (i % 100 == 99)
            ck_assert_msg(have_the_same(), "after step %u", i);
    }
    close_engine(&world.sides[0]);
    open_engine(&world.sides[0]);
    ck_assert(have_the_same());
    finish();
    (void)fprintf(stderr, "%u done, %u failed: %u %u %u %u\n", world.done, world.failed,
                  world.codes[0], world.codes[1], world.codes[2], world.codes[3]);
    ck_assert_uint_gt(world.done, steps / 3); /* else most of it was refused */
    ck_assert_uint_gt(world.failed, steps / 30);
}
END_TEST

START_TEST(whatever_fails_beside_expiry_and_promotion_the_books_are_right)
{
    start();
    for (uint32_t i = 0; i < STEPS; i++) {
        step_alone();
        if (i % 100 == 99)
            (void)verified(&world.sides[0]);
    }
    close_engine(&world.sides[0]);
    open_engine(&world.sides[0]);
    (void)verified(&world.sides[0]);
    finish();
    ck_assert_uint_gt(world.done, STEPS / 3);
    ck_assert_uint_gt(world.failed, STEPS / 30);
}
END_TEST

START_TEST(an_operation_that_only_one_engine_has_done_is_noticed)
{
    start();
    for (uint32_t i = 0; i < 20; i++)
        step(false);
    ck_assert(have_the_same());
    const uint32_t done = world.done;
    while (world.done == done)
        step(true);
    ck_assert(!have_the_same());
    finish();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("drawn faults");
    TCase *core = tcase_create("core");
    tcase_add_test(core, an_operation_whose_store_failed_has_done_nothing_and_ends_well_later);
    tcase_add_test(core, whatever_fails_beside_expiry_and_promotion_the_books_are_right);
    tcase_add_test(core, an_operation_that_only_one_engine_has_done_is_noticed);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
