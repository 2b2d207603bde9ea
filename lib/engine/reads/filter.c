/*
 * filter.c - the rows of a range that have one value in a column without an index.
 *
 * The range is read page by page. Of a page only the keys of matching rows are kept, and the memory
 * of the page is used again, so that a list of any length needs the memory of one answer. At the
 * end the rows are read by their keys, from the same snapshot.
 *
 * Happy path: pages are read until `limit` rows match or the range ends. Failure modes: the errors
 * of the store, and HF_E_OVERLOADED when the batch's memory is used up.
 */
#include "base/invariant.h"
#include "engine/reads/query.h"
#include "model/codec.h"
#include <holdfast/error.h>
#include <string.h>

#define FILTER_PAGE 64u

typedef struct filtering {
    hf__query *query;
    const hf__filter *filter;
    const hf_table *table;
    hf_scan remaining; /* the part of the range that has not been read */
    void **rows;       /* `limit` rows; the first `count` have the keys of rows that match */
    void *last;        /* a copy of the last row that was read: the bound of `remaining` */
    uint32_t count;
    uint32_t limit;
} filtering;

/* Lets the remaining range begin after the last row that was read. */
static void start_behind_last(filtering *of)
{
    uint32_t columns = of->table->key_count;
    if (of->remaining.index != HF__PRIMARY)
        columns += of->table->indexes[of->remaining.index - 1].column_count;
    *(of->remaining.descending ? &of->remaining.high : &of->remaining.low) = of->last;
    *(of->remaining.descending ? &of->remaining.high_columns : &of->remaining.low_columns) =
        columns;
    *(of->remaining.descending ? &of->remaining.high_exclusive : &of->remaining.low_exclusive) = 1;
}

static bool matches(const hf__filter *filter, const void *row)
{
    uint32_t found;
    memcpy(&found, (const uint8_t *)row + filter->offset, sizeof found);
    return found == filter->value;
}

static int keep(filtering *of, const void *row)
{
    uint8_t bytes[HF__KEY_MAX];
    uint32_t count = hf__key_encode(of->table, HF__PRIMARY, row, HF__KEY_ALL, bytes);
    bool is_whole = hf__key_decode(of->table, bytes, count, of->rows[of->count]);
    of->count++;
    if (!hf_invariant(is_whole))
        return HF_E_INVARIANT;
    return 0;
}

/* Reads a page of the remaining range; *got rows were read. */
static int read_page(filtering *of, uint32_t *got)
{
    const size_t mark = of->query->work->used;
    const void *const *page;
    int error = hf__query_scan(of->query, &of->remaining, FILTER_PAGE, &page, got);
    for (uint32_t i = 0; error == 0 && i < *got && of->count < of->limit; i++)
        if (matches(of->filter, page[i]))
            error = keep(of, page[i]);
    if (error == 0 && *got != 0) {
        memcpy(of->last, page[*got - 1], of->table->row_bytes);
        start_behind_last(of);
    }
    hf__arena_reset(of->query->work, mark);
    return error;
}

int hf__query_filter(hf__query *query, const hf_scan *scan, const hf__filter *filter,
                     hf__query_rows *out)
{
    filtering of = {.query = query, .filter = filter, .remaining = *scan, .limit = out->limit};
    of.table = hf_store_schema()->tables[scan->table];
    of.rows = hf__query_make_rows(query, scan->table, of.limit);
    void **last = hf__query_make_rows(query, scan->table, 1);
    if (of.rows == NULL || last == NULL)
        return hf__query_out_of_memory(query);
    of.last = last[0];
    uint32_t got = FILTER_PAGE;
    int error = 0;
    while (error == 0 && got == FILTER_PAGE && of.count < of.limit)
        error = read_page(&of, &got);
    uint8_t *found = hf__arena_alloc(query->work, of.limit);
    if (error == 0 && found == NULL)
        return hf__query_out_of_memory(query);
    if (error == 0)
        error = query->driver->get(query->txn, scan->table, of.rows, found, of.count);
    out->rows = (const void *const *)of.rows;
    out->count = of.count;
    return error;
}
