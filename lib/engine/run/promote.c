/*
 * promote.c - the accounts that got something, and the promotion of the orders that wait on them.
 *
 * Happy path: a row of an account is written with more supply than before, so the account joins a
 * list in memory; a sweep promotes along the list, from its front, as long as the batch has a share
 * for promotions (share.c).
 *
 * The list is not stored. After opening, after a commit that failed and when the list was too short
 * a search walks all accounts on which orders wait, some in each batch. A search never goes back:
 * while the list has no capacity for the next account, the search waits. What else the list had no
 * capacity for is found by another search behind the running one.
 *
 * Where orders may overtake each other, a new taker is refused nothing because others wait. So a
 * decision that would take from such an account while the account owes promotions asks for these
 * first (HF__SWEEP), whatever capacity the group has. Within a chain only what was noted before the
 * chain counts.
 *
 * Failure modes: a promotion may fail with the memory of a whole batch, or because an operation
 * broke an invariant. Such an account is tried again after a second. Until then the account owes
 * nothing: an order that cannot be promoted is overtaken. In a list that is full an account that is
 * to be tried earlier takes the entry of one that is to be tried later. A failure of the store
 * concerns every account and leaves the list as it is.
 */
#include "domain/ledger/limits.h"
#include "domain/lifecycle/expire.h"
#include "engine/state.h"
#include <holdfast/error.h>
#include <string.h>

#define SEARCH_LIMIT 32u /* accounts in one batch */
#define AT_ONCE      1   /* a time that has passed */

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
    const int64_t ms = supplied->not_before_ms != 0 ? supplied->not_before_ms : AT_ONCE;
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

/* An account that is in the list already is not tried earlier than before. */
static void note_supplied(hf__engine *engine, const hf__supplied *supplied)
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

/* What an account got is for all that wait there, or for those behind `after`. */
static void remember(hf__engine *engine, const hf_account_ref *account, uint64_t after)
{
    note_supplied(engine, &(hf__supplied){.account = *account, .after = after});
}

