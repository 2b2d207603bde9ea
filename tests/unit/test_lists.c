/*
 * Every list of the public API, page by page, on every store: with limits of 1, 2, 3 and more, in
 * both directions where there are two, and within bounds, the pages have the rows of the whole
 * list that fit, all of them, once and in order.
 *
 * The whole list is read in one page without a filter, so that what fits is decided here and not by
 * the code that is tested.
 */
#include "base/id.h"
#include "model/tables.h"
#include "support/check_main.h"
#include "support/lists.h"
#include "support/walk.h"

/* ---- Orders ---------------------------------------------------------------------------------- */

static void advance_orders(list_args *args, const row *last, const void *result)
{
    (void)result;
    args->orders.after = last->order.id;
}

static const list orders = {
    HF_OP_ORDER_LIST, HF__ORDERS, offsetof(hf_order_list_args, limit), false, false,
    advance_orders};

static bool order_fits(const hf_order_list_args *args, const hf_order *order)
{
    int64_t at_ms = hf_id_time(&order->id);
    bool selected =
        args->by == HF_ORDERS_ALL || args->by == HF_ORDERS_BY_STATE ||
        (args->by == HF_ORDERS_BY_CUSTOMER && strcmp(order->customer.text, args->text) == 0) ||
        (args->by == HF_ORDERS_BY_REF && strcmp(order->external_ref.text, args->text) == 0);
    return selected && (args->state == 0 || args->state == order->state) &&
           at_ms >= args->from_ms && (args->until_ms == 0 || at_ms < args->until_ms);
}

static void walk_orders(list_args args, const char *name)
{
    for (uint32_t newest = 0; newest <= 1; newest++) {
        wanted.count = 0;
        for (uint32_t i = 0; i < whole.count; i++)
            if (order_fits(&args.orders, &whole.at[i].order))
                wanted.at[wanted.count++] = whole.at[i];
        args.orders.newest_first = newest;
        turn_wanted(newest != 0);
        walk(&orders, &args, name);
    }
}

/* Times around those of the orders, beyond them on both sides, and beyond all ids. */
static const int64_t times[][2] = {
    {0, 0},
    {LISTS_MS + 3000, 0},
    {0, LISTS_MS + 7000},
    {LISTS_MS + 2999, LISTS_MS + 3001},
    {LISTS_MS + 3000, LISTS_MS + 3000},
    {1, LISTS_MS},
    {LISTS_MS + 1000000, 0},
    {INT64_C(1) << 48, 0},
    {0, INT64_C(1) << 48},
    {INT64_MAX, INT64_MAX},
};

static void walk_times(list_args args, const char *name)
{
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        args.orders.from_ms = times[i][0];
        args.orders.until_ms = times[i][1];
        walk_orders(args, name);
    }
}

static void walk_states(list_args args, const char *name)
{
    uint32_t first = args.orders.by == HF_ORDERS_BY_STATE ? HF_ORDER_WAITING : HF_ORDER_NONE;
    for (args.orders.state = first; args.orders.state <= HF_ORDER_EXPIRED; args.orders.state++)
        walk_times(args, name);
}

START_TEST(orders_come_in_pages_by_every_selector_state_and_time)
{
    static const struct {
        const char *name;
        const char *text;
        uint32_t by;
    } selectors[] = {
        {"all orders", NULL, HF_ORDERS_ALL},
        {"orders of ada", "ada", HF_ORDERS_BY_CUSTOMER},
        {"orders of ad", "ad", HF_ORDERS_BY_CUSTOMER},
        {"orders of adam", "adam", HF_ORDERS_BY_CUSTOMER},
        {"orders of nobody", "nobody", HF_ORDERS_BY_CUSTOMER},
        {"orders with web-1", "web-1", HF_ORDERS_BY_REF},
        {"orders by state", NULL, HF_ORDERS_BY_STATE},
    };
    lists_open(_i);
    list_args args;
    hf_order_list_init(&args.orders);
    walked = "all orders";
    read_whole(&orders, args);
    ck_assert_uint_eq(whole.count, LISTS_ORDERS);
    uint32_t states[HF_ORDER_EXPIRED + 1] = {0};
    for (uint32_t i = 0; i < whole.count; i++)
        states[whole.at[i].order.state]++;
    for (uint32_t state = HF_ORDER_WAITING; state <= HF_ORDER_EXPIRED; state++)
        ck_assert_msg(states[state] > 3, "%u orders %s", states[state], hf_order_state_name(state));
    for (size_t i = 0; i < sizeof selectors / sizeof selectors[0]; i++) {
        args.orders.by = selectors[i].by;
        args.orders.text = selectors[i].text;
        walk_states(args, selectors[i].name);
    }
    shop_close();
}
END_TEST

