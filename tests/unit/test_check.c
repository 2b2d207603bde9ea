/*
 * What public functions refuse at once: each bad input with its error and the field that the detail
 * names.
 */
#include "api/check.h"
#include "support/check_main.h"
#include "support/ops.h"
#include "support/orders.h"

#define LONG64 "0123456789012345678901234567890123456789012345678901234567890123"
#define CARD   "4111 1111 1111 1111"

static hf_test_order order;
static hf__detail detail;

static void setup(void)
{
    hf_test_order_init(&order);
    detail.text[0] = '\0';
}

static int check_order(void)
{
    return hf__check_args(HF_OP_ORDER_PLACE, &order.args, 0, &detail);
}

/* ---- Order placement, one field broken ------------------------------------------------------- */

typedef struct broken_order {
    void (*apply)(void);
    int error;
    const char *detail; /* its beginning */
} broken_order;

#define BREAK(name, ...)                                                                           \
    static void break_##name(void)                                                                 \
    {                                                                                              \
        __VA_ARGS__;                                                                               \
    }

static uint8_t meta[HF_META_MAX + 1];
static hf_line_args many[HF_LINES_MAX + 1];

/* clang-format off */
BREAK(size_small, order.args.head.size -= 8)
BREAK(size_zero, order.args.head.size = 0)
BREAK(size_huge, order.args.head.size += 8192)
BREAK(head_reserved, order.args.head.reserved = 1)
BREAK(head_id, order.args.head.id.bytes[6] = 0x40)
BREAK(actor_long, order.args.head.actor = LONG64)
BREAK(meta_null, order.args.head.meta_bytes = 1)
BREAK(meta_long, order.args.head.meta = meta; order.args.head.meta_bytes = HF_META_MAX + 1)
BREAK(currency_null, order.args.currency = NULL)
BREAK(currency_empty, order.args.currency = "")
BREAK(customer_long, order.args.customer = LONG64)
BREAK(customer_utf8, order.args.customer = "a\xff")
BREAK(customer_overlong, order.args.customer = "a\xc0\xaf")
BREAK(customer_control, order.args.customer = "a\nb")
BREAK(customer_c1, order.args.customer = "a\xc2\x85")
BREAK(total, order.args.total = -1)
BREAK(deadline, order.args.deadline_ms = -1)
BREAK(policy, order.args.policy = 16)
BREAK(no_lines, order.args.line_count = 0; order.args.adjustment_count = 0; order.args.payment_count = 0)
BREAK(lines_null, order.args.lines = NULL)
BREAK(line_bytes, order.args.line_bytes = 8)
BREAK(line_bytes_zero, order.args.line_bytes = 0)
BREAK(too_many_lines, order.args.lines = many; order.args.line_count = HF_LINES_MAX + 1)
BREAK(too_many_payments, order.args.payment_count = HF_PAYMENTS_MAX + 1)
BREAK(too_many_adjustments, order.args.adjustment_count = HF_ADJUSTMENTS_MAX + 1)
BREAK(sku, order.lines[1].sku = NULL)
BREAK(sku_long, order.lines[1].sku = LONG64)
BREAK(unit, order.lines[0].unit = "")
BREAK(quantity_zero, order.lines[1].quantity = 0)
BREAK(quantity_negative, order.lines[1].quantity = -1)
BREAK(price, order.lines[0].unit_price = -5)
BREAK(price_per, order.lines[0].price_per = 0)
BREAK(settle, order.lines[0].settle_on = HF_SETTLE_MANUAL)
BREAK(untracked, order.lines[0].untracked = 2)
BREAK(untracked_legs, order.lines[0].untracked = 1)
BREAK(legs_and_places, order.lines[0].places = order.places; order.lines[0].place_count = 1)
BREAK(too_many_legs, order.lines[0].leg_count = HF_LEGS_MAX + 1)
BREAK(leg_bytes, order.lines[0].leg_bytes = 16)
BREAK(leg_world, order.legs[1].from.kind = HF_KIND_WORLD)
BREAK(leg_both_world, order.legs[1].from = (hf_account_key){.kind = HF_KIND_WORLD})
BREAK(leg_kind, order.legs[1].from.kind = 4)
BREAK(leg_name, order.legs[1].from.name = "")
BREAK(leg_place, order.legs[1].from.place = LONG64)
BREAK(leg_unit, order.legs[1].from.unit = NULL)
BREAK(leg_per_unit, order.legs[1].per_unit = 0)
BREAK(places_null, order.lines[1].places = NULL)
BREAK(place, order.places[1] = "\x1b[2J")
BREAK(too_many_places, order.lines[1].place_count = HF_LEGS_MAX + 1)
BREAK(adjustment, order.adjustment.kind = 6)
BREAK(payment_id, order.payment.id.bytes[0] = 1)
BREAK(payment_amount, order.payment.amount = 0)
BREAK(payment_kind, order.payment.account.kind = HF_KIND_ITEM)
BREAK(payment_world, order.payment.account = (hf_account_key){.kind = HF_KIND_WORLD})
BREAK(payment_method, order.payment.method = 2)
BREAK(payment_provider, order.payment.method = HF_METHOD_PROVIDER)
BREAK(payment_settle, order.payment.settle_on = 3)

