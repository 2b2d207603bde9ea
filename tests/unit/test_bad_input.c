/*
 * Bad input through the public API, on every store: each refusal has its own error, names the
 * culprit, and leaves the store exactly as it was.
 *
 * Shown elsewhere, with the untouched state, and not again here: sizes, reserved fields and rules
 * between fields (test_check), options and unknown store URLs (test_open), use after close, after
 * fork and from another thread (test_handle), a file of another program and places that are no
 * file (conformance_file, test_sqlite_file, test_lmdb). Folders, disks and second opens have
 * test_bad_place.
 */
#include "support/check_main.h"
#include "support/one_shop.h"
#include "support/orders.h"

#define START_MS INT64_C(1800000000000)
#define LONG64   "0123456789012345678901234567890123456789012345678901234567890123"

/* ---- A shop ---------------------------------------------------------------------------------- */

static const char *const stores[] = {
#if HF_HAVE_LMDB
    "lmdb:shop.mdb",
#endif
#if HF_HAVE_SQLITE
    "sqlite:shop.db",
#endif
    "memory:",
};
#define STORES ((int)(sizeof stores / sizeof stores[0]))

static union {
    hf_op_head head;
    hf_account_put_args put;
    hf_move_args move;
    hf_account_adjust_args adjust;
    hf_unit_put_args unit;
    hf_erase_args erase;
    hf_account_get_args get;
    hf_hold_place_args hold;
    hf_hold_post_args post;
    hf_hold_amount_args part;
    hf_hold_adjust_args grow;
    hf_order_place_args place;
    hf_order_amend_args amend;
    hf_order_units_args units;
    hf_payment_add_args add;
    hf_payment_amount_args pay;
    hf_payment_report_args report;
    hf_attention_clear_args clear;
    hf_cursor_put_args cursor;
} any;

static hf_line_args lines[HF_LINES_MAX + 1];
static hf_leg_args leg;
static hf_payment_args payments[HF_PAYMENTS_MAX + 1];
static hf_adjustment_args adjustment;
static hf_line_quantity wanted;
static hf_line_change change;
static hf_payment_amount refund;
static const char *place_name;

static int run(uint32_t type)
{
    return shop_run(type, &any);
}

static void good(uint32_t type)
{
    const int error = run(type);
    ck_assert_msg(error == 0, "%s: %s: %s", hf_op_name(type), hf_error_name(error), shop.detail);
}

/* ---- Good calls, for rows to break ----------------------------------------------------------- */

static const char *const order_a = "confirmed"; /* 5 bells, 2 fulfilled, 300 of 500 captured */

static hf_id id_of(const char *text)
{
    hf_id id;
    ck_assert_int_eq(hf_id_from_key(START_MS, text, &id), 0);
    return id;
}

static void put(uint32_t kind, const char *name, const char *unit, int64_t opening)
{
    hf_account_put_init(&any.put, kind, name, unit);
    any.put.opening = opening;
    any.put.unit_scale = kind == HF_KIND_MONEY ? 2 : 0;
}

static void deposit(int64_t amount)
{
    hf_move_init(&any.move);
    any.move.to = hf_test_key(HF_KIND_MONEY, "wallet", "EUR");
    any.move.amount = amount;
}

static void transfer(const char *from, const char *to, const char *unit, int64_t amount)
{
    hf_move_init(&any.move);
    any.move.from = hf_test_key(HF_KIND_MONEY, from, "EUR");
    any.move.to = hf_test_key(HF_KIND_MONEY, to, unit);
    any.move.amount = amount;
}

static void withdraw(const char *from, int64_t amount)
{
    transfer(from, "", "", amount);
    any.move.to = (hf_account_key){.kind = HF_KIND_WORLD};
}

static void hold(int64_t amount)
{
    hf_hold_place_init(&any.hold);
    any.hold.head.id = id_of("another hold");
    any.hold.from = hf_test_key(HF_KIND_ITEM, "bell", "pcs");
    any.hold.amount = amount;
}

/* `quantity` of a sku at 100, paid from "wallet". */
static void order(const char *id, const char *sku, int64_t quantity)
{
    hf_order_place_init(&any.place, "EUR");
    any.place.head.id = id_of(id);
    any.place.total = quantity * 100;
    hf_line_init(&lines[0], sku, quantity, 100);
    lines[0].settle_on = HF_SETTLE_FULFIL;
    hf_payment_init(&payments[0], "wallet", "EUR", quantity * 100);
    payments[0].settle_on = HF_SETTLE_MANUAL;
    payments[0].id = (hf_id){.bytes = {0}};
    any.place.lines = lines;
    any.place.line_count = 1;
    any.place.payments = payments;
    any.place.payment_count = 1;
}