/* A page starts behind `after`, but never outside the times. */
START_TEST(the_bounds_of_orders_hold_wherever_a_page_starts)
{
    lists_open(_i);
    list_args args;
    hf_order_list_init(&args.orders);
    walked = "orders behind an id";
    read_whole(&orders, args);
    args.orders.from_ms = LISTS_MS + 3000;
    args.orders.until_ms = LISTS_MS + 9000;
    for (uint32_t k = 0; k < 2 * whole.count; k++) {
        const hf_id *after = &whole.at[k / 2].order.id;
        bool newest = k % 2 != 0;
        wanted.count = 0;
        for (uint32_t i = 0; i < whole.count; i++) {
            int side = memcmp(&whole.at[i].order.id, after, sizeof *after);
            if (order_fits(&args.orders, &whole.at[i].order) && (newest ? side < 0 : side > 0))
                wanted.at[wanted.count++] = whole.at[i];
        }
        args.orders.newest_first = newest;
        args.orders.after = *after;
        turn_wanted(newest);
        walk_by(&orders, args, 2);
    }
    shop_close();
}
END_TEST

/* ---- Payments -------------------------------------------------------------------------------- */

static void advance_payments(list_args *args, const row *last, const void *result)
{
    (void)result;
    args->payments.after = last->payment.id;
}

static const list payments = {
    HF_OP_PAYMENT_LIST, HF__PAYMENTS, offsetof(hf_payment_list_args, limit), false, false,
    advance_payments};

static bool payment_fits(const hf_payment_list_args *args, const hf_payment *payment)
{
    bool selected =
        args->by == HF_PAYMENTS_ALL ||
        (args->by == HF_PAYMENTS_BY_ORDER && hf__id_equal(&payment->order, &args->order)) ||
        (args->by == HF_PAYMENTS_BY_PROVIDER &&
         strcmp(payment->provider.text, args->provider) == 0);
    return selected && (args->state == 0 || args->state == payment->state);
}

static void walk_payments(list_args args, const char *name)
{
    for (uint32_t k = 0; k < 2 * (HF_PAYMENT_FAILED + 1); k++) {
        args.payments.state = k / 2;
        args.payments.newest_first = k % 2;
        wanted.count = 0;
        for (uint32_t i = 0; i < whole.count; i++)
            if (payment_fits(&args.payments, &whole.at[i].payment))
                wanted.at[wanted.count++] = whole.at[i];
        /* An order here has two payments at most; by no, not by id as in the whole list. */
        turn_wanted(args.payments.by == HF_PAYMENTS_BY_ORDER && wanted.count > 1 &&
                    wanted.at[0].payment.no > wanted.at[1].payment.no);
        turn_wanted(k % 2 != 0);
        walk(&payments, &args, name);
    }
}

START_TEST(payments_come_in_pages_by_order_provider_and_state)
{
    static const char *const providers[] = {"psp", "ps", "bank", "none"};
    lists_open(_i);
    list_args args;
    hf_payment_list_init(&args.payments);
    walked = "all payments";
    read_whole(&payments, args);
    uint32_t states[HF_PAYMENT_FAILED + 1] = {0};
    for (uint32_t i = 0; i < whole.count; i++)
        if (strcmp(whole.at[i].payment.provider.text, "psp") == 0)
            states[whole.at[i].payment.state]++;
    for (uint32_t state = HF_PAYMENT_NEW; state <= HF_PAYMENT_FAILED; state++)
        ck_assert_msg(states[state] > 0, "%u payments %s", states[state],
                      hf_payment_state_name(state));
    walk_payments(args, "all payments");
    args.payments.by = HF_PAYMENTS_BY_ORDER;
    for (uint32_t i = 0; i < LISTS_ORDERS; i += 3) {
        args.payments.order = lists_order_id(i);
        walk_payments(args, "payments of an order");
    }
    args.payments.order = (hf_id){{0}};
    args.payments.by = HF_PAYMENTS_BY_PROVIDER;
    for (size_t i = 0; i < sizeof providers / sizeof providers[0]; i++) {
        args.payments.provider = providers[i];
        walk_payments(args, providers[i]);
    }
    shop_close();
}
END_TEST

/* ---- Accounts and items ---------------------------------------------------------------------- */

