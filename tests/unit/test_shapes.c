/*
 * The shapes of arguments, results and other structs against their structs, the headers' names and
 * the records' names.
 */
#include "model/column.h"
#include "support/check_main.h"
#include "support/ops.h"

#include <ctype.h>
#include <holdfast.h>
#include <stdbool.h>
#include <string.h>

#define OPS        ((uint32_t)HF_TEST_LAST_OP)
#define STRUCT_MAX 512

static uint32_t field_bytes(const hf_field *field)
{
    static const uint32_t bytes[] = {
        [HF_FIELD_NAME] = sizeof(char *),
        [HF_FIELD_NAME_OPT] = sizeof(char *),
        [HF_FIELD_ID] = sizeof(hf_id),
        [HF_FIELD_ID_OPT] = sizeof(hf_id),
        [HF_FIELD_I64] = 8,
        [HF_FIELD_I32] = 4,
        [HF_FIELD_U32] = 4,
        [HF_FIELD_U64] = 8,
        [HF_FIELD_TIME] = 8,
        [HF_FIELD_ENUM] = 4,
        [HF_FIELD_FLAGS] = 4,
        [HF_FIELD_KEY] = sizeof(hf_account_key),
        [HF_FIELD_KEY_OPT] = sizeof(hf_account_key),
        [HF_FIELD_ARRAY] = sizeof(void *) + 8,
        [HF_FIELD_NAMES] = sizeof(void *) + 8,
        [HF_FIELD_HEAD] = sizeof(hf_op_head),
        [HF_FIELD_BYTES] = sizeof(void *) + 8,
        [HF_FIELD_TEXT] = sizeof(char *),
        [HF_FIELD_LABEL] = sizeof(hf_name),
        [HF_FIELD_REF] = sizeof(hf_account_ref),
        [HF_FIELD_HASH] = 16,
        [HF_FIELD_POINTER] = sizeof(void *),
        [HF_FIELD_ROWS] = sizeof(void *),
        [HF_FIELD_STRUCTS] = sizeof(void *),
        [HF_FIELD_ADDRESS] = sizeof(void *),
    };
    if (field->kind == HF_FIELD_STRUCT)
        return field->element->size;
    if (field->kind == HF_FIELD_CHARS)
        return (uint32_t)field->max;
    ck_assert_uint_lt(field->kind, sizeof bytes / sizeof bytes[0]);
    ck_assert_uint_ne(bytes[field->kind], 0);
    return bytes[field->kind];
}

/* Fields in order, none over another; gaps are 4 bytes: a `reserved` of the header. */
static void check_cover(const hf_shape *shape)
{
    uint32_t end = 0;
    uint32_t gaps = 0;
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const hf_field *field = &shape->fields[i];
        ck_assert_msg(field->offset >= end, "%s.%s overlaps", shape->name, field->name);
        ck_assert_msg(field->offset - end == 0 || field->offset - end == 4,
                      "%s.%s: %u bytes before", shape->name, field->name, field->offset - end);
        gaps += field->offset != end;
        end = field->offset + field_bytes(field);
    }
    ck_assert_msg(shape->size - end == 0 || shape->size - end == 4, "%s: %u bytes at the end",
                  shape->name, shape->size - end);
    ck_assert_uint_le(gaps, 2);
    ck_assert_uint_lt(shape->field_count, 63); /* positions are part of fingerprints */
}

static bool has_element(uint32_t kind)
{
    return kind == HF_FIELD_ARRAY || (kind >= HF_FIELD_STRUCT && kind <= HF_FIELD_STRUCTS);
}

/* The count of rows is a field of the same struct. */
static void check_count(const hf_shape *shape, const hf_field *rows)
{
    for (uint32_t i = 0; i < shape->field_count; i++)
        if (shape->fields[i].offset == rows->count_at) {
            ck_assert_uint_eq(shape->fields[i].kind, HF_FIELD_U32);
            ck_assert_ptr_nonnull(strstr(shape->fields[i].name, "count"));
            return;
        }
    ck_abort_msg("%s.%s: no count at %u", shape->name, rows->name, rows->count_at);
}

