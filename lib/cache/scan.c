/*
 * scan.c - ranges: what the store has, with this batch's changes put over it.
 *
 * The changed rows of an index stand in a skip list (the overlay), built when the first scan of
 * the batch needs it and brought up to date by the log. A scan merges it with pages of the store,
 * leaving out store rows that this batch has changed. Rows read enter the working set, so that an
 * edit of them needs no second read.
 */
#include "base/fail.h"
#include "cache/cache.h"
#include "cache/entry.h"
#include <holdfast/error.h>
#include <string.h>

#define AT_ONCE     64u /* a page for a smaller limit is read at once */
#define FIRST_PAGE  16u /* for a greater one: most ranges are short */
#define LAST_PAGE   256u

#define FETCHED_MIN 8u /* rows of a page that are worth it */

/* A scan under way. */
typedef struct merge {
    hf__cache *cache;
    const hf_scan *scan;
    const hf_table *table;
    uint8_t low[HF__KEY_MAX];
    uint8_t high[2 * HF__KEY_MAX];
    uint32_t low_bytes;
    uint32_t high_bytes;
    hf__skip_node *node; /* next of the overlay; NULL: none left */
    void *page[LAST_PAGE];
    uint32_t page_count;
    uint32_t page_at;
    uint32_t page_size;
    uint32_t page_end;        /* 1: the store has no more */
    const void *resume;       /* last row of the page before */
    uint8_t key[HF__KEY_MAX]; /* of page[page_at] */
    uint32_t key_bytes;
} merge;

/* Compares the first bytes of a key with a bound: 0 when the key begins with it. */
static int against(const uint8_t *key, uint32_t key_bytes, const uint8_t *bound, uint32_t bytes)
{
    uint32_t shared = key_bytes < bytes ? key_bytes : bytes;
    int order = memcmp(key, bound, shared);
    if (order != 0)
        return order;
    return key_bytes < bytes ? -1 : 0;
}

static bool within(const merge *m, const hf__skip_node *node)
{
    if (m->scan->low_columns != 0) {
        int order = against(node->key, node->key_bytes, m->low, m->low_bytes);
        if (order < 0 || (order == 0 && m->scan->low_exclusive))
            return false;
    }
    if (m->scan->high_columns != 0) {
        int order = against(node->key, node->key_bytes, m->high, m->high_bytes);
        if (order > 0 || (order == 0 && m->scan->high_exclusive))
            return false;
    }
    return true;
}

static int overlay_insert(hf__cache *cache, hf__skiplist *list, const hf_scan *scan,
                          const hf__entry *entry)
{
    const hf_table *table = hf__cache_table(cache, scan->table);
    if (entry->row == NULL || !hf__index_has(table, scan->index, entry->row))
        return 0;
    uint8_t bytes[HF__KEY_MAX];
    uint32_t count = hf__key_encode(table, scan->index, entry->row, HF__KEY_ALL, bytes);
    if (hf__skip_find(list, bytes, count) != NULL)
        return 0;
    uint32_t levels = hf__skip_levels(list);
    hf__skip_node *node = hf__cache_alloc_back(cache->arena, hf__skip_node_bytes(levels));
    uint8_t *key = hf__cache_alloc_back(cache->arena, count);
    if (node == NULL || key == NULL)
        return HF_E_NOMEM;
    memcpy(key, bytes, count);
    node->key = key;
    node->key_bytes = count;
    node->levels = levels;
    node->value = (void *)(uintptr_t)entry->row;
    hf__skip_insert(list, node);
    return 0;
}

static void overlay_remove(hf__cache *cache, hf__skiplist *list, const hf_scan *scan,
                           const void *row)
{
    const hf_table *table = hf__cache_table(cache, scan->table);
    if (row == NULL || !hf__index_has(table, scan->index, row))
        return;
    uint8_t bytes[HF__KEY_MAX];
    uint32_t count = hf__key_encode(table, scan->index, row, HF__KEY_ALL, bytes);
    hf__skip_node *node = hf__skip_find(list, bytes, count);
    if (node != NULL)
        hf__skip_remove(list, node);
}

