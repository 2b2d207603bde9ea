/*
 * The balancer: who is picked by each way, who is ejected and comes back, and what the papers claim
 * of hashing with bounded loads.
 */
#include "support/check_main.h"

#include <holdfast.h>
#include <string.h>

#define MANY 100000u

static hf_endpoint endpoints[HF_ENDPOINTS_MAX + 1];

static hf_balancer balancer_of(uint32_t count, uint32_t how)
{
    hf_balancer balancer;
    memset(endpoints, 0, sizeof endpoints);
    for (uint32_t i = 0; i < count; i++)
        endpoints[i].key = 1000 + i;
    ck_assert_int_eq(hf_balancer_init(&balancer, endpoints, count, how), 0);
    return balancer;
}

static uint64_t hash_of(uint64_t number)
{
    uint64_t z = number * 0x9e3779b97f4a7c15u + 1;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint32_t pick(hf_balancer *balancer, int64_t now_ms, uint64_t hash)
{
    uint32_t index = UINT32_MAX;
    ck_assert_int_eq(hf_balancer_pick(balancer, now_ms, hash, &index), 1);
    ck_assert_uint_lt(index, balancer->count);
    return index;
}

static uint32_t call(hf_balancer *balancer, int64_t now_ms, uint64_t hash, uint32_t outcome)
{
    uint32_t index = pick(balancer, now_ms, hash);
    ck_assert_int_eq(hf_balancer_report(balancer, now_ms, index, outcome), 0);
    return index;
}

/* ---- In turn, and least -----------------------------------------------------------------------
 */

START_TEST(turns_go_by_weight_and_are_spread_out)
{
    hf_balancer balancer = balancer_of(3, HF_BALANCE_ROUND_ROBIN);
    char order[8] = "";
    endpoints[0].weight = 5;
    for (uint32_t i = 0; i < 7; i++)
        order[i] = (char)('a' + call(&balancer, 0, 0, HF_BREAKER_SUCCESS));
    ck_assert_str_eq(order, "aabacaa"); /* as nginx has it for 5, 1, 1 */
    for (uint32_t i = 0; i < 7 * 100; i++)
        (void)call(&balancer, 0, 0, HF_BREAKER_SUCCESS);
    ck_assert_uint_eq(endpoints[0].picked, 505);
    ck_assert_uint_eq(endpoints[1].picked, 101);
    ck_assert_uint_eq(endpoints[2].picked, 101);
}
END_TEST

START_TEST(the_one_with_the_fewest_calls_for_its_weight_is_picked)
{
    hf_balancer balancer = balancer_of(3, HF_BALANCE_LEAST);
    endpoints[1].weight = 2;
    for (uint32_t i = 0; i < 400; i++)
        (void)pick(&balancer, 0, 0);
    ck_assert_uint_eq(endpoints[0].in_flight, 100);
    ck_assert_uint_eq(endpoints[1].in_flight, 200);
    ck_assert_uint_eq(endpoints[2].in_flight, 100);
    for (uint32_t i = 0; i < 50; i++)
        ck_assert_int_eq(hf_balancer_report(&balancer, 0, 2, HF_BREAKER_SUCCESS), 0);
    for (uint32_t i = 0; i < 50; i++)
        ck_assert_uint_eq(pick(&balancer, 0, 0), 2);
    ck_assert_uint_eq(balancer.in_flight, 400);
}
END_TEST

START_TEST(of_equals_all_are_picked)
{
    hf_balancer balancer = balancer_of(4, HF_BALANCE_LEAST);
    for (uint32_t i = 0; i < 400; i++)
        (void)call(&balancer, 0, 0, HF_BREAKER_SUCCESS);
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_uint_eq(endpoints[i].picked, 100);
}
END_TEST

/* ---- By hash ----------------------------------------------------------------------------------
 */

static uint32_t place[MANY];

static void place_all(hf_balancer *balancer)
{
    for (uint32_t i = 0; i < MANY; i++)
        place[i] = call(balancer, 0, hash_of(i), HF_BREAKER_SUCCESS);
}

START_TEST(only_the_hashes_of_one_that_leaves_move_and_over_all_others)
{
    hf_balancer balancer = balancer_of(10, HF_BALANCE_HASH);
    uint32_t onto[10] = {0};
    uint32_t moved = 0;
    place_all(&balancer);
    ck_assert_int_eq(hf_balancer_health(&balancer, 0, 3, 0), 0);
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t now = call(&balancer, 0, hash_of(i), HF_BREAKER_SUCCESS);
        if (place[i] != 3) {
            ck_assert_uint_eq(now, place[i]);
            continue;
        }
        onto[now] += 1;
        moved += 1;
    }
    ck_assert_uint_gt(moved, MANY / 10 * 95 / 100);
    ck_assert_uint_lt(moved, MANY / 10 * 105 / 100);
    for (uint32_t i = 0; i < 10; i++) {
        ck_assert_uint_le(onto[i], i == 3 ? 0 : moved / 9 * 120 / 100);
        ck_assert_uint_ge(onto[i], i == 3 ? 0 : moved / 9 * 80 / 100);
    }
    ck_assert_int_eq(hf_balancer_health(&balancer, 0, 3, 1), 0);
    for (uint32_t i = 0; i < MANY; i++)
        ck_assert_uint_eq(call(&balancer, 0, hash_of(i), HF_BREAKER_SUCCESS), place[i]);
}
END_TEST

