/*
 * Payment providers: an order asks one, what the provider gets, and how the order continues.
 */
#include "support/check_main.h"
#include "support/txn.h"

static hf_test_host host;
static hf_test_service card;
static char units[HF_TEST_CALLS][8];
static char references[HF_TEST_CALLS][24];

/* 16 digits that look like the number of a payment card. */
#define REFERENCE "4000056655665556"

static void on_command(hf_test_service *service, const hf_call *call)
{
    int at = service->count - 1;
    (void)snprintf(units[at], sizeof units[at], "%s", call->unit);
    (void)snprintf(references[at], sizeof references[at], "%s", call->reference);
    if (service->answers[0] == HF_ANSWER_NONE)
        return;
    hf_call_answer answer;
    hf_call_answer_init(&answer, service->answers[0]);
    answer.reference = REFERENCE;
    service->open--;
    ck_assert_int_eq(hf_call_done(host.engine, call->ticket, &answer), 0);
}

/* The provider, an item and a currency for an engine that is open. */
static void prepare(void)
{
    hf_provider provider;
    (void)hf_test_service_init(&card, &host, "card", 0);
    card.on_call = on_command;
    hf_provider_init(&provider, "card");
    provider.authorize = provider.capture = provider.void_ = hf_test_called;
    provider.refund = provider.query = hf_test_called;
    provider.data = &card;
    ck_assert_int_eq(hf_provider_register(host.engine, &provider), 0);
    hf_account_put_args item;
    hf_test_call call = {.calls = 0};
    hf_item_put_init(&item, "bell");
    item.opening = 10;
    ck_assert_int_eq(hf_item_put(host.engine, &call.req, &item, hf_test_done), 0);
    hf_test_until(&host, &call.calls, 1);
    ck_assert_int_eq(call.status, 0);
    hf_unit_put_args euro; /* no account is in this currency: only the provider pays in it */
    hf_unit_put_init(&euro, "EUR", 2);
    ck_assert_int_eq(hf_unit_put(host.engine, &call.req, &euro, hf_test_done), 0);
    hf_test_until(&host, &call.calls, 2);
    ck_assert_int_eq(call.status, 0);
}

static void start(int place)
{
    hf_test_place_start(&host, place);
    prepare();
}

typedef struct placed {
    hf_req req;
    int calls;
    int status;
    uint32_t state;
    hf_id id;
    char detail[128];
} placed;

static void on_order(hf_req *req, const hf_completion *done)
{
    placed *order = (placed *)(void *)req;
    order->calls++;
    order->status = done->status;
    (void)snprintf(order->detail, sizeof order->detail, "%s", done->detail);
    if (done->result == NULL)
        return;
    const hf_order_view *view = done->result;
    order->id = view->order->id;
    order->state = view->order->state;
}

typedef struct order_args {
    hf_order_place_args args;
    hf_line_args line;
    hf_payment_args payment;
} order_args;

static const hf_order_place_args *order_init(order_args *order)
{
    hf_line_init(&order->line, "bell", 2, 450);
    hf_payment_init(&order->payment, "", "EUR", 900);
    order->payment.method = HF_METHOD_PROVIDER;
    order->payment.provider = "card";
    order->payment.account = (hf_account_key){.kind = HF_KIND_WORLD};
    hf_order_place_init(&order->args, "EUR");
    order->args.lines = &order->line;
    order->args.line_count = 1;
    order->args.payments = &order->payment;
    order->args.payment_count = 1;
    order->args.total = 900;
    return &order->args;
}

static int place(placed *order)
{
    order_args args;
    memset(order, 0, sizeof *order);
    return hf_order_place(host.engine, &order->req, order_init(&args), on_order);
}

static uint32_t state_of(const hf_id *id)
{
    placed order = {.calls = 0};
    hf_order_get_args args;
    hf_order_get_init(&args, id);
    ck_assert_int_eq(hf_order_get(host.engine, &order.req, &args, on_order), 0);
    hf_test_until(&host, &order.calls, 1);
    hf_test_status(&order, 0);
    return order.state;
}

