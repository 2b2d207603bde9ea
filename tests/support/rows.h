/*
 * Rows of any table, made at random from its columns: extremes, small values, repeats of a few
 * texts and ids, so that ranges have members and neighbours compare equal. Same seed, same rows.
 */
#ifndef HF_TESTS_SUPPORT_ROWS_H
#define HF_TESTS_SUPPORT_ROWS_H

#include "support/random.h"
#include <check.h>
#include <holdfast/store.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HF_TEST_ROW_MAX   2048  /* bytes of the largest row struct */
#define HF_TEST_BYTES_MAX 16384 /* of a BYTES column */

/* Memory for BYTES columns, freed all at once. */
typedef struct hf_test_memory {
    struct hf_test_block *blocks;
} hf_test_memory;

typedef struct hf_test_block {
    struct hf_test_block *next;
    uint64_t reserved;
    uint8_t data[];
} hf_test_block;

static inline void *hf_test_alloc(void *context, uint64_t bytes)
{
    hf_test_memory *memory = context;
    hf_test_block *block = malloc(sizeof(hf_test_block) + (size_t)bytes);
    ck_assert_ptr_nonnull(block);
    block->next = memory->blocks;
    memory->blocks = block;
    return block->data;
}

static inline void hf_test_free_all(hf_test_memory *memory)
{
    while (memory->blocks != NULL) {
        hf_test_block *block = memory->blocks;
        memory->blocks = block->next;
        free(block);
    }
}

/* A BYTES column as it stands in a row. */
typedef struct hf_test_bytes {
    const void *data;
    uint64_t bytes;
} hf_test_bytes;

static inline int64_t hf_test_i64(hf_test_random *random)
{
    static const int64_t special[] = {0,
                                      1,
                                      -1,
                                      2,
                                      63,
                                      64,
                                      -63,
                                      -64,
                                      127,
                                      128,
                                      247,
                                      248,
                                      255,
                                      256,
                                      65535,
                                      65536,
                                      INT64_MAX,
                                      INT64_MIN,
                                      INT64_MAX - 1,
                                      INT64_MIN + 1,
                                      (int64_t)1 << 55,
                                      (int64_t)1 << 56};
    if (hf_test_below(random, 2) == 0)
        return special[hf_test_below(random, sizeof special / sizeof *special)];
    uint64_t value = hf_test_next(random) >> hf_test_below(random, 64);
    int64_t result;
    value = hf_test_below(random, 4) == 0 ? 0 - value : value;
    memcpy(&result, &value, sizeof result);
    return result;
}

static inline int64_t hf_test_time(hf_test_random *random)
{
    if (hf_test_below(random, 4) == 0)
        return hf_test_i64(random);
    return hf_test_below(random, 4) == 0 ? 0 : 1717000000000 + hf_test_below(random, 1000000);
}

static inline void hf_test_id(hf_test_random *random, hf_id *id)
{
    memset(id, 0, sizeof *id);
    uint32_t kind = hf_test_below(random, 8);
    if (kind == 0)
        return;
    id->bytes[15] = (uint8_t)(1 + hf_test_below(random, 5));
    if (kind < 4)
        return; /* one of a few */
    uint64_t parts[2] = {hf_test_next(random), hf_test_next(random)};
    memcpy(id->bytes, parts, 16);
    if (kind < 7) { /* of about the same time */
        static const uint8_t near[4] = {0x01, 0x8f, 0xc6, 0x00};
        memcpy(id->bytes, near, sizeof near);
    }
}

