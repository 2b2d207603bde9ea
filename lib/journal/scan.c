/*
 * scan.c - a range, merged from the memtables and the store.
 *
 * Each source gives pages of rows in the order of the index. A memtable's page is read from its
 * sorted set: of every key there the row as this transaction sees it, if the row still has that
 * key and no newer memtable has the row. The store's page leaves out every row that a memtable
 * has. So no row comes from two sources, and merging is taking the least of the heads.
 *
 * When no memtable has a change of the table, the store's scan is the result.
 */
#include "base/fail.h"
#include "journal/state.h"
#include "model/codec.h"
#include "model/key_range.h"

#include <holdfast/error.h>
#include <string.h>

#define LEAD_ROWS                                                                                  \
    4u /* a row is fetched so many before it is read, and its change twice as many                 \
        */

/* One of what is merged. */
typedef struct source {
    hf__memtable *memtable; /* NULL: the store */
    uint32_t newer;         /* memtables before it in `pinned` */
    uint8_t *rows;          /* HF__SCAN_ROWS of them */
    uint32_t page;          /* rows asked for next */
    uint32_t count;         /* rows there are */
    uint32_t at;            /* the next one */
    bool started;           /* a page was read: the next begins behind its last key */
    bool ended;             /* there is no page behind this one */
    bool has_key;           /* `key` is of rows[at] */
    uint32_t key_bytes;
    uint32_t last_bytes;
    uint8_t key[HF__KEY_MAX];
    uint8_t last[HF__KEY_MAX]; /* a memtable's: the last key looked at; the store's: a row of it */
} source;

typedef struct merge {
    hf__journal_txn *txn;
    const hf_scan *scan;
    const hf_table *table;
    hf__key_range range;
    source sources[HF__SOURCES];
    uint32_t source_count;
} merge;

/* ---- A memtable's page --------------------------------------------------------------------- */

static hf__skip_node *after_last(const merge *m, const source *from, const hf__skiplist *list)
{
    hf__skip_node *node = m->scan->descending != 0
                              ? hf__skip_before(list, from->last, from->last_bytes)
                              : hf__skip_seek(list, from->last, from->last_bytes);
    bool same = node != NULL && m->scan->descending == 0 &&
                hf__key_compare(node->key, node->key_bytes, from->last, from->last_bytes) == 0;
    return same ? node->next[0] : node;
}

static hf__skip_node *first_node(const merge *m, const source *from, const hf__skiplist *list)
{
    return from->started ? after_last(m, from, list)
                         : hf__key_range_first(&m->range, list, m->scan->descending != 0);
}

static bool inside(const merge *m, const hf__skip_node *node)
{
    return hf__key_range_holds(&m->range, node, m->scan->descending != 0);
}

/* True when a memtable before this source has the row: what is here is older. */
static bool hidden(const merge *m, const source *from, const hf__key *key)
{
    for (uint32_t i = 0; i < from->newer; i++)
        if (hf__memtable_find(m->txn->pinned[i], key, m->txn->sees) != NULL)
            return true;
    return false;
}

/* The row's own key in the index that is scanned. */
static uint32_t row_key(const merge *m, const void *row, uint8_t *out)
{
    return hf__key_encode(m->table, m->scan->index, row, HF__KEY_ALL, out);
}

/* 1 when the row of a node belongs to the page, decoded at `row`; 0 when not; HF_E_*. */
static int visible(const merge *m, const source *from, const hf__skip_node *node, void *row)
{
    const hf__memtable_change *named = node->value;
    const hf__memtable_change *seen = hf__memtable_find(from->memtable, &named->key, m->txn->sees);
    if (seen == NULL || seen->removed || hidden(m, from, &named->key))
        return 0;
    memset(row, 0, m->table->row_bytes);
    int error = hf__journal_decode(m->txn, seen, row);
    if (error != 0 || m->scan->index == 0 || seen == named)
        return error != 0 ? error : 1;
    uint8_t key[HF__KEY_MAX];
    if (!hf__index_has(m->table, m->scan->index, row))
        return 0;
    return hf__key_compare(key, row_key(m, row, key), node->key, node->key_bytes) == 0;
}

static const hf__skip_node *next_node(const merge *m, const hf__skip_node *node)
{
    return m->scan->descending != 0 ? node->prev : node->next[0];
}

/*
 * Nodes behind the one that is read. The changes lie where they were written, and the newest change
 * of a key is found by a hash: each would be waited for. So both are fetched some nodes before.
 */
typedef struct lead {
    const hf__skip_node *change; /* the next one whose change is fetched; NULL: none */
    const hf__skip_node *row;    /* the next one whose row and bucket are fetched */
} lead;

