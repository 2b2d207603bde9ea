/*
 * each.c - the walk over one table that every pass of verify makes, and what it finds.
 */
#include "engine/verify/verify.h"

#include "model/codec.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PAGE 256u

void hf__verify_find(hf__verify *verify, uint32_t clause, const char *format, ...)
{
    verify->result->findings_total++;
    if (verify->result->finding_count == HF__FINDINGS_MAX)
        return;
    hf_finding *finding = &verify->findings[verify->result->finding_count++];
    finding->clause = clause;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(finding->text, sizeof(finding->text), format, arguments);
    va_end(arguments);
}

/* Adds a row without what is the engine's; addition, so that the order of rows does not matter. */
static int digest_row(hf__verify *verify, uint32_t table, const void *row)
{
    const hf_table *declared = hf_store_schema()->tables[table];
    if ((declared->columns[declared->key[0]].flags & HF_COLUMN_ENGINE_TIME) != 0)
        return 0; /* of engines as a whole */
    memcpy(verify->scratch_row, row, declared->row_bytes);
    for (uint32_t c = 0; c < declared->column_count; c++) {
        const hf_column *column = &declared->columns[c];
        bool text = column->type == HF_COLUMN_NAME;
        if ((column->flags & HF_COLUMN_ENGINE_TIME) != 0)
            memset(verify->scratch_row + column->offset, 0,
                   text ? sizeof(hf_name) : sizeof(int64_t));
    }
    uint8_t *out = verify->scratch;
    out[0] = (uint8_t)declared->id;
    size_t bytes = 1;
    bytes += hf__key_encode(declared, HF__PRIMARY, row, HF__KEY_ALL, out + bytes);
    size_t encoded =
        hf__row_encode(declared, verify->scratch_row, out + bytes, verify->scratch_bytes - bytes);
    if (encoded == 0)
        return HF_E_NOMEM;
    uint8_t hash[16];
    hf__hash128(out, bytes + encoded, hash);
    uint32_t carry = 0;
    for (int i = 15; i >= 0; i--) {
        carry += (uint32_t)verify->result->digest[i] + hash[i];
        verify->result->digest[i] = (uint8_t)carry;
        carry >>= 8;
    }
    return 0;
}

static int progress(hf__verify *verify)
{
    if (verify->progress == NULL)
        return 0;
    int stop = verify->progress(verify->progress_data, verify->result->rows, verify->total);
    return stop != 0 ? HF_E_CANCELLED : 0;
}

static int visit_page(hf__verify *verify, uint32_t table, const void *const *rows, uint32_t count,
                      int (*visit)(hf__verify *verify, const void *row))
{
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < count; i++) {
        size_t mark = verify->query.work->used;
        verify->result->rows++;
        error = digest_row(verify, table, rows[i]);
        if (error == 0 && visit != NULL)
            error = visit(verify, rows[i]);
        hf__arena_reset(verify->query.work, mark);
    }
    return error == 0 ? progress(verify) : error;
}

int hf__verify_each(hf__verify *verify, uint32_t table,
                    int (*visit)(hf__verify *verify, const void *row))
{
    const hf_table *declared = hf_store_schema()->tables[table];
    hf__arena *work = verify->query.work;
    size_t start = work->used;
    uint8_t *last = hf__arena_zalloc(work, declared->row_bytes);
    if (last == NULL)
        return HF_E_NOMEM;
    size_t page = work->used;
    hf_scan scan = {.table = table, .low = last, .low_exclusive = 1};
    uint32_t count = PAGE;
    int error = 0;
    while (error == 0 && count == PAGE) {
        const void *const *rows;
        hf__arena_reset(work, page);
        error = hf__query_scan(&verify->query, &scan, PAGE, &rows, &count);
        if (error != 0 || count == 0)
            break;
        error = visit_page(verify, table, rows, count, visit);
        memcpy(last, rows[count - 1], declared->row_bytes);
        scan.low_columns = declared->key_count;
    }
    hf__arena_reset(work, start);
    return error;
}
