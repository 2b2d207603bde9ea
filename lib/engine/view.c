/*
 * view.c - the working set as the pure core sees it, and drafts over it.
 */
#include "engine/state.h"

static int get(void *context, const hf__key *key, const void **row)
{
    hf__engine *engine = context;
    return hf__cache_get(&engine->cache, key, row) == 0 ? 0 : HF__MISSING;
}

/* An embedded store answers a range at once, so a range never needs a second pass. */
static int scan(void *context, const hf_scan *range, uint32_t limit, hf__rows *out)
{
    hf__engine *engine = context;
    return hf__cache_scan(&engine->cache, range, limit, &out->rows, &out->count, &out->more);
}

static bool is_new_id(void *context, const hf_id *id)
{
    const hf__engine *engine = context;
    return hf__cache_is_new_id(&engine->cache, id);
}

static bool owes(void *context, const hf_account_ref *account)
{
    return hf__supply_owes(context, account);
}

static void due(void *context, const hf_account_ref *account, hf__due *out)
{
    hf__walks_due(context, account, out);
}

static uint64_t queue_head(void *context, const hf_account_ref *account)
{
    return hf__walks_head(context, account);
}

void hf__engine_view_init(hf__engine *engine)
{
    engine->view = (hf__view){.get = get,
                              .scan = scan,
                              .is_new_id = is_new_id,
                              .owes = owes,
                              .due = due,
                              .queue_head = queue_head,
                              .context = engine};
}

void hf__engine_draft(const hf__engine *engine, hf__draft *draft, const hf__view *view,
                      hf__detail *detail, hf__arena *work)
{
    detail->text[0] = '\0';
    hf__draft_init(draft, view, work, detail);
    draft->now_ms = engine->clock.last_ms;
    draft->event_seq = engine->next_seq;
    draft->purged_until_ms = engine->purged_until_ms;
    draft->holding = &engine->holding;
    draft->nothing_due = engine->group.nothing_due;
}