START_TEST(an_order_is_confirmed_when_its_provider_says_so)
{
    start(_i);
    placed order;
    ck_assert_int_eq(place(&order), 0);
    hf_test_until(&host, &order.calls, 1);
    hf_test_status(&order, 0);
    ck_assert_uint_eq(order.state, HF_ORDER_PENDING);
    hf_test_until(&host, &card.count, 2);
    const hf_call *authorize = &card.seen[0].call;
    const hf_call *capture = &card.seen[1].call;
    ck_assert_uint_eq(authorize->command, HF_COMMAND_AUTHORIZE);
    ck_assert_int_eq(authorize->amount, 900);
    ck_assert_mem_eq(&authorize->order, &order.id, sizeof order.id);
    ck_assert_str_eq(units[0], "EUR");
    ck_assert_str_eq(references[0], "");
    ck_assert_uint_eq(capture->command, HF_COMMAND_CAPTURE);
    ck_assert_str_eq(references[1], REFERENCE);
    ck_assert_int_ne(memcmp(&authorize->key, &capture->key, sizeof(hf_id)), 0);
    hf_test_rest(&host);
    uint32_t state = state_of(&order.id);
    ck_assert(state == HF_ORDER_CONFIRMED || state == HF_ORDER_CLOSED);
    ck_assert_int_eq(card.count, 2);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_command_whose_answer_was_lost_is_queried_with_its_key)
{
    start(_i);
    card.answers[0] = HF_ANSWER_NONE;
    placed order;
    ck_assert_int_eq(place(&order), 0);
    hf_test_until(&host, &order.calls, 1);
    hf_test_status(&order, 0);
    hf_test_until(&host, &card.count, 2);
    const hf_call *first = &card.seen[0].call;
    const hf_call *second = &card.seen[1].call;
    ck_assert_uint_eq(first->phase, HF_PHASE_TRY);
    ck_assert_uint_eq(second->phase, HF_PHASE_QUERY);
    ck_assert_mem_eq(&first->key, &second->key, sizeof first->key);
    ck_assert_int_eq(hf_test_reply(&card, second->ticket, HF_ANSWER_REJECTED), 0);
    hf_test_rest(&host);
    ck_assert_int_eq(card.count, 2);
    hf_test_stop(&host);
}
END_TEST

START_TEST(orders_that_ask_a_provider_are_bounded_too)
{
    hf_test_place_options(&host, _i);
    host.options.txns_max = 3;
    hf_test_open(&host);
    placed orders[4];
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(place(&orders[i]), 0);
    ck_assert_int_eq(place(&orders[3]), HF_E_OVERLOADED);
    hf_test_until(&host, &orders[2].calls, 1);
    hf_test_stop(&host);
}
END_TEST

static void note_wait(hf_req *req, const hf_completion *done)
{
    ck_assert_int_eq(done->status, 0);
    ++*(int *)req->data;
}

/* Two of the three places are taken: a chain of two orders waits until one of them is free. */
START_TEST(a_chain_that_asks_a_provider_waits_until_all_of_it_is_admitted)
{
    hf_test_place_options(&host, _i);
    host.options.txns_max = 3;
    hf_test_open(&host);
    prepare();
    card.answers[0] = HF_ANSWER_NONE;
    placed orders[2];
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(place(&orders[i]), 0);
    hf_test_until(&host, &card.count, 2);
    order_args chained[4];
    hf_op chain[4];
    for (uint32_t i = 0; i < 4; i++)
        chain[i] = (hf_op){.type = HF_OP_ORDER_PLACE,
                           .flags = i < 3 ? HF_OP_LINKED : 0,
                           .args = order_init(&chained[i])};
    ck_assert_int_eq(hf_submit(host.engine, chain, 4, NULL), HF_E_TOO_MANY);
    ck_assert_ptr_nonnull(strstr(hf_engine_detail(host.engine), "txns_max"));
    ck_assert_int_eq(hf_submit(host.engine, chain + 2, 2, NULL), HF_E_OVERLOADED);
    int admitted = 0;
    hf_req wait = {.data = &admitted};
    ck_assert_int_eq(hf_admission_wait(host.engine, &wait, note_wait), 0);
    hf_test_rest(&host);
    ck_assert_int_eq(admitted, 0);
    ck_assert_int_eq(hf_test_reply(&card, card.seen[0].call.ticket, HF_ANSWER_REJECTED), 0);
    for (int turn = 0; turn < 100 && admitted == 0; turn++)
        hf_test_rest(&host);
    ck_assert_int_eq(admitted, 1);
    ck_assert_int_eq(hf_submit(host.engine, chain + 2, 2, NULL), 2);
    hf_test_stop(&host);
}
END_TEST

/* What the first ones of a refused chain would have begun is not waited for. */
START_TEST(a_refused_chain_takes_no_place_from_the_next_one)
{
    hf_test_place_options(&host, _i);
    host.options.txns_max = 3;
    hf_test_open(&host);
    prepare();
    card.answers[0] = HF_ANSWER_NONE;
    placed order;
    ck_assert_int_eq(place(&order), 0);
    hf_test_until(&host, &card.count, 1);
    order_args chained[3];
    hf_op chain[3];
    for (uint32_t i = 0; i < 3; i++)
        chain[i] = (hf_op){.type = HF_OP_ORDER_PLACE,
                           .flags = i < 2 ? HF_OP_LINKED : 0,
                           .args = order_init(&chained[i])};
    for (int turn = 0; turn < 3; turn++)
        ck_assert_int_eq(hf_submit(host.engine, chain, 3, NULL), HF_E_OVERLOADED);
    ck_assert_int_eq(hf_submit(host.engine, chain + 1, 2, NULL), 2);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_provider");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, an_order_is_confirmed_when_its_provider_says_so, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core, a_command_whose_answer_was_lost_is_queried_with_its_key, 0,
                        HF_TEST_PLACES);
    tcase_add_loop_test(core, orders_that_ask_a_provider_are_bounded_too, 0, 2);
    tcase_add_loop_test(core, a_chain_that_asks_a_provider_waits_until_all_of_it_is_admitted, 0, 2);
    tcase_add_loop_test(core, a_refused_chain_takes_no_place_from_the_next_one, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
