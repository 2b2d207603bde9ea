/*
 * What the engine does by itself, in counts: how many rows and keys it reads for each hold that
 * expires and each order that is promoted, how many of them a batch has, how many batches it takes
 * until nothing is left, and how much of a batch stays for callers. No clock but the test's.
 */
#include "support/backlog.h"

/* ---- Expiry ---------------------------------------------------------------------------------- */

/* What is read for one of `count` overdue holds, from the journal or from the store. */
static double read_for_a_hold(int of, uint32_t count, bool stored)
{
    begin(of);
    hold_many("tea", count);
    if (stored)
        open_again(HF_BARE_NOW);
    pass_deadline();
    start_counting();
    (void)run_until_done();
    ck_assert_int_eq(account("tea").held_out, 0);
    double each = (double)counted() / count;
    end();
    return each;
}

START_TEST(of_many_overdue_holds_no_more_is_read_for_each_than_of_few)
{
    for (int stored = 0; stored < 2; stored++) {
        double few = read_for_a_hold(_i, FEW, stored != 0);
        double many = read_for_a_hold(_i, MANY, stored != 0);
        (void)fprintf(stderr, "stored %d: %.2f and %.2f read for a hold\n", stored, few, many);
        ck_assert_double_lt(few, 12);
        ck_assert_double_lt(many, few * 1.5);
    }
}
END_TEST

START_TEST(batches_that_do_nothing_else_have_more_and_more_of_what_is_due)
{
    begin(_i);
    hold_many("tea", MANY);
    pass_deadline();
    uint32_t batches = run_until_done();
    (void)fprintf(stderr, "%u batches for %u holds\n", batches, MANY);
    ck_assert_uint_le(batches, 12);
    ck_assert_int_eq(account("tea").held_out, 0);
    end();
}
END_TEST

/* Each batch has so many operations of callers; no batch may expire much more than these. */
START_TEST(beside_operations_of_callers_a_batch_has_its_share_of_what_is_due)
{
    static const uint32_t loads[] = {1, 8, 64};
    for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++) {
        const uint32_t share = 64 + 2 * loads[i];
        int64_t least = INT64_MAX;
        int64_t most = 0;
        begin(_i);
        hold_many("tea", MANY);
        stock("cup", 1);
        pass_deadline();
        int64_t left = MANY;
        for (uint32_t batches = 0; left > 0; batches++) {
            for (uint32_t k = 0; k < loads[i]; k++)
                add_supply("cup", 1);
            run_well();
            int64_t before = left;
            left = account("tea").held_out;
            if (batches < 2) /* what was saved up before */
                continue;
            most = before - left > most ? before - left : most;
            if (left > 0)
                least = before - left < least ? before - left : least;
        }
        (void)fprintf(stderr, "%u operations: %lld to %lld holds\n", loads[i], (long long)least,
                      (long long)most);
        ck_assert_int_le(most, share);
        end();
    }
}
END_TEST

/* As many expire as are placed, and more are placed than a batch that is alone may have. */
START_TEST(what_is_due_never_stays_while_as_much_is_placed)
{
    const uint32_t life = 10; /* batches, a ms each */
    const uint32_t load = 256;
    begin(_i);
    stock("tea", (int64_t)load * life * 2);
    start_counting();
    uint32_t batches = 4 * life;
    for (uint32_t b = 0; b < batches; b++) {
        for (uint32_t i = 0; i < load; i++)
            add_hold("tea", hf__engine_now(engine) + life);
        run_well();
        int64_t due = hf__engine_next_due(engine);
        ck_assert_msg(due > hf__engine_now(engine), "batch %u: due at %lld, it is %lld", b,
                      (long long)due, (long long)hf__engine_now(engine));
        ck_assert_int_eq(hf__engine_clock_advance(engine, 1), 0);
    }
    double each = (double)counted() / (batches * load);
    (void)fprintf(stderr, "%.2f read for a hold\n", each);
    ck_assert_double_lt(each, 8);
    end();
}
END_TEST

