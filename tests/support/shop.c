#include "support/shop.h"

#include "base/id.h"
#include "domain/ledger/movement.h"
#include <string.h>

hf_account_key hf_test_item(const char *sku, const char *place)
{
    return (hf_account_key){.kind = HF_KIND_ITEM, .name = sku, .place = place, .unit = "pcs"};
}

void hf_test_shop_init(hf_test_fixture *fixture)
{
    hf_test_fixture_init(fixture);
    hf_test_open(fixture, HF_KIND_ITEM, "tea", "pcs", 100);
    hf_test_open(fixture, HF_KIND_ITEM, "cup", "pcs", 100);
    hf_test_open(fixture, HF_KIND_MONEY, "anna", "EUR", 10000);
    hf_test_open(fixture, HF_KIND_MONEY, "ben", "EUR", 10000);
}

void hf_test_supply(hf_test_fixture *fixture, const hf_account_key *key, int64_t quantity)
{
    hf_move_args args;
    hf_move_init(&args);
    args.to = *key;
    args.amount = quantity;
    uint32_t type = key->kind == HF_KIND_ITEM ? HF_OP_ITEM_RECEIVE : HF_OP_ACCOUNT_DEPOSIT;
    hf_test_is(fixture, hf_test_shop_run(fixture, type, &args), 0);
}

void hf_test_stock(hf_test_fixture *fixture, const hf_account_key *key, int64_t balance,
                   const hf_test_limits *limits)
{
    hf_account account = {.version = 1, .max_balance = INT64_MAX};
    hf__account_ref_set(&account.key, key);
    const hf_account *there = hf_test_row_of(fixture, HF__ACCOUNTS, &account);
    if (there != NULL)
        account = *there;
    if (limits != NULL) {
        account.min_balance = limits->min_balance;
        account.min_available = limits->min_available;
        account.max_balance = limits->max_balance == 0 ? INT64_MAX : limits->max_balance;
        account.frozen = limits->frozen;
        account.overtake = limits->overtake;
    }
    hf_test_unit(fixture, key->unit, 0);
    hf_test_put(fixture, HF__ACCOUNTS, &account);
    if (balance > 0)
        hf_test_supply(fixture, key, balance);
}

/* ---- carts ---- */

void hf_test_cart_init(hf_test_fixture *fixture, hf_test_cart *cart)
{
    memset(cart, 0, sizeof *cart);
    hf_order_place_init(&cart->args, "EUR");
    cart->args.head.id = hf_test_id(fixture);
    cart->args.total = -1;
    cart->args.lines = cart->lines;
    cart->args.adjustments = cart->adjustments;
    cart->args.payments = cart->payments;
}

hf_line_args *hf_test_cart_line(hf_test_cart *cart, const char *sku, int64_t quantity,
                                int64_t unit_price, uint32_t settle_on)
{
    ck_assert_uint_lt(cart->args.line_count, HF_TEST_CART_MAX);
    hf_line_args *line = &cart->lines[cart->args.line_count++];
    hf_line_init(line, sku, quantity, unit_price);
    line->settle_on = settle_on;
    return line;
}

void hf_test_cart_adjust(hf_test_cart *cart, uint32_t line, int64_t amount)
{
    ck_assert_uint_lt(cart->args.adjustment_count, HF_TEST_CART_MAX);
    cart->adjustments[cart->args.adjustment_count++] =
        (hf_adjustment_args){.amount = amount,
                             .line = line,
                             .kind = amount < 0 ? HF_ADJUSTMENT_DISCOUNT : HF_ADJUSTMENT_SHIPPING};
}

hf_payment_args *hf_test_cart_pay(hf_test_cart *cart, const char *account, int64_t amount,
                                  uint32_t settle_on)
{
    ck_assert_uint_lt(cart->args.payment_count, HF_TEST_CART_MAX);
    hf_payment_args *payment = &cart->payments[cart->args.payment_count++];
    hf_payment_init(payment, account, "EUR", amount);
    payment->settle_on = settle_on;
    return payment;
}

int64_t hf_test_cart_total(const hf_test_cart *cart)
{
    int64_t total = 0;
    for (uint32_t i = 0; i < cart->args.line_count; i++) {
        const hf_line_args *line = &cart->lines[i];
        int64_t cost = 0;
        ck_assert_int_eq(
            hf_money_muldiv(line->quantity, line->unit_price, line->price_per, 0, &cost), 0);
        total += cost;
    }
    for (uint32_t i = 0; i < cart->args.adjustment_count; i++)
        total += cart->adjustments[i].amount;
    return total;
}

