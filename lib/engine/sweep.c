/*
 * sweep.c - what the engine does by itself: expiry when deadlines pass, promotion of waiting orders
 * when supply came. Both are bounded operations of the core, repeated while the group has room;
 * what they leave is done by the next batch, which next_due asks for at once.
 *
 * Which accounts got something is only remembered in memory. So after opening, after a commit that
 * failed, and when more were noted than there is room for, all accounts on which orders wait are
 * searched, some in each batch.
 *
 * Where orders may overtake each other, a new taker is refused nothing because others wait. So a
 * decision that would take of such an account while it is noted asks for its promotions first
 * (HF__SWEEP), whatever room the group has. Within a chain only what was noted before it counts.
 *
 * next_due is a lower bound: it falls when a row with an earlier deadline is written, and is
 * found anew from the indexes after a sweep.
 */
#include "domain/aside.h"
#include "domain/expire.h"
#include "domain/limits.h"
#include "domain/purge.h"
#include "engine/state.h"
#include <holdfast/error.h>
#include <string.h>

#define SEARCH_LIMIT 32u  /* accounts in one batch */
#define PROBE_MS     1000 /* how often a degraded engine tries to write */
#define AT_ONCE      1    /* a deadline that has passed */
#define PASSED_BY    64u  /* rows that are set aside, read in one go */

void hf__sweep_due_at(hf__engine *engine, int64_t deadline)
{
    int64_t due = atomic_load(&engine->next_due);
    if (deadline != 0 && (due == 0 || deadline < due))
        atomic_store(&engine->next_due, deadline);
}

void hf__sweep_due_soon(hf__engine *engine)
{
    hf__sweep_due_at(engine, AT_ONCE);
}

static void note_order(hf__engine *engine, const hf__draft_row *row)
{
    const hf_order *order = row->row;
    if (order != NULL && !hf__is_aside(order->attention))
        hf__sweep_due_at(engine, order->deadline_ms);
}

static void note_hold(hf__engine *engine, const hf__draft_row *row)
{
    const hf_hold *hold = row->row;
    if (hold != NULL && !hf__is_aside(hold->attention) &&
        (hold->state == HF_HOLD_HELD || hold->state == HF_HOLD_PARTIAL))
        hf__sweep_due_at(engine, hold->deadline_ms);
}

/* A provider is waited for until the payment's own deadline. */
static void note_payment(hf__engine *engine, const hf__draft_row *row)
{
    const hf_payment *payment = row->row;
    if (payment != NULL && payment->state == HF_PAYMENT_PENDING &&
        !hf__is_aside(payment->attention))
        hf__sweep_due_at(engine, payment->deadline_ms);
}

void hf__sweep_search(hf__engine *engine)
{
    engine->searching = true;
    engine->searched = (hf_account_ref){.kind = 0};
}

/* The number of an account in the list; promote_count: it is not there. */
static uint32_t find(const hf__engine *engine, const hf_account_ref *account)
{
    uint32_t i = 0;
    while (i < engine->promote_count &&
           memcmp(&engine->promote[i].account, account, sizeof(*account)) != 0)
        i++;
    return i;
}

/* What an account got is for all that wait there, or for those behind `after`. */
static void remember(hf__engine *engine, const hf_account_ref *account, uint64_t after)
{
    uint32_t at = find(engine, account);
    if (at == HF__PROMOTE_MAX) {
        hf__sweep_search(engine);
        return;
    }
    engine->promote[at] = (hf__supplied){.account = *account, .after = after};
    if (at == engine->promote_count)
        engine->promote_count++;
}

static void forget(hf__engine *engine, uint32_t at)
{
    if (at == engine->promote_count)
        return;
    engine->promote_count--;
    memmove(engine->promote + at, engine->promote + at + 1,
            sizeof(engine->promote[0]) * (engine->promote_count - at));
    if (at < engine->promote_owed)
        engine->promote_owed--;
}

static void note_account(hf__engine *engine, const hf__draft_row *row)
{
    const hf_account *now = row->row;
    if (now != NULL && hf__wants_promotion(row->old, now))
        remember(engine, &now->key, 0);
}

static void note_purge(hf__engine *engine, const hf__draft_row *row)
{
    const hf__purge *purge = row->row;
    if (purge != NULL && hf__purge_is_for_all(purge) && purge->until_ms > engine->purged_until_ms)
        engine->purged_until_ms = purge->until_ms;
}

