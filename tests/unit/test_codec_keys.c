/*
 * A table's own encoder of its primary key, and the keys of its indexes, which end with it: the
 * same bytes as a walk over the columns, for each table of the schema.
 */
#include "model/codec.h"
#include "support/check_main.h"
#include "support/rows.h"

enum { ROUNDS = 100 };

static hf_test_memory memory;
static hf_test_random chance;

static void setup(void)
{
    chance = hf_test_seed();
}

static void teardown(void)
{
    hf_test_free_all(&memory);
}

/* A copy of a table is not the schema's: its keys are written column by column. */
static void check_keys(const hf_table *table, const void *row)
{
    const hf_table copy = *table;
    for (uint32_t index = 0; index <= table->index_count; index++) {
        uint8_t code[HF__KEY_MAX];
        uint8_t walked[HF__KEY_MAX];
        const uint32_t bytes = hf__key_encode(table, index, row, HF__KEY_ALL, code);
        ck_assert_uint_gt(bytes, 0);
        ck_assert_uint_eq(hf__key_encode(&copy, index, row, HF__KEY_ALL, walked), bytes);
        ck_assert_mem_eq(walked, code, bytes);
    }
}

START_TEST(a_key_is_written_by_its_encoder_as_by_a_walk_over_its_columns)
{
    const hf_table *table = hf_store_schema()->tables[_i];
    _Alignas(16) uint8_t row[HF_TEST_ROW_MAX];
    ck_assert_uint_le(table->row_bytes, sizeof row);
    for (int round = 0; round < ROUNDS; round++) {
        hf_test_row(&chance, table, row, &memory);
        check_keys(table, row);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("codec_keys");
    TCase *tables = tcase_create("tables");
    tcase_add_checked_fixture(tables, setup, teardown);
    tcase_add_loop_test(tables, a_key_is_written_by_its_encoder_as_by_a_walk_over_its_columns, 0,
                        (int)hf_store_schema()->table_count);
    suite_add_tcase(suite, tables);
    return hf_test_main(suite);
}
