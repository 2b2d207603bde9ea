/*
 * draft.c - the rows of one operation, found again by table and key.
 *
 * Why: a decision must see its own changes, must not disturb anybody else's, and must be free to
 * fail at any point. So every row is looked up once in the view, kept under its encoded key, and
 * copied when it is first edited. Nothing reaches the working set before the decision is done.
 *
 * Happy path: encode the key, hash it, find it among the rows touched so far; else ask the view.
 * Rows, buckets and body begin in the draft itself and double in the arena when they are full, so
 * that what is left behind is never more than what is in use, and an order of thousands of lines
 * costs no more per row than a small one.
 *
 * An edited row shares the bytes of its BYTES columns (meta, body) with the row it was copied from
 * until they are set anew.
 *
 * Failure modes: HF__MISSING (counted in `missing`), HF_E_NOMEM (the arena is full). After either
 * the draft can only be discarded.
 */
#include "domain/core/draft.h"

#include "base/invariant.h"
#include "model/codec.h"

#include <string.h>

/* The index of a row that the draft does not have. */
#define NONE UINT32_MAX

static const hf_table *table_of(uint32_t table)
{
    return hf__schema.tables[table];
}

static uint32_t bucket_of(const hf__draft *draft, uint64_t hash)
{
    return (uint32_t)(hash ^ hash >> 32) & draft->bucket_mask;
}

static void link_row(hf__draft *draft, uint32_t index)
{
    uint32_t *bucket = &draft->buckets[bucket_of(draft, draft->rows[index].key.hash)];
    draft->rows[index].next = *bucket;
    *bucket = index + 1;
}

/* Allocates `capacity` rows and twice as many buckets, and copies the rows that are there. */
static int resize(hf__draft *draft, uint32_t capacity)
{
    hf__draft_row *rows = hf__arena_alloc(draft->arena, capacity * sizeof *rows);
    uint32_t *buckets = hf__arena_zalloc(draft->arena, (size_t)capacity * 2 * sizeof *buckets);
    if (rows == NULL || buckets == NULL)
        return HF_E_NOMEM;
    if (draft->row_count > 0)
        memcpy(rows, draft->rows, draft->row_count * sizeof *rows);
    draft->rows = rows;
    draft->row_capacity = capacity;
    draft->buckets = buckets;
    draft->bucket_mask = capacity * 2 - 1;
    for (uint32_t i = 0; i < draft->row_count; i++)
        link_row(draft, i);
    return 0;
}

static uint32_t find(const hf__draft *draft, const hf__key *key)
{
    uint32_t at = draft->buckets[bucket_of(draft, key->hash)];
    while (at != 0) {
        const hf__key *other = &draft->rows[at - 1].key;
        if (other->hash == key->hash && other->table == key->table &&
            other->byte_count == key->byte_count &&
            memcmp(other->bytes, key->bytes, key->byte_count) == 0)
            return at - 1;
        at = draft->rows[at - 1].next;
    }
    return NONE;
}

/* Encodes the key of `row` into `bytes`. */
static hf__key make_key(uint32_t table, const void *row, uint8_t *bytes)
{
    uint32_t count = hf__key_encode(table_of(table), HF__PRIMARY, row, HF__KEY_ALL, bytes);
    return (hf__key){
        .table = table,
        .byte_count = count,
        .bytes = bytes,
        .hash = hf__key_hash(table, bytes, count),
    };
}

static int append(hf__draft *draft, const hf__key *key, const void *old, uint32_t *index)
{
    if (draft->row_count == draft->row_capacity) {
        int error = resize(draft, draft->row_capacity * 2);
        if (error != 0)
            return error;
    }
    const uint8_t *bytes = hf__arena_copy(draft->arena, key->bytes, key->byte_count);
    if (bytes == NULL)
        return HF_E_NOMEM;
    *index = draft->row_count++;
    hf__draft_row *row = &draft->rows[*index];
    row->key = *key;
    row->key.bytes = bytes;
    row->old = old;
    row->row = NULL;
    row->changed = 0;
    row->taken = 0;
    link_row(draft, *index);
    return 0;
}

