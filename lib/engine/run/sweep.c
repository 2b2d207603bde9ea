/*
 * sweep.c - what the engine does by itself: expiry when deadlines pass, promotion of waiting orders
 * when supply came (promote.c). Both are bounded operations of the core, repeated as long as the
 * batch has a share for them (share.c); what they leave is done by the next batch, which follows at
 * once.
 *
 * next_due is a lower bound: it falls when a row with an earlier deadline is written, and is
 * found anew from the indexes after a sweep. A sweep begins where the last one ended; see walks.c.
 */
#include "domain/ledger/limits.h"
#include "domain/lifecycle/expire.h"
#include "domain/upkeep/aside.h"
#include "domain/upkeep/purge.h"
#include "engine/state.h"
#include <holdfast/error.h>
#include <string.h>

#define AT_ONCE   1   /* a deadline that has passed */
#define PASSED_BY 64u /* rows that are set aside, read in one go */

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

/* A record was written that is due at its deadline. */
static void note_deadline(hf__engine *engine, uint32_t source, int64_t deadline)
{
    hf__walks_written(engine, source, deadline);
    hf__sweep_due_at(engine, deadline);
    if (deadline != 0)
        engine->share.leaves[HF__CHORE_EXPIRY] = true;
}

static void note_order(hf__engine *engine, const hf__draft_row *row)
{
    const hf_order *order = row->row;
    if (order != NULL && !hf__is_aside(order->attention))
        note_deadline(engine, HF__DUE_ORDER, order->deadline_ms);
}

static void note_hold(hf__engine *engine, const hf__draft_row *row)
{
    const hf_hold *hold = row->row;
    if (hold != NULL && !hf__is_aside(hold->attention) &&
        (hold->state == HF_HOLD_HELD || hold->state == HF_HOLD_PARTIAL))
        note_deadline(engine, HF__DUE_HOLD, hold->deadline_ms);
}

/* A provider is waited for until the payment's own deadline. */
static void note_payment(hf__engine *engine, const hf__draft_row *row)
{
    const hf_payment *payment = row->row;
    if (payment != NULL && payment->state == HF_PAYMENT_PENDING &&
        !hf__is_aside(payment->attention))
        note_deadline(engine, HF__DUE_PAYMENT, payment->deadline_ms);
}

static void note_wait(hf__engine *engine, const hf__draft_row *row)
{
    if (row->row == NULL)
        return;
    hf__walks_waits(engine, row->row);
    engine->share.leaves[HF__CHORE_PROMOTION] = true;
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
    [HF__ACCOUNTS] = hf__promote_note,
    [HF__WAITS] = note_wait,
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

/* ---- Operations of the engine's own ---------------------------------------------------------- */

/* One internal operation in the open group, with as many records as it may handle. */
static int run_once(hf__engine *engine, uint32_t type, const hf__supplied *of, uint32_t limit)
{
    hf__sweep_args args = {
        .head = {.size = sizeof(args)},
        .limit = limit,
        .account = of->account,
        .after = of->after,
    };
    hf_name no_actor = {{0}};
    hf__operation op = {.type = type, .args = &args.head, .actor = &no_actor};
    int error;
    do
        error = hf__own_run(engine, &op);
    while (error == HF_E_INVARIANT && hf__aside_first(engine, &op));
    return error;
}

/* No batch has the memory for one record. The log has it once until there is no such record. */
static void report_no_memory(hf__engine *engine, uint32_t type, hf__chore chore)
{
    if (!engine->share.no_memory[chore])
        hf__log(engine->env, HF_LOG_ERROR,
                "%s: %s: a batch has no memory for one record, which is tried again every second; "
                "raise batch_bytes_max",
                hf_event_type_name(type), hf_error_name(HF_E_NOMEM));
    engine->share.no_memory[chore] = true;
    hf__share_spend(engine, chore);
}

/*
 * Of the world: whatever is due. Without memory it handles fewer records. HF__LATER: not even one,
 * but this batch has used memory for other things, so the next one begins with it.
 */
int hf__sweep_run(hf__engine *engine, uint32_t type, const hf__supplied *of, hf__sweep_result *out)
{
    const hf__chore chore = type == HF_EVENT_EXPIRE ? HF__CHORE_EXPIRY : HF__CHORE_PROMOTION;
    uint32_t *limit = &engine->share.limit[chore];
    const bool first = engine->group.first == 0 && engine->cache.log == NULL && *limit == 1;
    int error = run_once(engine, type, of, *limit);
    while (error == HF_E_NOMEM && *limit > 1) {
        *limit /= 2;
        error = run_once(engine, type, of, *limit);
    }
    if (error == HF_E_NOMEM && !first)
        return HF__LATER;
    if (error == HF_E_NOMEM)
        report_no_memory(engine, type, chore);
    if (error != 0)
        return error;
    if (chore == HF__CHORE_EXPIRY)
        engine->share.no_memory[chore] = false;
    const hf__sweep_result *result = engine->draft.result;
    if (result != NULL)
        *out = *result;
    hf__share_take(engine, chore, out->count);
    return 0;
}

/* What a decision asked for: true when due records expired first, so that it is made again. */
bool hf__sweep_expire_first(hf__engine *engine, int *status)
{
    if (*status != HF__SWEEP || engine->draft.sweep_wanted != HF_EVENT_EXPIRE)
        return false;
    const hf__supplied of = {.account = engine->draft.sweep};
    hf__sweep_result result = {.more = 0};
    *status = hf__sweep_run(engine, HF_EVENT_EXPIRE, &of, &result);
    if (*status == HF__LATER)
        hf__sweep_due_soon(engine);
    if (*status == 0 && result.count == 0)
        *status = HF_E_NOMEM; /* what was decided has no memory in this batch */
    return *status == 0;
}

/* ---- Expiry ---------------------------------------------------------------------------------- */

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

/* The earliest deadline of an index behind the walk over it; *next_ms falls to it. */
static int earliest(hf__engine *engine, const due_source *source, int64_t *next_ms)
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
            int64_t deadline = source->deadline(rows[i]);
            if (deadline == 0)
                continue;
            *next_ms = *next_ms == 0 || deadline < *next_ms ? deadline : *next_ms;
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
    const hf__due_mark *marks = engine->walks.all;
    const hf_order order = {.deadline_ms = marks[HF__DUE_ORDER].deadline_ms,
                            .id = marks[HF__DUE_ORDER].id};
    const hf_hold hold = {.deadline_ms = marks[HF__DUE_HOLD].deadline_ms,
                          .id = marks[HF__DUE_HOLD].id};
    const hf_payment payment = {.deadline_ms = marks[HF__DUE_PAYMENT].deadline_ms,
                                .id = marks[HF__DUE_PAYMENT].id}; /* of the world: a provider's */
    const due_source sources[] = {
        {{.table = HF__ORDERS,
          .index = HF__ORDERS_DUE,
          .low = &order,
          .low_columns = 2,
          .low_exclusive = 1},
         order_deadline},
        {{.table = HF__HOLDS,
          .index = HF__HOLDS_DEADLINE,
          .low = &hold,
          .low_columns = 2,
          .low_exclusive = 1},
         hold_deadline},
        {{.table = HF__PAYMENTS,
          .index = HF__PAYMENTS_DUE,
          .low = &payment,
          .low_columns = 6,
          .low_exclusive = 1,
          .high = &payment,
          .high_columns = 4},
         payment_deadline},
    };
    int64_t next_ms = 0;
    int error = 0;
    for (size_t i = 0; error == 0 && i < sizeof sources / sizeof sources[0]; i++)
        error = earliest(engine, &sources[i], &next_ms);
    if (error == 0) {
        engine->walks.next_ms = next_ms;
        atomic_store(&engine->next_due, next_ms);
    }
    return error;
}