static hf_account_key key_of(const row *of)
{
    return (hf_account_key){.kind = of->account.key.kind,
                            .name = of->account.key.name.text,
                            .place = of->account.key.place.text,
                            .unit = of->account.key.unit.text};
}

static void advance_accounts(list_args *args, const row *last, const void *result)
{
    (void)result;
    args->accounts.after = key_of(last);
}

static const list accounts = {
    HF_OP_ACCOUNT_LIST, HF__ACCOUNTS, offsetof(hf_account_list_args, limit), false, false,
    advance_accounts};
static const list items = {HF_OP_ITEM_LIST, HF__ACCOUNTS, offsetof(hf_account_list_args, limit),
                           false,           false,        advance_accounts};

START_TEST(accounts_and_items_come_in_pages_of_one_kind_or_all)
{
    lists_open(_i);
    list_args args;
    hf_account_list_init(&args.accounts);
    walked = "all accounts";
    read_whole(&accounts, args);
    ck_assert_uint_eq(whole.count, LISTS_ACCOUNTS);
    for (uint32_t kind = 0; kind <= HF_KIND_LIMIT; kind++) {
        wanted.count = 0;
        for (uint32_t i = 0; i < whole.count; i++)
            if (kind == 0 || whole.at[i].account.key.kind == kind)
                wanted.at[wanted.count++] = whole.at[i];
        ck_assert_uint_gt(wanted.count, 2);
        args.accounts.kind = kind;
        walk(&accounts, &args, "accounts");
        args.accounts.kind = 0;
        if (kind == HF_KIND_ITEM)
            walk(&items, &args, "items");
    }
    shop_close();
}
END_TEST

static void advance_units(list_args *args, const row *last, const void *result)
{
    (void)result;
    args->units.after = last->unit.code.text;
}

static const list units = {HF_OP_UNIT_LIST, HF__UNITS, offsetof(hf_unit_list_args, limit),
                           false,           false,     advance_units};

START_TEST(units_come_in_pages)
{
    static const char *const codes[] = {"EUR", "USD", "h", "kg", "pcs"};
    lists_open(_i);
    list_args args;
    hf_unit_list_init(&args.units);
    walked = "units";
    read_whole(&units, args);
    ck_assert_uint_eq(whole.count, 5);
    for (uint32_t i = 0; i < whole.count; i++)
        ck_assert_str_eq(whole.at[i].unit.code.text, codes[i]);
    wanted = whole;
    walk(&units, &args, "units");
    shop_close();
}
END_TEST

/* ---- Attention ------------------------------------------------------------------------------- */

static void advance_attention(list_args *args, const row *last, const void *result)
{
    switch (((const hf_attention_page *)result)->subject) {
    case HF_ATTENTION_ON_ACCOUNT:
        args->attention.after_account = key_of(last);
        break;
    case HF_ATTENTION_ON_ORDER:
        args->attention.after_id = last->order.id;
        break;
    case HF_ATTENTION_ON_PAYMENT:
        args->attention.after_id = last->payment.id;
        break;
    default:
        args->attention.after_provider = last->fact.provider.text;
        args->attention.after_fact_ref = last->fact.fact_ref.text;
        args->attention.after_kind = last->fact.kind;
    }
}

/* By hf_attention_subject; `others` reads the whole table where there is a list of it. */
static const struct {
    const char *name;
    const list *others;
    uint32_t table;
    size_t attention_at;
} subjects[] = {
    {"attention on accounts", &accounts, HF__ACCOUNTS, offsetof(hf_account, attention)},
    {"attention on orders", &orders, HF__ORDERS, offsetof(hf_order, attention)},
    {"attention on payments", &payments, HF__PAYMENTS, offsetof(hf_payment, attention)},
    {"attention on facts", NULL, HF__FACTS, offsetof(hf_fact, attention)},
};

static list attention_of(uint32_t subject)
{
    return (list){HF_OP_ATTENTION_LIST,
                  subjects[subject].table,
                  offsetof(hf_attention_list_args, limit),
                  false,
                  false,
                  advance_attention};
}

/* Of facts there is no other list: all of them are read from this one. */
static void read_subject(uint32_t subject)
{
    const list *others = subjects[subject].others;
    const list own = attention_of(subject);
    list_args args;
    others = others == NULL ? &own : others;
    hf_op_shape(others->type)->init(&args);
    if (others == &own)
        args.attention.subject = subject;
    read_whole(others, args);
    wanted.count = 0;
    for (uint32_t i = 0; i < whole.count; i++) {
        uint32_t bits;
        memcpy(&bits, (const uint8_t *)&whole.at[i] + subjects[subject].attention_at, sizeof bits);
        if (bits != 0)
            wanted.at[wanted.count++] = whole.at[i];
    }
}