static const broken_order broken_orders[] = {
    {break_size_small, HF_E_ABI, "head.size: "},
    {break_size_zero, HF_E_ABI, "head.size: 0 bytes"},
    {break_size_huge, HF_E_ABI, "head.size: "},
    {break_head_reserved, HF_E_ABI, "head.reserved: "},
    {break_head_id, HF_E_ID, "head.id: "},
    {break_actor_long, HF_E_TEXT_LONG, "head.actor: "},
    {break_meta_null, HF_E_ARGUMENT, "head.meta: is NULL"},
    {break_meta_long, HF_E_TEXT_LONG, "head.meta_bytes: 16385 bytes, at most 16384"},
    {break_currency_null, HF_E_TEXT_MISSING, "currency: "},
    {break_currency_empty, HF_E_TEXT_MISSING, "currency: "},
    {break_customer_long, HF_E_TEXT_LONG, "customer: "},
    {break_customer_utf8, HF_E_TEXT_UTF8, "customer: "},
    {break_customer_overlong, HF_E_TEXT_UTF8, "customer: "},
    {break_customer_control, HF_E_TEXT_CONTROL, "customer: "},
    {break_customer_c1, HF_E_TEXT_CONTROL, "customer: "},
    {break_total, HF_E_AMOUNT, "total: -1 is not in 0..9223372036854775807"},
    {break_deadline, HF_E_DEADLINE, "deadline_ms: -1 is not in "},
    {break_policy, HF_E_ENUM, "policy: bits 0x10 are not known"},
    {break_no_lines, HF_E_ARGUMENT, "lines: no line, adjustment or payment"},
    {break_lines_null, HF_E_ARGUMENT, "lines: is NULL"},
    {break_line_bytes, HF_E_ABI, "lines: 8 bytes"},
    {break_line_bytes_zero, HF_E_ABI, "lines: 0 bytes"},
    {break_too_many_lines, HF_E_TOO_MANY, "lines: 4097 elements, at most 4096"},
    {break_too_many_payments, HF_E_TOO_MANY, "payments: 65 elements, at most 64"},
    {break_too_many_adjustments, HF_E_TOO_MANY, "adjustments: 4097 elements, at most 4096"},
    {break_sku, HF_E_TEXT_MISSING, "lines[1].sku: "},
    {break_sku_long, HF_E_TEXT_LONG, "lines[1].sku: "},
    {break_unit, HF_E_TEXT_MISSING, "lines[0].unit: "},
    {break_quantity_zero, HF_E_QUANTITY, "lines[1].quantity: 0 is not in 1..9223372036854775807"},
    {break_quantity_negative, HF_E_QUANTITY, "lines[1].quantity: -1 is not in 1.."},
    {break_price, HF_E_AMOUNT, "lines[0].unit_price: -5 is not in 0.."},
    {break_price_per, HF_E_QUANTITY, "lines[0].price_per: 0 is not in 1.."},
    {break_settle, HF_E_ENUM, "lines[0].settle_on: 2 is not in 0..1"},
    {break_untracked, HF_E_ARGUMENT, "lines[0].untracked: 2 is not in 0..1"},
    {break_untracked_legs, HF_E_ARGUMENT, "lines[0].untracked: not together"},
    {break_legs_and_places, HF_E_ARGUMENT, "lines[0].legs: not together"},
    {break_too_many_legs, HF_E_TOO_MANY, "lines[0].legs: 129 elements, at most 128"},
    {break_leg_bytes, HF_E_ABI, "lines[0].legs: 16 bytes"},
    {break_leg_world, HF_E_ARGUMENT, "lines[0].legs[1].from: kind WORLD has no texts"},
    {break_leg_both_world, HF_E_ARGUMENT, "lines[0].legs[1].to: both sides are the world"},
    {break_leg_kind, HF_E_ENUM, "lines[0].legs[1].from.kind: "},
    {break_leg_name, HF_E_TEXT_MISSING, "lines[0].legs[1].from.name: "},
    {break_leg_place, HF_E_TEXT_LONG, "lines[0].legs[1].from.place: "},
    {break_leg_unit, HF_E_TEXT_MISSING, "lines[0].legs[1].from.unit: "},
    {break_leg_per_unit, HF_E_QUANTITY, "lines[0].legs[1].per_unit: 0 is not in 1.."},
    {break_places_null, HF_E_ARGUMENT, "lines[1].places: is NULL"},
    {break_place, HF_E_TEXT_CONTROL, "lines[1].places[1]: "},
    {break_too_many_places, HF_E_TOO_MANY, "lines[1].places: 129 elements"},
    {break_adjustment, HF_E_ENUM, "adjustments[0].kind: 6 is not in 0..5"},
    {break_payment_id, HF_E_ID, "payments[0].id: "},
    {break_payment_amount, HF_E_AMOUNT, "payments: an amount of 0 needs the policy IMPORT"},
    {break_payment_kind, HF_E_ENUM, "payments[0].account.kind: must be MONEY"},
    {break_payment_world, HF_E_ENUM, "payments[0].account.kind: must be MONEY"},
    {break_payment_method, HF_E_ENUM, "payments[0].method: 2 is not in 0..1"},
    {break_payment_provider, HF_E_TEXT_MISSING, "payments[0].provider: names who is asked"},
    {break_payment_settle, HF_E_ENUM, "payments[0].settle_on: 3 is not in 0..2"},
};
/* clang-format on */

