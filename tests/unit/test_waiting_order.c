/*
 * Requests of hf_admission_wait come before others that submit: a chain gets its places one after
 * another, although every place that becomes free could be taken at once.
 */
#include "support/check_main.h"
#include "support/host.h"

#define SINGLES   2000
#define CHAIN_MAX 64u
#define TURNS_MAX 20

static hf_test_host host;
static hf_hold_place_args hold;
static hf_move_args receive;
static hf_op chain[CHAIN_MAX];
static uint32_t chain_length;
static hf_req singles[SINGLES];
static hf_req waiter;
static int accepted; /* of the chain */
static int served;   /* callbacks of the waiting request */
static int received; /* operations of another thread that have completed */

static void make_chain(uint32_t type, const void *args, uint32_t length)
{
    chain_length = length;
    for (uint32_t i = 0; i < length; i++)
        chain[i] = (hf_op){
            .type = type, .args = args, .flags = i + 1 < length ? (uint32_t)HF_OP_LINKED : 0};
}

static void start(uint32_t admission, uint32_t completions)
{
    accepted = served = received = 0;
    memset(singles, 0, sizeof singles);
    memset(&waiter, 0, sizeof waiter);
    hf_test_open_queue(&host, 0, admission, completions);
    hf_item_receive_init(&receive, "bell", 1);
    hf_hold_place_init(&hold);
    hold.from = (hf_account_key){.kind = HF_KIND_ITEM, .name = "bell", .unit = "pcs"};
    hold.amount = 1;
}

/* ---- A chain that waits ---------------------------------------------------------------------- */

static void try_chain(void);

static void on_capacity(hf_req *req, const hf_completion *done)
{
    (void)req;
    served++;
    if (done->status == 0)
        try_chain();
}

static void try_chain(void)
{
    const int error = hf_submit(host.engine, chain, chain_length, NULL);
    if (error == (int)chain_length) {
        accepted++;
        return;
    }
    ck_assert_int_eq(error, HF_E_OVERLOADED);
    ck_assert_int_eq(hf_admission_wait(host.engine, &waiter, on_capacity), 0);
}

/* ---- Single orders, each placed again by its callback ---------------------------------------- */

static void place(hf_req *req);

static void on_admission(hf_req *req, const hf_completion *done)
{
    if (done->status == 0)
        place(req);
}

static void place(hf_req *req)
{
    int error = hf_hold_place(host.engine, req, &hold, on_admission);
    if (error == HF_E_OVERLOADED)
        error = hf_admission_wait(host.engine, req, on_admission);
    ck_assert(error == 0 || error == HF_E_CLOSED);
}

/* The first of them are accepted, the others wait. */
static const uint32_t lengths[] = {1, 2, CHAIN_MAX};

START_TEST(a_chain_that_waits_comes_before_callbacks_that_submit_again)
{
    start(HF_ADMISSION_ADAPTIVE, 4096);
    make_chain(HF_OP_HOLD_PLACE, &hold, lengths[_i]);
    for (int i = 0; i < SINGLES; i++)
        place(&singles[i]);
    try_chain();
    ck_assert_int_eq(accepted, 0);
    for (int i = 0; i < TURNS_MAX && accepted == 0; i++)
        hf_test_turn(&host, 1);
    ck_assert_int_eq(accepted, 1);
    hf_test_stop(&host);
}
END_TEST

/* ---- Completions, which are taken one at a time ---------------------------------------------- */

static void take_one(void)
{
    hf_completion done;
    ck_assert_int_eq(hf_completions(host.engine, &done, 1), 1);
    received += done.user_data == 1;
}

static const hf_op greedy = {.type = HF_OP_ITEM_RECEIVE, .args = &receive, .user_data = 1};

static int on_the_loop(void)
{
    return hf_submit(host.engine, &greedy, 1, NULL);
}

static int on_a_thread(void)
{
    return hf_submit_from(host.engine, &greedy, 1, NULL, NULL, 0);
}

static int (*const ways[])(void) = {on_the_loop, on_a_thread};

/* Each place that becomes free could be taken at once by the next single operation. */
START_TEST(a_chain_gets_its_places_one_after_another)
{
    start(HF_ADMISSION_FIXED, 8);
    make_chain(HF_OP_ITEM_RECEIVE, &receive, 4);
    while (ways[_i]() == 1)
        hf_test_turn(&host, 1);
    try_chain();
    for (int i = 0; i < TURNS_MAX && accepted == 0; i++) {
        take_one();
        (void)ways[_i]();
        hf_test_turn(&host, 2);
    }
    ck_assert_int_eq(accepted, 1);
    hf_test_stop(&host);
}
END_TEST

static void on_single(hf_req *req, const hf_completion *done)
{
    served++;
    if (done->status != 0)
        return;
    const int error = hf_submit(host.engine, chain, 1, NULL);
    ck_assert(error == 1 || error == HF_E_OVERLOADED);
    ck_assert_int_eq(hf_admission_wait(host.engine, req, on_single), 0);
}

START_TEST(requests_that_wait_and_operations_of_threads_take_turns)
{
    start(HF_ADMISSION_FIXED, 8);
    make_chain(HF_OP_ITEM_RECEIVE, &receive, 1);
    while (on_a_thread() == 1)
        hf_test_turn(&host, 1);
    ck_assert_int_eq(hf_submit(host.engine, chain, 1, NULL), HF_E_OVERLOADED);
    ck_assert_int_eq(hf_admission_wait(host.engine, &waiter, on_single), 0);
    for (int i = 0; i < 16 * TURNS_MAX; i++) {
        hf_completion done;
        const int count = hf_completions(host.engine, &done, 1);
        received += count == 1 && done.user_data == 1;
        (void)on_a_thread();
        hf_test_turn(&host, 1);
    }
    ck_assert_int_gt(received, TURNS_MAX);
    ck_assert_int_gt(served, TURNS_MAX);
    hf_test_stop(&host);
}
END_TEST

/* What continues other work does not wait behind new work. */
START_TEST(other_work_is_accepted_although_new_work_waits)
{
    start(HF_ADMISSION_ADAPTIVE, 4096);
    make_chain(HF_OP_HOLD_PLACE, &hold, 2);
    for (int i = 0; i < SINGLES; i++)
        place(&singles[i]);
    try_chain();
    ck_assert_int_eq(hf_submit(host.engine, &greedy, 1, NULL), 1);
    ck_assert_int_eq(hf_submit(host.engine, chain, 1, NULL), HF_E_ARGUMENT); /* half a chain */
    const hf_op more = {.type = HF_OP_HOLD_PLACE, .args = &hold};
    ck_assert_int_eq(hf_submit(host.engine, &more, 1, NULL), HF_E_OVERLOADED);
    ck_assert_ptr_nonnull(strstr(hf_engine_detail(host.engine), "hf_admission_wait"));
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("waiting_order");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_chain_that_waits_comes_before_callbacks_that_submit_again, 0, 3);
    tcase_add_loop_test(core, a_chain_gets_its_places_one_after_another, 0, 2);
    tcase_add_test(core, requests_that_wait_and_operations_of_threads_take_turns);
    tcase_add_test(core, other_work_is_accepted_although_new_work_waits);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