/* Takes a row over from the view, or the knowledge that there is none. */
static int take_over(hf__draft *draft, const hf__key *key, uint32_t *index)
{
    const void *old = NULL;
    int error = draft->view->get(draft->view->context, key, &old);
    if (error == HF__MISSING)
        draft->missing++;
    return error != 0 ? error : append(draft, key, old, index);
}

/* False: a decision reads what its load has not named, and this build checks that. */
static bool may_read(const hf__draft *draft)
{
#ifdef HF_CHECK_LOADS
    return hf_invariant(!draft->deciding);
#else
    (void)draft;
    return true;
#endif
}

/* Finds a row of the draft, or takes it over from the view. */
static int touch(hf__draft *draft, uint32_t table, const void *row, uint32_t *index)
{
    uint8_t bytes[HF__KEY_MAX];
    hf__key key = make_key(table, row, bytes);
    *index = find(draft, &key);
    if (*index != NONE)
        return 0;
    return may_read(draft) ? take_over(draft, &key, index) : HF_E_INVARIANT;
}

static const void *seen(const hf__draft_row *row)
{
    return row->changed ? row->row : row->old;
}

int hf__draft_get(hf__draft *draft, uint32_t table, const void *key, const void **row)
{
    *row = NULL;
    uint32_t index;
    int error = touch(draft, table, key, &index);
    if (error == 0)
        *row = seen(&draft->rows[index]);
    return error;
}

static int edit(hf__draft *draft, uint32_t index, void **row)
{
    hf__draft_row *found = &draft->rows[index];
    if (!found->changed && found->old != NULL) {
        found->row =
            hf__arena_copy(draft->arena, found->old, table_of(found->key.table)->row_bytes);
        if (found->row == NULL)
            return HF_E_NOMEM;
        found->changed = 1;
    }
    *row = found->row;
    return 0;
}

int hf__draft_require(hf__draft *draft, uint32_t table, const void *key, const void **row)
{
    int error = hf__draft_get(draft, table, key, row);
    if (error != 0)
        return error;
    return hf_invariant(*row != NULL) ? 0 : HF_E_INVARIANT;
}

int hf__draft_edit_if_any(hf__draft *draft, uint32_t table, const void *key, void **row)
{
    *row = NULL;
    uint32_t index;
    int error = touch(draft, table, key, &index);
    return error != 0 ? error : edit(draft, index, row);
}

int hf__draft_edit(hf__draft *draft, uint32_t table, const void *key, void **row)
{
    int error = hf__draft_edit_if_any(draft, table, key, row);
    if (error != 0)
        return error;
    return hf_invariant(*row != NULL) ? 0 : HF_E_INVARIANT;
}

int hf__draft_put(hf__draft *draft, uint32_t table, const void *key, void **row)
{
    int error = hf__draft_edit_if_any(draft, table, key, row);
    if (error != 0 || *row != NULL)
        return error;
    return hf__draft_add(draft, table, key, row);
}

/* Finds a row of the draft, or takes over one that the view has given. */
static int touch_known(hf__draft *draft, uint32_t table, const void *known, uint32_t *index)
{
    uint8_t bytes[HF__KEY_MAX];
    hf__key key = make_key(table, known, bytes);
    *index = find(draft, &key);
    return *index == NONE ? append(draft, &key, known, index) : 0;
}

int hf__draft_edit_known(hf__draft *draft, uint32_t table, const void *known, void **row)
{
    uint32_t index;
    int error = touch_known(draft, table, known, &index);
    *row = NULL;
    return error != 0 ? error : edit(draft, index, row);
}

/* ---- Rows that are named before the decision ------------------------------------------------- */

static uint32_t load_row(hf__draft *draft, const hf__key *key)
{
    uint32_t index = find(draft, key);
    if (index != NONE)
        return index + 1;
    int error = may_read(draft) ? take_over(draft, key, &index) : HF_E_INVARIANT;
    if (error == 0)
        return index + 1;
    if (error != HF__MISSING)
        draft->load_error = error;
    return 0;
}