#define BROKEN_ORDERS ((int)(sizeof broken_orders / sizeof broken_orders[0]))

START_TEST(a_good_order_passes)
{
    ck_assert_msg(check_order() == 0, "%s", detail.text);
    ck_assert_str_eq(detail.text, "");
}
END_TEST

START_TEST(a_broken_order_is_refused_and_the_field_named)
{
    const broken_order *one = &broken_orders[_i];
    one->apply();
    int error = check_order();
    ck_assert_msg(error == one->error, "%s: %s", hf_error_name(error), detail.text);
    ck_assert_msg(strncmp(detail.text, one->detail, strlen(one->detail)) == 0, "'%s', not '%s'",
                  detail.text, one->detail);
    setup();
    ck_assert_int_eq(check_order(), 0);
}
END_TEST

static int check_without_cards(void)
{
    return hf__check_args(HF_OP_ORDER_PLACE, &order.args, HF__CHECK_NO_CARD_NUMBERS, &detail);
}

START_TEST(meta_with_a_card_number_is_refused_only_on_demand)
{
    order.args.head.meta = "card=" CARD ";";
    order.args.head.meta_bytes = 25;
    ck_assert_msg(check_order() == 0, "%s", detail.text);
    ck_assert_int_eq(check_without_cards(), HF_E_CARD_NUMBER);
    ck_assert_int_eq(strncmp(detail.text, "head.meta: ", 11), 0);
    ck_assert_ptr_null(strstr(detail.text, "1111"));
}
END_TEST

START_TEST(names_are_never_refused_for_looking_like_a_card)
{
    order.args.head.actor = CARD;
    order.args.customer = CARD;
    order.args.external_ref = CARD;
    order.lines[0].sku = CARD;
    order.legs[0].from.name = CARD;
    order.legs[0].from.place = CARD;
    order.places[0] = CARD;
    order.payment.account.name = CARD;
    ck_assert_msg(check_order() == 0, "%s", detail.text);
    ck_assert_msg(check_without_cards() == 0, "%s", detail.text);
}
END_TEST

START_TEST(the_longest_texts_and_the_most_elements_pass)
{
    static char text[64];
    memset(text, 'x', 63);
    order.args.customer = text;
    order.args.head.meta = meta;
    order.args.head.meta_bytes = HF_META_MAX;
    for (uint32_t i = 0; i < HF_LINES_MAX; i++)
        hf_line_init(&many[i], text, INT64_MAX, INT64_MAX);
    order.args.lines = many;
    order.args.line_count = HF_LINES_MAX;
    ck_assert_msg(check_order() == 0, "%s", detail.text);
}
END_TEST

START_TEST(a_newer_callers_tail_must_be_empty)
{
    struct {
        hf_order_place_args args;
        uint64_t tail;
    } newer = {.args = order.args};
    newer.args.head.size = sizeof newer;
    ck_assert_int_eq(hf__check_args(HF_OP_ORDER_PLACE, &newer, 0, &detail), 0);
    newer.tail = 1;
    ck_assert_int_eq(hf__check_args(HF_OP_ORDER_PLACE, &newer, 0, &detail), HF_E_ABI);
}
END_TEST

START_TEST(a_newer_elements_tail_must_be_empty)
{
    struct {
        hf_line_args line;
        uint64_t tail;
    } newer[2] = {{.line = order.lines[0]}, {.line = order.lines[1]}};
    order.args.lines = &newer[0].line;
    order.args.line_bytes = sizeof newer[0];
    ck_assert_msg(check_order() == 0, "%s", detail.text);
    newer[1].tail = 1;
    ck_assert_int_eq(check_order(), HF_E_ABI);
    ck_assert_int_eq(strncmp(detail.text, "lines[1].size", 13), 0);
    setup(); /* releases `newer` */
}
END_TEST