/* One untracked line, without a payment. */
static void bare(int64_t quantity, int64_t price, int64_t total)
{
    order("fresh", "fee", 1);
    hf_line_init(&lines[0], "fee", quantity, price);
    lines[0].untracked = 1;
    any.place.payment_count = 0;
    any.place.total = total;
}

static void units(const char *id, uint32_t line, int64_t quantity)
{
    const hf_id of = id_of(id);
    hf_order_units_init(&any.units, &of);
    wanted = (hf_line_quantity){.line = line, .quantity = quantity};
    any.units.lines = &wanted;
    any.units.line_count = 1;
}

static void amend(const char *id, int64_t quantity, int64_t total)
{
    const hf_id of = id_of(id);
    hf_order_amend_init(&any.amend, &of);
    change = (hf_line_change){.line = 1, .quantity = quantity, .unit_price = 100};
    any.amend.changes = &change;
    any.amend.change_count = 1;
    any.amend.total = total;
}

static void pay(int64_t amount)
{
    const hf_id of = id_of("payment");
    hf_payment_amount_init(&any.pay, &of);
    any.pay.amount = amount;
}

static void post(const char *id, int64_t take)
{
    const hf_id of = id_of(id);
    hf_hold_post_init(&any.post, &of);
    any.post.post = take;
}

static void part(const char *id, int64_t amount)
{
    const hf_id of = id_of(id);
    hf_hold_amount_init(&any.part, &of);
    any.part.amount = amount;
}

static void add(const char *account, const char *unit, int64_t amount)
{
    const hf_id of = id_of("pending");
    hf_payment_add_init(&any.add, &of);
    hf_payment_init(&any.add.payment, account, unit, amount);
}

static void freeze(uint32_t kind, const char *name, const char *unit)
{
    put(kind, name, unit, 0);
    any.put.mask = HF_PUT_FROZEN;
    any.put.frozen = 1;
    good(HF_OP_ACCOUNT_PUT);
}

static void fill_orders(void)
{
    order(order_a, "bell", 5);
    payments[0].id = id_of("payment");
    good(HF_OP_ORDER_PLACE);
    units(order_a, 1, 2);
    good(HF_OP_ORDER_FULFIL);
    pay(300);
    good(HF_OP_PAYMENT_CAPTURE);
    order("pending", "bell", 2);
    any.place.payment_count = 0;
    good(HF_OP_ORDER_PLACE);
    order("cancelled", "bell", 1);
    good(HF_OP_ORDER_PLACE);
    units("cancelled", 1, HF_ALL);
    good(HF_OP_ORDER_CANCEL);
    hold(5);
    any.hold.head.id = id_of("hold");
    good(HF_OP_HOLD_PLACE);
    post("hold", 2);
    good(HF_OP_HOLD_POST);
    hold(2);
    any.hold.head.id = id_of("done");
    good(HF_OP_HOLD_PLACE);
    post("done", 2);
    good(HF_OP_HOLD_POST);
}

static void fill_shop(void)
{
    put(HF_KIND_ITEM, "bell", "pcs", 100);
    good(HF_OP_ACCOUNT_PUT);
    put(HF_KIND_ITEM, "ice", "pcs", 100);
    good(HF_OP_ACCOUNT_PUT);
    put(HF_KIND_MONEY, "wallet", "EUR", 100000);
    good(HF_OP_ACCOUNT_PUT);
    put(HF_KIND_MONEY, "frozen", "EUR", 1000);
    good(HF_OP_ACCOUNT_PUT);
    put(HF_KIND_MONEY, "dollars", "USD", 1000);
    good(HF_OP_ACCOUNT_PUT);
    freeze(HF_KIND_ITEM, "ice", "pcs");
    freeze(HF_KIND_MONEY, "frozen", "EUR");
    deposit(7);
    any.move.head.id = id_of("deposit");
    good(HF_OP_ACCOUNT_DEPOSIT);
    fill_orders();
}

/* ---- Texts: every field with every bad text -------------------------------------------------- */

/* clang-format off */
#define SLOT(name, field, ...) \
    static const char **slot_##name(void) { __VA_ARGS__; return &(field); }