START_TEST(hashes_spread_by_weight)
{
    hf_balancer balancer = balancer_of(3, HF_BALANCE_HASH);
    endpoints[2].weight = 2;
    place_all(&balancer);
    ck_assert_uint_gt(endpoints[2].picked, MANY / 2 * 98 / 100);
    ck_assert_uint_lt(endpoints[2].picked, MANY / 2 * 102 / 100);
    ck_assert_uint_gt(endpoints[0].picked, MANY / 4 * 97 / 100);
}
END_TEST

/* Every call is of one customer: without the bound, one endpoint would have them all. */
START_TEST(nobody_has_more_than_its_bound_in_flight)
{
    hf_balancer balancer = balancer_of(10, HF_BALANCE_HASH);
    for (uint32_t calls = 1; calls <= 1000; calls++) {
        uint32_t index = pick(&balancer, 0, hash_of(7));
        double bound = (double)calls / 10 * 1.25;
        ck_assert_uint_le(endpoints[index].in_flight, (uint32_t)bound + 1);
    }
    ck_assert_uint_eq(balancer.in_flight, 1000);
    for (uint32_t i = 0; i < 10; i++)
        ck_assert_uint_le(endpoints[i].in_flight, 126);
    hf_balancer loose = balancer_of(10, HF_BALANCE_HASH); /* control */
    loose.load_hundredths = 1000000;
    for (uint32_t calls = 1; calls <= 1000; calls++)
        (void)pick(&loose, 0, hash_of(7));
    uint32_t most = 0;
    for (uint32_t i = 0; i < 10; i++)
        most = endpoints[i].in_flight > most ? endpoints[i].in_flight : most;
    ck_assert_uint_eq(most, 1000);
}
END_TEST

/* ---- Health, ejection, slow start -------------------------------------------------------------
 */

/* Fails the calls of endpoint 0 until it is ejected; the others succeed. */
static void fail_first(hf_balancer *balancer, int64_t now_ms)
{
    for (uint32_t calls = 0; endpoints[0].ejected_until_ms <= now_ms; calls++) {
        ck_assert_uint_lt(calls, 100);
        uint32_t index = pick(balancer, now_ms, 0);
        uint32_t outcome = index == 0 ? HF_BREAKER_FAILURE : HF_BREAKER_SUCCESS;
        ck_assert_int_eq(hf_balancer_report(balancer, now_ms, index, outcome), 0);
    }
}

START_TEST(one_that_fails_is_ejected_and_longer_each_time)
{
    hf_balancer balancer = balancer_of(2, HF_BALANCE_ROUND_ROBIN);
    static const int64_t spans[] = {100, 200, 300, 300};
    int64_t now = 1000;
    balancer.eject_ms = 100;
    balancer.eject_max_ms = 300;
    for (size_t round = 0; round < sizeof spans / sizeof spans[0]; round++) {
        fail_first(&balancer, now);
        ck_assert_int_eq(endpoints[0].ejected_until_ms, now + spans[round]);
        ck_assert_uint_eq(endpoints[0].failed, (round + 1) * 5);
        for (int i = 0; i < 10; i++)
            ck_assert_uint_eq(call(&balancer, now + spans[round] - 1, 0, HF_BREAKER_SUCCESS), 1);
        now += spans[round];
    }
    while (call(&balancer, now, 0, HF_BREAKER_SUCCESS) != 0)
        continue;
    fail_first(&balancer, now);
    ck_assert_int_eq(endpoints[0].ejected_until_ms, now + 100); /* a success ends its record */
}
END_TEST

START_TEST(a_fault_of_the_callers_own_leaves_half_of_them)
{
    hf_balancer balancer = balancer_of(8, HF_BALANCE_LEAST);
    uint32_t ejected = 0;
    for (uint32_t i = 0; i < 1000; i++)
        (void)call(&balancer, 5, 0, HF_BREAKER_FAILURE);
    for (uint32_t i = 0; i < 8; i++)
        ejected += endpoints[i].ejected_until_ms != 0;
    ck_assert_uint_eq(ejected, 4);
    hf_balancer one = balancer_of(1, HF_BALANCE_LEAST);
    for (uint32_t i = 0; i < 100; i++)
        (void)call(&one, 5, 0, HF_BREAKER_FAILURE);
    ck_assert_int_eq(endpoints[0].ejected_until_ms, 0);
}
END_TEST

