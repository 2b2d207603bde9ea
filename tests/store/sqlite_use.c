/*
 * sqlite_use.c - state and functions of sqlite_use.h, one of each test program.
 */
#include "sqlite_use.h"

uint8_t *use_memory;
size_t use_used;
hf_store_error use_error;

void use_random_column(hf_test_random *random, const hf_table *table, uint32_t column, void *row)
{
    static const char *const names[] = {"", "a", "ab", "b", "b\x7f", "z\xc3\xa9", "aa"};
    static uint8_t bytes[4096];
    const hf_column *c = &table->columns[column];
    char *into = (char *)row + c->offset;
    const uint64_t value = hf_test_below(random, 4);
    const uint32_t small = hf_test_below(random, c->type == HF_COLUMN_BOOL ? 2 : 300);
    const bool has_names = c->name_count > 0;
    const uint32_t named =
        has_names ? hf_test_named(c, hf_test_below(random, c->name_count), false) : 0;
    struct {
        const void *data;
        uint64_t bytes;
    } span = {bytes, value == 0 ? 0 : hf_test_below(random, sizeof bytes)};
    hf_id id = {{0}};
    memset(id.bytes, (int)value, sizeof id.bytes);
    if (span.bytes == 0)
        span.data = NULL;
    switch ((hf_column_type)c->type) {
    case HF_COLUMN_I64:
        memcpy(into, &(int64_t){(int64_t)value - 2}, 8);
        break;
    case HF_COLUMN_U64:
    case HF_COLUMN_TIME:
        memcpy(into, &value, 8);
        break;
    case HF_COLUMN_U32:
    case HF_COLUMN_BOOL:
        memcpy(into, &(uint32_t){has_names ? named : value < 2 ? 0 : small}, 4);
        break;
    case HF_COLUMN_ENUM:
        memcpy(into, &named, 4);
        break;
    case HF_COLUMN_ID:
    case HF_COLUMN_HASH:
        memcpy(into, &id, 16);
        break;
    case HF_COLUMN_NAME:
        memset(into, 0, sizeof(hf_name));
        (void)snprintf(into, sizeof(hf_name), "%s", names[hf_test_below(random, 7)]);
        break;
    case HF_COLUMN_BYTES:
        memcpy(into, &span, sizeof span);
        break;
    }
}
