/*
 * query.c - a read batch: one snapshot, each task answered by the function of its type.
 */
#include "engine/reads/query.h"
#include "base/fail.h"
#include "engine/state.h"
#include <holdfast/error.h>
#include <holdfast/event.h>
#include <string.h>

#define PAGE 64u

/* clang-format off */
static const hf__query_fn queries[] = {
    [HF_OP_ITEM_GET] = hf__query_account,
    [HF_OP_ITEM_LIST] = hf__query_items,
    [HF_OP_ACCOUNT_GET] = hf__query_account,
    [HF_OP_ACCOUNT_LIST] = hf__query_accounts,
    [HF_OP_HOLD_GET] = hf__query_hold,
    [HF_OP_ORDER_GET] = hf__query_order,
    [HF_OP_ORDER_LIST] = hf__query_orders,
    [HF_OP_PAYMENT_GET] = hf__query_payment,
    [HF_OP_PAYMENT_FIND] = hf__query_payment_find,
    [HF_OP_PAYMENT_LIST] = hf__query_payments,
    [HF_OP_ATTENTION_LIST] = hf__query_attention,
    [HF_OP_EVENTS_READ] = hf__query_events,
    [HF_OP_CURSOR_GET] = hf__query_cursor,
    [HF_OP_STATEMENT] = hf__query_statement,
    [HF_OP_TXN_GET] = hf__query_txn,
    [HF_OP_TXN_LIST] = hf__query_txns,
    [HF_OP_TXN_HISTORY] = hf__query_txn_history,
    [HF_OP_NODES_LIST] = hf__query_nodes,
    [HF_OP_UNIT_LIST] = hf__query_units,
    [HF_OP_UNIT_GET] = hf__query_unit,
    [HF_OP_CURSOR_LIST] = hf__query_cursors,
};
/* clang-format on */

hf__query_fn hf__query_of(uint32_t type)
{
    return type < sizeof(queries) / sizeof(queries[0]) ? queries[type] : NULL;
}

bool hf__engine_reads(uint32_t type)
{
    return hf__query_of(type) != NULL;
}

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

static int fill(hf__query *query, uint32_t table, void **rows, const void **row)
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
    return fill(query, table, rows, row);
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
    hf_scan rest = *scan;
    uint32_t size = PAGE / 8;
    int error = hf__query_scan(query, &rest, size, rows, count);
    uint32_t got = *count;
    while (error == 0 && got == size) {
        const void *const *page = NULL;
        rest.low = (*rows)[*count - 1];
        rest.low_columns = table->key_count;
        rest.low_exclusive = 1;
        size = size < 4 * PAGE ? size * 2 : size;
        error = hf__query_scan(query, &rest, size, &page, &got);
        if (error == 0)
            error = join(query, rows, *count, page, got);
        *count += error == 0 ? got : 0;
    }
    return error;
}

static int get(void *context, const hf__key *key, const void **row)
{
    hf__query *query = context;
    if (query->order != NULL && hf__gathered_get(query->order, key, row))
        return 0;
    void **rows = hf__query_make_rows(query, key->table, 1);
    if (rows == NULL)
        return hf__query_out_of_memory(query);
    const hf_table *table = hf_store_schema()->tables[key->table];
    if (!hf_invariant(hf__key_decode(table, key->bytes, key->byte_count, rows[0])))
        return HF_E_INVARIANT;
    return fill(query, key->table, rows, row);
}

/* An order says how many rows a range has; of more than those, none may be read. */
static int scan(void *context, const hf_scan *range, uint32_t limit, hf__rows *out)
{
    const hf__query *query = context;
    const uint32_t most = limit < 4 * PAGE ? limit : 4 * PAGE;
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

static void *alloc(void *context, uint64_t bytes)
{
    return hf__arena_alloc(context, bytes);
}

static void answer(hf__engine *engine, hf__query *query, hf__batch *batch, hf__task *task)
{
    hf_completion *done = &task->done;
    size_t mark = batch->work.used;
    query->detail.text[0] = '\0';
    done->type = task->op.type;
    done->id = task->op.id;
    done->at_ms = batch->time_ms;
    done->detail = "";
    done->result = NULL;
    done->event_seq = 0;
    done->status = hf__query_of(task->op.type)(query, task->op.args, &done->result);
    const char *place = hf__invariant_taken(HF__OF_OPERATION);
    if (place != NULL)
        done->status =
            hf__task_broke(engine, hf_event_type_name(task->op.type), place, &query->detail);
    if (done->status != 0) {
        hf__arena_reset(&batch->work, mark);
        hf__task_fail(task, done->status, query->detail.text, &batch->work);
    }
}

static void fail_all(hf__batch *batch, int error, const char *detail)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        batch->tasks[i].done.type = batch->tasks[i].op.type;
        batch->tasks[i].done.id = batch->tasks[i].op.id;
        hf__task_fail(&batch->tasks[i], error, detail, &batch->work);
    }
}

static void read_batch(hf__engine *engine, hf__batch *batch)
{
    hf_store_error native = {0};
    hf_store_caller caller = {.alloc = alloc, .context = &batch->work, .error = &native};
    hf__query query = {
        .driver = engine->driver,
        .work = &batch->work,
        .self = &engine->holding,
        .store_id = engine->store_id,
        .incarnation = engine->incarnation,
        .now_ms = hf__clock_now(&engine->clock),
    };
    hf_store_stat stat = {0};
    batch->begun_ms = engine->reads.shared ? hf__engine_uptime(engine) : 0;
    hf__turn_take(&engine->read_turns, batch);
    int error = engine->driver->begin(engine->store, HF_TXN_SNAPSHOT, &caller, &query.txn);
    hf__turn_give(&engine->read_turns);
    if (error != 0) {
        fail_all(batch, error, native.text);
        return;
    }
    error = engine->driver->stat(query.txn, &stat);
    batch->number = stat.mark.batch;
    batch->time_ms = stat.mark.time_ms;
    if (query.now_ms < batch->time_ms)
        query.now_ms = batch->time_ms;
    if (error != 0)
        fail_all(batch, error, native.text);
    for (uint32_t i = 0; error == 0 && i < batch->count; i++) {
        const bool is_order = batch->tasks[i].op.type == HF_OP_ORDER_GET;
        query.order = is_order ? hf__gather_take(&query, batch, i) : NULL;
        answer(engine, &query, batch, &batch->tasks[i]);
    }
    engine->driver->rollback(query.txn);
}

void hf__engine_read(hf__engine *engine, hf__batch *batch)
{
    batch->is_read = true;
    batch->begun_ns = hf__engine_steady_ns(engine);
    read_batch(engine, batch);
    batch->ended_ns = hf__engine_steady_ns(engine);
}