/* Takes over every change since the overlay was last looked at. */
static int overlay_update(hf__cache *cache, const hf_scan *scan)
{
    hf__overlay *overlay = &cache->overlays[scan->table][scan->index];
    if (!overlay->ready) {
        hf__skip_init(&overlay->list);
        overlay->seen = NULL;
        overlay->ready = 1;
    }
    /* Images first out, whatever their order, then each entry in its present form. */
    for (hf__log_record *r = cache->log; r != overlay->seen; r = r->older) {
        if (r->entry->key.table == scan->table) {
            overlay_remove(cache, &overlay->list, scan, r->before);
            overlay_remove(cache, &overlay->list, scan, r->after);
        }
    }
    int error = 0;
    for (hf__log_record *r = cache->log; error == 0 && r != overlay->seen; r = r->older)
        if (r->entry->key.table == scan->table)
            error = overlay_insert(cache, &overlay->list, scan, r->entry);
    overlay->seen = cache->log;
    overlay->ready = error == 0;
    return error;
}

/* Where the overlay begins for this range and direction. */
static hf__skip_node *overlay_start(const merge *m, const hf__skiplist *list)
{
    if (!m->scan->descending) {
        if (m->scan->low_columns == 0)
            return list->head[0];
        hf__skip_node *node = hf__skip_seek(list, m->low, m->low_bytes);
        while (node != NULL && m->scan->low_exclusive &&
               against(node->key, node->key_bytes, m->low, m->low_bytes) == 0)
            node = node->next[0];
        return node;
    }
    if (m->scan->high_columns == 0)
        return list->last;
    /* The bound and all that begin with it: no key is greater than the bound and then 0xFF. */
    uint8_t end[2 * HF__KEY_MAX];
    memcpy(end, m->high, m->high_bytes);
    memset(end + m->high_bytes, 0xFF, HF__KEY_MAX);
    uint32_t bytes = m->scan->high_exclusive ? m->high_bytes : m->high_bytes + HF__KEY_MAX;
    return hf__skip_before(list, end, bytes);
}

static hf__skip_node *overlay_next(const merge *m, const hf__skip_node *node)
{
    hf__skip_node *next = m->scan->descending ? node->prev : node->next[0];
    if (next != NULL && within(m, next))
        return next;
    return NULL;
}

/* Rows for a page, the last ones nearest to the arena's end so that unused ones are freed. */
static int page_rows(merge *m)
{
    size_t bytes = (size_t)m->table->row_bytes * m->page_size;
    uint8_t *block = hf__cache_alloc_back(m->cache->arena, bytes);
    if (block == NULL)
        return HF_E_NOMEM;
    memset(block, 0, bytes);
    for (uint32_t i = 0; i < m->page_size; i++)
        m->page[i] = block + (size_t)m->table->row_bytes * (m->page_size - 1 - i);
    return 0;
}

static uint32_t all_columns(const hf_table *table, uint32_t index)
{
    if (index == HF__PRIMARY)
        return table->key_count;
    const hf_index *declared = &table->indexes[index - 1];
    uint32_t count = declared->column_count;
    for (uint32_t k = 0; k < table->key_count; k++)
        count += memchr(declared->columns, table->key[k], declared->column_count) == NULL;
    return count;
}

/* Each row is looked up in the working set: its bucket there is prefetched. */
static void fetch_buckets(const merge *m)
{
    uint8_t bytes[HF__KEY_MAX];
    hf__key key = {.table = m->scan->table, .bytes = bytes};
    for (uint32_t i = 0; i < m->page_count; i++) {
        key.byte_count = hf__key_encode(m->table, HF__PRIMARY, m->page[i], HF__KEY_ALL, bytes);
        key.hash = hf__key_hash(key.table, bytes, key.byte_count);
        hf__cache_prefetch(m->cache, &key);
    }
}