START_TEST(attention_comes_in_pages_for_every_subject)
{
    lists_open(_i);
    for (uint32_t subject = HF_ATTENTION_ON_ACCOUNT; subject <= HF_ATTENTION_ON_FACT; subject++) {
        const list own = attention_of(subject);
        list_args args;
        walked = subjects[subject].name;
        read_subject(subject);
        ck_assert_msg(wanted.count > 2, "%s: %u", walked, wanted.count);
        hf_attention_list_init(&args.attention);
        args.attention.subject = subject;
        walk(&own, &args, subjects[subject].name);
    }
    ck_assert_uint_ge(wanted.count, LISTS_FACTS);
    shop_close();
}
END_TEST

/* ---- Transactions ---------------------------------------------------------------------------- */

static void advance_txns(list_args *args, const row *last, const void *result)
{
    (void)last;
    args->txns.after = ((const hf_txn_page *)result)->next;
    args->txns.after_ms = ((const hf_txn_page *)result)->next_ms;
}

static const list txns = {HF_OP_TXN_LIST, HF__TXNS, offsetof(hf_txn_list_args, limit),
                          true,           true,     advance_txns};

static bool txn_fits(const hf_txn_list_args *args, const hf_txn *txn)
{
    bool ended = txn->state == HF_TXN_CONFIRMED || txn->state == HF_TXN_CANCELLED;
    return (args->which != HF_TXN_WHICH_OPEN || !ended) &&
           (args->which != HF_TXN_WHICH_PARKED || txn->parked != 0) &&
           (args->state == 0 || args->state == txn->state) &&
           (args->created_to_ms == 0 || txn->created_at_ms < args->created_to_ms);
}

START_TEST(transactions_come_in_pages_by_state_and_time)
{
    lists_open(_i);
    list_args args;
    hf_txn_list_init(&args.txns);
    args.txns.which = HF_TXN_WHICH_ALL;
    walked = "all transactions";
    read_whole(&txns, args);
    for (uint32_t which = HF_TXN_WHICH_ALL; which <= HF_TXN_WHICH_PARKED; which++)
        for (uint32_t k = 0; k < 2 * (HF_TXN_CANCELLED + 1); k++) {
            args.txns.which = which;
            args.txns.state = k / 2;
            args.txns.created_to_ms = k % 2 == 0 ? 0 : LISTS_MS + LISTS_LATE_MS;
            wanted.count = 0;
            for (uint32_t i = 0; i < whole.count; i++)
                if (txn_fits(&args.txns, &whole.at[i].txn))
                    wanted.at[wanted.count++] = whole.at[i];
            walk(&txns, &args, "transactions");
        }
    shop_close();
}
END_TEST

/* ---- Events ---------------------------------------------------------------------------------- */

static void advance_events(list_args *args, const row *last, const void *result)
{
    (void)last;
    args->events.after_seq = ((const hf_event_page *)result)->next_seq;
}

static const list events = {
    HF_OP_EVENTS_READ, HF__EVENTS, offsetof(hf_events_read_args, limit), true, true,
    advance_events};

static void walk_events(const list_args *args, const char *name)
{
    wanted.count = 0;
    for (uint32_t i = 0; i < whole.count; i++) {
        const hf_event *event = &whole.at[i].event;
        if (event->seq > args->events.after_seq &&
            (args->events.type == 0 || args->events.type == event->type) &&
            (hf__id_zero(&args->events.subject) ||
             hf__id_equal(&args->events.subject, &event->subject)))
            wanted.at[wanted.count++] = whole.at[i];
    }
    walk(&events, args, name);
}

START_TEST(events_come_in_pages_by_type_and_subject)
{
    static const uint32_t types[] = {0, HF_OP_ORDER_PLACE, HF_OP_ORDER_CANCEL, HF_EVENT_EXPIRE,
                                     HF_OP_HOLD_PLACE};
    lists_open(_i);
    list_args args;
    hf_events_read_init(&args.events);
    walked = "all events";
    read_whole(&events, args);
    for (uint32_t i = 0; i < whole.count; i++)
        ck_assert_uint_eq(whole.at[i].event.seq, i + 1);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        args.events.type = types[i];
        for (uint64_t after = 0; after <= whole.count; after += 1 + whole.count / 3) {
            args.events.after_seq = after;
            walk_events(&args, "events by type");
        }
    }
    args.events.type = 0;
    args.events.after_seq = 0;
    for (uint32_t i = 0; i < LISTS_ORDERS; i += 5) {
        args.events.subject = lists_order_id(i);
        walk_events(&args, "events of an order");
    }
    shop_close();
}
END_TEST

