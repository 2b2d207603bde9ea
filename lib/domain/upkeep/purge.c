/*
 * purge.c - what retention leaves behind.
 *
 * Why: what is removed must still be accounted for. Order numbers stay gapless because the removed
 * ones are kept as ranges; the state stays provable because the sums of removed events are kept
 * per account, so that base plus the events that are left gives the balance.
 *
 * Ranges are disjoint and never touch: a number joins the range that ends before it, the one that
 * begins after it, or both. The load names the stored ranges beside each number; those that the
 * decision has touched are remembered beside them.
 *
 * Failure modes: HF_E_NOMEM, HF_E_CORRUPT (a body that does not decode).
 */
#include "domain/upkeep/purge.h"

#include "base/invariant.h"
#include "base/money/checked.h"
#include "domain/core/body.h"
#include "domain/core/common.h"
#include "domain/ledger/movement.h"

#include <string.h>

#define PAGE 256u

/* ---- Named before the decision --------------------------------------------------------------- */

hf__removal *hf__removal_add(hf__draft *draft, hf__removals *to, uint32_t table, const void *row)
{
    if (to->count == to->capacity) {
        uint32_t capacity = to->capacity == 0 ? 64 : to->capacity * 2;
        hf__removal *rows = hf__draft_alloc(draft, capacity * sizeof *rows);
        if (rows == NULL) {
            draft->load_error = HF_E_NOMEM;
            return NULL;
        }
        if (to->count > 0)
            memcpy(rows, to->rows, to->count * sizeof *rows);
        to->rows = rows;
        to->capacity = capacity;
    }
    hf__removal *added = &to->rows[to->count++];
    *added = (hf__removal){.row = row, .table = table};
    return added;
}

/* Columns of a whole key; none of those used here shares a column with the primary key. */
static uint32_t key_columns(const hf_scan *range)
{
    const hf_table *table = hf__schema.tables[range->table];
    uint32_t own = range->index == HF__PRIMARY ? 0 : table->indexes[range->index - 1].column_count;
    return own + table->key_count;
}

uint32_t hf__removals_add(hf__draft *draft, hf__removals *to, const hf_scan *range)
{
    hf_scan scan = *range;
    hf__rows rows = {.more = 1};
    uint32_t count = 0;
    while (rows.more != 0 && draft->load_error == 0) {
        hf__draft_load_rows(draft, &scan, PAGE, &rows);
        for (uint32_t i = 0; i < rows.count; i++)
            (void)hf__removal_add(draft, to, range->table, rows.rows[i]);
        count += rows.count;
        if (rows.count == 0)
            break;
        scan.low = rows.rows[rows.count - 1];
        scan.low_columns = key_columns(range);
        scan.low_exclusive = 1;
    }
    return count;
}

static hf__purge range_of(const hf_name *series, uint64_t number)
{
    return (hf__purge){.name = *series, .first = number, .last = number, .kind = HF__PURGE_NUMBERS};
}

void hf__load_beside(hf__draft *draft, const hf_name *series, uint64_t number, hf__beside *out)
{
    const hf__purge at = range_of(series, number);
    const hf__purge next = range_of(series, number + 1);
    const hf_scan scan = {.table = HF__PURGES,
                          .low = &at,
                          .high = &at,
                          .low_columns = 2,
                          .high_columns = 3,
                          .descending = 1};
    hf__rows rows;
    hf__draft_load_rows(draft, &scan, 1, &rows);
    const hf__purge *before = rows.count > 0 ? rows.rows[0] : NULL;
    if (before != NULL && before->last + 1 == number)
        out->left = hf__draft_load(draft, HF__PURGES, before);
    out->right = hf__draft_load(draft, HF__PURGES, &next);
}

static void load_base(hf__draft *draft, const hf_account_ref *account)
{
    const hf__account_base key = {.account = *account};
    if (!hf__is_world(account))
        (void)hf__draft_load(draft, HF__ACCOUNT_BASES, &key);
}

/* The next change of an event that moves something. 1, 0 at the end, HF_E_CORRUPT. */
static int next_move(const hf_event *event, uint64_t *position, hf_change *change)
{
    int more;
    do
        more = hf__body_next(event->body, event->body_bytes, position, change);
    while (more == 1 && change->type != HF_CHANGE_MOVE && change->type != HF_CHANGE_HOLD);
    return more;
}

void hf__load_bases(hf__draft *draft, const hf_event *event)
{
    uint64_t position = 0;
    hf_change change;
    while (next_move(event, &position, &change) == 1) {
        load_base(draft, &change.from);
        load_base(draft, &change.to);
    }
}

/* ---- Decided --------------------------------------------------------------------------------- */