#define ROW(name, ...) static void row_##name(void) { __VA_ARGS__; }

SLOT(put_name, any.put.key.name, put(HF_KIND_MONEY, "a", "EUR", 1))
SLOT(put_place, any.put.key.place, put(HF_KIND_MONEY, "a", "EUR", 1))
SLOT(put_unit, any.put.key.unit, put(HF_KIND_MONEY, "a", "EUR", 1))
SLOT(actor, any.put.head.actor, put(HF_KIND_MONEY, "a", "EUR", 1))
SLOT(deposit, any.move.to.name, deposit(1))
SLOT(transfer, any.move.from.unit, transfer("wallet", "frozen", "EUR", 1))
SLOT(hold, any.hold.from.name, hold(1))
SLOT(get, any.get.key.name, hf_item_get_init(&any.get, "bell"))
SLOT(customer, any.place.customer, order("fresh", "bell", 1))
SLOT(currency, any.place.currency, order("fresh", "bell", 1))
SLOT(series, any.place.series, order("fresh", "bell", 1))
SLOT(ref, any.place.external_ref, order("fresh", "bell", 1))
SLOT(sku, lines[0].sku, order("fresh", "bell", 1))
SLOT(unit, lines[0].unit, order("fresh", "bell", 1))
SLOT(place, place_name, order("fresh", "bell", 1); lines[0].places = &place_name; lines[0].place_count = 1)
SLOT(leg, leg.from.name, order("fresh", "bell", 1); leg = (hf_leg_args){.from = hf_test_key(HF_KIND_ITEM, "bell", "pcs"), .per_unit = 1}; lines[0].legs = &leg; lines[0].leg_count = 1)
SLOT(account, payments[0].account.name, order("fresh", "bell", 1))
SLOT(added, any.add.payment.account.name, add("wallet", "EUR", 1))
SLOT(provider, any.report.provider, hf_payment_report_init(&any.report); any.report.fact_ref = "f"; any.report.unit = "EUR"; any.report.amount = 1)
SLOT(fact, any.report.fact_ref, hf_payment_report_init(&any.report); any.report.provider = "p"; any.report.unit = "EUR"; any.report.amount = 1)
SLOT(reason, any.clear.reason, hf_attention_clear_init(&any.clear); any.clear.bits = 1; any.clear.account = hf_test_key(HF_KIND_MONEY, "wallet", "EUR"))
SLOT(erased, any.erase.customer, hf_erase_init(&any.erase, NULL); any.erase.by = HF_ERASE_BY_CUSTOMER)
SLOT(replaced, any.erase.replacement, const hf_id of = id_of(order_a); hf_erase_init(&any.erase, &of))
SLOT(consumer, any.cursor.consumer, hf_cursor_put_init(&any.cursor, "mail", 1))

static const struct {
    uint32_t type;
    int optional; /* 1: NULL and "" are good */
    const char **(*slot)(void);
    const char *culprit;
} fields[] = {
    {HF_OP_ACCOUNT_PUT, 0, slot_put_name, "key.name: "},
    {HF_OP_ACCOUNT_PUT, 1, slot_put_place, "key.place: "},
    {HF_OP_ACCOUNT_PUT, 0, slot_put_unit, "key.unit: "},
    {HF_OP_ACCOUNT_PUT, 1, slot_actor, "head.actor: "},
    {HF_OP_ACCOUNT_DEPOSIT, 0, slot_deposit, "to.name: "},
    {HF_OP_ACCOUNT_TRANSFER, 0, slot_transfer, "from.unit: "},
    {HF_OP_HOLD_PLACE, 0, slot_hold, "from.name: "},
    {HF_OP_ITEM_GET, 0, slot_get, "key.name: "},
    {HF_OP_ORDER_PLACE, 1, slot_customer, "customer: "},
    {HF_OP_ORDER_PLACE, 0, slot_currency, "currency: "},
    {HF_OP_ORDER_PLACE, 1, slot_series, "series: "},
    {HF_OP_ORDER_PLACE, 1, slot_ref, "external_ref: "},
    {HF_OP_ORDER_PLACE, 0, slot_sku, "lines[0].sku: "},
    {HF_OP_ORDER_PLACE, 0, slot_unit, "lines[0].unit: "},
    {HF_OP_ORDER_PLACE, 1, slot_place, "lines[0].places[0]: "},
    {HF_OP_ORDER_PLACE, 0, slot_leg, "lines[0].legs[0].from.name: "},
    {HF_OP_ORDER_PLACE, 0, slot_account, "payments[0].account.name: "},
    {HF_OP_PAYMENT_ADD, 0, slot_added, "payment.account.name: "},
    {HF_OP_PAYMENT_REPORT, 0, slot_provider, "provider: "},
    {HF_OP_PAYMENT_REPORT, 0, slot_fact, "fact_ref: "},
    {HF_OP_ATTENTION_CLEAR, 0, slot_reason, "reason: "},
    {HF_OP_CURSOR_PUT, 0, slot_consumer, "consumer: "},
    {HF_OP_ERASE, 0, slot_erased, "customer: "},
    {HF_OP_ERASE, 1, slot_replaced, "replacement: "},
};

