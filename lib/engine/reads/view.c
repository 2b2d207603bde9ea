/*
 * view.c - a snapshot as the rules look at it: for reads that need what the core computes.
 */
#include "engine/reads/query.h"

#include "base/invariant.h"
#include "model/codec.h"

#define ROWS_MAX 256u /* that one range gives */

static int get(void *context, const hf__key *key, const void **row)
{
    hf__query *query = context;
    if (query->order != NULL && hf__gathered_get(query->order, key, row))
        return 0;
    void **rows = hf__query_make_rows(query, key->table, 1);
    if (rows == NULL)
        return hf__query_out_of_memory(query);
    const hf_table *table = hf_store_schema()->tables[key->table];
    bool is_whole = hf__key_decode(table, key->bytes, key->byte_count, rows[0]);
    if (!hf_invariant(is_whole))
        return HF_E_INVARIANT;
    return hf__query_fill(query, key->table, rows, row);
}

/*
 * The row of an order says how many rows each of its ranges has. A range is read up to ROWS_MAX
 * rows at a time, and `more` says that others may follow.
 */
static int scan(void *context, const hf_scan *range, uint32_t limit, hf__rows *out)
{
    const hf__query *query = context;
    const uint32_t most = limit < ROWS_MAX ? limit : ROWS_MAX;
    if (query->order != NULL && hf__gathered_scan(query->order, range, most, out))
        return 0;
    int error = hf__query_scan(context, range, most, &out->rows, &out->count);
    out->more = error == 0 && out->count == most;
    return error;
}

hf__view hf__query_view(hf__query *query)
{
    return (hf__view){.get = get, .scan = scan, .context = query, .lasting = true};
}