static inline void hf_test_name(hf_test_random *random, hf_name *name)
{
    static const char *const few[] = {"",   "EUR", "pcs",       "a",       "aa",
                                      "ab", "b",   "shirt-red", "\xc3\xa4"};
    memset(name, 0, sizeof *name);
    if (hf_test_below(random, 4) != 0) {
        const char *text = few[hf_test_below(random, sizeof few / sizeof *few)];
        memcpy(name->text, text, strlen(text));
        return;
    }
    uint32_t bytes =
        hf_test_below(random, 3) == 0 ? HF_NAME_MAX : hf_test_below(random, HF_NAME_MAX);
    for (uint32_t i = 0; i < bytes; i++) {
        bool wide = i + 1 < bytes && hf_test_below(random, 4) == 0; /* two bytes of UTF-8 */
        name->text[i] = (char)(wide ? 0xc3 + hf_test_below(random, 0xe0 - 0xc3)
                                    : 0x20 + hf_test_below(random, 0x7f - 0x20));
        if (wide)
            name->text[++i] = (char)(0x80 + hf_test_below(random, 0x40));
    }
}

static inline hf_test_bytes hf_test_body(hf_test_random *random, hf_test_memory *memory)
{
    static const uint32_t sizes[] = {0, 0, 1, 20, 127, 128, 129, 700, HF_TEST_BYTES_MAX};
    uint32_t bytes = sizes[hf_test_below(random, sizeof sizes / sizeof *sizes)];
    if (bytes == HF_TEST_BYTES_MAX && hf_test_below(random, 8) != 0)
        bytes = 3;
    hf_test_bytes value = {0};
    if (bytes == 0)
        return value;
    uint8_t *data = hf_test_alloc(memory, bytes);
    for (uint32_t i = 0; i < bytes; i++)
        data[i] = (uint8_t)hf_test_next(random);
    value.data = data;
    value.bytes = bytes;
    return value;
}

static inline void hf_test_wide(hf_test_random *random, const hf_column *column, uint8_t *field)
{
    int64_t value = column->type == HF_COLUMN_TIME ? hf_test_time(random) : hf_test_i64(random);
    if (column->type != HF_COLUMN_I64 && value < 0)
        value = ~value;
    memcpy(field, &value, sizeof value);
}

/* A value with a name: the first one from `value` on, or down from it. */
static inline uint32_t hf_test_named(const hf_column *column, uint32_t value, bool down)
{
    while (column->names[value] == NULL)
        value = (value + (down ? column->name_count - 1 : 1)) % column->name_count;
    return value;
}

static inline void hf_test_narrow(hf_test_random *random, const hf_column *column, uint8_t *field)
{
    uint32_t value = hf_test_below(random, 3);
    if (column->type == HF_COLUMN_U32 && hf_test_below(random, 2) == 0)
        value = (uint32_t)hf_test_i64(random);
    if (column->type == HF_COLUMN_BOOL)
        value &= 1;
    if (column->name_count > 0)
        value = hf_test_named(column, hf_test_below(random, column->name_count), false);
    memcpy(field, &value, sizeof value);
}

/* Sets one column at random. */
static inline void hf_test_column(hf_test_random *random, const hf_column *column, void *row,
                                  hf_test_memory *memory)
{
    uint8_t *field = (uint8_t *)row + column->offset;
    uint64_t parts[2];
    hf_test_bytes body;
    switch ((hf_column_type)column->type) {
    case HF_COLUMN_I64:
    case HF_COLUMN_U64:
    case HF_COLUMN_TIME:
        hf_test_wide(random, column, field);
        break;
    case HF_COLUMN_U32:
    case HF_COLUMN_BOOL:
    case HF_COLUMN_ENUM:
        hf_test_narrow(random, column, field);
        break;
    case HF_COLUMN_ID:
        hf_test_id(random, (hf_id *)(void *)field);
        break;
    case HF_COLUMN_HASH:
        parts[0] = hf_test_next(random);
        parts[1] = hf_test_next(random);
        memcpy(field, parts, 16);
        break;
    case HF_COLUMN_NAME:
        hf_test_name(random, (hf_name *)(void *)field);
        break;
    case HF_COLUMN_BYTES:
        body = hf_test_body(random, memory);
        memcpy(field, &body, sizeof body);
        break;
    }
}

/* Fills a row at random; `row` has table->row_bytes. */
static inline void hf_test_row(hf_test_random *random, const hf_table *table, void *row,
                               hf_test_memory *memory)
{
    memset(row, 0, table->row_bytes);
    for (uint32_t i = 0; i < table->column_count; i++)
        hf_test_column(random, &table->columns[i], row, memory);
}