static void check_field(const hf_shape *shape, const hf_field *field)
{
    bool named = field->kind == HF_FIELD_ENUM || field->kind == HF_FIELD_FLAGS;
    ck_assert_msg(named == (field->names != NULL), "%s.%s", shape->name, field->name);
    ck_assert_msg(has_element(field->kind) == (field->element != NULL), "%s.%s", shape->name,
                  field->name);
    if (field->kind == HF_FIELD_ROWS || field->kind == HF_FIELD_STRUCTS)
        check_count(shape, field);
    else
        ck_assert_uint_eq(field->count_at, 0);
    ck_assert_msg(field->min <= field->max, "%s.%s", shape->name, field->name);
    if (!named)
        return;
    int64_t count = 0;
    while (field->names[count] != NULL)
        ck_assert_uint_gt(strlen(field->names[count++]), 0);
    int64_t last = field->kind == HF_FIELD_ENUM ? count - 1 : ((int64_t)1 << count) - 1;
    ck_assert_msg(field->max == last, "%s.%s: names and values differ", shape->name, field->name);
}

START_TEST(fields_cover_the_struct_of_their_operation)
{
    const hf_shape *shape = hf_op_shape((uint32_t)_i);
    ck_assert_ptr_nonnull(shape);
    check_cover(shape);
    ck_assert_uint_eq(shape->fields[0].kind, HF_FIELD_HEAD);
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const hf_shape *element = shape->fields[i].element;
        check_field(shape, &shape->fields[i]);
        if (element == NULL)
            continue;
        check_cover(element);
        for (uint32_t k = 0; k < element->field_count; k++) {
            check_field(element, &element->fields[k]);
            if (element->fields[k].element != NULL)
                check_cover(element->fields[k].element);
        }
    }
}
END_TEST

static const char *const struct_names[] = {
    "hf_account",
    "hf_unit",
    "hf_hold",
    "hf_leg",
    "hf_order",
    "hf_order_line",
    "hf_order_leg",
    "hf_adjustment",
    "hf_payment",
    "hf_fact",
    "hf_event",
    "hf_change",
    "hf_cursor",
    "hf_movement",
    "hf_txn",
    "hf_branch",
    "hf_attempt",
    "hf_node",
    "hf_node_view",
    "hf_account_page",
    "hf_unit_page",
    "hf_order_view",
    "hf_order_page",
    "hf_payment_page",
    "hf_attention_page",
    "hf_event_page",
    "hf_cursor_page",
    "hf_statement_page",
    "hf_txn_view",
    "hf_txn_page",
    "hf_attempt_page",
    "hf_node_page",
    "hf_erase_result",
    "hf_health_info",
    "hf_finding",
    "hf_verify_result",
    "hf_segment",
    "hf_retry_policy",
    "hf_participant",
    "hf_provider",
    "hf_call",
    "hf_call_answer",
    "hf_barrier",
    "hf_op",
    "hf_completion",
    "hf_options",
    "hf_retention_result",
};

#define STRUCTS ((int)(sizeof struct_names / sizeof struct_names[0]))

/* What is behind the last field is a `reserved`: of hf_op five words. */
START_TEST(fields_cover_every_other_struct)
{
    const hf_shape *shape = hf_struct_shape(struct_names[_i]);
    ck_assert_ptr_nonnull(shape);
    ck_assert_str_eq(shape->name, struct_names[_i]);
    ck_assert_uint_eq(hf_struct_size(shape->name), shape->size);
    if (strcmp(shape->name, "hf_op") != 0)
        check_cover(shape);
    for (uint32_t i = 0; i < shape->field_count; i++)
        check_field(shape, &shape->fields[i]);
}
END_TEST