/* ---- Cursors --------------------------------------------------------------------------------- */

static void advance_cursors(list_args *args, const row *last, const void *result)
{
    (void)result;
    args->cursors.after = last->cursor.consumer.text;
}

static const list cursors = {
    HF_OP_CURSOR_LIST, HF__CURSORS, offsetof(hf_cursor_list_args, limit), false, false,
    advance_cursors};

START_TEST(cursors_come_in_pages)
{
    static const char *const names[] = {"audit", "mail", "mailer", "mailer 2", "shipping"};
    lists_open(_i);
    for (uint32_t i = 5; i-- > 0;) {
        hf_cursor_put_args put;
        hf_cursor_put_init(&put, names[i], i);
        lists_do(HF_OP_CURSOR_PUT, &put);
    }
    list_args args;
    hf_cursor_list_init(&args.cursors);
    walked = "cursors";
    read_whole(&cursors, args);
    ck_assert_uint_eq(whole.count, 5);
    for (uint32_t i = 0; i < whole.count; i++) {
        ck_assert_str_eq(whole.at[i].cursor.consumer.text, names[i]);
        ck_assert_uint_eq(whole.at[i].cursor.seq, i);
    }
    wanted = whole;
    walk(&cursors, &args, "cursors");
    shop_close();
}
END_TEST

/* ---- Statement ------------------------------------------------------------------------------- */

static void advance_statement(list_args *args, const row *last, const void *result)
{
    (void)last;
    args->statement.after_seq = ((const hf_statement_page *)result)->next_seq;
    args->statement.after_no = ((const hf_statement_page *)result)->next_no;
}

static const list statement = {
    HF_OP_STATEMENT, MOVEMENTS, offsetof(hf_statement_args, limit), true, false, advance_statement};

START_TEST(a_statement_comes_in_pages_and_adds_up_to_the_balance)
{
    static const hf_account_key keys[] = {
        {.kind = HF_KIND_MONEY, .name = "ada", .place = "", .unit = "EUR"},
        {.kind = HF_KIND_ITEM, .name = "tea", .place = "", .unit = "pcs"},
        {.kind = HF_KIND_ITEM, .name = "tea", .place = "shop", .unit = "pcs"},
    };
    lists_open(_i);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        list_args args;
        hf_account_get_args get;
        hf_completion done;
        hf_statement_init(&args.statement, keys[i].kind, keys[i].name, keys[i].unit);
        args.statement.account = keys[i];
        walked = keys[i].name;
        read_whole(&statement, args);
        hf_account_get_init(&get, keys[i].kind, keys[i].name, keys[i].unit);
        get.key = keys[i];
        ck_assert_int_eq(hf_run(shop.engine, HF_OP_ACCOUNT_GET, &get, &done), 0);
        int64_t sum = 0;
        for (uint32_t k = 0; k < whole.count; k++)
            sum += whole.at[k].movement.amount;
        ck_assert_int_eq(sum, ((const hf_account *)done.result)->balance);
        wanted = whole;
        walk(&statement, &args, keys[i].name);
    }
    shop_close();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lists");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, orders_come_in_pages_by_every_selector_state_and_time, 0,
                        LISTS_STORES);
    tcase_add_loop_test(core, the_bounds_of_orders_hold_wherever_a_page_starts, 0, LISTS_STORES);
    tcase_add_loop_test(core, payments_come_in_pages_by_order_provider_and_state, 0, LISTS_STORES);
    tcase_add_loop_test(core, accounts_and_items_come_in_pages_of_one_kind_or_all, 0, LISTS_STORES);
    tcase_add_loop_test(core, units_come_in_pages, 0, LISTS_STORES);
    tcase_add_loop_test(core, cursors_come_in_pages, 0, LISTS_STORES);
    tcase_add_loop_test(core, attention_comes_in_pages_for_every_subject, 0, LISTS_STORES);
    tcase_add_loop_test(core, transactions_come_in_pages_by_state_and_time, 0, LISTS_STORES);
    tcase_add_loop_test(core, events_come_in_pages_by_type_and_subject, 0, LISTS_STORES);
    tcase_add_loop_test(core, a_statement_comes_in_pages_and_adds_up_to_the_balance, 0,
                        LISTS_STORES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
