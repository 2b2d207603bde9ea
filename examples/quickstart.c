/* quickstart.c - a first order: its stock and its money are taken in one commit, or neither is. */
#include <holdfast.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

static void check(const char *what, int code, const char *detail)
{
    if (code >= 0)
        return;
    fprintf(stderr, "%s: %s: %s (%s)\n", what, hf_error_name(code), hf_error_text(code), detail);
    exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
    char detail[256] = "";
    hf_options options;
    hf_options_init(&options);
    options.store = argc > 1 ? argv[1] : "sqlite:shop.db";
    options.error = detail;
    options.error_bytes = sizeof(detail);
    hf_engine *engine;
    check("hf_engine_open", hf_engine_open(uv_default_loop(), &options, &engine), detail);
    hf_account_put_args tea, cup, wallet; /* a later run finds them and changes nothing */
    hf_item_put_init(&tea, "tea");
    hf_item_put_init(&cup, "cup");
    tea.opening = cup.opening = 1000;
    hf_account_put_init(&wallet, HF_KIND_MONEY, "ada", "EUR");
    wallet.unit_scale = 2; /* amounts are cents */
    wallet.opening = 1000000;
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
    const hf_op ops[] = {{.type = HF_OP_ITEM_PUT, .args = &tea},
                         {.type = HF_OP_ITEM_PUT, .args = &cup},
                         {.type = HF_OP_ACCOUNT_PUT, .args = &wallet},
                         {.type = HF_OP_ORDER_PLACE, .args = &order}};
    check("hf_submit", hf_submit(engine, ops, 4, NULL), hf_engine_detail(engine));
    hf_completion done = {.type = HF_OP_NONE};
    while (done.type != HF_OP_ORDER_PLACE)
        if (hf_completions(engine, &done, 1) == 1)
            check(hf_op_name(done.type), done.status, done.detail);
        else
            (void)uv_run(uv_default_loop(), UV_RUN_ONCE);
    const hf_order_view *view = done.result;
    printf("order %lu: paid %ld cents\n", (unsigned long)view->order->number, (long)view->captured);
    check("hf_engine_close", hf_engine_close(engine, NULL, NULL), "");
    return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