int hf_test_cart_place(hf_test_fixture *fixture, hf_test_cart *cart)
{
    if (cart->args.total == -1)
        cart->args.total = hf_test_cart_total(cart);
    return hf_test_shop_run(fixture, HF_OP_ORDER_PLACE, &cart->args);
}

/* ---- operations ---- */

int hf_test_shop_run(hf_test_fixture *fixture, uint32_t type, const void *args)
{
    int status = hf_test_run(fixture, type, args);
    hf_test_shop_check(fixture);
    return status;
}

int hf_test_units(hf_test_fixture *fixture, uint32_t type, const hf_id *order, uint32_t line,
                  int64_t quantity)
{
    hf_order_units_args args;
    hf_order_units_init(&args, order);
    const hf_line_quantity one = {.line = line, .quantity = quantity};
    args.lines = &one;
    args.line_count = line == 0 ? 0 : 1;
    return hf_test_shop_run(fixture, type, &args);
}

int hf_test_pay(hf_test_fixture *fixture, uint32_t type, const hf_id *order, uint32_t no,
                int64_t amount)
{
    hf_payment_amount_args args;
    hf_payment_amount_init(&args, &hf_test_payment(fixture, order, no)->id);
    args.amount = amount;
    return hf_test_shop_run(fixture, type, &args);
}

static hf__sweep_result sweep(hf_test_fixture *fixture, uint32_t type, const hf__sweep_args *args)
{
    hf_test_is(fixture, hf_test_shop_run(fixture, type, args), 0);
    const hf__sweep_result *result = fixture->draft.result;
    ck_assert_ptr_nonnull(result);
    return *result;
}

hf__sweep_result hf_test_promote(hf_test_fixture *fixture, const hf_account_key *key,
                                 uint32_t limit)
{
    hf__sweep_args args = {.head = {.size = sizeof args}, .limit = limit};
    hf__account_ref_set(&args.account, key);
    return sweep(fixture, HF_EVENT_PROMOTE, &args);
}

hf__sweep_result hf_test_expire(hf_test_fixture *fixture)
{
    const hf__sweep_args args = {.head = {.size = sizeof args}, .limit = 32};
    return sweep(fixture, HF_EVENT_EXPIRE, &args);
}

/* ---- rows ---- */

const hf_order *hf_test_order(const hf_test_fixture *fixture, const hf_id *id)
{
    const hf_order *order = hf_test_row_of(fixture, HF__ORDERS, &(hf_order){.id = *id});
    ck_assert_ptr_nonnull(order);
    return order;
}

const hf_order_line *hf_test_line(const hf_test_fixture *fixture, const hf_id *id, uint32_t no)
{
    const hf_order_line *line =
        hf_test_row_of(fixture, HF__ORDER_LINES, &(hf_order_line){.order = *id, .no = no});
    ck_assert_ptr_nonnull(line);
    return line;
}

const hf_payment *hf_test_payment(const hf_test_fixture *fixture, const hf_id *id, uint32_t no)
{
    for (size_t i = 0; i < fixture->count; i++) {
        const hf_payment *payment = fixture->rows[i].row;
        if (fixture->rows[i].table == HF__PAYMENTS && hf__id_equal(&payment->order, id) &&
            payment->no == no)
            return payment;
    }
    ck_abort_msg("the order has no payment %u", no);
    return NULL;
}

const hf_account *hf_test_at(const hf_test_fixture *fixture, const hf_account_key *key)
{
    hf_account row = {.balance = 0};
    hf__account_ref_set(&row.key, key);
    const hf_account *account = hf_test_row_of(fixture, HF__ACCOUNTS, &row);
    ck_assert_ptr_nonnull(account);
    return account;
}

int64_t hf_test_balance(const hf_test_fixture *fixture, const char *account)
{
    const hf_account_key key = {.kind = HF_KIND_MONEY, .name = account, .place = "", .unit = "EUR"};
    return hf_test_at(fixture, &key)->balance;
}

const hf_order_view *hf_test_view(const hf_test_fixture *fixture)
{
    const hf_order_view *view = fixture->draft.result;
    ck_assert_ptr_nonnull(view);
    ck_assert_uint_eq(view->size, sizeof *view);
    return view;
}