/* Tables of few rows, which are in the cache anyway. */
static bool is_left_out(const hf__draft *draft, uint32_t table)
{
    return draft->many_only != 0 &&
           (table == HF__UNITS || table == HF__SERIES || table == HF__LEASES);
}

uint32_t hf__draft_load(hf__draft *draft, uint32_t table, const void *key)
{
    if (is_left_out(draft, table))
        return 0;
    uint8_t bytes[HF__KEY_MAX];
    hf__key encoded = make_key(table, key, bytes);
    return load_row(draft, &encoded);
}

uint32_t hf__draft_load_key(hf__draft *draft, uint32_t table, const uint8_t *key,
                            uint32_t key_bytes)
{
    const hf__key encoded = {
        .table = table,
        .byte_count = key_bytes,
        .bytes = key,
        .hash = hf__key_hash(table, key, key_bytes),
    };
    return load_row(draft, &encoded);
}

const void *hf__loaded(const hf__draft *draft, uint32_t at)
{
    if (at != 0)
        return seen(&draft->rows[at - 1]);
    (void)hf_invariant(!draft->deciding);
    return NULL;
}

int hf__loaded_edit(hf__draft *draft, uint32_t at, void **row)
{
    const void *found = hf__loaded(draft, at);
    *row = NULL;
    if (!hf_invariant(found != NULL))
        return HF_E_INVARIANT;
    return edit(draft, at - 1, row);
}

int hf__loaded_put(hf__draft *draft, uint32_t at, uint32_t table, const void *key, void **row)
{
    if (hf__loaded(draft, at) != NULL)
        return edit(draft, at - 1, row);
    return hf__draft_add(draft, table, key, row);
}

int hf__loaded_keep(hf__draft *draft, uint32_t at, void *row)
{
    const void *found = hf__loaded(draft, at);
    if (!hf_invariant(found != NULL))
        return HF_E_INVARIANT;
    draft->rows[at - 1].row = row;
    draft->rows[at - 1].changed = 1;
    return 0;
}

/* ---- What else a draft does ------------------------------------------------------------------ */

/* Copies the columns of the primary key; the rest of `to` is zero already. */
static void copy_key(const hf_table *table, void *to, const void *from)
{
    static const uint8_t widths[] = {
        [HF_COLUMN_I64] = 8,   [HF_COLUMN_U64] = 8,   [HF_COLUMN_U32] = 4,
        [HF_COLUMN_BOOL] = 4,  [HF_COLUMN_ENUM] = 4,  [HF_COLUMN_TIME] = 8,
        [HF_COLUMN_ID] = 16,   [HF_COLUMN_HASH] = 16, [HF_COLUMN_NAME] = sizeof(hf_name),
        [HF_COLUMN_BYTES] = 0,
    };
    for (uint32_t i = 0; i < table->key_count; i++) {
        const hf_column *column = &table->columns[table->key[i]];
        uint8_t *into = (uint8_t *)to + column->offset;
        const uint8_t *out_of = (const uint8_t *)from + column->offset;
        uint32_t width = widths[column->type];
        if (width == 16)
            memcpy(into, out_of, 16); /* of known sizes: moves instead of calls */
        else if (width == 8)
            memcpy(into, out_of, 8);
        else if (width == 4)
            memcpy(into, out_of, 4);
        else
            memcpy(into, out_of, width);
    }
}

int hf__draft_add_kept(hf__draft *draft, uint32_t table, void *row)
{
    uint8_t bytes[HF__KEY_MAX];
    hf__key encoded = make_key(table, row, bytes);
    uint32_t index = find(draft, &encoded);
    int error = index == NONE ? append(draft, &encoded, NULL, &index) : 0;
    if (error != 0)
        return error;
    hf__draft_row *found = &draft->rows[index];
    const void *before = seen(found);
    if (!hf_invariant(before == NULL))
        return HF_E_INVARIANT;
    found->row = row;
    found->changed = 1;
    return 0;
}

