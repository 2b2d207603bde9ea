/*
 * What a provider says that it cannot do, when it is registered, decides what it is asked for.
 */
#include "support/check_main.h"
#include "support/txn.h"

static hf_test_host host;
static hf_test_service card;

/* Answers OK, with a reference of its own for each call. */
static void on_command(hf_test_service *service, const hf_call *call)
{
    hf_call_answer answer;
    char reference[24];
    (void)snprintf(reference, sizeof reference, "ch_%d", service->count);
    hf_call_answer_init(&answer, HF_ANSWER_OK);
    answer.reference = reference;
    service->open--;
    ck_assert_int_eq(hf_call_done(host.engine, call->ticket, &answer), 0);
}

static int reg(uint32_t flags)
{
    hf_provider provider;
    hf_provider_init(&provider, "card");
    provider.authorize = provider.capture = provider.void_ = hf_test_called;
    provider.refund = provider.query = hf_test_called;
    provider.data = &card;
    provider.flags = flags;
    return hf_provider_register(host.engine, &provider);
}

static void start(int place)
{
    hf_account_put_args item;
    hf_unit_put_args euro;
    hf_test_call call = {.calls = 0};
    hf_test_place_start(&host, place);
    (void)hf_test_service_init(&card, &host, "card", 0);
    card.on_call = on_command;
    hf_item_put_init(&item, "bell");
    item.opening = 10;
    hf_unit_put_init(&euro, "EUR", 2);
    ck_assert_int_eq(hf_item_put(host.engine, &call.req, &item, hf_test_done), 0);
    hf_test_until(&host, &call.calls, 1);
    ck_assert_int_eq(hf_unit_put(host.engine, &call.req, &euro, hf_test_done), 0);
    hf_test_until(&host, &call.calls, 2);
    ck_assert_int_eq(call.status, 0);
}

/* The last view of an order. */
typedef struct seen {
    hf_req req;
    int calls;
    int status;
    hf_order order;
    hf_payment payment;
} seen;

static void on_order(hf_req *req, const hf_completion *done)
{
    seen *order = (seen *)(void *)req;
    order->calls++;
    order->status = done->status;
    if (done->result == NULL)
        return;
    const hf_order_view *view = done->result;
    order->order = *view->order;
    order->payment = *view->payments[0];
}

/* `units` bells for `price` each, that settle when they are fulfilled. */
static void place(seen *order, const hf_id *id, int64_t units, int64_t price)
{
    hf_line_args line;
    hf_payment_args payment;
    hf_order_place_args args;
    memset(order, 0, sizeof *order);
    hf_line_init(&line, "bell", units, price);
    line.settle_on = HF_SETTLE_FULFIL;
    hf_payment_provider_init(&payment, "card", units * price);
    payment.settle_on = HF_SETTLE_FULFIL;
    hf_order_place_init(&args, "EUR");
    args.head.id = *id;
    args.lines = &line;
    args.line_count = 1;
    args.payments = &payment;
    args.payment_count = 1;
    args.total = units * price;
    ck_assert_int_eq(hf_order_place(host.engine, &order->req, &args, on_order), 0);
    hf_test_until(&host, &order->calls, 1);
    hf_test_rest(&host);
}

typedef int (*units_fn)(hf_engine *, hf_req *, const hf_order_units_args *, hf_done_cb);

/* One unit; *order is as it is when the provider has answered. */
static void one_unit(seen *order, units_fn function)
{
    const hf_line_quantity line = {.line = 1, .quantity = 1};
    hf_order_units_args args;
    hf_order_get_args get;
    hf_id id = order->order.id;
    memset(order, 0, sizeof *order);
    hf_order_units_init(&args, &id);
    args.lines = &line;
    args.line_count = 1;
    ck_assert_int_eq(function(host.engine, &order->req, &args, on_order), 0);
    hf_test_until(&host, &order->calls, 1);
    ck_assert_int_eq(order->status, 0);
    hf_test_rest(&host);
    hf_order_get_init(&get, &id);
    ck_assert_int_eq(hf_order_get(host.engine, &order->req, &get, on_order), 0);
    hf_test_until(&host, &order->calls, 2);
}

static int calls_of(uint32_t command)
{
    int count = 0;
    for (int i = 0; i < card.count; i++)
        count += card.seen[i].call.command == command;
    return count;
}

static const hf_id made = {{0}};