START_TEST(one_that_is_down_takes_no_call_and_nobody_is_an_answer)
{
    hf_balancer balancer = balancer_of(2, (uint32_t)_i);
    uint32_t index = 77;
    ck_assert_int_eq(hf_balancer_health(&balancer, 0, 0, 0), 0);
    for (uint32_t i = 0; i < 20; i++)
        ck_assert_uint_eq(call(&balancer, 0, hash_of(i), HF_BREAKER_SUCCESS), 1);
    ck_assert_int_eq(hf_balancer_health(&balancer, 0, 1, 0), 0);
    ck_assert_int_eq(hf_balancer_pick(&balancer, 0, 1, &index), 0);
    ck_assert_uint_eq(index, 77);
    ck_assert_uint_eq(balancer.none, 1);
    ck_assert_int_eq(hf_balancer_health(&balancer, 0, 0, 1), 0);
    ck_assert_uint_eq(call(&balancer, 0, 1, HF_BREAKER_SUCCESS), 0);
}
END_TEST

START_TEST(one_that_comes_back_starts_slowly)
{
    hf_balancer balancer = balancer_of(2, HF_BALANCE_ROUND_ROBIN);
    balancer.slow_start_ms = 1000;
    ck_assert_int_eq(hf_balancer_health(&balancer, 5000, 0, 0), 0);
    ck_assert_int_eq(hf_balancer_health(&balancer, 5000, 0, 1), 0);
    static const struct {
        int64_t at_ms;
        uint32_t of_1100;
    } parts[] = {{5000, 100}, {5500, 390}, {6000, 550}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        uint64_t before = endpoints[0].picked;
        for (uint32_t n = 0; n < 1100; n++)
            (void)call(&balancer, parts[i].at_ms, 0, HF_BREAKER_SUCCESS);
        ck_assert_uint_ge(endpoints[0].picked - before, parts[i].of_1100 - 2);
        ck_assert_uint_le(endpoints[0].picked - before, parts[i].of_1100 + 2);
    }
}
END_TEST

/* ---- Bad input --------------------------------------------------------------------------------
 */

START_TEST(what_is_no_balancer_or_endpoint_is_refused)
{
    hf_balancer balancer = balancer_of(2, HF_BALANCE_HASH);
    hf_balancer other;
    uint32_t index;
    ck_assert_int_eq(hf_balancer_init(NULL, endpoints, 1, 0), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_balancer_init(&other, NULL, 1, 0), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_balancer_init(&other, endpoints, 0, 0), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_balancer_init(&other, endpoints, HF_ENDPOINTS_MAX + 1, 0), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_balancer_init(&other, endpoints, 1, HF_BALANCE_HASH + 1), HF_E_ENUM);
    ck_assert_int_eq(hf_balancer_report(&balancer, 0, 0, HF_BREAKER_SUCCESS), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_balancer_report(&balancer, 0, 2, HF_BREAKER_SUCCESS), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_balancer_health(&balancer, 0, 2, 1), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_balancer_health(&balancer, 0, 1, 2), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_balancer_pick(&balancer, 0, 0, NULL), HF_E_ARGUMENT);
    index = pick(&balancer, 0, 0);
    ck_assert_int_eq(hf_balancer_report(&balancer, 0, index, HF_BREAKER_UNUSED + 1), HF_E_ENUM);
    ck_assert_int_eq(hf_balancer_report(&balancer, 0, index, HF_BREAKER_UNUSED), 0);
    balancer.eject_ms = 0;
    ck_assert_int_eq(hf_balancer_pick(&balancer, 0, 0, &index), HF_E_ARGUMENT);
    balancer.size = 1;
    ck_assert_int_eq(hf_balancer_pick(&balancer, 0, 0, &index), HF_E_ABI);
    endpoints[0].key = endpoints[1].key;
    ck_assert_int_eq(hf_balancer_init(&other, endpoints, 2, HF_BALANCE_HASH), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_balancer_init(&other, endpoints, 2, HF_BALANCE_LEAST), 0);
    endpoints[0].weight = 1001;
    ck_assert_int_eq(hf_balancer_init(&other, endpoints, 2, HF_BALANCE_LEAST), HF_E_ARGUMENT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("balancer");
    TCase *core = tcase_create("core");
    tcase_add_test(core, turns_go_by_weight_and_are_spread_out);
    tcase_add_test(core, the_one_with_the_fewest_calls_for_its_weight_is_picked);
    tcase_add_test(core, of_equals_all_are_picked);
    tcase_add_test(core, only_the_hashes_of_one_that_leaves_move_and_over_all_others);
    tcase_add_test(core, hashes_spread_by_weight);
    tcase_add_test(core, nobody_has_more_than_its_bound_in_flight);
    tcase_add_test(core, one_that_fails_is_ejected_and_longer_each_time);
    tcase_add_test(core, a_fault_of_the_callers_own_leaves_half_of_them);
    tcase_add_loop_test(core, one_that_is_down_takes_no_call_and_nobody_is_an_answer, 0,
                        HF_BALANCE_HASH + 1);
    tcase_add_test(core, one_that_comes_back_starts_slowly);
    tcase_add_test(core, what_is_no_balancer_or_endpoint_is_refused);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
