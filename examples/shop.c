/*
 * shop.c - two warehouses, a kit, a coupon, a gift card, partial shipping, a return, a backorder.
 *
 *   account                   kind   name           place            unit, opened with
 *   goods in a warehouse      ITEM   cup            berlin, hamburg  pcs, 5 and 10
 *                             ITEM   pot, tin, tea  berlin           pcs
 *   what is left of a coupon  LIMIT  SPRING                          uses, 100
 *   wallets and gift cards    MONEY  ada, ...                        EUR (cents)
 *
 *   line      of each unit goes from --> to
 *   cup       1 cup of berlin, of hamburg when berlin has no more --> customer
 *   tea set   1 pot, 2 tins, 4 tea of berlin --> customer; 1 use of SPRING, for its price --> gone
 * What is ordered and paid is held at once; goods move and money is captured as it is shipped.
 */
#include <holdfast.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

enum { CUP = 1200, TEA_SET = 4900, SHIPPING = 590, TAX_PERCENT = 19 }; /* prices in cents */
enum { GIFT_CARD = 5000, WALLET = 1000000, WAREHOUSES = 2, PARTS = 4 };
static const char *const warehouses[WAREHOUSES] = {"berlin", "hamburg"};
static hf_engine *engine;
static hf_completion done; /* of the last operation; its result lives until the next one */

static void check(const char *what, int code, const char *detail)
{
    if (code == 0)
        return;
    fprintf(stderr, "%s: %s (%s)\n", what, hf_error_name(code), detail);
    exit(EXIT_FAILURE);
}

/* Runs one operation to its end: 0, or HF_E_LIMIT_SHORT when the coupon is used up. */
static int perform(uint32_t type, const void *args)
{
    hf_run(engine, type, args, &done);
    check(hf_op_name(type), done.status == HF_E_LIMIT_SHORT ? 0 : done.status, done.detail);
    return done.status;
}

static void show_accounts(const char *title)
{
    hf_account_list_args list;
    hf_account_list_init(&list);
    perform(HF_OP_ACCOUNT_LIST, &list);
    const hf_account_page *page = done.result;
    printf("\n%-22s%10s%10s\n", title, "balance", "held");
    for (uint32_t i = 0; i < page->count; i++)
        printf("  %-10s%-10s%10" PRId64 "%10" PRId64 " %s\n", page->rows[i]->key.name.text,
               page->rows[i]->key.place.text, page->rows[i]->balance, page->rows[i]->held_out,
               page->rows[i]->key.unit.text);
}

static void show_order(const char *title, const hf_id *order)
{
    hf_order_get_args get;
    hf_order_get_init(&get, order);
    perform(HF_OP_ORDER_GET, &get);
    const hf_order_view *view = done.result;
    printf("\n%s: order %" PRIu64 " is %s\n", title, view->order->number,
           hf_order_state_name(view->order->state));
    for (uint32_t i = 0; i < view->line_count; i++)
        printf("  %-10s%7" PRId64 " ordered %7" PRId64 " shipped  %7" PRId64 " returned\n",
               view->lines[i]->sku.text, view->lines[i]->quantity, view->lines[i]->fulfilled,
               view->lines[i]->returned);
    for (uint32_t i = 0; i < view->payment_count; i++)
        printf("  %-10s%7" PRId64 " held    %7" PRId64 " captured %7" PRId64 " refunded\n",
               view->payments[i]->account.name.text, view->payments[i]->authorized,
               view->payments[i]->captured, view->payments[i]->refunded);
}

/* Adds tax and shipping; the wallet pays what the gift card does not. */
static int place(const hf_line_args *lines, uint32_t line_count, const char *wallet,
                 int64_t from_card, uint32_t policy)
{
    int64_t goods = 0, tax = 0;
    for (uint32_t i = 0; i < line_count; i++)
        goods += lines[i].quantity * lines[i].unit_price;
    check("tax", hf_money_muldiv(goods, TAX_PERCENT, 100, HF_ROUND_HALF_UP, &tax), "");
    const hf_adjustment_args adjustments[] = {{.kind = HF_ADJUSTMENT_TAX, .amount = tax},
                                              {.kind = HF_ADJUSTMENT_SHIPPING, .amount = SHIPPING}};
    hf_order_place_args order;
    hf_order_place_init(&order, "EUR");
    order.policy = policy;
    order.total = goods + tax + SHIPPING;
    order.lines = lines;
    order.line_count = line_count;
    order.adjustments = adjustments;
    order.adjustment_count = 2;
    hf_payment_args payments[2];
    hf_payment_init(&payments[0], wallet, "EUR", order.total - from_card);
    hf_payment_init(&payments[1], "gift card", "EUR", from_card);
    payments[0].settle_on = payments[1].settle_on = HF_SETTLE_FULFIL;
    order.payments = payments;
    order.payment_count = from_card > 0 ? 2 : 1;
    return perform(HF_OP_ORDER_PLACE, &order);
}

