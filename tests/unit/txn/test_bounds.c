/*
 * Calls are bounded whatever is answered: one for each refusal, and the attempts of the retry
 * policy for everything that is no outcome. Then a person is asked, by parking.
 */
#include "support/check_main.h"
#include "support/txn.h"

#define ATTEMPTS 4u
#define ORDERS   10000
#define AT_ONCE  50

static hf_test_host host;
static hf_test_service card;

static void start(int place)
{
    hf_account_put_args item;
    hf_unit_put_args euro;
    hf_test_call call = {.calls = 0};
    hf_provider provider;
    hf_test_place_start(&host, place);
    (void)hf_test_service_init(&card, &host, "card", 0);
    hf_provider_init(&provider, "card");
    provider.authorize = provider.capture = provider.void_ = hf_test_called;
    provider.refund = provider.query = hf_test_called;
    provider.data = &card;
    provider.retry.attempts_max = ATTEMPTS;
    ck_assert_int_eq(hf_provider_register(host.engine, &provider), 0);
    hf_item_put_init(&item, "bell");
    item.opening = ORDERS;
    hf_unit_put_init(&euro, "EUR", 2);
    ck_assert_int_eq(hf_item_put(host.engine, &call.req, &item, hf_test_done), 0);
    hf_test_until(&host, &call.calls, 1);
    ck_assert_int_eq(hf_unit_put(host.engine, &call.req, &euro, hf_test_done), 0);
    hf_test_until(&host, &call.calls, 2);
    ck_assert_int_eq(call.status, 0);
}

static void place(hf_test_call *call)
{
    hf_line_args line;
    hf_payment_args payment;
    hf_order_place_args args;
    hf_line_init(&line, "bell", 1, 900);
    hf_payment_provider_init(&payment, "card", 900);
    hf_order_place_init(&args, "EUR");
    args.lines = &line;
    args.line_count = 1;
    args.payments = &payment;
    args.payment_count = 1;
    args.total = 900;
    ck_assert_int_eq(hf_order_place(host.engine, &call->req, &args, hf_test_done), 0);
}

/* Long after the last attempt of any policy. */
static void wait_long(void)
{
    for (int i = 0; i < 50; i++) {
        ck_assert_int_eq(hf_clock_advance(host.engine, 3600000), 0);
        hf_test_rest(&host);
    }
}

static void on_odd_answer(hf_test_service *service, const hf_call *call)
{
    (void)hf_test_reply(service, call->ticket, service->answers[call->phase]);
}

/* What the provider says when it is asked to do something, and when it is asked what became of it.
 */
static const struct behaviour {
    const char *what;
    uint32_t answer;
    uint32_t query;
} behaviours[] = {
    {"it never knows", HF_ANSWER_UNKNOWN, HF_ANSWER_UNKNOWN},
    {"it is ongoing for ever", HF_ANSWER_ONGOING, HF_ANSWER_ONGOING},
    {"what it loses has not arrived", HF_ANSWER_UNKNOWN, HF_ANSWER_NOT_FOUND},
    {"it wants to be asked later", HF_ANSWER_RETRY, HF_ANSWER_RETRY},
    {"it wants a person", HF_ANSWER_PARK, HF_ANSWER_PARK},
    {"it answers what no answer is", 77, 77},
    {"it answers nothing", HF_ANSWER_NONE, HF_ANSWER_NONE},
};

#define BEHAVIOURS ((int)(sizeof behaviours / sizeof behaviours[0]))

START_TEST(what_is_no_outcome_is_asked_for_as_often_as_the_policy_says)
{
    const struct behaviour *one = &behaviours[_i % BEHAVIOURS];
    hf_test_call call = {.calls = 0};
    start(_i / BEHAVIOURS);
    card.answers[HF_PHASE_TRY] = one->answer;
    card.answers[HF_PHASE_QUERY] = one->query;
    card.on_call = one->answer == HF_ANSWER_NONE ? NULL : on_odd_answer;
    place(&call);
    hf_test_until(&host, &call.calls, 1);
    ck_assert_int_eq(call.status, 0);
    wait_long();
    ck_assert_msg(card.count >= 1 && card.count <= (int)ATTEMPTS, "%s: %d calls", one->what,
                  card.count);
    hf_id id = card.seen[0].call.txn;
    hf_test_txn txn;
    hf_test_txn_get(&host, &txn, &id);
    ck_assert_msg(txn.parked == 1, "%s: it is not parked", one->what);
    hf_test_stop(&host);
}
END_TEST

/* A refusal is an outcome: nothing is asked again, and nothing else is. */
START_TEST(a_provider_that_refuses_everything_is_asked_once_for_each_payment)
{
    static hf_test_call calls[AT_ONCE];
    start(0);
    card.answers[HF_PHASE_TRY] = HF_ANSWER_REJECTED;
    for (int done = 0; done < ORDERS; done += AT_ONCE) {
        memset(calls, 0, sizeof calls);
        for (int i = 0; i < AT_ONCE; i++)
            place(&calls[i]);
        for (int i = 0; i < AT_ONCE; i++)
            hf_test_until(&host, &calls[i].calls, 1);
        hf_test_rest(&host);
    }
    wait_long();
    ck_assert_int_eq(card.count, ORDERS);
    ck_assert_int_eq(card.by_phase[HF_PHASE_TRY], ORDERS);
    hf_test_stop(&host);
}
END_TEST

/* Of two branches one refuses: the other is cancelled, and neither is tried again. */
START_TEST(a_participant_that_refuses_its_try_is_called_once)
{
    static const char *const names[] = {"stock", "shelf"};
    static hf_test_service stock;
    static hf_test_service shelf;
    hf_test_txn txn = {.calls = 0};
    hf_test_place_start(&host, _i);
    hf_test_register(&stock, &host, "stock", 0);
    hf_test_register(&shelf, &host, "shelf", 0);
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_REJECTED;
    ck_assert_int_eq(hf_test_submit(&host, &txn, names, 2, HF_TXN_FINISHED), 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, HF_E_TXN_ABORTED);
    wait_long();
    ck_assert_int_eq(stock.count, 1);
    ck_assert_int_le(shelf.by_phase[HF_PHASE_TRY], 1);
    ck_assert_int_le(shelf.by_phase[HF_PHASE_CANCEL], 1);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_bounds");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, what_is_no_outcome_is_asked_for_as_often_as_the_policy_says, 0,
                        2 * BEHAVIOURS);
    tcase_add_test(core, a_provider_that_refuses_everything_is_asked_once_for_each_payment);
    tcase_add_loop_test(core, a_participant_that_refuses_its_try_is_called_once, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