START_TEST(reads_ignore_id_and_meta)
{
    hf_order_get_args get;
    hf_id id = hf_test_id(1);
    hf_order_get_init(&get, &id);
    get.head.id.bytes[0] = 1;
    get.head.meta_bytes = 7;
    ck_assert_int_eq(hf__check_args(HF_OP_ORDER_GET, &get, HF__CHECK_READ, &detail), 0);
    ck_assert_int_eq(hf__check_args(HF_OP_ORDER_GET, &get, 0, &detail), HF_E_ID);
}
END_TEST

START_TEST(unknown_operations_and_missing_arguments_are_refused)
{
    ck_assert_int_eq(hf__check_args(99, &order.args, 0, &detail), HF_E_ENUM);
    ck_assert_int_eq(hf__check_args(HF_OP_NONE, &order.args, 0, &detail), HF_E_ENUM);
    ck_assert_int_eq(hf__check_args(HF_OP_ORDER_PLACE, NULL, 0, &detail), HF_E_ARGUMENT);
    ck_assert_str_eq(detail.text, "args: is NULL");
}
END_TEST

/* ---- Reserved bytes -------------------------------------------------------------------------- */

static bool is_narrow(const hf_field *field)
{
    return field->kind == HF_FIELD_I32 || field->kind == HF_FIELD_U32 ||
           field->kind == HF_FIELD_ENUM || field->kind == HF_FIELD_FLAGS;
}

/*
 * Whether a byte of an argument struct lies in no field of its shape. Such bytes follow fields of 4
 * bytes alone: all others are a multiple of 8 bytes long.
 */
static bool is_reserved(const hf_shape *shape, uint32_t at)
{
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const hf_field *field = &shape->fields[i];
        uint32_t end = i + 1 < shape->field_count ? field[1].offset : shape->size;
        if (is_narrow(field) && at >= field->offset + 4 && at < end)
            return true;
    }
    return false;
}

START_TEST(a_reserved_byte_of_any_operation_that_is_not_0_is_refused)
{
    const hf_shape *shape = hf_op_shape((uint32_t)_i);
    union {
        hf_op_head head;
        uint8_t bytes[1024];
    } args;
    ck_assert_uint_le(shape->size, sizeof args);
    for (uint32_t at = sizeof(hf_op_head); at < shape->size; at++) {
        shape->init(&args);
        if (!is_reserved(shape, at))
            continue;
        args.bytes[at] = 1;
        ck_assert_msg(hf__check_args((uint32_t)_i, &args, 0, &detail) == HF_E_ABI, "%s: byte %u",
                      shape->name, at);
        ck_assert_ptr_nonnull(strstr(detail.text, "reserved: is not 0"));
    }
}
END_TEST

START_TEST(the_reserved_bytes_of_the_retention_are_named)
{
    hf_retention_args args;
    hf_retention_init(&args);
    ck_assert_int_eq(hf__check_args(HF_OP_RETENTION, &args, 0, &detail), 0);
    args.reserved = 7;
    ck_assert_int_eq(hf__check_args(HF_OP_RETENTION, &args, 0, &detail), HF_E_ABI);
    ck_assert_str_eq(detail.text, "reserved: is not 0");
}
END_TEST

START_TEST(the_reserved_bytes_of_a_branch_are_named)
{
    hf_txn_branch_args add = {.head = {.size = sizeof add}};
    hf_id id = hf_test_id(1);
    add.txn = id;
    hf_branch_init(&add.branch, "hotel");
    ck_assert_int_eq(hf__check_args(HF_OP_TXN_BRANCH, &add, 0, &detail), 0);
    add.branch.reserved = HF_PARTICIPANT_ONE_PHASE;
    ck_assert_int_eq(hf__check_args(HF_OP_TXN_BRANCH, &add, 0, &detail), HF_E_ABI);
    ck_assert_str_eq(detail.text, "branch.reserved: is not 0");
    hf_branch_args branches[2];
    hf_branch_init(&branches[0], "hotel");
    hf_branch_init(&branches[1], "train");
    hf_txn_args txn;
    hf_txn_init(&txn);
    txn.branches = branches;
    txn.branch_count = 2;
    ck_assert_int_eq(hf__check_args(HF_OP_TXN_SUBMIT, &txn, 0, &detail), 0);
    branches[1].reserved = 1;
    ck_assert_int_eq(hf__check_args(HF_OP_TXN_SUBMIT, &txn, 0, &detail), HF_E_ABI);
    ck_assert_str_eq(detail.text, "branches[1].reserved: is not 0");
}
END_TEST

/* ---- Rules of single operations -------------------------------------------------------------- */