/* The account is short, so each hold that is placed needs one that is due. */
static double read_for_a_taker(int of, uint32_t count)
{
    begin(of);
    hold_many("tea", count);
    stock("cup", 1);
    pass_deadline();
    start_counting();
    for (uint32_t done = 0; done < count; done += TASKS) {
        for (uint32_t i = 0; i < TASKS && done + i < count; i++)
            add_hold("tea", DEADLINE + 100000);
        run_well();
    }
    double each = (double)counted() / count;
    end();
    return each;
}

START_TEST(who_needs_what_is_due_does_not_read_what_others_got)
{
    double few = read_for_a_taker(_i, FEW);
    double many = read_for_a_taker(_i, MANY);
    (void)fprintf(stderr, "%.2f and %.2f read for a taker\n", few, many);
    ck_assert_double_lt(few, 40);
    ck_assert_double_lt(many, few * 1.5);
}
END_TEST

static double read_for_all(int of, uint32_t count)
{
    begin(of);
    hold_many("tea", count);
    pass_deadline();
    start_counting();
    (void)add_withdraw("tea", count);
    run_well();
    double each = (double)counted() / count;
    end();
    return each;
}

START_TEST(one_who_takes_all_reads_each_hold_as_often_whatever_their_number)
{
    double few = read_for_all(_i, FEW);
    double many = read_for_all(_i, MANY);
    (void)fprintf(stderr, "%.2f and %.2f read for a hold\n", few, many);
    ck_assert_double_lt(many, few * 1.5);
}
END_TEST

/* ---- Promotions ------------------------------------------------------------------------------ */

static double read_for_an_order(int of, uint32_t count, bool stored)
{
    begin(of);
    wait_many("tea", count);
    if (stored)
        open_again(HF_BARE_NOW);
    start_counting();
    supply("tea", count);
    uint32_t batches = run_until_done();
    (void)fprintf(stderr, "%u batches for %u orders\n", batches, count);
    hf_account tea = account("tea");
    ck_assert_uint_eq(tea.waiting, 0);
    ck_assert_int_eq(tea.held_out, count);
    double each = (double)counted() / count;
    end();
    return each;
}

START_TEST(of_many_waiting_orders_no_more_is_read_for_each_than_of_few)
{
    for (int stored = 0; stored < 2; stored++) {
        double few = read_for_an_order(_i, FEW, stored != 0);
        double many = read_for_an_order(_i, MANY, stored != 0);
        (void)fprintf(stderr, "stored %d: %.2f and %.2f read for an order\n", stored, few, many);
        ck_assert_double_lt(many, few * 1.5);
    }
}
END_TEST

/* Stock that comes in single pieces is no reason to read the queue from its beginning. */
static double read_for_a_piece(int of, uint32_t count)
{
    begin(of);
    wait_many("tea", count);
    start_counting();
    for (uint32_t i = 0; i < count; i++)
        supply("tea", 1);
    ck_assert_uint_eq(account("tea").waiting, 0);
    double each = (double)counted() / count;
    end();
    return each;
}

START_TEST(stock_in_single_pieces_reads_no_more_in_a_long_queue_than_in_a_short_one)
{
    double few = read_for_a_piece(_i, FEW);
    double many = read_for_a_piece(_i, MANY);
    (void)fprintf(stderr, "%.2f and %.2f read for an order\n", few, many);
    ck_assert_double_lt(many, few * 1.5);
}
END_TEST

START_TEST(beside_operations_of_callers_a_batch_promotes_its_share)
{
    const uint32_t load = 64;
    int64_t most = 0;
    begin(_i);
    wait_many("tea", MANY);
    stock("cup", 1);
    supply("tea", MANY);
    int64_t left = (int64_t)account("tea").waiting;
    for (uint32_t batches = 0; left > 0; batches++) {
        for (uint32_t k = 0; k < load; k++)
            add_supply("cup", 1);
        run_well();
        int64_t before = left;
        left = (int64_t)account("tea").waiting;
        if (batches >= 2 && before - left > most)
            most = before - left;
    }
    (void)fprintf(stderr, "at most %lld orders\n", (long long)most);
    ck_assert_int_le(most, 64 + load);
    ck_assert_int_eq(account("tea").held_out, MANY);
    end();
}
END_TEST

