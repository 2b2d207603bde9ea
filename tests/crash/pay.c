/*
 * pay.c - the load that is killed while outside participants are asked.
 *
 * Usage: pay STORE PORT CYCLE      works until it is killed; CYCLE from 1 makes its ids
 *        pay STORE PORT            works off what is open, until everything has ended
 *
 * Orders are paid by card (card.c), some also from a wallet; transactions move money to the till
 * and book the same amount outside (booking.c). What completes is printed on standard output:
 *     KIND OPERATION EVENT SUBJECT STATE CAPTURED REFUNDED
 * KIND: o order, p payment, t transaction, a transaction that was cancelled. What an operation is
 * follows from cycle and number, so a later process can repeat a transaction.
 */
#include "pay.h"
#include "card.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { REPEATED = 40, TAKE = 64 };

/* ---- What is printed ------------------------------------------------------------------------- */

static void report(char kind, const hf_completion *done, const hf_id *subject,
                   const int64_t values[3])
{
    char op[37];
    char of[37];
    char line[160];
    int bytes =
        snprintf(line, sizeof line, "%c %s %" PRIu64 " %s %" PRId64 " %" PRId64 " %" PRId64 "\n",
                 kind, hf_id_format(&done->id, op), done->event_seq, hf_id_format(subject, of),
                 values[0], values[1], values[2]);
    if (write(STDOUT_FILENO, line, (size_t)bytes) != bytes)
        exit(EXIT_FAILURE);
}

static void take_list(load *l, const hf_txn_page *page)
{
    l->found = page->count;
    for (uint32_t i = 0; i < page->count; i++)
        l->ids[i] = page->rows[i]->id;
}

static void take(load *l, const hf_completion *done)
{
    const hf_order_view *view = done->result;
    const hf_payment *paid = done->result;
    const hf_txn_view *txn = done->result;
    if (done->status == HF_E_TXN_ABORTED && done->type == HF_OP_TXN_SUBMIT)
        report('a', done, &done->id, (const int64_t[3]){HF_TXN_CANCELLED, 0, 0});
    if (done->status != 0)
        return;
    if (done->type >= HF_OP_ORDER_PLACE && done->type <= HF_OP_ORDER_RETURN)
        report('o', done, &view->order->id,
               (const int64_t[3]){view->order->state, view->captured, view->refunded});
    else if (done->type >= HF_OP_PAYMENT_CAPTURE && done->type <= HF_OP_PAYMENT_REFUND)
        report('p', done, &paid->id,
               (const int64_t[3]){paid->state, paid->captured, paid->refunded});
    else if (done->type == HF_OP_TXN_SUBMIT || done->type == HF_OP_TXN_ABORT)
        report('t', done, &txn->txn->id, (const int64_t[3]){txn->txn->state, 0, 0});
    else if (done->type == HF_OP_ORDER_LIST)
        l->found = ((const hf_order_page *)done->result)->count;
    else if (done->type == HF_OP_TXN_LIST)
        take_list(l, done->result);
}

/* Takes what is there; waits for it when there is nothing. */
static void turn(load *l)
{
    hf_completion done[TAKE];
    int count = hf_completions(l->engine, done, TAKE);
    if (count == 0) {
        (void)uv_run(l->loop, UV_RUN_ONCE);
        count = hf_completions(l->engine, done, TAKE);
    }
    pay_check(l, "hf_completions", count);
    for (int i = 0; i < count; i++)
        take(l, &done[i]);
    l->in_flight -= (uint32_t)count;
}

/* ---- Runs ------------------------------------------------------------------------------------ */

static void run(load *l)
{
    static const uint32_t windows[] = {1, 4, 16, 64};
    for (uint32_t i = 0; l->cycle > 1 && i < REPEATED; i++)
        pay_repeat(l, l->cycle - 1, i);
    for (;;) {
        while (l->in_flight < windows[l->cycle % 4])
            pay_ask(l, l->cycle, l->number++);
        turn(l);
    }
}

/* How many there are on a page: pending orders for ALL, else transactions. */
static uint32_t count(load *l, uint32_t which)
{
    hf_order_list_args orders;
    hf_txn_list_args txns;
    hf_order_list_init(&orders);
    hf_txn_list_init(&txns);
    orders.by = HF_ORDERS_BY_STATE;
    orders.state = HF_ORDER_PENDING;
    txns.which = which;
    txns.limit = PAY_PAGE;
    if (which == HF_TXN_WHICH_ALL)
        pay_submit(l, HF_OP_ORDER_LIST, &orders);
    else
        pay_submit(l, HF_OP_TXN_LIST, &txns);
    while (l->in_flight > 0)
        turn(l);
    return l->found;
}

static void retry_now(load *l)
{
    for (uint32_t i = count(l, HF_TXN_WHICH_OPEN); i > 0; i--) {
        hf_txn_act_args args;
        hf_txn_act_init(&args, &l->ids[i - 1]);
        args.reason = "the provider is well again";
        pay_submit(l, HF_OP_TXN_RETRY_NOW, &args);
    }
}

static void on_log(void *data, uint32_t level, const char *text)
{
    (void)data;
    fprintf(stderr, "pay: %u: %s\n", level, text);
}

static void on_tick(uv_timer_t *tick)
{
    (void)tick;
}

/*
 * Looks at every tick until no order is pending and no transaction open; a parked one is wrong.
 * What waits for its next attempt is asked for it, so nothing is waited for.
 */
static void work_off(load *l)
{
    (void)uv_timer_init(l->loop, &l->tick);
    (void)uv_timer_start(&l->tick, on_tick, 50, 50);
    while (count(l, HF_TXN_WHICH_ALL) > 0 || count(l, HF_TXN_WHICH_OPEN) > 0) {
        pay_check(l, "a transaction is parked",
                  count(l, HF_TXN_WHICH_PARKED) > 0 ? HF_E_TXN_STATE : 0);
        retry_now(l);
        (void)uv_run(l->loop, UV_RUN_ONCE);
    }
    uv_close((uv_handle_t *)&l->tick, NULL);
}

int main(int argc, char **argv)
{
    if (argc != 3 && argc != 4) {
        fprintf(stderr, "usage: pay STORE PORT [CYCLE]\n");
        return EXIT_FAILURE;
    }
    char url[64];
    char detail[256] = "";
    hf_options options;
    hf_options_init(&options);
    options.store = argv[1];
    options.log = on_log;
    options.error = detail;
    options.error_bytes = sizeof detail;
    load l = {.loop = uv_default_loop(), .booking.port = (int)strtol(argv[2], NULL, 10)};
    l.cycle = argc == 4 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%s", argv[2]);
    if (write(STDOUT_FILENO, "starting\n", 9) != 9)
        return EXIT_FAILURE;
    pay_check(&l, detail, hf_engine_open(l.loop, &options, &l.engine));
    l.booking.loop = l.loop;
    l.booking.engine = l.engine;
    card *provider = card_open(l.loop, l.engine, "card", url);
    pay_check(&l, "card", provider == NULL ? HF_E_ARGUMENT : booking_register(&l.booking));
    pay_open_accounts(&l);
    while (l.in_flight > 0)
        turn(&l);
    if (l.cycle > 0)
        run(&l);
    work_off(&l);
    pay_check(&l, "close", hf_engine_close(l.engine, NULL, NULL));
    card_close(provider);
    return uv_run(l.loop, UV_RUN_DEFAULT);
}