typedef union any_args {
    hf_move_args move;
    hf_account_put_args put;
    hf_account_get_args get;
    hf_account_list_args list;
    hf_account_adjust_args adjust;
    hf_hold_place_args hold;
    hf_hold_post_args post;
    hf_order_units_args units;
    hf_order_list_args orders;
    hf_payment_list_args payments;
    hf_payment_add_args add;
    hf_attention_clear_args clear;
    hf_expect_args expect;
    hf_cursor_put_args cursor;
    hf_unit_put_args unit;
    hf_retention_args retention;
    hf_erase_args erase;
    uint64_t words[64];
} any_args;

static any_args any;

typedef struct rule {
    uint32_t type;
    int error;
    void (*apply)(void);
    const char *detail; /* "" for good ones */
} rule;

static hf_payment_amount refund;

/* clang-format off */
#define ITEM  hf_test_key(HF_KIND_ITEM, "bell", "pcs")
#define MONEY hf_test_key(HF_KIND_MONEY, "till", "EUR")

BREAK(deposit, any.move.to = MONEY; any.move.amount = 1)
BREAK(deposit_from, any.move.from = MONEY; any.move.to = MONEY; any.move.amount = 1)
BREAK(deposit_to, any.move.amount = 1)
BREAK(receive_money, any.move.to = MONEY; any.move.amount = 1)
BREAK(receive_item, any.move.to = ITEM; any.move.amount = 1)
BREAK(withdraw, any.move.from = MONEY; any.move.amount = 1)
BREAK(transfer, any.move.from = MONEY; any.move.to = hf_test_key(HF_KIND_MONEY, "safe", "EUR"); any.move.amount = 1)
BREAK(no_amount, any.move.to = MONEY)
BREAK(put_money, any.put.key = MONEY)
BREAK(put_mask, any.put.key = ITEM; any.put.mask = 32)
BREAK(put_mode, any.put.key = ITEM; any.put.mode = 4)
BREAK(put_scale, any.put.key = ITEM; any.put.unit_scale = 19)
BREAK(put_scale_low, any.put.key = ITEM; any.put.unit_scale = -2)
BREAK(put_opening, any.put.key = ITEM; any.put.opening = -1)
BREAK(put_world, any.put.key = (hf_account_key){.kind = HF_KIND_WORLD})
BREAK(get_item, any.get.key = ITEM)
BREAK(get_money, any.get.key = MONEY)
BREAK(adjust_money, any.adjust.key = MONEY)
BREAK(adjust_world, any.adjust.key = (hf_account_key){.kind = HF_KIND_WORLD})
BREAK(list_limit, any.list.limit = 257)
BREAK(list_none, any.list.limit = 0)
BREAK(hold_worlds, any.hold.amount = 1)
BREAK(hold, any.hold.from = MONEY; any.hold.amount = 1)
BREAK(post_negative, any.post.hold = hf_test_id(1); any.post.post = -1)
BREAK(units, any.units.order = hf_test_id(1))
BREAK(units_zero_id, any.units.refund_mode = HF_REFUND_NONE)
BREAK(refunds, any.units.order = hf_test_id(1); refund = (hf_payment_amount){.payment = hf_test_id(2), .amount = 1}; any.units.refunds = &refund; any.units.refund_count = 1)
BREAK(refunds_named, break_refunds(); any.units.refund_mode = HF_REFUND_NAMED)
BREAK(mode_none, any.units.order = hf_test_id(1); any.units.refund_mode = HF_REFUND_NONE)
BREAK(by_customer, any.orders.by = HF_ORDERS_BY_CUSTOMER)
BREAK(by_state, any.orders.by = HF_ORDERS_BY_STATE)
BREAK(of_order, any.payments.by = HF_PAYMENTS_BY_ORDER)
BREAK(of_order_all, any.payments.order = hf_test_id(1))
BREAK(of_provider, any.payments.by = HF_PAYMENTS_BY_PROVIDER)
BREAK(of_provider_all, any.payments.provider = "psp")
BREAK(of_both, any.payments.by = HF_PAYMENTS_BY_PROVIDER; any.payments.provider = "psp"; any.payments.order = hf_test_id(1))
BREAK(add, any.add.order = hf_test_id(1); any.add.payment.account = MONEY; any.add.payment.amount = 1)
BREAK(add_provider, break_add(); any.add.payment.method = HF_METHOD_PROVIDER)
BREAK(add_item, break_add(); any.add.payment.account = ITEM)
BREAK(clear_nothing, any.clear.reason = "checked"; any.clear.account = MONEY)
BREAK(clear_world, any.clear.reason = "checked"; any.clear.bits = 1)
BREAK(clear_order, any.clear.reason = "checked"; any.clear.bits = 1; any.clear.subject = HF_ATTENTION_ON_ORDER)
BREAK(clear_fact, any.clear.reason = "checked"; any.clear.bits = 1; any.clear.subject = HF_ATTENTION_ON_FACT)
BREAK(clear_refused, any.clear.reason = "checked"; any.clear.account = MONEY; any.clear.bits = HF_ATTENTION_COMMAND_REFUSED)
BREAK(clear_no_reason, any.clear.bits = 1; any.clear.account = MONEY)
BREAK(expect_none, any.expect.id = hf_test_id(1))
BREAK(expect_account, any.expect.subject = HF_SUBJECT_ACCOUNT)
BREAK(expect_order, any.expect.subject = HF_SUBJECT_ORDER)
BREAK(expect_fact, any.expect.subject = HF_SUBJECT_FACT)
BREAK(cursor, any.cursor.consumer = "mail"; any.cursor.seq = UINT64_MAX)
BREAK(declared, any.unit.code = "EUR"; any.unit.scale = 18)
BREAK(unit_scale, any.unit.code = "EUR"; any.unit.scale = 19)
BREAK(unit_code, any.unit.scale = 2)
BREAK(retention, any.retention.limit = 4097)
BREAK(erase, any.erase.record = hf_test_id(1))
BREAK(erase_none, any.erase.limit = 1)
BREAK(erase_limit_0, break_erase(); any.erase.limit = 0)
BREAK(erase_limit, break_erase(); any.erase.limit = 257)
BREAK(erase_by, break_erase(); any.erase.by = 5)
BREAK(erase_what, break_erase(); any.erase.what = 16)
BREAK(erase_nothing, break_erase(); any.erase.what = 0)
BREAK(erase_both, break_erase(); any.erase.customer = "ada")
BREAK(erase_account_too, break_erase(); any.erase.account = MONEY)
BREAK(erase_replaced, break_erase(); any.erase.replacement = "anon")
BREAK(erase_kept, break_erase_replaced(); any.erase.what = HF_ERASE_META)
BREAK(erase_long, break_erase(); any.erase.replacement = "0123456789012345678901234567890123456789012345678901234567890123")
BREAK(erase_meta, break_erase(); any.erase.head.meta = "x"; any.erase.head.meta_bytes = 1)
BREAK(erase_meta_kept, break_erase_meta(); any.erase.what = HF_ERASE_CUSTOMER)
BREAK(erase_customer, any.erase.by = HF_ERASE_BY_CUSTOMER; any.erase.customer = "ada")
BREAK(erase_nobody, any.erase.by = HF_ERASE_BY_CUSTOMER)
BREAK(erase_two, break_erase_customer(); any.erase.record = hf_test_id(1))
BREAK(erase_same, break_erase_customer(); any.erase.replacement = "ada")
BREAK(erase_only_meta, break_erase_customer(); any.erase.what = HF_ERASE_META)
BREAK(erase_version, break_erase_customer(); any.erase.head.expected_version = 1)
BREAK(erase_account, any.erase.by = HF_ERASE_BY_ACCOUNT; any.erase.account = MONEY)
BREAK(erase_world, any.erase.by = HF_ERASE_BY_ACCOUNT)
BREAK(erase_hold, any.erase.by = HF_ERASE_BY_HOLD; any.erase.record = hf_test_id(1); any.erase.replacement = "anon")