/* ---- Marks that move back -------------------------------------------------------------------- */

/*
 * An older order joins the queue whose younger orders were promoted already: it waits for a second
 * thing first, and moves when that has come.
 */
START_TEST(an_older_order_that_joins_a_queue_later_is_promoted_too)
{
    static const char *const both[] = {"cup", "tea"};
    begin(_i);
    stock("cup", 0);
    stock("tea", 1);
    add_order(both, 2); /* waits for a cup */
    add_order(&both[1], 1);
    add_order(&both[1], 1); /* waits for tea */
    run_well();
    ck_assert_uint_eq(account("cup").waiting, 1);
    ck_assert_uint_eq(account("tea").waiting, 1);
    supply("tea", 1);
    (void)run_until_done();
    ck_assert_uint_eq(account("tea").waiting, 0);
    ck_assert_uint_gt(
        hf__walks_head(engine,
                       &(hf_account_ref){.kind = HF_KIND_ITEM, .name = {"tea"}, .unit = {"pcs"}}),
        0);
    supply("cup", 1);
    (void)run_until_done();
    ck_assert_uint_eq(account("cup").waiting, 0);
    ck_assert_uint_eq(account("tea").waiting, 1);
    supply("tea", 1);
    (void)run_until_done();
    ck_assert_uint_eq(account("tea").waiting, 0);
    ck_assert_int_eq(account("tea").held_out, 3);
    end();
}
END_TEST

/* A record that is written behind the walk over all moves it back; one before it does not. */
START_TEST(a_walk_goes_back_to_what_is_written_behind_it)
{
    begin(_i);
    hold_many("tea", 1);
    pass_deadline();
    (void)run_until_done();
    const hf__due_mark *mark = &engine->walks.all[HF__DUE_HOLD];
    ck_assert_int_eq(mark->deadline_ms, DEADLINE);
    hf__walks_written(engine, HF__DUE_HOLD, DEADLINE + 1);
    ck_assert(!hf__id_zero(&mark->id));
    ck_assert_int_eq(engine->walks.next_ms, DEADLINE + 1);
    hf__walks_written(engine, HF__DUE_HOLD, DEADLINE);
    ck_assert_int_eq(mark->deadline_ms, DEADLINE);
    ck_assert(hf__id_zero(&mark->id));
    ck_assert_int_eq(engine->walks.next_ms, DEADLINE);
    hf__walks_written(engine, HF__DUE_HOLD, DEADLINE - 5);
    ck_assert_int_eq(mark->deadline_ms, DEADLINE - 5);
    ck_assert_int_eq(engine->walks.next_ms, DEADLINE - 5);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("backlog");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, of_many_overdue_holds_no_more_is_read_for_each_than_of_few, 0, KINDS);
    tcase_add_loop_test(core, batches_that_do_nothing_else_have_more_and_more_of_what_is_due, 0,
                        KINDS);
    tcase_add_loop_test(core, beside_operations_of_callers_a_batch_has_its_share_of_what_is_due, 0,
                        KINDS);
    tcase_add_loop_test(core, what_is_due_never_stays_while_as_much_is_placed, 0, KINDS);
    tcase_add_loop_test(core, who_needs_what_is_due_does_not_read_what_others_got, 0, KINDS);
    tcase_add_loop_test(core, one_who_takes_all_reads_each_hold_as_often_whatever_their_number, 0,
                        KINDS);
    tcase_add_loop_test(core, of_many_waiting_orders_no_more_is_read_for_each_than_of_few, 0,
                        KINDS);
    tcase_add_loop_test(
        core, stock_in_single_pieces_reads_no_more_in_a_long_queue_than_in_a_short_one, 0, KINDS);
    tcase_add_loop_test(core, beside_operations_of_callers_a_batch_promotes_its_share, 0, KINDS);
    tcase_add_loop_test(core, an_older_order_that_joins_a_queue_later_is_promoted_too, 0, KINDS);
    tcase_add_loop_test(core, a_walk_goes_back_to_what_is_written_behind_it, 0, KINDS);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
