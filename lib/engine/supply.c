/*
 * supply.c - the accounts that got something, on which orders may wait.
 *
 * Happy path: a row of an account is written with more supply than before, so the account joins a
 * list in memory; a sweep promotes along the list (run/promote.c).
 *
 * The list is not stored. After opening, after a commit that failed and when the list was too short
 * a search walks all accounts on which orders wait. What else the list has no capacity for is found
 * by another search behind the running one. In a list that is full an account that is to be tried
 * earlier takes the entry of one that is to be tried later.
 */
#include "domain/ledger/limits.h"
#include "engine/state.h"
#include <string.h>

#define SEARCH_LIMIT 32u /* accounts in one batch */

/* ---- The list -------------------------------------------------------------------------------- */

/* The number of an account in the list; count: it is not there. */
static uint32_t find(const hf__engine *engine, const hf_account_ref *account)
{
    const hf__supply *supply = &engine->supply;
    uint32_t i = 0;
    while (i < supply->count && memcmp(&supply->list[i].account, account, sizeof(*account)) != 0)
        i++;
    return i;
}

static void forget(hf__engine *engine, uint32_t at)
{
    hf__supply *supply = &engine->supply;
    if (at == supply->count)
        return;
    supply->count--;
    memmove(supply->list + at, supply->list + at + 1,
            sizeof(supply->list[0]) * (supply->count - at));
    if (at < supply->owed)
        supply->owed--;
}

/* The list has no capacity for an account: another search finds it. */
static void leave_to_search(hf__engine *engine, const hf__supplied *supplied)
{
    hf__supply *supply = &engine->supply;
    const int64_t ms = supplied->not_before_ms != 0 ? supplied->not_before_ms : HF__AT_ONCE;
    if (supply->next_search_ms == 0 || ms < supply->next_search_ms)
        supply->next_search_ms = ms;
    supply->next_owes = supply->next_owes || supplied->not_before_ms == 0;
}

/* The account of the list that is tried last. */
static uint32_t find_last(const hf__engine *engine)
{
    const hf__supply *supply = &engine->supply;
    uint32_t last = 0;
    for (uint32_t i = 1; i < supply->count; i++)
        if (supply->list[i].not_before_ms > supply->list[last].not_before_ms)
            last = i;
    return last;
}

/* False: the list is full, and every account in it is tried as early. */
static bool add(hf__engine *engine, const hf__supplied *supplied)
{
    hf__supply *supply = &engine->supply;
    if (supply->count == HF__PROMOTE_MAX) {
        const uint32_t last = find_last(engine);
        if (supply->list[last].not_before_ms <= supplied->not_before_ms)
            return false;
        leave_to_search(engine, &supply->list[last]);
        forget(engine, last);
    }
    supply->list[supply->count++] = *supplied;
    return true;
}

void hf__supply_put(hf__engine *engine, const hf__supplied *supplied)
{
    const uint32_t at = find(engine, &supplied->account);
    if (at == engine->supply.count) {
        if (!add(engine, supplied))
            leave_to_search(engine, supplied);
        return;
    }
    hf__supplied *known = &engine->supply.list[at];
    const int64_t before = known->not_before_ms;
    *known = *supplied;
    if (supplied->not_before_ms < before)
        known->not_before_ms = before;
}

void hf__supply_note(hf__engine *engine, const hf__draft_row *row)
{
    const hf_account *now = row->row;
    if (now != NULL && hf__may_promote(row->old, now))
        hf__supply_put(engine, &(hf__supplied){.account = now->key});
}

uint32_t hf__supply_ready(const hf__engine *engine)
{
    const hf__supply *supply = &engine->supply;
    uint32_t i = 0;
    while (i < supply->count && supply->list[i].not_before_ms > engine->clock.last_ms)
        i++;
    return i;
}

hf__supplied hf__supply_take(hf__engine *engine, uint32_t at)
{
    const hf__supplied taken = engine->supply.list[at];
    forget(engine, at);
    return taken;
}

void hf__supply_forget(hf__engine *engine, const hf_account_ref *account)
{
    forget(engine, find(engine, account));
}