static const rule rules[] = {
    {HF_OP_ACCOUNT_DEPOSIT, 0, break_deposit, ""},
    {HF_OP_ACCOUNT_DEPOSIT, HF_E_ARGUMENT, break_deposit_from, "from: must be the world"},
    {HF_OP_ACCOUNT_DEPOSIT, HF_E_ARGUMENT, break_deposit_to, "to: must not be the world"},
    {HF_OP_ACCOUNT_DEPOSIT, HF_E_AMOUNT, break_no_amount, "amount: 0 is not in 1.."},
    {HF_OP_ITEM_RECEIVE, HF_E_ENUM, break_receive_money, "to.kind: must be ITEM"},
    {HF_OP_ITEM_RECEIVE, 0, break_receive_item, ""},
    {HF_OP_ACCOUNT_WITHDRAW, 0, break_withdraw, ""},
    {HF_OP_ACCOUNT_WITHDRAW, HF_E_ARGUMENT, break_deposit, "from: must not be the world"},
    {HF_OP_ACCOUNT_WITHDRAW, HF_E_ARGUMENT, break_transfer, "to: must be the world"},
    {HF_OP_ACCOUNT_TRANSFER, 0, break_transfer, ""},
    {HF_OP_ACCOUNT_TRANSFER, HF_E_ARGUMENT, break_withdraw, "to: must not be the world"},
    {HF_OP_ACCOUNT_TRANSFER, HF_E_ARGUMENT, break_deposit, "from: must not be the world"},
    {HF_OP_ITEM_PUT, HF_E_ENUM, break_put_money, "key.kind: must be ITEM"},
    {HF_OP_ACCOUNT_PUT, 0, break_put_money, ""},
    {HF_OP_ACCOUNT_PUT, HF_E_ENUM, break_put_mask, "mask: bits 0x20 are not known"},
    {HF_OP_ACCOUNT_PUT, HF_E_ENUM, break_put_mode, "mode: 4 is not in 0..3"},
    {HF_OP_ACCOUNT_PUT, HF_E_ARGUMENT, break_put_scale, "unit_scale: 19 is not in -1..18"},
    {HF_OP_ACCOUNT_PUT, HF_E_ARGUMENT, break_put_scale_low, "unit_scale: -2 is not in"},
    {HF_OP_ACCOUNT_PUT, HF_E_AMOUNT, break_put_opening, "opening: -1 is not in 0.."},
    {HF_OP_ACCOUNT_PUT, HF_E_ARGUMENT, break_put_world, "key: must not be the world"},
    {HF_OP_ITEM_GET, 0, break_get_item, ""},
    {HF_OP_ITEM_GET, HF_E_ENUM, break_get_money, "key.kind: must be ITEM"},
    {HF_OP_ITEM_ADJUST, HF_E_ENUM, break_adjust_money, "key.kind: must be ITEM"},
    {HF_OP_ACCOUNT_ADJUST, 0, break_adjust_money, ""},
    {HF_OP_ACCOUNT_ADJUST, HF_E_ARGUMENT, break_adjust_world, "key: must not be the world"},
    {HF_OP_ACCOUNT_LIST, HF_E_ARGUMENT, break_list_limit, "limit: 257 is not in 1..256"},
    {HF_OP_ITEM_LIST, HF_E_ARGUMENT, break_list_none, "limit: 0 is not in 1..256"},
    {HF_OP_HOLD_PLACE, 0, break_hold, ""},
    {HF_OP_HOLD_PLACE, HF_E_ARGUMENT, break_hold_worlds, "to: both sides are the world"},
    {HF_OP_HOLD_POST, HF_E_QUANTITY, break_post_negative, "post: -1 is not in 0.."},
    {HF_OP_ORDER_CANCEL, 0, break_units, ""},
    {HF_OP_ORDER_CANCEL, HF_E_ID, break_units_zero_id, "order: "},
    {HF_OP_ORDER_CANCEL, HF_E_ARGUMENT, break_refunds, "refunds: only with refund_mode NAMED"},
    {HF_OP_ORDER_RETURN, 0, break_refunds_named, ""},
    {HF_OP_ORDER_FULFIL, 0, break_units, ""},
    {HF_OP_ORDER_FULFIL, HF_E_ARGUMENT, break_mode_none, "refund_mode: must be SHARE"},
    {HF_OP_ORDER_FULFIL, HF_E_ARGUMENT, break_refunds, "refunds: "},
    {HF_OP_ORDER_LIST, HF_E_TEXT_MISSING, break_by_customer, "text: "},
    {HF_OP_ORDER_LIST, HF_E_ENUM, break_by_state, "state: "},
    {HF_OP_PAYMENT_LIST, HF_E_ID, break_of_order, "order: "},
    {HF_OP_PAYMENT_LIST, HF_E_ARGUMENT, break_of_order_all, "order: "},
    {HF_OP_PAYMENT_LIST, HF_E_TEXT_MISSING, break_of_provider, "provider: "},
    {HF_OP_PAYMENT_LIST, HF_E_ARGUMENT, break_of_provider_all, "provider: "},
    {HF_OP_PAYMENT_LIST, HF_E_ARGUMENT, break_of_both, "order: "},
    {HF_OP_PAYMENT_ADD, 0, break_add, ""},
    {HF_OP_PAYMENT_ADD, HF_E_TEXT_MISSING, break_add_provider, "payment.provider: "},
    {HF_OP_PAYMENT_ADD, HF_E_ENUM, break_add_item, "payment.account.kind: must be MONEY"},
    {HF_OP_ATTENTION_CLEAR, HF_E_ARGUMENT, break_clear_nothing, "bits: "},
    {HF_OP_ATTENTION_CLEAR, HF_E_ARGUMENT, break_clear_world, "account: "},
    {HF_OP_ATTENTION_CLEAR, HF_E_ID, break_clear_order, "id: "},
    {HF_OP_ATTENTION_CLEAR, HF_E_TEXT_MISSING, break_clear_fact, "provider: "},
    {HF_OP_ATTENTION_CLEAR, HF_E_TEXT_MISSING, break_clear_no_reason, "reason: "},
    {HF_OP_ATTENTION_CLEAR, 0, break_clear_refused, ""},
    {HF_OP_EXPECT, HF_E_ENUM, break_expect_none, "subject: 0 is not in 1..4"},
    {HF_OP_EXPECT, HF_E_ENUM, break_expect_fact, "subject: 5 is not in 1..4"},
    {HF_OP_EXPECT, HF_E_ARGUMENT, break_expect_account, "key: "},
    {HF_OP_EXPECT, HF_E_ID, break_expect_order, "id: "},
    {HF_OP_CURSOR_PUT, HF_E_ARGUMENT, break_cursor, "seq: 18446744073709551615 is not in 0..9223372036854775807"},
    {HF_OP_UNIT_PUT, 0, break_declared, ""},
    {HF_OP_UNIT_PUT, HF_E_ARGUMENT, break_unit_scale, "scale: 19 is not in 0..18"},
    {HF_OP_UNIT_PUT, HF_E_TEXT_MISSING, break_unit_code, "code: "},
    {HF_OP_RETENTION, HF_E_ARGUMENT, break_retention, "limit: 4097 is not in 1..4096"},
    {HF_OP_ERASE, 0, break_erase, ""},
    {HF_OP_ERASE, HF_E_ID, break_erase_none, "record: names what is erased"},
    {HF_OP_ERASE, HF_E_ARGUMENT, break_erase_limit_0, "limit: 0 is not in 1..256"},
    {HF_OP_ERASE, HF_E_ARGUMENT, break_erase_limit, "limit: 257 is not in 1..256"},
    {HF_OP_ERASE, HF_E_ENUM, break_erase_by, "by: 5 is not in 0..4"},
    {HF_OP_ERASE, HF_E_ENUM, break_erase_what, "what: bits 0x10 are not known"},
    {HF_OP_ERASE, HF_E_ARGUMENT, break_erase_nothing, "what: nothing to erase"},
    {HF_OP_ERASE, HF_E_ARGUMENT, break_erase_both, "customer: does not belong to `by`"},
    {HF_OP_ERASE, HF_E_ARGUMENT, break_erase_account_too, "account: does not belong to `by`"},
    {HF_OP_ERASE, 0, break_erase_replaced, ""},
    {HF_OP_ERASE, HF_E_ARGUMENT, break_erase_kept, "replacement: only of orders"},
    {HF_OP_ERASE, HF_E_TEXT_LONG, break_erase_long, "replacement: "},
    {HF_OP_ERASE, 0, break_erase_meta, ""},
    {HF_OP_ERASE, HF_E_ARGUMENT, break_erase_meta_kept, "head.meta: only with META"},
    {HF_OP_ERASE, 0, break_erase_customer, ""},
    {HF_OP_ERASE, HF_E_TEXT_MISSING, break_erase_nobody, "customer: names what is erased"},
    {HF_OP_ERASE, HF_E_ARGUMENT, break_erase_two, "record: does not belong to `by`"},
    {HF_OP_ERASE, HF_E_ARGUMENT, break_erase_same, "replacement: is the customer"},
    {HF_OP_ERASE, HF_E_ARGUMENT, break_erase_only_meta, "what: must have CUSTOMER"},
    {HF_OP_ERASE, HF_E_ARGUMENT, break_erase_version, "head.expected_version: "},
    {HF_OP_ERASE, 0, break_erase_account, ""},
    {HF_OP_ERASE, HF_E_ARGUMENT, break_erase_world, "account: names what is erased"},
    {HF_OP_ERASE, HF_E_ARGUMENT, break_erase_hold, "replacement: only of orders"},
};
/* clang-format on */

