/*
 * Operations that are short of what is due: the engine lets it expire before the operation, or
 * before its whole chain, which is decided again from its first operation.
 */
#include "domain/upkeep/aside.h"
#include "engine/state.h"
#include "support/bare.h"
#include <stdio.h>

#define DEADLINE  (HF_BARE_NOW + 60000)
#define HOLDS_MAX 200u

static hf_hold_place_args holds[HOLDS_MAX];
static char names[HOLDS_MAX][16];

/* With a virtual clock and a batch that takes a long chain. */
static void begin(void)
{
    setup();
    hf__engine_close(engine);
    ck_assert_int_eq(open_engine(HF_BARE_NOW, 1000), 0);
    hf__batch_fini(&batch, &env);
    ck_assert_int_eq(hf__batch_init(&batch, &env, 512, 4u << 20, 64u << 20), 0);
}

static hf__task *add_hold(const char *sku, int64_t deadline_ms)
{
    hf_hold_place_args *args = &holds[batch.count];
    hf_hold_place_init(args);
    args->from = (hf_account_key){.kind = HF_KIND_ITEM, .name = sku, .place = "", .unit = "pcs"};
    args->to.name = args->to.place = args->to.unit = "";
    args->amount = 1;
    args->deadline_ms = deadline_ms;
    return add(HF_OP_HOLD_PLACE, &args->head);
}

/* Runs what was added, of which nothing may be refused. */
static void run_all(void)
{
    run();
    for (uint32_t i = 0; i < batch.count; i++)
        ck_assert_int_eq(batch.tasks[i].done.status, 0);
}

/* All deadlines pass, and no timer of the engine is there before the next operation. */
static void let_deadlines_pass(void)
{
    ck_assert_int_eq(hf__engine_clock_advance(engine, DEADLINE - HF_BARE_NOW), 0);
    atomic_store(&engine->next_due, 0);
}

/* So many items with one piece each, which a hold has until its deadline. */
static void prepare(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        (void)snprintf(names[i], sizeof names[i], "item-%u", i);
        stock(names[i], 1);
        (void)add_hold(names[i], DEADLINE);
        run_all();
        hf__batch_reset(&batch);
    }
    let_deadlines_pass();
}

/* A chain of a hold of each item, or of as many holds of one. */
static void hold_all(uint32_t count, const char *only)
{
    for (uint32_t i = 0; i < count; i++) {
        hf__task *task = add_hold(only == NULL ? names[i] : only, DEADLINE + 60000);
        task->op.linked = i + 1 < count;
    }
    run_all();
}

START_TEST(a_chain_that_is_decided_again_keeps_no_memory_of_its_earlier_tries)
{
    prepare(HOLDS_MAX);
    hold_all(HOLDS_MAX, NULL);
    ck_assert_uint_lt(batch.work.used, (size_t)4 << 20); /* 25 MB when each try is kept */
    hf__batch_reset(&batch);
}
END_TEST

START_TEST(a_chain_earns_expiry_its_share_once)
{
    prepare(HOLDS_MAX);
    hold_all(HOLDS_MAX, NULL);
    const int64_t earned = engine->share.earned[HF__CHORE_EXPIRY];
    hf__batch_reset(&batch);
    run();
    hf__batch_reset(&batch);
    stock("tea", HOLDS_MAX);
    run();
    hf__batch_reset(&batch);
    hold_all(HOLDS_MAX, "tea");
    ck_assert_int_gt(engine->share.earned[HF__CHORE_EXPIRY], 0);
    ck_assert_int_lt(earned, 10 * engine->share.earned[HF__CHORE_EXPIRY]);
    hf__batch_reset(&batch);
}
END_TEST

/* The hold is overdue and set aside, and the chain that clears it needs what it holds. */
START_TEST(what_is_due_by_the_chain_alone_is_a_shortage_and_no_broken_invariant)
{
    stock("tea", 1);
    const hf_id id = add_hold("tea", DEADLINE)->op.id;
    run_all();
    hf__batch_reset(&batch);
    hf__aside_args aside = {.head = {.size = sizeof aside}, .id = id, .kind = HF_SUBJECT_HOLD};
    add(HF_EVENT_SET_ASIDE, &aside.head)->op.id_given = false;
    run_all();
    hf__batch_reset(&batch);
    let_deadlines_pass();
    hf_attention_clear_args clear;
    hf_attention_clear_init(&clear);
    clear.subject = HF_ATTENTION_ON_HOLD;
    clear.id = id;
    clear.bits = HF_ATTENTION_INVARIANT;
    clear.reason = "looked at";
    clear.account.name = clear.account.place = clear.account.unit = "";
    clear.provider = clear.fact_ref = "";
    hf__task *first = add(HF_OP_ATTENTION_CLEAR, &clear.head);
    first->op.linked = 1;
    const hf__task *taker = add_withdraw("tea", 1);
    run();
    ck_assert_int_eq(taker->done.status, HF_E_STOCK_SHORT);
    ck_assert_int_eq(first->done.status, HF_E_CHAIN);
    ck_assert_uint_eq(atomic_load(&engine->invariants), 0);
    hf__batch_reset(&batch);
}
END_TEST

/* More accounts than EXPIRE is asked for in one load. */
START_TEST(an_order_that_is_short_of_many_accounts_gets_what_is_due_of_each)
{
    static hf_line_args lines[HOLDS_MAX];
    hf_order_place_args order;
    prepare(HOLDS_MAX);
    hf_order_place_init(&order, "pcs");
    order.customer = order.series = order.external_ref = "";
    for (uint32_t i = 0; i < HOLDS_MAX; i++)
        hf_line_init(&lines[i], names[i], 1, 1);
    order.lines = lines;
    order.line_count = HOLDS_MAX;
    order.total = HOLDS_MAX;
    order.deadline_ms = DEADLINE + 60000;
    const uint64_t first = engine->next_seq;
    (void)add(HF_OP_ORDER_PLACE, &order.head);
    run_all();
    ck_assert_uint_eq(engine->next_seq - first, HOLDS_MAX + 1);
    hf__batch_reset(&batch);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("short_due");
    TCase *core = tcase_create("core");
    tcase_set_timeout(core, 600);
    tcase_add_checked_fixture(core, begin, teardown);
    tcase_add_test(core, a_chain_that_is_decided_again_keeps_no_memory_of_its_earlier_tries);
    tcase_add_test(core, a_chain_earns_expiry_its_share_once);
    tcase_add_test(core, what_is_due_by_the_chain_alone_is_a_shortage_and_no_broken_invariant);
    tcase_add_test(core, an_order_that_is_short_of_many_accounts_gets_what_is_due_of_each);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
