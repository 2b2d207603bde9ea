/*
 * query.c - rows and ranges of a snapshot, in the memory of the read batch.
 */
#include "engine/reads/query.h"
#include "base/fail.h"
#include "engine/state.h"
#include <holdfast/error.h>
#include <holdfast/event.h>
#include <string.h>

#define PAGE 64u

void **hf__query_make_rows(hf__query *query, uint32_t table, uint32_t count)
{
    size_t bytes = hf_store_schema()->tables[table]->row_bytes;
    void **rows = hf__arena_alloc(query->work, sizeof(void *) * (count + (size_t)1));
    uint8_t *block = rows == NULL ? NULL : hf__arena_zalloc(query->work, bytes * count);
    if (block == NULL)
        return NULL;
    for (uint32_t i = 0; i < count; i++)
        rows[i] = block + bytes * i;
    return rows;
}

int hf__query_out_of_memory(hf__query *query)
{
    hf__refuse(&query->detail, HF_E_OVERLOADED,
               "the answers of this batch do not fit batch_bytes_max; try again");
    return HF_E_OVERLOADED;
}

int hf__query_fill(hf__query *query, uint32_t table, void **rows, const void **row)
{
    uint8_t found = 0;
    int error = query->driver->get(query->txn, table, rows, &found, 1);
    *row = error == 0 && found ? rows[0] : NULL;
    return error;
}

int hf__query_get(hf__query *query, uint32_t table, const void *key, const void **row)
{
    void **rows = hf__query_make_rows(query, table, 1);
    if (rows == NULL)
        return hf__query_out_of_memory(query);
    memcpy(rows[0], key, hf_store_schema()->tables[table]->row_bytes);
    return hf__query_fill(query, table, rows, row);
}

int hf__query_scan(hf__query *query, const hf_scan *scan, uint32_t limit, const void *const **rows,
                   uint32_t *count)
{
    void **page = hf__query_make_rows(query, scan->table, limit);
    if (page == NULL)
        return hf__query_out_of_memory(query);
    *count = limit;
    int error = hf__store_scan(query->driver, query->txn, scan, page, count);
    *rows = (const void *const *)page;
    return error;
}

/* Puts a page behind what there is already, in an array that holds both. */
static int join(hf__query *query, const void *const **all, uint32_t have, const void *const *page,
                uint32_t count)
{
    const void **joined = hf__arena_alloc(query->work, sizeof(void *) * ((size_t)have + count));
    if (joined == NULL)
        return hf__query_out_of_memory(query);
    memcpy(joined, *all, sizeof(void *) * have);
    memcpy(joined + have, page, sizeof(void *) * count);
    *all = joined;
    return 0;
}

int hf__query_all(hf__query *query, const hf_scan *scan, const void *const **rows, uint32_t *count)
{
    const hf_table *table = hf_store_schema()->tables[scan->table];
    hf_scan remaining = *scan;
    uint32_t size = PAGE / 8;
    int error = hf__query_scan(query, &remaining, size, rows, count);
    uint32_t got = *count;
    while (error == 0 && got == size) {
        const void *const *page = NULL;
        remaining.low = (*rows)[*count - 1];
        remaining.low_columns = table->key_count;
        remaining.low_exclusive = 1;
        size = size < 4 * PAGE ? size * 2 : size;
        error = hf__query_scan(query, &remaining, size, &page, &got);
        if (error == 0)
            error = join(query, rows, *count, page, got);
        *count += error == 0 ? got : 0;
    }
    return error;
}