static void fetch_change(const merge *m, lead *ahead)
{
    if (ahead->change == NULL)
        return;
    __builtin_prefetch(ahead->change->value);
    ahead->change = next_node(m, ahead->change);
}

static void fetch_row(const merge *m, const source *from, lead *ahead)
{
    if (ahead->row == NULL)
        return;
    hf__memtable_prefetch_read(from->memtable, ahead->row->value);
    ahead->row = next_node(m, ahead->row);
}

/* A page of few rows is not worth it. */
static lead look_ahead(const merge *m, const source *from, const hf__skip_node *node)
{
    lead ahead = {.change = node, .row = node};
    if (from->page < LEAD_ROWS)
        return (lead){.change = NULL};
    for (uint32_t i = 0; i < 2 * LEAD_ROWS; i++)
        fetch_change(m, &ahead);
    for (uint32_t i = 0; i < LEAD_ROWS; i++)
        fetch_row(m, from, &ahead);
    return ahead;
}

static int read_memtable(const merge *m, source *from)
{
    int error = 0;
    hf__memtable_index *ordered =
        hf__memtable_index_enter(from->memtable, m->scan->table, m->scan->index, &error);
    if (ordered == NULL)
        return hf__store_fail(m->txn->caller->error, error, 0, "%s: table %s: sorting changes",
                              m->txn->journal->segments.text, m->table->name);
    const hf__skip_node *node = first_node(m, from, &ordered->list);
    lead ahead = look_ahead(m, from, node);
    uint64_t passed = 0;
    while (error == 0 && from->count < from->page && node != NULL && inside(m, node)) {
        int there = visible(m, from, node, from->rows + (size_t)from->count * m->table->row_bytes);
        error = there < 0 ? there : 0;
        from->count += there == 1 ? 1 : 0;
        memcpy(from->last, node->key, node->key_bytes);
        from->last_bytes = node->key_bytes;
        from->started = true;
        passed++;
        fetch_change(m, &ahead);
        fetch_row(m, from, &ahead);
        node = next_node(m, node);
    }
    (void)atomic_fetch_add_explicit(&m->txn->journal->passed, passed, memory_order_relaxed);
    from->ended = node == NULL || !inside(m, node);
    hf__memtable_index_leave(ordered);
    return error;
}

/* ---- The store's page ------------------------------------------------------------------------ */

static uint32_t all_columns(const merge *m)
{
    const hf_table *table = m->table;
    if (m->scan->index == 0)
        return table->key_count;
    const hf_index *index = &table->indexes[m->scan->index - 1];
    uint32_t count = index->column_count;
    for (uint32_t k = 0; k < table->key_count; k++)
        count += memchr(index->columns, table->key[k], index->column_count) == NULL;
    return count;
}

static bool in_memtable(const merge *m, const void *row)
{
    uint8_t bytes[HF__KEY_MAX];
    hf__key key = {.table = m->scan->table, .bytes = bytes};
    key.byte_count = hf__key_encode(m->table, 0, row, HF__KEY_ALL, bytes);
    key.hash = hf__key_hash(key.table, bytes, key.byte_count);
    return hf__journal_find(m->txn, &key) != NULL;
}

/* The range after the last row of the previous page, which is still at the end of the page. */
static hf_scan remaining_of(const merge *m, const void *last)
{
    hf_scan remaining = *m->scan;
    if (remaining.descending != 0) {
        remaining.high = last;
        remaining.high_columns = all_columns(m);
        remaining.high_exclusive = 1;
    } else {
        remaining.low = last;
        remaining.low_columns = all_columns(m);
        remaining.low_exclusive = 1;
    }
    return remaining;
}

static int read_store(const merge *m, source *from)
{
    const size_t bytes = m->table->row_bytes;
    _Alignas(16) uint8_t last[HF__JOURNAL_ROW_MAX];
    void *rows[HF__SCAN_ROWS];
    hf_scan remaining = *m->scan;
    if (from->started) {
        memcpy(last, from->rows + (HF__SCAN_ROWS - 1) * bytes, bytes);
        remaining = remaining_of(m, last);
    }
    for (uint32_t i = 0; i < from->page; i++)
        rows[i] = from->rows + i * bytes;
    memset(from->rows, 0, from->page * bytes);
    uint32_t count = from->page;
    int error = hf__store_scan(m->txn->journal->inner, m->txn->inner, &remaining, rows, &count);
    if (error != 0)
        return error;
    from->ended = count < from->page;
    from->started = true;
    if (count != 0)
        memcpy(last, rows[count - 1], bytes);
    for (uint32_t i = 0; i < count; i++) {
        if (in_memtable(m, rows[i]))
            continue;
        if (from->count != i)
            memcpy(rows[from->count], rows[i], bytes);
        from->count++;
    }
    if (!from->ended) /* the page has at most HF__SCAN_ROWS - 1 rows: the last element is free */
        memcpy(from->rows + (HF__SCAN_ROWS - 1) * bytes, last, bytes);
    return 0;
}

