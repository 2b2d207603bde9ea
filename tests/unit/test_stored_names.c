/*
 * The names under which tables, columns and indexes are stored belong to a version of the schema:
 * who changes one makes a new version, and migrates stores of the version before.
 */
#include "model/tables.h"
#include "support/check_main.h"

#include "base/checksum.h"
#include <string.h>

#define VERSION 4
#define DIGEST  UINT32_C(4282040262)

static uint32_t add_text(uint32_t crc, const char *text)
{
    return hf__crc32c(crc, text, strlen(text) + 1);
}

static uint32_t add_index(uint32_t crc, const hf_index *index)
{
    const uint32_t where[] = {(uint32_t)index->where_column, index->where_mask};
    crc = add_text(crc, index->name);
    crc = hf__crc32c(crc, index->columns, index->column_count);
    return hf__crc32c(crc, where, sizeof where);
}

static uint32_t add_table(uint32_t crc, const hf_table *table)
{
    crc = add_text(crc, table->name);
    crc = hf__crc32c(crc, &table->id, sizeof table->id);
    for (uint32_t i = 0; i < table->column_count; i++) {
        crc = add_text(crc, table->columns[i].name);
        crc = hf__crc32c(crc, &table->columns[i].type, sizeof table->columns[i].type);
    }
    crc = hf__crc32c(crc, table->key, table->key_count);
    for (uint32_t i = 0; i < table->index_count; i++)
        crc = add_index(crc, &table->indexes[i]);
    return crc;
}

START_TEST(what_is_stored_has_the_names_of_its_version)
{
    const hf_schema *schema = hf_store_schema();
    uint32_t crc = 0;
    for (uint32_t i = 0; i < schema->table_count; i++)
        crc = add_table(crc, schema->tables[i]);
    ck_assert_uint_eq(schema->version, VERSION);
    ck_assert_uint_eq(crc, DIGEST);
}
END_TEST

START_TEST(another_name_of_an_index_is_seen)
{
    const hf_table *facts = &hf__facts_table;
    hf_index indexes[8];
    hf_table renamed = *facts;
    ck_assert_uint_le(facts->index_count, 8);
    memcpy(indexes, facts->indexes, sizeof *indexes * facts->index_count);
    indexes[0].name = "facts_payments";
    renamed.indexes = indexes;
    ck_assert_uint_ne(add_table(0, facts), add_table(0, &renamed));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stored_names");
    TCase *core = tcase_create("core");
    tcase_add_test(core, what_is_stored_has_the_names_of_its_version);
    tcase_add_test(core, another_name_of_an_index_is_seen);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}