void hf__supply_back(hf__engine *engine, uint32_t count)
{
    engine->supply.count = count;
}

int64_t hf__supply_retry_ms(const hf__engine *engine)
{
    const hf__supply *supply = &engine->supply;
    int64_t first = supply->next_search_ms;
    for (uint32_t i = 0; i < supply->count; i++) {
        int64_t ms = supply->list[i].not_before_ms;
        first = ms != 0 && (first == 0 || ms < first) ? ms : first;
    }
    return first;
}

/* ---- The search ------------------------------------------------------------------------------ */

static void begin_search(hf__supply *supply, bool owes)
{
    supply->searching = true;
    supply->search_owes = owes;
    supply->searched = (hf_account_ref){.kind = 0};
    supply->next_search_ms = 0;
    supply->next_owes = false;
}

void hf__supply_search(hf__engine *engine)
{
    begin_search(&engine->supply, true);
}

/* The next account on which orders wait; *found NULL: there is none. */
static int next_waiting(hf__engine *engine, const hf__wait **found)
{
    hf__wait low = {.account = engine->supply.searched};
    hf_scan scan = {.table = HF__WAITS, .low = &low, .low_columns = 4, .low_exclusive = 1};
    const void *const *rows;
    uint32_t count;
    uint32_t more;
    int error = hf__cache_scan(&engine->cache, &scan, 1, &rows, &count, &more);
    *found = error == 0 && count == 1 ? rows[0] : NULL;
    return error;
}

int hf__supply_find(hf__engine *engine)
{
    const hf__wait *found;
    int error = next_waiting(engine, &found);
    if (found == NULL)
        return error;
    hf__supply_search(engine);
    hf__due_soon(engine);
    return 0;
}

/* A search that looked for accounts whose promotions failed is not repeated at once. */
static void end_search(hf__engine *engine)
{
    hf__supply *supply = &engine->supply;
    const int64_t later = engine->clock.last_ms + HF__PROBE_MS;
    supply->searching = false;
    if (supply->next_search_ms != 0 && !supply->next_owes && supply->next_search_ms < later)
        supply->next_search_ms = later;
}

/* False: the search waits until the list has capacity. */
static bool take_found(hf__engine *engine, const hf_account_ref *account)
{
    const bool owes = engine->supply.search_owes;
    const hf__supplied found = {.account = *account, .not_before_ms = owes ? 0 : HF__AT_ONCE};
    return find(engine, account) < engine->supply.count || add(engine, &found);
}

int hf__supply_look(hf__engine *engine)
{
    hf__supply *supply = &engine->supply;
    if (!supply->searching && supply->next_search_ms != 0 &&
        supply->next_search_ms <= engine->clock.last_ms)
        begin_search(supply, supply->next_owes);
    for (uint32_t i = 0; supply->searching && i < SEARCH_LIMIT; i++) {
        const hf__wait *found;
        int error = next_waiting(engine, &found);
        if (error != 0)
            return error;
        if (found == NULL)
            end_search(engine);
        else if (take_found(engine, &found->account))
            supply->searched = found->account;
        else
            break;
    }
    return 0;
}

/* ---- What is owed ---------------------------------------------------------------------------- */

/* Whether accounts that are not in the list may owe promotions. */
static bool others_owe(const hf__supply *supply)
{
    return supply->next_owes || (supply->searching && supply->search_owes);
}

void hf__supply_chain(hf__engine *engine)
{
    engine->supply.owed = engine->supply.count;
    engine->supply.others_owed = others_owe(&engine->supply);
}

static bool is_owed(const hf__engine *engine, const hf_account_ref *account, uint32_t count)
{
    const uint32_t at = find(engine, account);
    return at < count && engine->supply.list[at].not_before_ms == 0;
}

bool hf__supply_owes(const hf__engine *engine, const hf_account_ref *account)
{
    return engine->supply.others_owed || is_owed(engine, account, engine->supply.owed);
}

bool hf__supply_owes_now(const hf__engine *engine, const hf_account_ref *account)
{
    return others_owe(&engine->supply) || is_owed(engine, account, engine->supply.count);
}