static const struct {
    const char *text;
    int error;
} texts[] = {
    {LONG64, HF_E_TEXT_LONG}, {"a\xff", HF_E_TEXT_UTF8}, {"\xc0\xaf", HF_E_TEXT_UTF8},
    {"\xed\xa0\x80", HF_E_TEXT_UTF8}, {"a\nb", HF_E_TEXT_CONTROL}, {"a\x7f", HF_E_TEXT_CONTROL},
    {"\xc2\x85", HF_E_TEXT_CONTROL}, {NULL, HF_E_TEXT_MISSING}, {"", HF_E_TEXT_MISSING},
};

/* ---- Everything else ------------------------------------------------------------------------- */

ROW(quantity_0, order("fresh", "bell", 1); lines[0].quantity = 0)
ROW(quantity_minus, order("fresh", "bell", 1); lines[0].quantity = -1)
ROW(quantity_min, order("fresh", "bell", 1); lines[0].quantity = INT64_MIN)
ROW(price_minus, order("fresh", "bell", 1); lines[0].unit_price = -1)
ROW(price_per_0, order("fresh", "bell", 1); lines[0].price_per = 0)
ROW(total_minus, order("fresh", "bell", 1); any.place.total = -1)
ROW(payment_0, order("fresh", "bell", 1); payments[0].amount = 0)
ROW(deposit_0, deposit(0))
ROW(deposit_min, deposit(INT64_MIN))
ROW(withdraw_minus, withdraw("wallet", -1))
ROW(transfer_0, transfer("wallet", "frozen", "EUR", 0))
ROW(opening_minus, put(HF_KIND_MONEY, "a", "EUR", -1))
ROW(hold_0, hold(0))
ROW(post_minus, post("hold", -1))
ROW(release_0, part("hold", 0))
ROW(fulfil_0, units(order_a, 1, 0))
ROW(fulfil_minus, units(order_a, 1, -1))
ROW(amend_0, amend(order_a, -1, 500))
ROW(pay_0, pay(0))
ROW(pay_minus, pay(-1))
ROW(adjust_0, hf_item_adjust_init(&any.adjust, "bell"))
ROW(change_0, hf_account_adjust_init(&any.adjust, HF_KIND_MONEY, "wallet", "EUR"))
ROW(over_price, bare(INT64_MAX, 2, 0))
ROW(over_price_max, bare(INT64_MAX, INT64_MAX, INT64_MAX))
ROW(over_sum, bare(INT64_MAX, 1, INT64_MAX); lines[1] = lines[0]; any.place.line_count = 2)
ROW(over_adjustment, bare(INT64_MAX, 1, INT64_MAX); adjustment = (hf_adjustment_args){.amount = 1}; any.place.adjustments = &adjustment; any.place.adjustment_count = 1)
ROW(below_0, bare(1, 100, 0); adjustment = (hf_adjustment_args){.amount = -101, .line = 1}; any.place.adjustments = &adjustment; any.place.adjustment_count = 1)
ROW(over_legs, slot_leg(); lines[0].quantity = INT64_MAX / 2; lines[0].unit_price = 0; leg.per_unit = 3; any.place.total = 0; any.place.payment_count = 0)
ROW(over_amend, amend("pending", INT64_MAX, INT64_MAX))
ROW(over_deposit, deposit(INT64_MAX))
ROW(over_adjust, hf_item_adjust_init(&any.adjust, "bell"); any.adjust.quantity = INT64_MAX)
ROW(lines_4097, order("fresh", "bell", 1); any.place.line_count = HF_LINES_MAX + 1)
ROW(lines_amended, amend("pending", 2, 300); any.amend.lines = lines; any.amend.line_count = HF_LINES_MAX)
ROW(payments_65, order("fresh", "bell", 1); any.place.payment_count = HF_PAYMENTS_MAX + 1)
ROW(total_less, order("fresh", "bell", 1); any.place.total = 99)
ROW(total_more, order("fresh", "bell", 1); any.place.total = 101)
ROW(total_amended, amend("pending", 3, 200))
ROW(line_9, order("fresh", "bell", 1); adjustment = (hf_adjustment_args){.line = 9}; any.place.adjustments = &adjustment; any.place.adjustment_count = 1)
ROW(over_paid, order("fresh", "bell", 1); payments[0].amount = 101)
ROW(over_paid_add, add("wallet", "EUR", 201))
ROW(currency_unknown, order("fresh", "bell", 1); any.place.currency = "ZZZ")
ROW(currency_mixed, order("fresh", "bell", 1); payments[0].account = hf_test_key(HF_KIND_MONEY, "dollars", "USD"))
ROW(currency_add, add("dollars", "USD", 1))
ROW(currency_move, transfer("wallet", "dollars", "USD", 1))
ROW(unit_unknown, put(HF_KIND_MONEY, "a", "ZZZ", 1); any.put.unit_scale = -1)
ROW(unit_scale, put(HF_KIND_MONEY, "a", "EUR", 1); any.put.unit_scale = 3)
ROW(unit_put_scale, hf_unit_put_init(&any.unit, "EUR", 3))
ROW(unit_put_version, hf_unit_put_init(&any.unit, "EUR", 2); any.unit.head.expected_version = 2)
ROW(erase_none, const hf_id of = id_of("nobody"); hf_erase_init(&any.erase, &of))
ROW(erase_no_hold, row_erase_none(); any.erase.by = HF_ERASE_BY_HOLD)
ROW(erase_no_account, hf_erase_init(&any.erase, NULL); any.erase.by = HF_ERASE_BY_ACCOUNT; any.erase.account = hf_test_key(HF_KIND_MONEY, "nobody", "EUR"))
ROW(erase_version, const hf_id of = id_of(order_a); hf_erase_init(&any.erase, &of); any.erase.head.expected_version = 99)
ROW(unit_put_none, hf_unit_put_init(&any.unit, "ZZZ", 2); any.unit.head.expected_version = 1)
ROW(same_order, order(order_a, "bell", 4))
ROW(same_payment, order("fresh", "bell", 1); payments[0].id = id_of("payment"))
ROW(same_deposit, deposit(8); any.move.head.id = id_of("deposit"))
ROW(same_hold, hold(6); any.hold.head.id = id_of("hold"))
ROW(same_other, withdraw("wallet", 7); any.move.head.id = id_of("deposit"))
ROW(fulfil, units(order_a, 1, 4))
ROW(cancel, units(order_a, 1, 4))
ROW(bring_back, units(order_a, 1, 3))
ROW(fulfil_line, units(order_a, 2, 1))
ROW(amend_less, amend(order_a, 1, 100))
ROW(amend_unpaid, amend(order_a, 6, 600))
ROW(amend_stock, amend("pending", 1000, 100000))
ROW(amend_ended, amend("cancelled", 2, 200))
ROW(fulfil_pending, units("pending", 1, 1))
ROW(cancel_ended, units("cancelled", 1, 1))
ROW(fulfil_none, units("nobody", 1, 1))
ROW(capture, pay(201))
ROW(refund, pay(301))
ROW(refund_named, units(order_a, 1, 1); refund = (hf_payment_amount){.payment = id_of("payment"), .amount = 301}; any.units.refunds = &refund; any.units.refund_count = 1; any.units.refund_mode = HF_REFUND_NAMED)
ROW(post, post("hold", 4))
ROW(release, part("hold", 4))
ROW(reverse_held, part("hold", 1))
ROW(reverse, part("done", 3))
ROW(stock, order("fresh", "bell", 1000); payments[0].amount = 1)
ROW(stock_none, order("fresh", "gong", 1))
ROW(funds, withdraw("wallet", 100008))
ROW(frozen_out, withdraw("frozen", 1))
ROW(frozen_move, transfer("frozen", "wallet", "EUR", 1))
ROW(frozen_item, order("fresh", "ice", 1))
ROW(frozen_pay, order("fresh", "bell", 1); payments[0].account.name = "frozen")
ROW(frozen_hold, hold(1); any.hold.from.name = "ice")
ROW(deadline, order("fresh", "bell", 1); any.place.deadline_ms = 1)