/* ---- Merging --------------------------------------------------------------------------------- */

/* Reads the next page of a source, unless it has no row any more. */
static int fill(const merge *m, source *from)
{
    while (from->at == from->count && !from->ended) {
        from->at = 0;
        from->count = 0;
        from->has_key = false;
        int error = from->memtable != NULL ? read_memtable(m, from) : read_store(m, from);
        if (error != 0)
            return error;
        from->page = HF__SCAN_ROWS - 1;
    }
    return 0;
}

static uint8_t *head_of(const merge *m, const source *from)
{
    return from->rows + (size_t)from->at * m->table->row_bytes;
}

static void know_key(const merge *m, source *from)
{
    if (from->has_key)
        return;
    from->key_bytes = row_key(m, head_of(m, from), from->key);
    from->has_key = true;
}

/* The source whose head comes next; NULL: all have ended. */
static int least(merge *m, source **out)
{
    source *best = NULL;
    for (uint32_t i = 0; i < m->source_count; i++) {
        source *from = &m->sources[i];
        int error = fill(m, from);
        if (error != 0)
            return error;
        if (from->at == from->count)
            continue;
        know_key(m, from);
        int order = best == NULL
                        ? -1
                        : hf__key_compare(from->key, from->key_bytes, best->key, best->key_bytes);
        if (best == NULL || (m->scan->descending != 0 ? order > 0 : order < 0))
            best = from;
    }
    *out = best;
    return 0;
}

static void add_source(merge *m, hf__memtable *memtable, uint32_t newer, uint32_t page)
{
    size_t bytes = (size_t)HF__SCAN_ROWS * m->txn->journal->row_bytes;
    source *from = &m->sources[m->source_count];
    from->memtable = memtable;
    from->newer = newer;
    from->rows = m->txn->scan_rows + m->source_count * bytes;
    from->page = page;
    from->count = 0;
    from->at = 0;
    from->started = false;
    from->ended = false;
    from->has_key = false;
    m->source_count++;
}

static int run(merge *m, void *const *rows, uint32_t *count)
{
    const uint32_t limit = *count;
    *count = 0;
    while (*count < limit) {
        source *from;
        int error = least(m, &from);
        if (error != 0)
            return error;
        if (from == NULL)
            break;
        memcpy(rows[*count], head_of(m, from), m->table->row_bytes);
        (*count)++;
        from->at++;
        from->has_key = false;
    }
    return 0;
}

int hf__journal_scan(void *begun, const hf_scan *scan, void *const *rows, uint32_t *count)
{
    merge m;
    m.txn = begun;
    m.scan = scan;
    m.table = m.txn->journal->schema->tables[scan->table];
    m.source_count = 0;
    uint32_t page = *count < HF__SCAN_ROWS ? *count : HF__SCAN_ROWS - 1;
    for (uint32_t i = 0; i < m.txn->pinned_count; i++)
        if (hf__memtable_has(m.txn->pinned[i], scan->table))
            add_source(&m, m.txn->pinned[i], i, page);
    int error = hf__journal_inner(m.txn);
    if (error != 0)
        return error;
    if (m.source_count == 0)
        return hf__store_scan(m.txn->journal->inner, m.txn->inner, scan, rows, count);
    hf__key_range_set(&m.range, m.table, scan);
    if (m.range.empty || *count == 0) {
        *count = 0;
        return 0;
    }
    add_source(&m, NULL, 0, page);
    return run(&m, rows, count);
}

/* True when the store alone has rows of the table. */
static bool is_stored(const hf__journal_txn *txn, uint32_t table)
{
    bool stored = true;
    for (uint32_t i = 0; stored && i < txn->pinned_count; i++)
        stored = !hf__memtable_has(txn->pinned[i], table);
    return stored;
}

int hf__journal_scans(void *begun, const hf_scan *ranges, uint32_t range_count, void *const *rows,
                      uint32_t *counts)
{
    hf__journal_txn *txn = begun;
    bool stored = true;
    for (uint32_t i = 0; stored && i < range_count; i++)
        stored = is_stored(txn, ranges[i].table);
    int error = stored ? hf__journal_inner(txn) : 0;
    if (stored && error == 0)
        return hf__store_scans(txn->journal->inner, txn->inner, ranges, range_count, rows, counts);
    for (uint32_t i = 0; error == 0 && i < range_count; i++) {
        const uint32_t most = counts[i];
        error = hf__journal_scan(txn, &ranges[i], rows, &counts[i]);
        rows += most;
    }
    return error;
}
