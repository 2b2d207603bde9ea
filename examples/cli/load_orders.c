/*
 * load_orders.c - the operations that make up the load: their arguments, over items, wallets and
 * orders that the spread chooses.
 */
#include "load_state.h"

#include <string.h>
#include <time.h>

#define HOLD_MS 3600000
#define PAGE    20u
#define TOTAL   2850
#define AT_ONCE 64u /* orders that one call looks at */

static void choose(load *l, load_slot *s, char skus[2][CHOICE_NAME_BYTES + 1])
{
    uint32_t items[2];
    uint32_t wallet;
    choice_next(&l->choice, items, &wallet);
    choice_name(skus[0], "item", items[0]);
    choice_name(skus[1], "item", items[1]);
    choice_name(s->wallet, "user", wallet);
    if (l->placed == NULL)
        return;
    memcpy(l->placed->skus, skus, sizeof(l->placed->skus));
    memcpy(l->placed->wallet, s->wallet, sizeof(l->placed->wallet));
}

static int64_t wall_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int place(load *l, load_slot *s, bool paid)
{
    char skus[2][CHOICE_NAME_BYTES + 1];
    hf_line_args lines[2];
    hf_payment_args payment;
    hf_order_place_args order;
    choose(l, s, skus);
    hf_line_init(&lines[0], skus[0], 1, 450);
    hf_line_init(&lines[1], skus[1], 2, 1200);
    hf_payment_init(&payment, s->wallet, "EUR", TOTAL);
    hf_order_place_init(&order, "EUR");
    order.customer = s->wallet;
    order.lines = lines;
    order.line_count = 2;
    order.payments = &payment;
    order.payment_count = paid ? 1 : 0;
    order.total = TOTAL;
    order.deadline_ms = paid ? 0 : wall_ms() + HOLD_MS;
    return hf_order_place(l->engine, &s->req, &order, paid ? load_on_done : load_on_held);
}

static int checkout(load *l, load_slot *s)
{
    return place(l, s, true);
}

static int hold(load *l, load_slot *s)
{
    return place(l, s, false);
}

int load_confirm(load *l, load_slot *s)
{
    hf_payment_add_args args;
    hf_payment_add_init(&args, &s->order);
    hf_payment_init(&args.payment, s->wallet, "EUR", TOTAL);
    return hf_payment_add(l->engine, &s->req, &args, load_on_done);
}

/* The order to read next. */
static const hf_id *next_known(load *l)
{
    return &l->drawn[l->drawn_at++ % LOAD_DRAWN];
}

static int get(load *l, load_slot *s)
{
    hf_order_get_args args;
    hf_order_get_init(&args, next_known(l));
    return hf_order_get(l->engine, &s->req, &args, load_on_done);
}

static bool shows(const hf_order_view *view, const hf_id *order)
{
    return view != NULL && memcmp(&view->order->id, order, sizeof *order) == 0;
}

static int peek(load *l, load_slot *s)
{
    hf_order_get_args args;
    const hf_order_view *order;
    hf_order_get_init(&args, next_known(l));
    int error = hf_order_peek(l->engine, &args, &order, NULL);
    if (error == 0 && !shows(order, &args.order))
        return HF_E_CORRUPT;
    if (error == 0)
        load_end_now(l, s);
    return error == HF_E_NOT_CACHED ? hf_order_get(l->engine, &s->req, &args, load_on_done) : error;
}

/* How many of the orders that were drawn come next, one behind the other, up to `most`. */
static uint32_t take_drawn(load *l, uint64_t most, const hf_id **first)
{
    const uint64_t at = l->drawn_at % LOAD_DRAWN;
    const uint64_t left = LOAD_DRAWN - at;
    uint64_t count = most < AT_ONCE ? most : AT_ONCE;
    if (l->c->operations != 0 && count > l->c->operations - l->begun)
        count = l->c->operations - l->begun;
    count = count < left ? count : left;
    *first = &l->drawn[at];
    l->drawn_at += count;
    return (uint32_t)count;
}

/* Looks at so many orders; the number of those that are in the read cache. */
static uint32_t peek_some(load *l, const hf_id *orders, uint32_t count, uint64_t from_ns)
{
    const hf_order_view *views[AT_ONCE];
    uint32_t seen = 0;
    (void)hf_orders_peek(l->engine, orders, count, views, NULL);
    for (uint32_t i = 0; i < count; i++) {
        if (shows(views[i], &orders[i]))
            seen++;
        else
            load_begin_get(l, &orders[i], from_ns);
    }
    return seen;
}

void load_peek_many(load *l, uint64_t from_ns)
{
    const hf_id *orders;
    uint32_t count = 1;
    for (uint32_t left = l->idle_count; left != 0 && count != 0; left -= count) {
        count = take_drawn(l, left, &orders);
        load_seen(l, from_ns, peek_some(l, orders, count, from_ns));
    }
}

static int list(load *l, load_slot *s)
{
    hf_order_list_args args;
    hf_order_list_init(&args);
    choice_name(s->wallet, "user", choice_below(&l->choice, CHOICE_WALLETS));
    args.by = HF_ORDERS_BY_CUSTOMER;
    args.text = s->wallet;
    args.newest_first = 1;
    args.limit = PAGE;
    return hf_order_list(l->engine, &s->req, &args, load_on_done);
}

int (*const load_starts[LOAD_FORMS])(load *l, load_slot *s) = {
    [LOAD_CHECKOUT] = checkout, [LOAD_TWO_PHASE] = hold, [LOAD_GET] = get,
    [LOAD_LIST] = list,         [LOAD_PEEK] = peek,      [LOAD_PEEK_MANY] = peek,
};