static const struct {
    uint32_t type;
    int error;
    void (*apply)(void);
    const char *culprit;
} rows[] = {
    {HF_OP_ORDER_PLACE, HF_E_QUANTITY, row_quantity_0, "lines[0].quantity: 0"},
    {HF_OP_ORDER_PLACE, HF_E_QUANTITY, row_quantity_minus, "lines[0].quantity: -1"},
    {HF_OP_ORDER_PLACE, HF_E_QUANTITY, row_quantity_min, "lines[0].quantity: -9223372036854775808"},
    {HF_OP_ORDER_PLACE, HF_E_AMOUNT, row_price_minus, "lines[0].unit_price: -1"},
    {HF_OP_ORDER_PLACE, HF_E_QUANTITY, row_price_per_0, "lines[0].price_per: 0"},
    {HF_OP_ORDER_PLACE, HF_E_AMOUNT, row_total_minus, "total: -1"},
    {HF_OP_ORDER_PLACE, HF_E_AMOUNT, row_payment_0, "payments: an amount of 0"},
    {HF_OP_ACCOUNT_DEPOSIT, HF_E_AMOUNT, row_deposit_0, "amount: 0"},
    {HF_OP_ACCOUNT_DEPOSIT, HF_E_AMOUNT, row_deposit_min, "amount: -9223372036854775808"},
    {HF_OP_ACCOUNT_WITHDRAW, HF_E_AMOUNT, row_withdraw_minus, "amount: -1"},
    {HF_OP_ACCOUNT_TRANSFER, HF_E_AMOUNT, row_transfer_0, "amount: 0"},
    {HF_OP_ACCOUNT_PUT, HF_E_AMOUNT, row_opening_minus, "opening: -1"},
    {HF_OP_HOLD_PLACE, HF_E_AMOUNT, row_hold_0, "amount: 0"},
    {HF_OP_HOLD_POST, HF_E_QUANTITY, row_post_minus, "post: -1"},
    {HF_OP_HOLD_RELEASE, HF_E_AMOUNT, row_release_0, "amount: 0"},
    {HF_OP_ORDER_FULFIL, HF_E_QUANTITY, row_fulfil_0, "lines[0].quantity: 0"},
    {HF_OP_ORDER_RETURN, HF_E_QUANTITY, row_fulfil_minus, "lines[0].quantity: -1"},
    {HF_OP_ORDER_AMEND, HF_E_QUANTITY, row_amend_0, "changes[0].quantity: -1"},
    {HF_OP_PAYMENT_CAPTURE, HF_E_AMOUNT, row_pay_0, "amount: 0"},
    {HF_OP_PAYMENT_REFUND, HF_E_AMOUNT, row_pay_minus, "amount: -1"},
    {HF_OP_ITEM_ADJUST, HF_E_QUANTITY, row_adjust_0, "bell"},
    {HF_OP_ACCOUNT_ADJUST, HF_E_QUANTITY, row_change_0, "wallet"},
    {HF_OP_ORDER_PLACE, HF_E_OVERFLOW, row_over_price, "line 1: 9223372036854775807 x 2"},
    {HF_OP_ORDER_PLACE, HF_E_OVERFLOW, row_over_price_max, "line 1: "},
    {HF_OP_ORDER_PLACE, HF_E_OVERFLOW, row_over_sum, "line 2: the order's total"},
    {HF_OP_ORDER_PLACE, HF_E_OVERFLOW, row_over_adjustment, "the order's total"},
    {HF_OP_ORDER_PLACE, HF_E_AMOUNT, row_below_0, "line 1: its total of -1"},
    {HF_OP_ORDER_PLACE, HF_E_OVERFLOW, row_over_legs, "line 1: "},
    {HF_OP_ORDER_AMEND, HF_E_OVERFLOW, row_over_amend, "line 1: "},
    {HF_OP_ACCOUNT_DEPOSIT, HF_E_MAX_BALANCE, row_over_deposit, "wallet"},
    {HF_OP_ITEM_ADJUST, HF_E_OVERFLOW, row_over_adjust, "bell"},
    {HF_OP_ORDER_PLACE, HF_E_TOO_MANY, row_lines_4097, "lines: 4097 elements, at most 4096"},
    {HF_OP_ORDER_AMEND, HF_E_TOO_MANY, row_lines_amended, "4096 lines more"},
    {HF_OP_ORDER_PLACE, HF_E_TOO_MANY, row_payments_65, "payments: 65 elements, at most 64"},
    {HF_OP_ORDER_PLACE, HF_E_TOTAL, row_total_less, "give 100, not 99"},
    {HF_OP_ORDER_PLACE, HF_E_TOTAL, row_total_more, "give 100, not 101"},
    {HF_OP_ORDER_AMEND, HF_E_TOTAL, row_total_amended, "give 300, not 200"},
    {HF_OP_ORDER_PLACE, HF_E_LINE_UNKNOWN, row_line_9, "adjustment 1: line 9 of 1"},
    {HF_OP_ORDER_PLACE, HF_E_OVER_PAID, row_over_paid, "101"},
    {HF_OP_PAYMENT_ADD, HF_E_OVER_PAID, row_over_paid_add, "201"},
    {HF_OP_ORDER_PLACE, HF_E_UNIT_UNKNOWN, row_currency_unknown, "currency ZZZ"},
    {HF_OP_ORDER_PLACE, HF_E_CURRENCY, row_currency_mixed, "dollars [USD] in an order of EUR"},
    {HF_OP_PAYMENT_ADD, HF_E_CURRENCY, row_currency_add, "dollars [USD] in an order of EUR"},
    {HF_OP_ACCOUNT_TRANSFER, HF_E_CURRENCY, row_currency_move, "wallet"},
    {HF_OP_ACCOUNT_PUT, HF_E_UNIT_UNKNOWN, row_unit_unknown, "ZZZ"},
    {HF_OP_ACCOUNT_PUT, HF_E_UNIT_SCALE, row_unit_scale, "EUR"},
    {HF_OP_UNIT_PUT, HF_E_UNIT_SCALE, row_unit_put_scale, "unit EUR: declared with scale 2, not 3"},
    {HF_OP_UNIT_PUT, HF_E_VERSION_MOVED, row_unit_put_version, "unit EUR: version 2 expected, is 1"},
    {HF_OP_UNIT_PUT, HF_E_NOT_FOUND, row_unit_put_none, "unit ZZZ"},
    {HF_OP_ERASE, HF_E_NOT_FOUND, row_erase_none, "order "},
    {HF_OP_ERASE, HF_E_NOT_FOUND, row_erase_no_hold, "hold "},
    {HF_OP_ERASE, HF_E_NOT_FOUND, row_erase_no_account, "account MONEY nobody"},
    {HF_OP_ERASE, HF_E_VERSION_MOVED, row_erase_version, "version 99 expected"},
    {HF_OP_ORDER_PLACE, HF_E_ID_REUSED, row_same_order, "used before with other content"},
    {HF_OP_ORDER_PLACE, HF_E_ID_REUSED, row_same_payment, "payment 1: id "},
    {HF_OP_ACCOUNT_DEPOSIT, HF_E_ID_REUSED, row_same_deposit, "used before with other content"},
    {HF_OP_HOLD_PLACE, HF_E_ID_REUSED, row_same_hold, "used before with other content"},
    {HF_OP_ACCOUNT_WITHDRAW, HF_E_ID_REUSED, row_same_other, "used before with other content"},
    {HF_OP_ORDER_FULFIL, HF_E_OVER_FULFIL, row_fulfil, "line 1: 4 wanted, 3 "},
    {HF_OP_ORDER_CANCEL, HF_E_OVER_CANCEL, row_cancel, "line 1: 4 wanted, 3 "},
    {HF_OP_ORDER_RETURN, HF_E_OVER_RETURN, row_bring_back, "line 1: 3 wanted, 2 "},
    {HF_OP_ORDER_FULFIL, HF_E_LINE_UNKNOWN, row_fulfil_line, "line 2 of 1"},
    {HF_OP_ORDER_AMEND, HF_E_OVER_CANCEL, row_amend_less, "line 1"},
    {HF_OP_ORDER_AMEND, HF_E_UNPAID, row_amend_unpaid, "payments cover 500, but 600"},
    {HF_OP_ORDER_AMEND, HF_E_STOCK_SHORT, row_amend_stock, "bell"},
    {HF_OP_ORDER_AMEND, HF_E_ORDER_STATE, row_amend_ended, "the order is "},
    {HF_OP_ORDER_FULFIL, HF_E_ORDER_STATE, row_fulfil_pending, "the order is "},
    {HF_OP_ORDER_CANCEL, HF_E_ORDER_STATE, row_cancel_ended, "the order is "},
    {HF_OP_ORDER_FULFIL, HF_E_NOT_FOUND, row_fulfil_none, "order "},
    {HF_OP_PAYMENT_CAPTURE, HF_E_OVER_CAPTURE, row_capture, "payment 1: 201 wanted, 200 "},
    {HF_OP_PAYMENT_VOID, HF_E_OVER_VOID, row_capture, "payment 1: 201 wanted, 200 "},
    {HF_OP_PAYMENT_REFUND, HF_E_OVER_REFUND, row_refund, "payment 1: 301 wanted, 300 "},
    {HF_OP_ORDER_RETURN, HF_E_OVER_REFUND, row_refund_named, "301"},
    {HF_OP_HOLD_POST, HF_E_OVER_POST, row_post, "hold "},
    {HF_OP_HOLD_RELEASE, HF_E_OVER_POST, row_release, "hold "},
    {HF_OP_HOLD_REVERSE, HF_E_HOLD_STATE, row_reverse_held, "hold "},
    {HF_OP_HOLD_REVERSE, HF_E_OVER_REVERSE, row_reverse, "hold "},
    {HF_OP_ORDER_PLACE, HF_E_STOCK_SHORT, row_stock, "bell"},
    {HF_OP_ORDER_PLACE, HF_E_NOT_FOUND, row_stock_none, "gong"},
    {HF_OP_ACCOUNT_WITHDRAW, HF_E_FUNDS_SHORT, row_funds, "wallet"},
    {HF_OP_ACCOUNT_WITHDRAW, HF_E_FROZEN, row_frozen_out, "frozen"},
    {HF_OP_ACCOUNT_TRANSFER, HF_E_FROZEN, row_frozen_move, "frozen"},
    {HF_OP_ORDER_PLACE, HF_E_FROZEN, row_frozen_item, "ice"},
    {HF_OP_ORDER_PLACE, HF_E_FROZEN, row_frozen_pay, "frozen"},
    {HF_OP_HOLD_PLACE, HF_E_FROZEN, row_frozen_hold, "ice"},
    {HF_OP_ORDER_PLACE, HF_E_DEADLINE, row_deadline, "deadline"},
};
/* clang-format on */

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* The prepared call must be refused so, and the store be as before. */
static void refused(uint32_t type, int error, const char *culprit, uint32_t row)
{
    const hf_verify_result before = shop.verified;
    const int got = run(type);
    ck_assert_msg(got == error && strstr(shop.detail, culprit) != NULL,
                  "row %u, %s: %s wanted, %s; '%s' wanted in '%s'", row, hf_op_name(type),
                  hf_error_name(error), hf_error_name(got), culprit, shop.detail);
    shop_verify();
    ck_assert_msg(memcmp(shop.verified.digest, before.digest, sizeof before.digest) == 0 &&
                      shop.verified.events == before.events && shop.verified.rows == before.rows,
                  "row %u, %s: the store has changed", row, hf_op_name(type));
}