void hf__promote_note(hf__engine *engine, const hf__draft_row *row)
{
    const hf_account *now = row->row;
    if (now != NULL && hf__wants_promotion(row->old, now))
        remember(engine, &now->key, 0);
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

/* A search that looked for accounts whose promotions failed is not repeated at once. */
static void end_search(hf__engine *engine)
{
    hf__supply *supply = &engine->supply;
    const int64_t later = engine->clock.last_ms + HF__PROBE_MS;
    supply->searching = false;
    if (supply->next_search_ms != 0 && !supply->next_owes && supply->next_search_ms < later)
        supply->next_search_ms = later;
}

void hf__promote_search(hf__engine *engine)
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

int hf__promote_find(hf__engine *engine)
{
    const hf__wait *found;
    int error = next_waiting(engine, &found);
    if (found == NULL)
        return error;
    hf__promote_search(engine);
    hf__sweep_due_soon(engine);
    return 0;
}

/* False: the search waits until the list has capacity. */
static bool take_found(hf__engine *engine, const hf_account_ref *account)
{
    const bool owes = engine->supply.search_owes;
    const hf__supplied found = {.account = *account, .not_before_ms = owes ? 0 : AT_ONCE};
    return find(engine, account) < engine->supply.count || add(engine, &found);
}

/* An error: another batch continues. */
static int search(hf__engine *engine)
{
    hf__supply *supply = &engine->supply;
    if (!supply->searching && supply->next_search_ms != 0 &&
        supply->next_search_ms <= engine->clock.last_ms)
        begin_search(supply, supply->next_owes);
    for (uint32_t i = 0; supply->searching && i < SEARCH_LIMIT; i++) {
        const hf__wait *found;
        int error = next_waiting(engine, &found);
        if (error != 0) {
            engine->share.failed = true;
            return error;
        }
        if (found == NULL)
            end_search(engine);
        else if (take_found(engine, &found->account))
            supply->searched = found->account;
        else
            break;
    }
    return 0;
}

void hf__promote_look(hf__engine *engine)
{
    (void)search(engine);
}

/* ---- Promotions ------------------------------------------------------------------------------ */

/* The first account that is to be tried now; count: there is none. */
static uint32_t first_ready(const hf__engine *engine)
{
    const hf__supply *supply = &engine->supply;
    uint32_t i = 0;
    while (i < supply->count && supply->list[i].not_before_ms > engine->clock.last_ms)
        i++;
    return i;
}

/* Whether an outcome is of the one account whose orders were to be promoted, and not of all. */
static bool is_of_one(int error)
{
    return error == 0 || error == HF_E_NOMEM || error == HF_E_INVARIANT;
}

/*
 * Takes an account out and promotes those who wait on it. One that fails joins the end of the list,
 * to be tried after a second when the failure is its own.
 */
static int promote_at(hf__engine *engine, uint32_t at)
{
    hf__supplied chosen = engine->supply.list[at];
    forget(engine, at);
    hf__sweep_result result = {.more = 0};
    int error;
    do
        error = hf__sweep_run(engine, HF_EVENT_PROMOTE, &chosen, &result);
    while (hf__sweep_expire_first(engine, &error));
    if (error != 0) {
        if (is_of_one(error))
            chosen.not_before_ms = engine->clock.last_ms + HF__PROBE_MS;
        note_supplied(engine, &chosen);
        return error;
    }
    if (result.more)
        remember(engine, &chosen.account, result.after);
    else if (result.after != 0)
        forget(engine, find(engine, &chosen.account)); /* noted by the run that has just ended */
    hf__walks_set_head(engine, &chosen.account, result.queue_head);
    return 0;
}

/* One step: the promotions of an account, or a part of the search when no account is ready. */
static int promote_next(hf__engine *engine)
{
    uint32_t at = first_ready(engine);
    return at < engine->supply.count ? promote_at(engine, at) : search(engine);
}

/* Whether accounts that are not in the list may owe promotions. */
static bool others_owe(const hf__supply *supply)
{
    return supply->next_owes || (supply->searching && supply->search_owes);
}

void hf__promote_chain(hf__engine *engine)
{
    engine->supply.owed = engine->supply.count;
    engine->supply.others_owed = others_owe(&engine->supply);
}

static bool is_owed(const hf__engine *engine, const hf_account_ref *account, uint32_t count)
{
    const uint32_t at = find(engine, account);
    return at < count && engine->supply.list[at].not_before_ms == 0;
}

bool hf__promote_owes(const hf__engine *engine, const hf_account_ref *account)
{
    return engine->supply.others_owed || is_owed(engine, account, engine->supply.owed);
}

int hf__promote_owed(hf__engine *engine, const hf_account_ref *account)
{
    int error = 0;
    while (is_of_one(error) &&
           (others_owe(&engine->supply) || is_owed(engine, account, engine->supply.count)))
        error = promote_next(engine);
    return is_of_one(error) ? 0 : error;
}

/* When the first of those is to be tried again that failed; 0: none has. */
static int64_t retry_ms(const hf__engine *engine)
{
    const hf__supply *supply = &engine->supply;
    int64_t first = supply->next_search_ms;
    for (uint32_t i = 0; i < supply->count; i++) {
        int64_t ms = supply->list[i].not_before_ms;
        first = ms != 0 && (first == 0 || ms < first) ? ms : first;
    }
    return first;
}

void hf__promote(hf__engine *engine)
{
    hf__share *share = &engine->share;
    int error = 0;
    while (is_of_one(error) && first_ready(engine) < engine->supply.count &&
           hf__share_left(engine, HF__CHORE_PROMOTION))
        error = promote_next(engine);
    share->failed = share->failed || (!is_of_one(error) && error != HF__LATER);
    const bool ready = first_ready(engine) < engine->supply.count;
    const int64_t again_ms = retry_ms(engine);
    if (ready || engine->supply.searching || engine->resuming) {
        hf__sweep_due_at(engine, share->failed ? engine->clock.last_ms + HF__PROBE_MS : AT_ONCE);
        share->more = share->more || !share->failed;
    } else if (again_ms == 0) {
        share->no_memory[HF__CHORE_PROMOTION] = false;
    }
    hf__sweep_due_at(engine, again_ms);
}