/* clang-format off */
static void (*const notes[HF__TABLE_COUNT])(hf__engine *, const hf__draft_row *) = {
    [HF__ORDERS] = note_order,
    [HF__HOLDS] = note_hold,
    [HF__PAYMENTS] = note_payment,
    [HF__ACCOUNTS] = note_account,
    [HF__PURGES] = note_purge,
    [HF__SET_ASIDES] = hf__aside_note,
    [HF__TXNS] = hf__lease_note_txn,
};
/* clang-format on */

void hf__sweep_note(hf__engine *engine, const hf__draft_row *row)
{
    if (notes[row->key.table] != NULL)
        notes[row->key.table](engine, row);
}

/* Runs one internal operation in the open group; of the world: whatever is due. */
static int run(hf__engine *engine, uint32_t type, const hf__supplied *of, hf__sweep_result *out)
{
    hf__sweep_args args = {
        .head = {.size = sizeof(args)},
        .limit = HF__SWEEP_MOST,
        .account = of->account,
        .after = of->after,
    };
    hf_name nobody = {{0}};
    hf__operation op = {.type = type, .args = &args.head, .actor = &nobody};
    int error;
    do
        error = hf__own_run(engine, &op);
    while (error == HF_E_INVARIANT && hf__aside_first(engine, &op));
    const hf__sweep_result *result = error == 0 ? engine->draft.result : NULL;
    if (result != NULL)
        *out = *result;
    return error;
}

/* What a decision asked for: true when due records expired first, so that it is made again. */
static bool expire_first(hf__engine *engine, int *status)
{
    if (*status != HF__SWEEP || engine->draft.sweep_wanted != HF_EVENT_EXPIRE)
        return false;
    const hf__supplied of = {.account = engine->draft.sweep};
    hf__sweep_result result = {.more = 0};
    *status = run(engine, HF_EVENT_EXPIRE, &of, &result);
    return *status == 0;
}

/* When a record is due; 0: it is set aside. */
static int64_t order_deadline(const void *row)
{
    const hf_order *order = row;
    return hf__is_aside(order->attention) ? 0 : order->deadline_ms;
}

static int64_t hold_deadline(const void *row)
{
    const hf_hold *hold = row;
    return hf__is_aside(hold->attention) ? 0 : hold->deadline_ms;
}

static int64_t payment_deadline(const void *row)
{
    const hf_payment *payment = row;
    return hf__is_aside(payment->attention) ? 0 : payment->deadline_ms;
}

/* An index by deadline, in which rows that are set aside stand too. */
typedef struct due_source {
    hf_scan scan;
    int64_t (*deadline)(const void *row);
} due_source;

/* The earliest deadline of an index. */
static int earliest(hf__engine *engine, const due_source *source)
{
    const hf_table *table = hf_store_schema()->tables[source->scan.table];
    hf_scan scan = source->scan;
    uint32_t limit = 1;
    while (true) {
        const void *const *rows;
        uint32_t count;
        uint32_t more;
        int error = hf__cache_scan(&engine->cache, &scan, limit, &rows, &count, &more);
        if (error != 0 || count == 0)
            return error;
        for (uint32_t i = 0; i < count; i++) {
            if (source->deadline(rows[i]) == 0)
                continue;
            hf__sweep_due_at(engine, source->deadline(rows[i]));
            return 0;
        }
        if (!more)
            return 0;
        scan.low = rows[count - 1];
        scan.low_columns = table->indexes[scan.index - 1].column_count + table->key_count;
        scan.low_exclusive = 1;
        limit = PASSED_BY;
    }
}

int hf__sweep_find_due(hf__engine *engine)
{
    const hf_order order = {.deadline_ms = 1};
    const hf_hold hold = {.deadline_ms = 1};
    const hf_payment payment = {.deadline_ms = 1}; /* of the world: a provider's */
    const due_source sources[] = {
        {{.table = HF__ORDERS, .index = HF__ORDERS_DUE, .low = &order, .low_columns = 1},
         order_deadline},
        {{.table = HF__HOLDS, .index = HF__HOLDS_DEADLINE, .low = &hold, .low_columns = 1},
         hold_deadline},
        {{.table = HF__PAYMENTS,
          .index = HF__PAYMENTS_DUE,
          .low = &payment,
          .low_columns = 5,
          .high = &payment,
          .high_columns = 4},
         payment_deadline},
    };
    int error = 0;
    atomic_store(&engine->next_due, 0);
    for (size_t i = 0; error == 0 && i < sizeof sources / sizeof sources[0]; i++)
        error = earliest(engine, &sources[i]);
    return error;
}