static void refuse_texts(void)
{
    for (uint32_t i = 0; i < COUNT(fields); i++) {
        for (uint32_t j = 0; j < COUNT(texts); j++) {
            if (fields[i].optional && texts[j].error == HF_E_TEXT_MISSING)
                continue;
            *fields[i].slot() = texts[j].text;
            refused(fields[i].type, texts[j].error, fields[i].culprit, i);
        }
    }
}

START_TEST(bad_input_is_refused_and_changes_nothing)
{
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    ck_assert_int_eq(shop_open(stores[_i], START_MS, HF_CHECK_QUICK), 0);
    fill_shop();
    for (uint32_t i = 0; i <= HF_LINES_MAX; i++)
        hf_line_init(&lines[i], "bell", 1, 100);
    shop_verify();
    refuse_texts();
    for (uint32_t i = 0; i < COUNT(rows); i++) {
        rows[i].apply();
        refused(rows[i].type, rows[i].error, rows[i].culprit, i);
    }
    const hf_verify_result before = shop.verified; /* the control: what is good does change it */
    order("fresh", "bell", 1);
    good(HF_OP_ORDER_PLACE);
    shop_verify();
    ck_assert_int_ne(memcmp(shop.verified.digest, before.digest, sizeof before.digest), 0);
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bad_input");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, bad_input_is_refused_and_changes_nothing, 0, STORES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
