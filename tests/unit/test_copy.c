/*
 * The deep copy: the same content in other memory, whatever becomes of the original.
 */
#include "api/copy.h"
#include "support/check_main.h"
#include "support/ops.h"
#include "support/orders.h"

static uint8_t memory[1 << 16];
static hf__arena arena;
static hf_test_order order;

static void setup(void)
{
    hf_test_order_init(&order);
    hf__arena_init(&arena, memory, sizeof memory);
}

static const hf_order_place_args *copy_order(void)
{
    const void *copy = hf__copy_args(HF_OP_ORDER_PLACE, &order.args, false, &arena, NULL);
    return copy;
}

static bool inside(const void *at)
{
    return (const uint8_t *)at >= memory && (const uint8_t *)at < memory + sizeof memory;
}

START_TEST(a_copy_shares_nothing_with_the_original)
{
    char sku[] = "bell";
    order.lines[1].sku = sku;
    order.args.head.actor = "clerk";
    order.args.head.meta = "note";
    order.args.head.meta_bytes = 4;
    const hf_order_place_args *copy = copy_order();
    memset(sku, 'x', 4);
    memset(&order, 0xff, sizeof order);
    ck_assert_ptr_nonnull(copy);
    ck_assert_str_eq(copy->currency, "EUR");
    ck_assert_str_eq(copy->customer, "customer-17");
    ck_assert_str_eq(copy->head.actor, "clerk");
    ck_assert_mem_eq(copy->head.meta, "note", 4);
    ck_assert_str_eq(copy->lines[1].sku, "bell");
    ck_assert_str_eq(copy->lines[1].places[0], "north");
    ck_assert_str_eq(copy->lines[1].places[1], "south");
    ck_assert_str_eq(copy->lines[0].legs[1].from.name, "wheel");
    ck_assert_int_eq(copy->lines[0].legs[1].per_unit, 2);
    ck_assert_str_eq(copy->payments[0].account.name, "wallet-17");
    ck_assert_int_eq(copy->adjustments[0].amount, -100);
    ck_assert(inside(copy->lines) && inside(copy->lines[0].legs) && inside(copy->payments) &&
              inside(copy->lines[1].places) && inside(copy->lines[1].places[1]) &&
              inside(copy->adjustments) && inside(copy->head.meta));
}
END_TEST

START_TEST(absent_texts_become_empty_and_absent_arrays_null)
{
    order.args.customer = NULL;
    order.args.payments = (const hf_payment_args *)(const void *)&order;
    order.args.payment_count = 0;
    order.args.payment_bytes = 0;
    const hf_order_place_args *copy = copy_order();
    ck_assert_str_eq(copy->customer, "");
    ck_assert_str_eq(copy->external_ref, "");
    ck_assert_str_eq(copy->head.actor, "");
    ck_assert_ptr_null(copy->payments);
    ck_assert_uint_eq(copy->payment_bytes, sizeof(hf_payment_args));
    ck_assert_ptr_null(copy->lines[1].legs);
    ck_assert_str_eq(copy->lines[0].legs[0].to.name, "");
    ck_assert_str_eq(copy->lines[0].legs[0].to.unit, "");
}
END_TEST

START_TEST(larger_structs_are_cut_to_what_this_library_knows)
{
    struct {
        hf_line_args line;
        uint64_t tail[3];
    } newer[2] = {{.line = order.lines[0]}, {.line = order.lines[1]}};
    order.args.lines = &newer[0].line;
    order.args.line_bytes = sizeof newer[0];
    order.args.head.size += 64;
    const hf_order_place_args *copy = copy_order();
    ck_assert_uint_eq(copy->head.size, sizeof(hf_order_place_args));
    ck_assert_uint_eq(copy->line_bytes, sizeof(hf_line_args));
    ck_assert_str_eq(copy->lines[0].sku, "kit");
    ck_assert_str_eq(copy->lines[1].sku, "bell");
    ck_assert_str_eq(copy->lines[0].legs[1].from.name, "wheel");
    setup(); /* releases `newer` */
}
END_TEST

START_TEST(a_read_leaves_meta_out)
{
    hf_order_get_args get;
    hf_order_get_init(&get, &order.args.head.id);
    get.head.meta = "note";
    get.head.meta_bytes = 4;
    const hf_op_head *copy = hf__copy_args(HF_OP_ORDER_GET, &get, true, &arena, NULL);
    ck_assert_ptr_null(copy->meta);
    ck_assert_uint_eq(copy->meta_bytes, 0);
}
END_TEST

START_TEST(an_arena_of_any_smaller_size_is_full)
{
    ck_assert_ptr_nonnull(copy_order());
    size_t needed = arena.used - 15; /* the last block's padding need not fit */
    for (size_t capacity = 0; capacity < needed; capacity++) {
        hf__arena_init(&arena, memory, capacity);
        ck_assert_ptr_null(copy_order());
        ck_assert_uint_le(arena.used, capacity);
    }
    hf__arena_init(&arena, memory, needed + 15);
    ck_assert_ptr_nonnull(copy_order());
}
END_TEST

START_TEST(every_operation_can_be_copied)
{
    const hf_shape *shape = hf_op_shape((uint32_t)_i);
    uint64_t args[64] = {0};
    uint8_t fingerprint[16] = {0};
    shape->init(args);
    const hf_op_head *copy = hf__copy_args((uint32_t)_i, args, false, &arena, fingerprint);
    ck_assert_ptr_nonnull(copy);
    ck_assert_uint_eq(copy->size, shape->size);
    ck_assert_uint_ge(arena.used, shape->size);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("copy");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, NULL);
    tcase_add_test(core, a_copy_shares_nothing_with_the_original);
    tcase_add_test(core, absent_texts_become_empty_and_absent_arrays_null);
    tcase_add_test(core, larger_structs_are_cut_to_what_this_library_knows);
    tcase_add_test(core, a_read_leaves_meta_out);
    tcase_add_test(core, an_arena_of_any_smaller_size_is_full);
    tcase_add_loop_test(core, every_operation_can_be_copied, 1, HF_TEST_LAST_OP + 1);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
