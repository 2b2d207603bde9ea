/*
 * due.c - when the next deadline passes.
 *
 * next_due is a lower bound: it falls when a row with an earlier deadline is written, and is found
 * anew from the indexes after a sweep. The search begins where the last sweep ended; see walks.c.
 */
#include "domain/upkeep/aside.h"
#include "engine/state.h"

#define PASSED_BY 64u /* rows that are set aside, read in one go */

void hf__due_at(hf__engine *engine, int64_t deadline)
{
    int64_t due = atomic_load(&engine->next_due);
    if (deadline != 0 && (due == 0 || deadline < due))
        atomic_store(&engine->next_due, deadline);
}

void hf__due_set(hf__engine *engine, int64_t deadline)
{
    atomic_store(&engine->next_due, deadline);
}

void hf__due_soon(hf__engine *engine)
{
    hf__due_at(engine, HF__AT_ONCE);
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

int hf__due_find(hf__engine *engine)
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
        hf__walks_next(engine, next_ms);
        hf__due_set(engine, next_ms);
    }
    return error;
}

int64_t hf__engine_next_due(hf__engine *engine)
{
    if (atomic_load(&engine->state) == HF_HEALTH_DEGRADED)
        return hf__clock_now(&engine->clock) + HF__PROBE_MS;
    return atomic_load(&engine->next_due);
}
