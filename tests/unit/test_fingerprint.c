/*
 * The fingerprint: equal for equal requests wherever they stand, different for any other content.
 */
#include "api/copy.h"
#include "engine/reads/query.h"
#include "support/check_main.h"
#include "support/fill.h"
#include "support/ops.h"
#include "support/orders.h"

#include <stdio.h>

static uint8_t memory[1 << 20];
static hf_test_order order;

typedef struct print {
    uint8_t bytes[16];
} print;

static void setup(void)
{
    hf_test_order_init(&order);
}

static print print_of(uint32_t type, const void *args)
{
    hf__arena arena;
    print out;
    hf__arena_init(&arena, memory, sizeof memory);
    ck_assert_ptr_nonnull(hf__copy_args(type, args, false, &arena, out.bytes));
    return out;
}

static print print_order(void)
{
    return print_of(HF_OP_ORDER_PLACE, &order.args);
}

static bool same(print a, print b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

START_TEST(what_a_retry_may_change_is_left_out)
{
    print before = print_order();
    order.args.head.id = hf_test_id(99);
    order.args.head.actor = "another clerk";
    order.args.head.expected_version = 7;
    ck_assert(same(before, print_order()));
}
END_TEST

START_TEST(addresses_padding_and_the_form_of_absence_do_not_count)
{
    print before = print_order();
    hf_test_order moved = order;
    char customer[] = "customer-17";
    moved.args.lines = moved.lines;
    moved.args.customer = customer;
    moved.args.external_ref = "";
    moved.args.series = NULL;
    moved.args.reserved = 5;
    moved.lines[0].reserved = 5;
    moved.legs[0].to.name = "";
    moved.legs[0].to.place = NULL;
    moved.lines[0].legs = moved.legs;
    ck_assert(same(before, print_of(HF_OP_ORDER_PLACE, &moved.args)));
}
END_TEST

START_TEST(element_sizes_do_not_count)
{
    print before = print_order();
    struct {
        hf_line_args line;
        uint64_t tail;
    } newer[2] = {{.line = order.lines[0]}, {.line = order.lines[1]}};
    order.args.lines = &newer[0].line;
    order.args.line_bytes = sizeof newer[0];
    ck_assert(same(before, print_order()));
    setup(); /* releases `newer` */
}
END_TEST

/* clang-format off */
#define CHANGE(name, statement) static void change_##name(void) { statement; }
CHANGE(nothing, (void)0)
CHANGE(customer, order.args.customer = "customer-18")
CHANGE(currency, order.args.currency = "USD")
CHANGE(series, order.args.series = "customer-17"; order.args.customer = "")
CHANGE(total, order.args.total++)
CHANGE(deadline, order.args.deadline_ms = 1)
CHANGE(policy, order.args.policy = 1)
CHANGE(meta, order.args.head.meta = "a"; order.args.head.meta_bytes = 1)
CHANGE(meta_other, order.args.head.meta = "b"; order.args.head.meta_bytes = 1)
CHANGE(fewer_lines, order.args.line_count = 1)
CHANGE(swapped, hf_line_args line = order.lines[0]; order.lines[0] = order.lines[1]; order.lines[1] = line)
CHANGE(sku, order.lines[0].sku = "kat")
CHANGE(quantity, order.lines[0].quantity++)
CHANGE(price, order.lines[1].unit_price++)
CHANGE(legs, order.lines[0].leg_count = 1)
CHANGE(no_legs, order.lines[0].leg_count = 0)
CHANGE(leg, order.legs[1].per_unit++)
CHANGE(leg_place, order.legs[1].from.place = "wheel")
CHANGE(leg_kind, order.legs[1].from.kind = HF_KIND_LIMIT)
CHANGE(places, order.places[0] = "south"; order.places[1] = "north")
CHANGE(place_empty, order.places[0] = "")
CHANGE(place_count, order.lines[1].place_count = 1)
CHANGE(settle, order.lines[1].settle_on = 1)
CHANGE(adjustment, order.adjustment.amount = 100)
CHANGE(adjustment_line, order.adjustment.line = 1)
CHANGE(no_adjustment, order.args.adjustment_count = 0)
CHANGE(payment, order.payment.amount++)
CHANGE(payment_id, order.payment.id = hf_test_id(5))
CHANGE(payment_settle, order.payment.settle_on = 2)

static void (*const changes[])(void) = {
    change_nothing, change_customer, change_currency, change_series, change_total, change_deadline,
    change_policy, change_meta, change_meta_other, change_fewer_lines, change_swapped, change_sku,
    change_quantity, change_price, change_legs, change_no_legs, change_leg, change_leg_place,
    change_leg_kind, change_places, change_place_empty, change_place_count, change_settle,
    change_adjustment, change_adjustment_line, change_no_adjustment, change_payment,
    change_payment_id, change_payment_settle,
};
/* clang-format on */

#define CHANGES (sizeof changes / sizeof changes[0])

START_TEST(any_other_content_has_another_fingerprint)
{
    print all[CHANGES];
    for (size_t i = 0; i < CHANGES; i++) {
        setup();
        changes[i]();
        all[i] = print_order();
        for (size_t k = 0; k < i; k++)
            ck_assert_msg(!same(all[i], all[k]), "changes %zu and %zu", k, i);
    }
}
END_TEST

START_TEST(operations_with_the_same_arguments_differ)
{
    hf_order_units_args units;
    hf_order_units_init(&units, &order.args.head.id);
    ck_assert(!same(print_of(HF_OP_ORDER_CANCEL, &units), print_of(HF_OP_ORDER_FULFIL, &units)));
    ck_assert(!same(print_of(HF_OP_ORDER_CANCEL, &units), print_of(HF_OP_ORDER_RETURN, &units)));
}
END_TEST

START_TEST(a_change_in_any_of_many_lines_is_seen)
{
    static hf_line_args lines[200];
    for (uint32_t i = 0; i < 200; i++)
        hf_line_init(&lines[i], "bell", 1 + i, 100);
    order.args.lines = lines;
    order.args.line_count = 200;
    print before = print_order();
    for (uint32_t i = 0; i < 200; i++) {
        lines[i].quantity += 1000;
        ck_assert(!same(before, print_order()));
        lines[i].quantity -= 1000;
    }
    ck_assert(same(before, print_order()));
}
END_TEST

/* ---- Every field of every operation ---------------------------------------------------------- */

#define VALUES_MAX 1024u

/* Values that say how it is asked for: a repeat may have others. */
static const char *const not_hashed_fields[] = {
    "head.id",           "head.expected_version", "head.actor",
    "txn_submit.wait",   "txn_submit.wait_ms",    "txn_begin.wait",
    "txn_begin.wait_ms", "txn_seal.wait",         "txn_seal.wait_ms",
};

static bool is_not_hashed(const char *operation, const char *field)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%s.%s", operation, field);
    for (size_t i = 0; i < sizeof not_hashed_fields / sizeof not_hashed_fields[0]; i++)
        if (strcmp(not_hashed_fields[i], name) == 0 || strcmp(not_hashed_fields[i], field) == 0)
            return true;
    return false;
}