static int remember(hf__draft *draft, hf__ranges *ranges, hf__purge *row)
{
    if (ranges->count == ranges->capacity) {
        uint32_t capacity = ranges->capacity == 0 ? 16 : ranges->capacity * 2;
        hf__purge **rows = hf__draft_alloc(draft, capacity * sizeof(hf__purge *));
        if (rows == NULL)
            return HF_E_NOMEM;
        for (uint32_t i = 0; i < ranges->count; i++)
            rows[i] = ranges->rows[i];
        ranges->rows = rows;
        ranges->capacity = capacity;
    }
    ranges->rows[ranges->count++] = row;
    return 0;
}

static void forget(hf__ranges *ranges, const hf__purge *row)
{
    for (uint32_t i = 0; i < ranges->count; i++) {
        if (ranges->rows[i] == row) {
            ranges->rows[i] = ranges->rows[--ranges->count];
            return;
        }
    }
}

/* A stored range, to be changed. */
static int take_over(hf__draft *draft, hf__ranges *ranges, uint32_t at, hf__purge **out)
{
    void *row;
    int error = hf__loaded_edit(draft, at, &row);
    if (error != 0)
        return error;
    *out = row;
    return remember(draft, ranges, row);
}

/* The range that ends right before a number, or NULL. */
static int find_left(hf__draft *draft, hf__ranges *ranges, const hf__purge *at, uint32_t left,
                     hf__purge **out)
{
    *out = NULL;
    for (uint32_t i = ranges->count; i-- > 0;) {
        hf__purge *row = ranges->rows[i];
        if (row->last + 1 == at->first && hf__name_equal(&row->name, &at->name)) {
            *out = row;
            return 0;
        }
    }
    const hf__purge *stored = left == 0 ? NULL : hf__loaded(draft, left);
    if (stored == NULL || stored->last + 1 != at->first)
        return 0;
    return take_over(draft, ranges, left, out);
}

/* The range that begins right after a number, or NULL. */
static int find_right(hf__draft *draft, hf__ranges *ranges, const hf__purge *at, uint32_t right,
                      hf__purge **out)
{
    *out = NULL;
    for (uint32_t i = 0; i < ranges->count; i++) {
        hf__purge *row = ranges->rows[i];
        if (row->first == at->last + 1 && hf__name_equal(&row->name, &at->name)) {
            *out = row;
            return 0;
        }
    }
    return hf__loaded(draft, right) == NULL ? 0 : take_over(draft, ranges, right, out);
}

int hf__purge_number(hf__draft *draft, hf__ranges *ranges, const hf_order *order,
                     const hf__beside *beside)
{
    hf__purge at = range_of(&order->series, order->number);
    hf__purge *left;
    hf__purge *right;
    int error = find_left(draft, ranges, &at, beside->left, &left);
    if (error == 0)
        error = find_right(draft, ranges, &at, beside->right, &right);
    if (error != 0)
        return error;
    if (right != NULL) { /* its key changes: the row is removed, and its numbers join another */
        at.last = right->last;
        forget(ranges, right);
        error = hf__draft_del(draft, HF__PURGES, right);
    }
    if (error != 0)
        return error;
    if (left != NULL) {
        left->last = at.last;
        return 0;
    }
    void *row;
    error = hf__draft_add(draft, HF__PURGES, &at, &row);
    if (error != 0)
        return error;
    ((hf__purge *)row)->last = at.last;
    return remember(draft, ranges, row);
}

/* Adds to the base of one account; the world has none. */
static int add_base(hf__draft *draft, const hf_account_ref *account, uint32_t type, int64_t out,
                    int64_t in)
{
    if (hf__is_world(account))
        return 0;
    hf__account_base key = {.account = *account};
    void *row;
    int error = hf__draft_put(draft, HF__ACCOUNT_BASES, &key, &row);
    if (error != 0)
        return error;
    hf__account_base *base = row;
    bool fits = true;
    if (type == HF_CHANGE_MOVE)
        fits = hf__add(base->balance, in, &base->balance) &&
               hf__sub(base->balance, out, &base->balance);
    else
        fits = hf__add(base->held_in, in, &base->held_in) &&
               hf__add(base->held_out, out, &base->held_out);
    return hf_invariant(fits) ? 0 : HF_E_INVARIANT; /* each sum once was the account's own */
}

int hf__purge_fold(hf__draft *draft, const hf_event *event)
{
    uint64_t position = 0;
    hf_change change;
    int more;
    while ((more = next_move(event, &position, &change)) == 1) {
        int error = add_base(draft, &change.from, change.type, change.amount, 0);
        if (error == 0)
            error = add_base(draft, &change.to, change.type, 0, change.amount);
        if (error != 0)
            return error;
    }
    if (more == HF_E_CORRUPT)
        return hf__refuse(draft->detail, HF_E_CORRUPT, "event %llu: its body does not decode",
                          (unsigned long long)event->seq);
    return 0;
}

hf__purge hf__purge_txns_key(void)
{
    hf__purge key = {.kind = HF__PURGE_IDS};
    hf__name_set(&key.name, "transactions");
    return key;
}

bool hf__purge_is_for_all(const hf__purge *purge)
{
    return purge->kind == HF__PURGE_IDS && purge->name.text[0] == '\0';
}