START_TEST(operations_without_a_result_have_no_shape_of_one)
{
    static const uint32_t none[] = {HF_OP_NONE, HF_OP_ATTENTION_CLEAR, HF_OP_EXPECT,
                                    HF_OP_NODE_DRAIN};
    uint32_t count = 0;
    for (uint32_t type = 0; type <= OPS; type++)
        if (hf_result_shape(type) == NULL)
            ck_assert_uint_eq(none[count++], type);
        else
            ck_assert_ptr_eq(hf_struct_shape(hf_result_shape(type)->name), hf_result_shape(type));
    ck_assert_uint_eq(count, sizeof none / sizeof none[0]);
    ck_assert_str_eq(hf_result_shape(HF_OP_CALL)->name, "hf_call");
    ck_assert_ptr_null(hf_result_shape(OPS + 1));
    ck_assert_ptr_null(hf_result_shape(UINT32_MAX));
    ck_assert_ptr_null(hf_struct_shape("hf_nothing"));
    ck_assert_ptr_null(hf_struct_shape(NULL));
}
END_TEST

START_TEST(init_sets_the_size_and_nothing_beyond_it)
{
    const hf_shape *shape = hf_op_shape((uint32_t)_i);
    uint64_t memory[STRUCT_MAX / 8];
    ck_assert_uint_lt(shape->size, sizeof memory);
    memset(memory, 0xa5, sizeof memory);
    shape->init(memory);
    ck_assert_uint_eq(((const hf_op_head *)(const void *)memory)->size, shape->size);
    const uint8_t *bytes = (const uint8_t *)memory;
    for (size_t i = shape->size; i < sizeof memory; i++)
        ck_assert_uint_eq(bytes[i], 0xa5);
    shape->init(NULL);
}
END_TEST

START_TEST(init_sets_the_size_of_array_elements)
{
    const hf_shape *shape = hf_op_shape((uint32_t)_i);
    uint64_t memory[STRUCT_MAX / 8] = {0};
    shape->init(memory);
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const hf_field *field = &shape->fields[i];
        if (field->kind != HF_FIELD_ARRAY)
            continue;
        uint32_t bytes;
        memcpy(&bytes, (const uint8_t *)memory + field->offset + sizeof(void *) + 4, 4);
        ck_assert_msg(bytes == field->element->size, "%s.%s", shape->name, field->name);
    }
}
END_TEST

START_TEST(names_of_operations_are_those_of_their_functions)
{
    ck_assert_str_eq(hf_op_name(HF_OP_ORDER_PLACE), "order_place");
    ck_assert_str_eq(hf_op_name(HF_OP_STATEMENT), "statement");
    for (uint32_t a = 1; a <= OPS; a++)
        for (uint32_t b = 1; b < a; b++)
            ck_assert_str_ne(hf_op_name(a), hf_op_name(b));
}
END_TEST

START_TEST(unknown_types_have_no_shape)
{
    static const uint32_t types[] = {HF_OP_NONE, OPS + 1, HF_EVENT_EXPIRE, UINT32_MAX};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        ck_assert_ptr_null(hf_op_shape(types[i]));
        ck_assert_ptr_null(hf_op_name(types[i]));
    }
}
END_TEST

static const hf_field *field_of(uint32_t type, const char *name)
{
    const hf_shape *shape = hf_op_shape(type);
    for (uint32_t i = 0; i < shape->field_count; i++) {
        if (strcmp(shape->fields[i].name, name) == 0)
            return &shape->fields[i];
    }
    ck_abort_msg("%s has no %s", shape->name, name);
    return NULL;
}

/* An argument that allows some of a record's values gives them their names. */
static void check_names(const hf_field *field, const char *const *records, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        ck_assert_str_eq(field->names[i], records[i]);
    ck_assert_ptr_null(field->names[count]);
}

START_TEST(names_of_enums_are_those_of_the_records)
{
    check_names(field_of(HF_OP_TXN_SUBMIT, "kind"), hf__txn_kind_names, HF_TXN_SAGA + 1);
    check_names(field_of(HF_OP_EXPECT, "subject"), hf__subject_names, HF_SUBJECT_HOLD + 1);
    check_names(field_of(HF_OP_TXN_RESOLVE_BRANCH, "answer"), hf__answer_names,
                HF_ANSWER_REJECTED + 1);
    const hf_shape *line = field_of(HF_OP_ORDER_PLACE, "lines")->element;
    for (uint32_t i = 0; i < line->field_count; i++)
        if (strcmp(line->fields[i].name, "settle_on") == 0)
            check_names(&line->fields[i], hf__settle_names, HF_SETTLE_FULFIL + 1);
}
END_TEST