static bool is_due(const hf__engine *engine)
{
    const int64_t next_ms = engine->walks.next_ms;
    return next_ms != 0 && next_ms <= engine->clock.last_ms;
}

/* As many as the batch has a share for; *all: nothing that is due is left. */
static int expire(hf__engine *engine, bool *all)
{
    const hf__supplied world = {.account = {.kind = HF_KIND_WORLD}};
    hf__sweep_result result = {.more = is_due(engine) ? 1 : 0};
    int error = 0;
    while (error == 0 && result.more && hf__share_left(engine, HF__CHORE_EXPIRY)) {
        error = hf__sweep_run(engine, HF_EVENT_EXPIRE, &world, &result);
        if (error == 0 && result.more)
            engine->walks.next_ms = result.due_ms;
    }
    *all = error == 0 && result.more == 0;
    engine->share.more = engine->share.more || (!*all && (error == 0 || error == HF__LATER));
    return error == HF__LATER ? 0 : error;
}

void hf__sweep_look(hf__engine *engine)
{
    hf__aside_resume(engine);
    hf__promote_look(engine);
}

void hf__sweep_due(hf__engine *engine)
{
    const int64_t due = atomic_load(&engine->next_due);
    if (due == 0 || due > engine->clock.last_ms)
        return;
    if (!is_due(engine)) { /* it was asked for because of promotions */
        atomic_store(&engine->next_due, engine->walks.next_ms);
        return;
    }
    bool all;
    int error = expire(engine, &all);
    if (error == 0 && all)
        error = hf__sweep_find_due(engine);
    if (error != 0)
        atomic_store(&engine->next_due, engine->clock.last_ms + HF__PROBE_MS);
}

bool hf__sweep_first(hf__engine *engine, int *status)
{
    bool again;
    if (*status == HF__SWEEP && engine->draft.sweep_wanted == HF_EVENT_PROMOTE) {
        const hf_account_ref account = engine->draft.sweep;
        *status = hf__promote_owed(engine, &account);
        again = *status == 0;
    } else {
        again = hf__sweep_expire_first(engine, status);
    }
    if (*status == HF__LATER)
        *status = hf__refuse(&engine->detail, HF_E_OVERLOADED,
                             "the batch has no memory left for what must expire or be promoted "
                             "first; try again");
    return again;
}

int64_t hf__engine_next_due(hf__engine *engine)
{
    if (atomic_load(&engine->state) == HF_HEALTH_DEGRADED)
        return hf__clock_now(&engine->clock) + HF__PROBE_MS;
    return atomic_load(&engine->next_due);
}
