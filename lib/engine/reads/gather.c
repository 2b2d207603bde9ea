/*
 * gather.c - reads the rows of many orders by vectors, table by table.
 *
 * Happy path: the rows of the orders say how many lines, adjustments and payments there are. Lines
 * are numbered without a gap and are got by their keys; of the other tables the ranges that begin
 * with the order are read. Lines say how many further legs there are, so these come last.
 *
 * Failure modes: nothing fails here. When a vector cannot be read, because of damage or lack of
 * memory, nothing is gathered, and each order is read by itself.
 */
#include "engine/reads/gather.h"
#include "base/fail.h"
#include "engine/reads/query.h"
#include <string.h>

#define ORDERS_MAX 64u /* read together */
#define LINES_MAX  8u  /* of an order; larger ones are read by themselves */
#define ROWS_MAX   64u /* of any other table */

/* ---- Reading --------------------------------------------------------------------------------- */

/* Takes memory for the orders that tasks ask for, and finds these tasks. */
static int find_tasks(hf__query *query, const hf__batch *batch, uint32_t first)
{
    hf__gather *gather = &query->gather;
    gather->orders = hf__arena_alloc(query->work, ORDERS_MAX * sizeof *gather->orders);
    if (gather->orders == NULL)
        return HF_E_NOMEM;
    uint32_t i = first;
    for (; i < batch->count && gather->count < ORDERS_MAX; i++)
        if (batch->tasks[i].op.type == HF_OP_ORDER_GET)
            gather->orders[gather->count++] = (hf__gathered){.task = i};
    gather->until = i;
    return 0;
}

static int get_orders(hf__query *query, const hf__batch *batch)
{
    hf__gather *gather = &query->gather;
    uint8_t found[ORDERS_MAX];
    void **rows = hf__query_make_rows(query, HF__ORDERS, gather->count);
    if (rows == NULL)
        return HF_E_NOMEM;
    for (uint32_t i = 0; i < gather->count; i++) {
        const hf_order_get_args *args = (const void *)batch->tasks[gather->orders[i].task].op.args;
        ((hf_order *)rows[i])->id = args->order;
    }
    int error = query->driver->get(query->txn, HF__ORDERS, rows, found, gather->count);
    for (uint32_t i = 0; error == 0 && i < gather->count; i++)
        gather->orders[i].order = found[i] ? rows[i] : NULL;
    return error;
}

static uint32_t count_lines(const hf__gathered *of)
{
    const hf_order *order = of->order;
    if (order == NULL || order->line_count > LINES_MAX)
        return 0;
    return order->line_count;
}

static void **line_keys(hf__query *query, uint32_t count)
{
    const hf__gather *gather = &query->gather;
    void **rows = hf__query_make_rows(query, HF__ORDER_LINES, count);
    uint32_t at = 0;
    for (uint32_t i = 0; rows != NULL && i < gather->count; i++) {
        const hf__gathered *of = &gather->orders[i];
        for (uint32_t no = 1; no <= count_lines(of); no++, at++) {
            hf_order_line *row = rows[at];
            row->order = of->order->id;
            row->no = no;
        }
    }
    return rows;
}

static int get_lines(hf__query *query)
{
    const hf__gather *gather = &query->gather;
    uint8_t found[ORDERS_MAX * LINES_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < gather->count; i++)
        count += count_lines(&gather->orders[i]);
    void **rows = line_keys(query, count);
    if (rows == NULL)
        return HF_E_NOMEM;
    int error =
        count == 0 ? 0 : query->driver->get(query->txn, HF__ORDER_LINES, rows, found, count);
    for (uint32_t i = 0, at = 0; error == 0 && i < gather->count; i++) {
        const uint32_t lines = count_lines(&gather->orders[i]);
        if (lines != 0 && memchr(found + at, 0, lines) == NULL)
            gather->orders[i].lines = (const void *const *)rows + at;
        at += lines;
    }
    return error;
}

static uint32_t count_adjustments(const hf__gathered *of)
{
    return of->order->adjustment_count;
}

static uint32_t count_payments(const hf__gathered *of)
{
    return of->order->payment_count;
}

static uint32_t count_legs(const hf__gathered *of)
{
    uint32_t count = 0;
    for (uint32_t i = 0; of->lines != NULL && i < of->order->line_count; i++) {
        const uint32_t legs = ((const hf_order_line *)of->lines[i])->leg_count;
        count += legs > 1 ? legs - 1 : 0;
    }
    return count;
}

/* A table whose rows of an order are a range of an index. */
typedef struct part {
    uint32_t table;
    uint32_t index;
    size_t order; /* where a row has the order's id */
    size_t into;  /* of hf__gathered */
    uint32_t (*count)(const hf__gathered *of);
} part;

static const part parts[] = {
    {HF__ADJUSTMENTS, HF__PRIMARY, offsetof(hf_adjustment, order),
     offsetof(hf__gathered, adjustments), count_adjustments},
    {HF__PAYMENTS, HF__PAYMENTS_ORDER, offsetof(hf_payment, order),
     offsetof(hf__gathered, payments), count_payments},
    {HF__ORDER_LEGS, HF__PRIMARY, offsetof(hf_order_leg, order), offsetof(hf__gathered, legs),
     count_legs},
};

#define PARTS (sizeof parts / sizeof parts[0])

/* The rows of a part that an order has; 0 also when there are too many. */
static uint32_t rows_of(const part *which, const hf__gathered *of)
{
    const uint32_t count = of->order == NULL ? 0 : which->count(of);
    return count > ROWS_MAX ? 0 : count;
}