/* The print of an operation of which every field is set, and of the value `target` another one. */
static print print_filled(uint32_t type, fill *to, uint32_t target)
{
    static uint64_t filled[16384];
    to->whole = true;
    to->target = target;
    return print_of(type, fill_args(to, type, filled, sizeof filled));
}

START_TEST(every_value_of_an_operation_is_part_of_its_fingerprint_or_on_the_list)
{
    static print all[VALUES_MAX];
    const uint32_t type = (uint32_t)_i;
    const char *operation = hf_op_name(type);
    fill to = {.target = FILL_NONE};
    if (hf__engine_reads(type))
        return;
    const print before = print_filled(type, &to, FILL_NONE);
    const uint32_t values = to.at;
    uint32_t count = 0;
    ck_assert_uint_lt(values, VALUES_MAX);
    ck_assert_uint_gt(values, 3);
    for (uint32_t i = 0; i < values; i++) {
        const print changed = print_filled(type, &to, i);
        ck_assert_ptr_nonnull(to.name);
        const bool not_hashed = is_not_hashed(operation, to.name);
        ck_assert_msg(same(before, changed) == not_hashed, "%s.%s", operation, to.name);
        ck_assert_msg(to.not_hashed == not_hashed, "%s.%s", operation, to.name);
        for (uint32_t k = 0; k < count && !not_hashed; k++)
            ck_assert_msg(!same(changed, all[k]), "%s.%s: as another change", operation, to.name);
        if (!not_hashed)
            all[count++] = changed;
    }
}
END_TEST

/* Stored with each operation: it must be the same in every version. */
START_TEST(the_format_never_changes)
{
    char text[33];
    print now = print_order();
    for (size_t i = 0; i < 16; i++)
        (void)snprintf(text + i * 2, 3, "%02x", now.bytes[i]);
    ck_assert_str_eq(text, "8366f9d04126e2f5d030603186b31a41");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fingerprint");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, NULL);
    tcase_add_test(core, what_a_retry_may_change_is_left_out);
    tcase_add_test(core, addresses_padding_and_the_form_of_absence_do_not_count);
    tcase_add_test(core, element_sizes_do_not_count);
    tcase_add_test(core, any_other_content_has_another_fingerprint);
    tcase_add_test(core, operations_with_the_same_arguments_differ);
    tcase_add_test(core, a_change_in_any_of_many_lines_is_seen);
    tcase_add_test(core, the_format_never_changes);
    tcase_add_loop_test(core, every_value_of_an_operation_is_part_of_its_fingerprint_or_on_the_list,
                        1, HF_TEST_LAST_OP + 1);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