START_TEST(sizes_are_found_by_name)
{
    ck_assert_uint_eq(hf_struct_size("hf_order_place_args"), sizeof(hf_order_place_args));
    ck_assert_uint_eq(hf_struct_size("hf_op"), 64);
    ck_assert_uint_eq(hf_struct_size("hf_completion"), 64);
    ck_assert_uint_eq(hf_struct_size("hf_nothing"), 0);
    ck_assert_uint_eq(hf_struct_size(NULL), 0);
    ck_assert_uint_eq(hf_req_size(), 256);
    ck_assert_str_eq(hf_version(), "0.1.0");
    for (uint32_t type = 1; type <= OPS; type++)
        ck_assert_uint_lt(hf_op_shape(type)->size, STRUCT_MAX);
}
END_TEST

static const struct {
    const char *(*name)(uint32_t value);
    uint32_t last;
    const char *of_last;
} public_names[] = {
    {hf_kind_name, HF_KIND_LIMIT, "LIMIT"},
    {hf_order_state_name, HF_ORDER_EXPIRED, "EXPIRED"},
    {hf_hold_state_name, HF_HOLD_EXPIRED, "EXPIRED"},
    {hf_payment_state_name, HF_PAYMENT_FAILED, "FAILED"},
    {hf_txn_state_name, HF_TXN_CANCELLED, "CANCELLED"},
    {hf_branch_state_name, HF_BRANCH_CANCELLED, "CANCELLED"},
};

START_TEST(every_state_has_a_name_and_no_other_number_has)
{
    uint32_t last = public_names[_i].last;
    for (uint32_t value = 0; value <= last; value++)
        ck_assert_str_ne(public_names[_i].name(value), "?");
    ck_assert_str_eq(public_names[_i].name(last), public_names[_i].of_last);
    ck_assert_str_eq(public_names[_i].name(last + 1), "?");
    ck_assert_str_eq(public_names[_i].name(UINT32_MAX), "?");
}
END_TEST

/* Of an operation its name in upper case; what is no type of an event has none. */
START_TEST(every_event_type_has_its_name)
{
    static const char *const own[] = {"EXPIRE", "PROMOTE", "DRIVE", "LEASE", "SET_ASIDE", "RESUME"};
    for (uint32_t type = 1; type <= OPS; type++) {
        const char *upper = hf_event_type_name(type);
        const char *lower = hf_op_name(type);
        ck_assert_uint_eq(strlen(upper), strlen(lower));
        for (size_t i = 0; lower[i] != '\0'; i++)
            ck_assert_int_eq(upper[i], toupper(lower[i]));
    }
    for (uint32_t type = HF_EVENT_EXPIRE; type <= HF_EVENT_RESUME; type++)
        ck_assert_str_eq(hf_event_type_name(type), own[type - HF_EVENT_EXPIRE]);
    ck_assert_str_eq(hf_event_type_name(HF_EVENT_CLOCK), "CLOCK");
    static const uint32_t none[] = {0, OPS + 1, HF_EVENT_EXPIRE - 1, HF_EVENT_CLOCK + 1,
                                    UINT32_MAX};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        ck_assert_str_eq(hf_event_type_name(none[i]), "?");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shapes");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, fields_cover_the_struct_of_their_operation, 1, OPS + 1);
    tcase_add_loop_test(core, fields_cover_every_other_struct, 0, STRUCTS);
    tcase_add_test(core, operations_without_a_result_have_no_shape_of_one);
    tcase_add_loop_test(core, init_sets_the_size_and_nothing_beyond_it, 1, OPS + 1);
    tcase_add_loop_test(core, init_sets_the_size_of_array_elements, 1, OPS + 1);
    tcase_add_test(core, names_of_operations_are_those_of_their_functions);
    tcase_add_test(core, unknown_types_have_no_shape);
    tcase_add_test(core, names_of_enums_are_those_of_the_records);
    tcase_add_loop_test(core, every_state_has_a_name_and_no_other_number_has, 0,
                        (int)(sizeof public_names / sizeof public_names[0]));
    tcase_add_test(core, every_event_type_has_its_name);
    tcase_add_test(core, sizes_are_found_by_name);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