/* Bytes of a column in the row struct. */
static inline uint32_t hf_test_column_bytes(const hf_column *column)
{
    static const uint8_t bytes[] = {
        [HF_COLUMN_I64] = 8,   [HF_COLUMN_U64] = 8,
        [HF_COLUMN_U32] = 4,   [HF_COLUMN_BOOL] = 4,
        [HF_COLUMN_ENUM] = 4,  [HF_COLUMN_TIME] = 8,
        [HF_COLUMN_ID] = 16,   [HF_COLUMN_HASH] = 16,
        [HF_COLUMN_NAME] = 64, [HF_COLUMN_BYTES] = sizeof(hf_test_bytes),
    };
    return bytes[column->type];
}

/* Compares two values of a column: below 0, 0, above 0. Written apart from the codec. */
static inline int hf_test_compare_column(const hf_column *column, const void *a, const void *b)
{
    const uint8_t *left = (const uint8_t *)a + column->offset;
    const uint8_t *right = (const uint8_t *)b + column->offset;
    int64_t wide[2];
    uint32_t narrow[2];
    hf_test_bytes bytes[2];
    switch ((hf_column_type)column->type) {
    case HF_COLUMN_I64:
    case HF_COLUMN_U64:
    case HF_COLUMN_TIME:
        memcpy(&wide[0], left, 8);
        memcpy(&wide[1], right, 8);
        return (wide[0] > wide[1]) - (wide[0] < wide[1]);
    case HF_COLUMN_U32:
    case HF_COLUMN_BOOL:
    case HF_COLUMN_ENUM:
        memcpy(&narrow[0], left, 4);
        memcpy(&narrow[1], right, 4);
        return (narrow[0] > narrow[1]) - (narrow[0] < narrow[1]);
    case HF_COLUMN_BYTES:
        memcpy(&bytes[0], left, sizeof bytes[0]);
        memcpy(&bytes[1], right, sizeof bytes[1]);
        if (bytes[0].bytes != bytes[1].bytes)
            return bytes[0].bytes < bytes[1].bytes ? -1 : 1;
        return bytes[0].bytes == 0 ? 0 : memcmp(bytes[0].data, bytes[1].data, bytes[0].bytes);
    case HF_COLUMN_ID:
    case HF_COLUMN_HASH:
    case HF_COLUMN_NAME:
        break;
    }
    return memcmp(left, right, hf_test_column_bytes(column));
}

/* True when all columns are the same. */
static inline bool hf_test_same_row(const hf_table *table, const void *a, const void *b)
{
    for (uint32_t i = 0; i < table->column_count; i++) {
        if (hf_test_compare_column(&table->columns[i], a, b) != 0)
            return false;
    }
    return true;
}

/* The columns of an index's key: its own, then those of the primary key not among them. */
static inline uint32_t hf_test_key_columns(const hf_table *table, uint32_t index, uint8_t *out)
{
    uint32_t count = 0;
    const hf_index *of = index == 0 ? NULL : &table->indexes[index - 1];
    for (uint32_t i = 0; of != NULL && i < of->column_count; i++)
        out[count++] = of->columns[i];
    for (uint32_t i = 0; i < table->key_count; i++) {
        if (count == 0 || memchr(out, table->key[i], count) == NULL)
            out[count++] = table->key[i];
    }
    return count;
}

/* Compares two rows by the first `columns` columns of an index's key. */
static inline int hf_test_compare_key(const hf_table *table, uint32_t index, const void *a,
                                      const void *b, uint32_t columns)
{
    uint8_t list[64];
    uint32_t count = hf_test_key_columns(table, index, list);
    for (uint32_t i = 0; i < count && i < columns; i++) {
        int order = hf_test_compare_column(&table->columns[list[i]], a, b);
        if (order != 0)
            return order;
    }
    return 0;
}

#endif