int hf__draft_add(hf__draft *draft, uint32_t table, const void *key, void **row)
{
    *row = hf__arena_zalloc(draft->arena, table_of(table)->row_bytes);
    if (*row == NULL)
        return HF_E_NOMEM;
    copy_key(table_of(table), *row, key);
    int error = hf__draft_add_kept(draft, table, *row);
    if (error != 0)
        *row = NULL;
    return error;
}

static int del(hf__draft *draft, uint32_t index)
{
    hf__draft_row *found = &draft->rows[index];
    const void *before = seen(found);
    if (!hf_invariant(before != NULL))
        return HF_E_INVARIANT;
    found->row = NULL;
    found->changed = 1;
    return 0;
}

int hf__draft_del(hf__draft *draft, uint32_t table, const void *key)
{
    uint32_t index;
    int error = touch(draft, table, key, &index);
    return error != 0 ? error : del(draft, index);
}

int hf__draft_del_known(hf__draft *draft, uint32_t table, const void *known)
{
    uint32_t index;
    int error = touch_known(draft, table, known, &index);
    return error != 0 ? error : del(draft, index);
}

/* The row as this draft has it: itself when the draft did not change it, NULL when it removed it.
 */
static const void *overlaid(const hf__draft *draft, uint32_t table, const void *row)
{
    uint8_t bytes[HF__KEY_MAX];
    hf__key key = make_key(table, row, bytes);
    uint32_t index = find(draft, &key);
    return index == NONE ? row : seen(&draft->rows[index]);
}

int hf__draft_scan_stored(hf__draft *draft, const hf_scan *scan, uint32_t limit, hf__rows *out)
{
    int error = draft->view->scan(draft->view->context, scan, limit, out);
    if (error == HF__MISSING)
        draft->missing++;
    return error;
}

/* One bound of a range, its bytes in `to`. */
static hf__draft_bound bound_of(const hf_scan *scan, bool low, uint8_t to[HF__KEY_MAX])
{
    const void *row = low ? scan->low : scan->high;
    uint32_t columns = low ? scan->low_columns : scan->high_columns;
    hf__draft_bound bound = {.bytes = to,
                             .exclusive = low ? scan->low_exclusive : scan->high_exclusive};
    if (columns > 0)
        bound.byte_count = hf__key_encode(table_of(scan->table), scan->index, row, columns, to);
    return bound;
}

static bool same_bound(const hf__draft_bound *a, const hf__draft_bound *b)
{
    return a->byte_count == b->byte_count && a->exclusive == b->exclusive &&
           (a->byte_count == 0 || memcmp(a->bytes, b->bytes, a->byte_count) == 0);
}

/* The range as load has read it; NULL: load has not. */
static const hf__draft_range *find_range(const hf__draft *draft, const hf_scan *scan,
                                         uint32_t limit)
{
    uint8_t low_bytes[HF__KEY_MAX];
    uint8_t high_bytes[HF__KEY_MAX];
    if (draft->ranges == NULL)
        return NULL;
    const hf__draft_bound low = bound_of(scan, true, low_bytes);
    const hf__draft_bound high = bound_of(scan, false, high_bytes);
    const hf__draft_range *at = draft->ranges;
    while (at != NULL && !(at->table == scan->table && at->index == scan->index &&
                           same_bound(&at->low, &low) && same_bound(&at->high, &high) &&
                           at->limit == limit && at->descending == scan->descending))
        at = at->next;
    return at;
}

/* Reads a range as load has read it, or of the view. */
static int read_range(hf__draft *draft, const hf_scan *scan, uint32_t limit, hf__rows *out)
{
    const hf__draft_range *known = find_range(draft, scan, limit);
    *out = (hf__rows){.rows = NULL};
    if (known != NULL) {
        *out = known->rows;
        return 0;
    }
    return may_read(draft) ? hf__draft_scan_stored(draft, scan, limit, out) : HF_E_INVARIANT;
}

static int keep_bound(hf__draft *draft, const hf_scan *scan, bool low, hf__draft_bound *out)
{
    uint8_t bytes[HF__KEY_MAX];
    *out = bound_of(scan, low, bytes);
    out->bytes = hf__arena_copy(draft->arena, bytes, out->byte_count);
    return out->bytes == NULL ? HF_E_NOMEM : 0;
}