#define RULES ((int)(sizeof rules / sizeof rules[0]))

START_TEST(rules_between_fields_are_errors_at_once)
{
    const rule *one = &rules[_i];
    memset(&any, 0, sizeof any);
    hf_op_shape(one->type)->init(&any);
    one->apply();
    int error = hf__check_args(one->type, &any, 0, &detail);
    ck_assert_msg(error == one->error, "%s: %s: %s", hf_op_name(one->type), hf_error_name(error),
                  detail.text);
    ck_assert_msg(strncmp(detail.text, one->detail, strlen(one->detail)) == 0, "%s", detail.text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, NULL);
    tcase_add_test(core, a_good_order_passes);
    tcase_add_loop_test(core, a_broken_order_is_refused_and_the_field_named, 0, BROKEN_ORDERS);
    tcase_add_test(core, meta_with_a_card_number_is_refused_only_on_demand);
    tcase_add_test(core, names_are_never_refused_for_looking_like_a_card);
    tcase_add_test(core, the_longest_texts_and_the_most_elements_pass);
    tcase_add_test(core, a_newer_callers_tail_must_be_empty);
    tcase_add_test(core, a_newer_elements_tail_must_be_empty);
    tcase_add_test(core, reads_ignore_id_and_meta);
    tcase_add_test(core, unknown_operations_and_missing_arguments_are_refused);
    tcase_add_loop_test(core, a_reserved_byte_of_any_operation_that_is_not_0_is_refused, 1,
                        HF_TEST_LAST_OP + 1);
    tcase_add_test(core, the_reserved_bytes_of_the_retention_are_named);
    tcase_add_test(core, the_reserved_bytes_of_a_branch_are_named);
    tcase_add_loop_test(core, rules_between_fields_are_errors_at_once, 0, RULES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