static int page_load(merge *m)
{
    int error = page_rows(m);
    if (error != 0)
        return error;
    hf_scan scan = *m->scan;
    if (m->resume != NULL) {
        uint32_t all = all_columns(m->table, scan.index);
        if (scan.descending) {
            scan.high = m->resume;
            scan.high_columns = all;
            scan.high_exclusive = 1;
        } else {
            scan.low = m->resume;
            scan.low_columns = all;
            scan.low_exclusive = 1;
        }
    }
    size_t full = m->cache->arena->capacity;
    uint32_t count = m->page_size;
    error = hf__store_scan(m->cache->driver, m->cache->txn, &scan, m->page, &count);
    if (error != 0)
        return error;
    if (m->cache->arena->capacity == full) {
        size_t unused = (size_t)m->table->row_bytes * (m->page_size - count);
        m->cache->arena->capacity += unused & ~(size_t)15;
    }
    m->page_end = count < m->page_size;
    m->page_count = count;
    m->page_at = 0;
    if (count >= FETCHED_MIN)
        fetch_buckets(m);
    m->resume = count != 0 ? m->page[count - 1] : NULL;
    m->page_size = m->page_size < LAST_PAGE / 4 ? m->page_size * 4 : LAST_PAGE;
    return 0;
}

/* The store's next row that this batch has not changed; its key is in m->key. NULL at the end. */
static int store_row(merge *m, const void **row)
{
    for (;;) {
        if (m->page_at == m->page_count) {
            *row = NULL;
            if (m->page_end)
                return 0;
            int error = page_load(m);
            if (error != 0)
                return error;
            continue;
        }
        hf__entry *entry = hf__cache_adopt(m->cache, m->scan->table, m->page[m->page_at]);
        if (entry == NULL)
            return HF_E_NOMEM;
        if (entry->dirty == 0) {
            *row = entry->row;
            m->key_bytes =
                hf__key_encode(m->table, m->scan->index, entry->row, HF__KEY_ALL, m->key);
            return 0;
        }
        m->page_at++;
    }
}

/* True when the overlay's node comes before the store's row. */
static bool overlay_first(const merge *m, const void *row)
{
    if (m->node == NULL || row == NULL)
        return m->node != NULL;
    int order = against(m->node->key, m->node->key_bytes, m->key, m->key_bytes);
    return m->scan->descending ? order > 0 : order < 0;
}

static int next_row(merge *m, const void **row)
{
    const void *stored = NULL;
    int error = store_row(m, &stored);
    if (error != 0)
        return error;
    if (overlay_first(m, stored)) {
        *row = m->node->value;
        m->node = overlay_next(m, m->node);
        return 0;
    }
    *row = stored;
    if (stored != NULL)
        m->page_at++;
    return 0;
}

static int merge_start(merge *m)
{
    const hf_scan *scan = m->scan;
    if (scan->low_columns != 0)
        m->low_bytes = hf__key_encode(m->table, scan->index, scan->low, scan->low_columns, m->low);
    if (scan->high_columns != 0)
        m->high_bytes =
            hf__key_encode(m->table, scan->index, scan->high, scan->high_columns, m->high);
    int error = overlay_update(m->cache, scan);
    if (error != 0)
        return error;
    m->node = overlay_start(m, &m->cache->overlays[scan->table][scan->index].list);
    if (m->node != NULL && !within(m, m->node))
        m->node = NULL;
    return 0;
}

int hf__cache_scan(hf__cache *cache, const hf_scan *scan, uint32_t limit, const void *const **rows,
                   uint32_t *count, uint32_t *more)
{
    merge m = {.cache = cache, .scan = scan, .table = hf__cache_table(cache, scan->table)};
    m.page_size = limit < AT_ONCE ? limit + 1 : FIRST_PAGE;
    const void **out = hf__cache_alloc_back(cache->arena, sizeof(void *) * ((size_t)limit + 1));
    if (out == NULL)
        return HF_E_NOMEM;
    int error = merge_start(&m);
    *count = 0;
    *more = 0;
    while (error == 0) {
        const void *row = NULL;
        error = next_row(&m, &row);
        if (error != 0 || row == NULL)
            break;
        if (*count == limit) {
            *more = 1;
            break;
        }
        out[(*count)++] = row;
    }
    *rows = out;
    return error;
}
