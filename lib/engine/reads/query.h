/*
 * query.h - reads over one snapshot of the store, without the working set.
 *
 * With each batch committed to the store, a snapshot has everything whose callback has run. Rows
 * and arrays of an answer live in the read batch's memory until it is delivered.
 */
#ifndef HF_ENGINE_READS_QUERY_H
#define HF_ENGINE_READS_QUERY_H

#include "base/text.h"
#include "domain/core/holding.h"
#include "domain/core/view.h"
#include "engine/engine.h"
#include "engine/reads/gather.h"
#include "model/records.h"
#include "model/tables.h"

typedef struct hf__query {
    const hf_store_driver *driver;
    void *txn;
    hf__arena *work;
    const hf__holding *self; /* for nodes: who reads; `held` is the storage thread's */
    hf_id store_id;          /* of the store, and its incarnation */
    uint64_t incarnation;
    int64_t now_ms; /* for nodes: the time of the store, or the clock's if that is later */
    hf__detail detail;
    hf__gather gather;         /* orders that were read together */
    const hf__gathered *order; /* of them, the one that is asked for; NULL: none */
} hf__query;

/* One function per read: the result struct in *result, or an error with the detail set. */
typedef int (*hf__query_fn)(hf__query *query, const hf_op_head *args, const void **result);

/* The function of a read; NULL for other types. */
hf__query_fn hf__query_of(uint32_t type);

/* The row whose key is set in `key`; NULL when there is none. */
int hf__query_get(hf__query *query, uint32_t table, const void *key, const void **row);

/* The row whose key is set in rows[0], which it is read into; NULL when there is none. */
int hf__query_fill(hf__query *query, uint32_t table, void **rows, const void **row);

/* Up to `limit` rows of a range; the array lives in `work`. */
int hf__query_scan(hf__query *query, const hf_scan *scan, uint32_t limit, const void *const **rows,
                   uint32_t *count);

/* Every row of a range, however many. */
int hf__query_all(hf__query *query, const hf_scan *scan, const void *const **rows, uint32_t *count);

/* A page of rows that is being read. */
typedef struct hf__query_rows {
    const void *const *rows; /* in `work` */
    uint32_t count;
    uint32_t limit; /* at most so many rows are read */
} hf__query_rows;

/* Rows whose 32-bit column at `offset` has this value. */
typedef struct hf__filter {
    size_t offset;
    uint32_t value;
} hf__filter;

/*
 * The first out->limit matching rows of a range, of the primary key or of an index without columns
 * of the primary key; fewer only when the range has no more. Reads through all that do not match.
 */
int hf__query_filter(hf__query *query, const hf_scan *scan, const hf__filter *filter,
                     hf__query_rows *out);

/* `count` zeroed rows of a table, and pointers to them; NULL when the batch's memory is full. */
void **hf__query_make_rows(hf__query *query, uint32_t table, uint32_t count);

/* Refuses a read whose answer does not fit the batch's memory: HF_E_OVERLOADED. */
int hf__query_out_of_memory(hf__query *query);

/* The snapshot as the core sees it, for what reads whole orders. Nothing is ever missing. */
hf__view hf__query_view(hf__query *query);

/* The reads, one function each. */
#define HF__READ(NAME, name, type, last, shape, function)                                          \
    int hf__query_##function(hf__query *query, const hf_op_head *args, const void **result);
#include "model/operations.def"

#endif