/* The ranges of one part. */
typedef struct ranges {
    hf_scan scans[ORDERS_MAX];
    uint32_t counts[ORDERS_MAX];
    hf__gathered *orders[ORDERS_MAX];
    uint32_t count;
    uint32_t rows; /* at most */
} ranges;

static int make_ranges(hf__query *query, const part *which, ranges *out)
{
    const hf__gather *gather = &query->gather;
    for (uint32_t i = 0; i < gather->count; i++) {
        const uint32_t rows = rows_of(which, &gather->orders[i]);
        if (rows == 0)
            continue;
        out->counts[out->count] = rows;
        out->orders[out->count++] = &gather->orders[i];
        out->rows += rows;
    }
    void **keys = hf__query_make_rows(query, which->table, out->count);
    if (keys == NULL)
        return HF_E_NOMEM;
    for (uint32_t i = 0; i < out->count; i++) {
        memcpy((uint8_t *)keys[i] + which->order, &out->orders[i]->order->id, sizeof(hf_id));
        out->scans[i] = (hf_scan){
            .table = which->table,
            .index = which->index,
            .low = keys[i],
            .high = keys[i],
            .low_columns = 1,
            .high_columns = 1,
        };
    }
    return 0;
}

static int scan_part(hf__query *query, const part *which)
{
    ranges of;
    of.count = 0;
    of.rows = 0;
    int error = make_ranges(query, which, &of);
    if (error != 0 || of.count == 0)
        return error;
    void **rows = hf__query_make_rows(query, which->table, of.rows);
    if (rows == NULL)
        return HF_E_NOMEM;
    error = hf__store_scans(query->driver, query->txn, of.scans, of.count, rows, of.counts);
    for (uint32_t i = 0; error == 0 && i < of.count; i++) {
        const uint32_t whole = rows_of(which, of.orders[i]);
        if (of.counts[i] == whole)
            memcpy((uint8_t *)of.orders[i] + which->into, &rows, sizeof rows);
        rows += whole;
    }
    return error;
}

static int read_all(hf__query *query, const hf__batch *batch, uint32_t first)
{
    hf__gather *gather = &query->gather;
    int error = find_tasks(query, batch, first);
    if (error != 0 || gather->count < 2)
        return HF_E_NOT_FOUND;
    error = get_orders(query, batch);
    if (error == 0)
        error = get_lines(query);
    for (uint32_t i = 0; error == 0 && i < PARTS; i++)
        error = scan_part(query, &parts[i]);
    for (uint32_t i = 0; error == 0 && i < gather->count; i++)
        gather->orders[i].leg_count = rows_of(&parts[PARTS - 1], &gather->orders[i]);
    return error;
}

const hf__gathered *hf__gather_take(hf__query *query, const hf__batch *batch, uint32_t task)
{
    hf__gather *gather = &query->gather;
    if (task >= gather->until) {
        const size_t mark = query->work->used;
        *gather = (hf__gather){.until = task + 1};
        if (read_all(query, batch, task) != 0) {
            hf__arena_reset(query->work, mark);
            gather->count = 0;
        }
    }
    if (gather->next == gather->count || gather->orders[gather->next].task != task)
        return NULL;
    return &gather->orders[gather->next++];
}

/* ---- What was read --------------------------------------------------------------------------- */

#define NO_AT sizeof(hf_id) /* in the key of a line; small numbers are one byte */

_Static_assert(LINES_MAX < 247, "the number of a line is one byte of its key");

bool hf__gathered_get(const hf__gathered *of, const hf__key *key, const void **row)
{
    if (of->order == NULL || memcmp(key->bytes, &of->order->id, sizeof(hf_id)) != 0)
        return false;
    if (key->table == HF__ORDERS) {
        *row = of->order;
        return true;
    }
    const bool line = key->table == HF__ORDER_LINES && of->lines != NULL &&
                      key->byte_count == NO_AT + 1 && key->bytes[NO_AT] != 0 &&
                      key->bytes[NO_AT] <= of->order->line_count;
    if (line)
        *row = of->lines[key->bytes[NO_AT] - 1];
    return line;
}

/* The part that a range is of; PARTS: of none. */
static uint32_t part_of(const hf_scan *range)
{
    uint32_t i = 0;
    while (i < PARTS && (parts[i].table != range->table || parts[i].index != range->index))
        i++;
    const bool prefix = range->low_columns == 1 && range->high_columns == 1 &&
                        !range->low_exclusive && !range->high_exclusive && !range->descending;
    return prefix ? i : PARTS;
}

bool hf__gathered_scan(const hf__gathered *of, const hf_scan *range, uint32_t limit, hf__rows *out)
{
    const void *const *rows;
    const uint32_t at = part_of(range);
    if (at == PARTS || of->order == NULL)
        return false;
    const part *which = &parts[at];
    memcpy(&rows, (const uint8_t *)of + which->into, sizeof rows);
    if (rows == NULL ||
        memcmp((const uint8_t *)range->low + which->order, &of->order->id, sizeof(hf_id)) != 0 ||
        memcmp((const uint8_t *)range->high + which->order, &of->order->id, sizeof(hf_id)) != 0)
        return false;
    const uint32_t count = rows_of(which, of);
    *out = (hf__rows){.rows = rows, .count = count < limit ? count : limit};
    out->more = out->count == limit;
    return true;
}