static int load_range(hf__draft *draft, const hf_scan *scan, uint32_t limit, hf__rows *out)
{
    int error = read_range(draft, scan, limit, out);
    if (error != 0)
        return error;
    hf__draft_range *range = hf__draft_alloc(draft, sizeof *range);
    if (range == NULL)
        return HF_E_NOMEM;
    *range = (hf__draft_range){.next = draft->ranges,
                               .table = scan->table,
                               .index = scan->index,
                               .limit = limit,
                               .descending = scan->descending,
                               .rows = *out};
    error = keep_bound(draft, scan, true, &range->low);
    if (error == 0)
        error = keep_bound(draft, scan, false, &range->high);
    if (error == 0)
        draft->ranges = range;
    return error;
}

/* A load that has no rows continues without them. */
static void note_missing(hf__draft *draft, int error, hf__rows *out)
{
    if (error == 0)
        return;
    *out = (hf__rows){.rows = NULL};
    if (error != HF__MISSING)
        draft->load_error = error;
}

void hf__draft_load_scan(hf__draft *draft, const hf_scan *scan, uint32_t limit, hf__rows *out)
{
    note_missing(draft, load_range(draft, scan, limit, out), out);
}

void hf__draft_load_rows(hf__draft *draft, const hf_scan *scan, uint32_t limit, hf__rows *out)
{
    note_missing(draft, hf__draft_scan_stored(draft, scan, limit, out), out);
}

int hf__draft_scan(hf__draft *draft, const hf_scan *scan, uint32_t limit, hf__rows *out)
{
    int error = read_range(draft, scan, limit, out);
    if (error != 0 || draft->row_count == 0 || out->count == 0)
        return error;
    const void **rows = hf__arena_alloc(draft->arena, out->count * sizeof *rows);
    if (rows == NULL)
        return HF_E_NOMEM;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < out->count; i++) {
        rows[kept] = overlaid(draft, scan->table, out->rows[i]);
        kept += rows[kept] != NULL ? 1 : 0;
    }
    out->rows = rows;
    out->count = kept;
    return 0;
}

void hf__draft_defer(hf__draft *draft, const hf_account_ref *account, uint32_t type)
{
    const bool joins =
        draft->sweep_type == 0 || (draft->sweep_type == HF_EVENT_EXPIRE && type == HF_EVENT_EXPIRE);
    if (!joins || draft->sweep_count == HF__SWEEPS_MAX)
        return;
    draft->sweep_type = type;
    draft->sweeps[draft->sweep_count++] = *account;
}

void *hf__draft_alloc(hf__draft *draft, size_t bytes)
{
    return hf__arena_zalloc(draft->arena, bytes);
}

void hf__draft_init(hf__draft *draft, const hf__view *view, hf__arena *arena, hf__detail *detail)
{
    memset(draft, 0, offsetof(hf__draft, first_rows));
    memset(draft->first_buckets, 0, sizeof draft->first_buckets);
    draft->view = view;
    draft->arena = arena;
    draft->detail = detail;
    draft->rows = draft->first_rows;
    draft->row_capacity = HF__DRAFT_ROWS;
    draft->buckets = draft->first_buckets;
    draft->bucket_mask = 2 * HF__DRAFT_ROWS - 1;
    detail->text[0] = '\0';
}

void hf__draft_restart(hf__draft *draft)
{
    const int64_t now_ms = draft->now_ms;
    const uint64_t event_seq = draft->event_seq;
    const int64_t purged_until_ms = draft->purged_until_ms;
    const hf__holding *holding = draft->holding;
    const bool nothing_due = draft->nothing_due;
    hf__draft_init(draft, draft->view, draft->arena, draft->detail);
    draft->now_ms = now_ms;
    draft->event_seq = event_seq;
    draft->purged_until_ms = purged_until_ms;
    draft->holding = holding;
    draft->nothing_due = nothing_due;
}