/* So many units of the first line, or all that is possible of every line. */
static void units(uint32_t operation, const hf_id *order, int64_t quantity)
{
    const hf_line_quantity some = {.line = 1, .quantity = quantity};
    hf_order_units_args args;
    hf_order_units_init(&args, order);
    args.lines = &some;
    args.line_count = quantity == HF_ALL ? 0 : 1;
    perform(operation, &args);
}

static void open_account(uint32_t kind, const char *name, const char *place, const char *unit,
                         int64_t opening)
{
    hf_account_put_args put;
    hf_account_put_init(&put, kind, name, unit);
    put.key.place = place;
    put.unit_scale = kind == HF_KIND_MONEY ? 2 : 0; /* amounts of money are cents */
    put.opening = opening;
    perform(HF_OP_ACCOUNT_PUT, &put);
}

static void open_shop(void)
{
    open_account(HF_KIND_ITEM, "cup", "berlin", "pcs", 5);
    open_account(HF_KIND_ITEM, "cup", "hamburg", "pcs", 10);
    open_account(HF_KIND_ITEM, "pot", "berlin", "pcs", 300);
    open_account(HF_KIND_ITEM, "tin", "berlin", "pcs", 300);
    open_account(HF_KIND_ITEM, "tea", "berlin", "pcs", 500);
    open_account(HF_KIND_LIMIT, "SPRING", "", "uses", 100);
    open_account(HF_KIND_MONEY, "gift card", "", "EUR", GIFT_CARD);
    open_account(HF_KIND_MONEY, "ada", "", "EUR", WALLET);
    open_account(HF_KIND_MONEY, "bob", "", "EUR", WALLET);
}

int main(int argc, char **argv) /* an argument names a new store; else a temporary one is used */
{
    char folder[] = "/tmp/shop-XXXXXX";
    if (argc == 1 && (mkdtemp(folder) == NULL || chdir(folder) != 0))
        return EXIT_FAILURE;
    hf_options options;
    hf_options_init(&options);
    options.store = argc > 1 ? argv[1] : "sqlite:shop.db";
    check("hf_engine_open", hf_engine_open(uv_default_loop(), &options, &engine), options.store);
    open_shop();
    const hf_leg_args tea_set[PARTS] = {
        {.from = hf_key_of(HF_KIND_ITEM, "pot", "berlin", "pcs"), .per_unit = 1},
        {.from = hf_key_of(HF_KIND_ITEM, "tin", "berlin", "pcs"), .per_unit = 2},
        {.from = hf_key_of(HF_KIND_ITEM, "tea", "berlin", "pcs"), .per_unit = 4},
        {.from = hf_key_of(HF_KIND_LIMIT, "SPRING", "", "uses"), .per_unit = 1}};
    hf_line_args cups, tea_sets;
    hf_line_init(&cups, "cup", 8, CUP);
    cups.places = warehouses;
    cups.place_count = WAREHOUSES;
    hf_line_init(&tea_sets, "tea set", 1, TEA_SET);
    tea_sets.legs = tea_set;
    tea_sets.leg_count = PARTS;
    cups.settle_on = tea_sets.settle_on = HF_SETTLE_FULFIL;
    const hf_line_args both[] = {cups, tea_sets};
    place(both, 2, "ada", GIFT_CARD, 0);
    const hf_id ada = done.id;
    show_order("ada orders", &ada);
    show_accounts("held for ada");
    units(HF_OP_ORDER_FULFIL, &ada, 5);
    show_order("some cups are shipped", &ada);
    units(HF_OP_ORDER_FULFIL, &ada, HF_ALL);
    show_order("the rest is shipped", &ada);
    cups.quantity = 12;
    place(&cups, 1, "bob", 0, HF_ORDER_QUEUE);
    const hf_id bob = done.id;
    show_order("bob wants more cups than there are", &bob);
    units(HF_OP_ORDER_RETURN, &ada, 3);
    show_order("ada sends cups back", &ada);
    hf_move_args delivery;
    hf_item_receive_init(&delivery, "cup", 10);
    delivery.to.place = "hamburg";
    perform(HF_OP_ITEM_RECEIVE, &delivery);
    show_order("cups arrive in hamburg", &bob);
    int sold = 0;
    while (place(&tea_sets, 1, "bob", 0, 0) == 0)
        sold++;
    printf("\nbob orders %d tea sets; the next one is refused: %s\n", sold, done.detail);
    show_accounts("in the end");
    hf_verify_result books = {.size = sizeof(books)};
    check("hf_run_verify", hf_run_verify(engine, &books), hf_engine_detail(engine));
    printf("\nverify: %" PRIu64 " findings\n", books.findings_total);
    check("hf_run_close", hf_run_close(engine), "");
    int left = argc == 1 && (remove("shop.db") || rmdir(folder));
    return books.findings_total != 0 || left;
}