/* The next account on which orders wait; *found NULL: there is none. */
static int next_waiting(hf__engine *engine, const hf__wait **found)
{
    hf__wait low = {.account = engine->searched};
    hf_scan scan = {.table = HF__WAITS, .low = &low, .low_columns = 4, .low_exclusive = 1};
    const void *const *rows;
    uint32_t count;
    uint32_t more;
    int error = hf__cache_scan(&engine->cache, &scan, 1, &rows, &count, &more);
    *found = error == 0 && count == 1 ? rows[0] : NULL;
    return error;
}

int hf__sweep_find_waiting(hf__engine *engine)
{
    const hf__wait *found;
    int error = next_waiting(engine, &found);
    if (found == NULL)
        return error;
    hf__sweep_search(engine);
    hf__sweep_due_at(engine, AT_ONCE);
    return 0;
}

/* An error: the next batch goes on. */
static int search(hf__engine *engine)
{
    for (uint32_t i = 0; engine->searching && i < SEARCH_LIMIT; i++) {
        const hf__wait *found;
        int error = next_waiting(engine, &found);
        if (error != 0)
            return error;
        engine->searching = found != NULL;
        if (found == NULL)
            break;
        engine->searched = found->account;
        remember(engine, &found->account, 0);
    }
    return 0;
}

void hf__sweep_due(hf__engine *engine)
{
    hf__aside_resume(engine);
    (void)search(engine);
    int64_t due = atomic_load(&engine->next_due);
    if (due == 0 || due > engine->clock.last_ms)
        return;
    const hf__supplied all = {.account = {.kind = HF_KIND_WORLD}};
    hf__sweep_result result = {.more = 0};
    if (run(engine, HF_EVENT_EXPIRE, &all, &result) == 0)
        hf__sweep_find_due(engine);
    else
        atomic_store(&engine->next_due, engine->clock.last_ms + PROBE_MS);
}

/* Takes the first account out and promotes who waits on it. */
static int promote_first(hf__engine *engine)
{
    const hf__supplied first = engine->promote[0];
    forget(engine, 0);
    hf__sweep_result result = {.more = 0};
    int error;
    do
        error = run(engine, HF_EVENT_PROMOTE, &first, &result);
    while (expire_first(engine, &error));
    if (error != 0)
        hf__sweep_search(engine); /* so that it is not forgotten */
    else if (result.more)
        remember(engine, &first.account, result.after);
    else if (result.after != 0)
        forget(engine, find(engine, &first.account)); /* noted by the run that has just ended */
    return error;
}

bool hf__sweep_owes(const hf__engine *engine, const hf_account_ref *account)
{
    uint32_t at = find(engine, account);
    return engine->search_owed || (at < engine->promote_owed && at < engine->promote_count);
}

void hf__sweep_chain(hf__engine *engine)
{
    engine->promote_owed = engine->promote_count;
    engine->search_owed = engine->searching;
}

/* Promotes along the list until an account owes nothing to the orders that wait there. */
static int promote_owed(hf__engine *engine, const hf_account_ref *account)
{
    int error = 0;
    while (error == 0 && (engine->searching || find(engine, account) < engine->promote_count)) {
        error = engine->promote_count > 0 ? promote_first(engine) : search(engine);
    }
    return error;
}

bool hf__sweep_first(hf__engine *engine, int *status)
{
    if (*status == HF__SWEEP && engine->draft.sweep_wanted == HF_EVENT_PROMOTE) {
        const hf_account_ref account = engine->draft.sweep;
        *status = promote_owed(engine, &account);
        return *status == 0;
    }
    return expire_first(engine, status);
}

void hf__sweep_promotions(hf__engine *engine)
{
    int error = 0;
    bool full = false;
    while (engine->promote_count > 0 && error == 0 && !full) {
        error = promote_first(engine);
        full = hf__group_full(engine);
    }
    if (engine->promote_count > 0 || engine->searching || engine->resuming)
        hf__sweep_due_at(engine, error == 0 ? AT_ONCE : engine->clock.last_ms + PROBE_MS);
}

int64_t hf__engine_next_due(hf__engine *engine)
{
    if (atomic_load(&engine->state) == HF_HEALTH_DEGRADED)
        return hf__clock_now(&engine->clock) + PROBE_MS;
    return atomic_load(&engine->next_due);
}