START_TEST(a_part_is_not_voided_by_who_voids_only_the_whole)
{
    seen order;
    start(_i);
    ck_assert_int_eq(reg(HF_PROVIDER_WHOLE_VOID), 0);
    place(&order, &made, 2, 450);
    ck_assert_uint_eq(order.payment.flags, HF_PAYMENT_WHOLE_VOID);
    one_unit(&order, hf_order_cancel);
    ck_assert_int_eq(order.payment.barred, 450);
    ck_assert_int_eq(calls_of(HF_COMMAND_VOID), 0);
    one_unit(&order, hf_order_fulfil);
    ck_assert_int_eq(calls_of(HF_COMMAND_CAPTURE), 1);
    ck_assert_int_eq(card.seen[1].call.amount, 450);
    ck_assert_uint_eq(card.seen[1].call.final, 1);
    ck_assert_int_eq(calls_of(HF_COMMAND_VOID), 0);
    ck_assert_int_eq(order.payment.captured, 450);
    ck_assert_int_eq(order.payment.voided, 450);
    ck_assert_uint_eq(order.order.state, HF_ORDER_CLOSED);
    hf_test_stop(&host);
}
END_TEST

START_TEST(who_captures_once_is_asked_when_everything_is_fulfilled)
{
    seen order;
    start(_i);
    ck_assert_int_eq(reg(HF_PROVIDER_ONE_CAPTURE), 0);
    place(&order, &made, 3, 300);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(calls_of(HF_COMMAND_CAPTURE), 0);
        one_unit(&order, hf_order_fulfil);
    }
    ck_assert_int_eq(calls_of(HF_COMMAND_CAPTURE), 1);
    ck_assert_int_eq(card.seen[1].call.amount, 900);
    ck_assert_uint_eq(card.seen[1].call.final, 1);
    ck_assert_int_eq(order.payment.captured, 900);
    ck_assert_uint_eq(order.order.state, HF_ORDER_CLOSED);
    hf_test_stop(&host);
}
END_TEST

START_TEST(who_can_do_everything_captures_in_parts)
{
    seen order;
    start(_i);
    ck_assert_int_eq(reg(0), 0);
    place(&order, &made, 3, 300);
    for (int i = 1; i <= 3; i++) {
        one_unit(&order, hf_order_fulfil);
        ck_assert_int_eq(calls_of(HF_COMMAND_CAPTURE), i);
        ck_assert_uint_eq(card.seen[i].call.final, i == 3);
    }
    hf_test_stop(&host);
}
END_TEST

/* What was registered since is no part of the request. */
START_TEST(an_order_is_the_same_request_after_its_provider_is_registered)
{
    seen first;
    seen again;
    hf_id id;
    start(_i);
    hf_id_make(host.engine, &id);
    place(&first, &id, 2, 450);
    ck_assert_int_eq(first.status, 0);
    ck_assert_uint_eq(first.payment.flags, 0);
    ck_assert_int_eq(reg(HF_PROVIDER_WHOLE_VOID), 0);
    place(&again, &id, 2, 450);
    ck_assert_int_eq(again.status, 0);
    ck_assert_mem_eq(&again.payment.id, &first.payment.id, sizeof(hf_id));
    ck_assert_mem_eq(again.payment.fingerprint, first.payment.fingerprint, 16);
    hf_test_stop(&host);
}
END_TEST

START_TEST(flags_that_no_provider_has_are_refused)
{
    static const uint32_t wrong[] = {HF_PARTICIPANT_READONLY, HF_PARTICIPANT_ORDERED,
                                     HF_PARTICIPANT_ONE_PHASE, 64u, 1u << 31};
    start(0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_int_eq(reg(wrong[i] | HF_PROVIDER_WHOLE_VOID), HF_E_ENUM);
    hf_participant p = hf_test_service_init(&card, &host, "stock", HF_PROVIDER_WHOLE_VOID);
    ck_assert_int_eq(hf_participant_register(host.engine, &p), HF_E_ENUM);
    ck_assert_int_eq(reg(HF_PROVIDER_WHOLE_VOID | HF_PROVIDER_ONE_CAPTURE), 0);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_declared");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_part_is_not_voided_by_who_voids_only_the_whole, 0, HF_TEST_PLACES);
    tcase_add_loop_test(core, who_captures_once_is_asked_when_everything_is_fulfilled, 0,
                        HF_TEST_PLACES);
    tcase_add_test(core, who_can_do_everything_captures_in_parts);
    tcase_add_test(core, an_order_is_the_same_request_after_its_provider_is_registered);
    tcase_add_test(core, flags_that_no_provider_has_are_refused);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
