/*
 * retention.c - removes what ended long ago, a bounded number of records at a time.
 *
 * Why it is more than deletion: a removed id must never act again, so the time before which ids are
 * refused (`purged_until`) moves before the first record is removed, in the same commit. Removed
 * numbers and events are accounted for (purge.h).
 *
 * Happy path: the load has listed what is to be removed (retention_load.c). It is removed in that
 * order, and how far the walks have come is stored.
 *
 * The engine's own clean-up is the same for transactions alone, and with a time of its own before
 * which their ids are refused: the ids of everything else stay valid.
 *
 * Failure modes: HF_E_ARGUMENT (before_ms in the future), HF_E_NOMEM, HF_E_CORRUPT.
 */
#include "domain/upkeep/retention.h"
#include "domain/core/body.h"
#include "domain/core/common.h"
#include "domain/core/handlers.h"

#include <stdio.h>

/* Before an order is removed: keeps its number. */
static int account_for_order(hf__pass *p, const hf__removal *removal)
{
    return hf__purge_number(p->draft, &p->numbers, removal->row, &removal->number);
}

/* Before an event is removed: keeps what it has moved. */
static int account_for_event(hf__pass *p, const hf__removal *removal)
{
    return hf__purge_fold(p->draft, removal->row);
}

/* Their events stay when the engine cleans up, so that its own event takes the counters back. */
static int account_for_hold(hf__pass *p, const hf__removal *removal)
{
    const hf_hold *hold = removal->row;
    return !p->only_txns ? 0
                         : hf__body_add(p->draft, &(hf__change){.type = HF_CHANGE_POSTED,
                                                                .id = &hold->id,
                                                                .a = -hold->posted,
                                                                .b = -hold->released,
                                                                .c = -hold->reversed,
                                                                .d = -hold->amount});
}

static int (*const accounts[HF__TABLE_COUNT])(hf__pass *p, const hf__removal *removal) = {
    [HF__ORDERS] = account_for_order,
    [HF__EVENTS] = account_for_event,
    [HF__HOLDS] = account_for_hold,
};

static int remove_all(hf__pass *p)
{
    for (uint32_t i = 0; i < p->removals.count; i++) {
        const hf__removal *removal = &p->removals.rows[i];
        int error = accounts[removal->table] != NULL ? accounts[removal->table](p, removal) : 0;
        if (error == 0)
            error = hf__draft_del_known(p->draft, removal->table, removal->row);
        if (error != 0)
            return error;
    }
    return 0;
}

static int edit_kept(hf__draft *draft, const hf__kept *kept, hf__purge **out)
{
    void *row;
    int error = hf__loaded_put(draft, kept->at, HF__PURGES, &kept->key, &row);
    if (error == 0)
        *out = row;
    return error;
}

/* Stores the position of a walk when there is more to do, else removes it. */
static int store_position(hf__pass *p, uint32_t walk)
{
    const hf__kept *kept = &p->walks[walk];
    hf__purge *row = NULL;
    if (!p->result->more && hf__loaded(p->draft, kept->at) == NULL)
        return 0;
    if (!p->result->more)
        return hf__draft_del(p->draft, HF__PURGES, &kept->key);
    int error = edit_kept(p->draft, kept, &row);
    if (error != 0)
        return error;
    row->last = p->positions[walk];
    row->until_ms = p->before_ms;
    return 0;
}

static int store_positions(hf__pass *p)
{
    for (uint32_t i = 0; i < HF__WALKS; i++) {
        int error = p->walked[i] ? store_position(p, i) : 0;
        if (error != 0)
            return error;
    }
    return 0;
}

static int store_events(hf__pass *p)
{
    hf__purge *row = NULL;
    if (p->result->events == 0)
        return 0;
    int error = edit_kept(p->draft, &p->events, &row);
    if (error == 0)
        row->last = p->last_event;
    return error;
}

/* Ids older than before_ms are refused from this commit on. *moved: they were not before. */
static int move_until(hf__pass *p, bool *moved)
{
    hf__purge *ids = NULL;
    int error = edit_kept(p->draft, &p->until, &ids);
    if (error != 0)
        return error;
    *moved = ids->until_ms < p->before_ms;
    if (*moved)
        ids->until_ms = p->before_ms;
    if (p->only_txns)
        ids->last += p->parts;
    return 0;
}

/* One event for what was removed; none when nothing was. */
static int finish(const hf__pass *p, bool moved)
{
    const hf_retention_result *r = p->result;
    hf__draft *draft = p->draft;
    draft->result = r;
    draft->quiet = r->orders + r->holds + r->txns + r->op_keys + r->events == 0 && !moved ? 1 : 0;
    if (draft->quiet)
        return 0;
    char text[HF_NAME_MAX + 1];
    (void)snprintf(text, sizeof text, "%u orders, %u holds, %u txns, %u op keys, %u events",
                   (uint32_t)r->orders, (uint32_t)r->holds, (uint32_t)r->txns, (uint32_t)r->op_keys,
                   (uint32_t)r->events);
    return hf__note(draft, NULL, NULL, text);
}

int hf__decide_retention(const hf__operation *op, hf__draft *draft)
{
    const hf_retention_args *args = HF__ARGS(op, hf_retention_args);
    hf__pass *p = draft->found;
    if (args->before_ms > draft->now_ms)
        return hf__refuse(draft->detail, HF_E_ARGUMENT, "before_ms %lld is after now, %lld",
                          (long long)args->before_ms, (long long)draft->now_ms);
    bool moved = false;
    if (args->before_ms <= 0)
        return finish(p, moved);
    bool all = !p->only_txns;
    int error = all ? move_until(p, &moved) : 0;
    if (error == 0)
        error = remove_all(p);
    if (error == 0 && all)
        error = store_events(p);
    if (error == 0 && !all && p->result->txns != 0)
        error = move_until(p, &moved);
    if (error == 0)
        error = store_positions(p);
    return error != 0 ? error : finish(p, moved);
}
