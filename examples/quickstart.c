/* quickstart.c - a first order: its stock and its money are taken in one commit, or neither is. */
#include <holdfast.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

static void check(const char *what, int code, const char *detail)
{
    if (code == 0)
        return;
    fprintf(stderr, "%s: %s: %s (%s)\n", what, hf_error_name(code), hf_error_text(code), detail);
    exit(EXIT_FAILURE);
}

static const void *perform(hf_engine *engine, uint32_t type, const void *args)
{
    hf_completion done;
    hf_run(engine, type, args, &done);
    check(hf_op_name(type), done.status, done.detail);
    return done.result; /* lives until the next hf_run */
}

int main(int argc, char **argv)
{
    char detail[480] = "";
    hf_options options;
    hf_options_init(&options);
    options.store = argc > 1 ? argv[1] : "sqlite:shop.db";
    options.error = detail;
    options.error_bytes = sizeof(detail);
    hf_engine *engine;
    check("hf_engine_open", hf_engine_open(uv_default_loop(), &options, &engine), detail);
    hf_account_put_args put; /* a later run finds the accounts and changes nothing */
    hf_item_put_init(&put, "tea");
    put.opening = 1000;
    perform(engine, HF_OP_ITEM_PUT, &put);
    put.key.name = "cup";
    perform(engine, HF_OP_ITEM_PUT, &put);
    hf_account_put_init(&put, HF_KIND_MONEY, "ada", "EUR");
    put.unit_scale = 2; /* amounts are cents */
    put.opening = 1000000;
    perform(engine, HF_OP_ACCOUNT_PUT, &put);
    hf_line_args lines[2];
    hf_line_init(&lines[0], "tea", 2, 450);
    hf_line_init(&lines[1], "cup", 1, 1200);
    hf_payment_args payment;
    hf_payment_init(&payment, "ada", "EUR", 2100);
    hf_order_place_args order;
    hf_order_place_init(&order, "EUR");
    order.customer = "ada";
    order.total = 2100;
    order.lines = lines;
    order.line_count = 2;
    order.payments = &payment;
    order.payment_count = 1;
    const hf_order_view *view = perform(engine, HF_OP_ORDER_PLACE, &order);
    printf("order %" PRIu64 ": paid %" PRId64 " cents\n", view->order->number, view->captured);
    check("hf_run_close", hf_run_close(engine), "");
}
