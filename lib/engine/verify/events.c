/*
 * events.c - clause 9: events without a gap, folded into balances, holds and counters.
 *
 * World accounts need no sum: each movement is recorded once with both ends, so the accounts of a
 * unit and the world sum to zero by construction, and each account's own sum is checked.
 */
#include "base/id.h"
#include "domain/core/body.h"
#include "domain/ledger/movement.h"
#include "domain/upkeep/purge.h"
#include "engine/verify/verify.h"
#include <holdfast/error.h>
#include <inttypes.h>

uint64_t hf__verify_weight(const hf_id *id, uint32_t no, uint32_t counter)
{
    struct {
        hf_id id;
        uint32_t no;
        uint32_t counter;
    } of = {*id, no, counter};
    return hf__hash64(&of, sizeof(of)) | 1;
}

/* The last state that the events have of a record; `make`: creates the entry when there is none. */
static hf__seen *seen_of(hf__verify *verify, const hf_id *id, bool make)
{
    uint64_t hash = hf__hash64(id, sizeof(*id));
    hf__seen *seen = hf__map_get(&verify->seen, hash, id, sizeof(*id));
    if (seen != NULL || !make || verify->seen_count == verify->seen_max)
        return seen;
    seen = &verify->seen_rows[verify->seen_count++];
    seen->id = *id;
    (void)hf__map_put(&verify->seen, hash, &seen->id, sizeof(seen->id), seen);
    return seen;
}

void hf__verify_state(hf__verify *verify, const hf_id *id, uint32_t state, const char *what)
{
    if (verify->seen_max == 0 || verify->purged_events != 0 || verify->purged)
        return;
    const hf__seen *seen = seen_of(verify, id, false);
    uint32_t last_state = seen == NULL ? 0 : seen->state;
    char text[37];
    if (last_state != state)
        hf__verify_find(verify, HF_CLAUSE_EVENTS, "%s %s is in state %u, by its events in %u", what,
                        hf_id_format(id, text), state, last_state);
}

static void fold_move(hf__verify *verify, const hf_change *change)
{
    hf__sum *from = hf__is_world(&change->from) ? NULL : hf__verify_sum(verify, &change->from);
    hf__sum *to = hf__is_world(&change->to) ? NULL : hf__verify_sum(verify, &change->to);
    if (from != NULL)
        from->balance -= change->amount;
    if (to != NULL)
        to->balance += change->amount;
}

static void fold_hold(hf__verify *verify, const hf_change *change)
{
    hf__sum *from = hf__is_world(&change->from) ? NULL : hf__verify_sum(verify, &change->from);
    hf__sum *to = hf__is_world(&change->to) ? NULL : hf__verify_sum(verify, &change->to);
    if (from != NULL)
        from->event_out += change->amount;
    if (to != NULL)
        to->event_in += change->amount;
}

/*
 * Counters of lines stand at 0 to 2, of payments and holds at 0 to 3, a line's quantity at 4; what
 * an order kept and gave away at 0 and 1 of its line 0, which no line has.
 */
static void fold_counters(hf__verify *verify, const hf_change *change)
{
    const int64_t by[4] = {change->a, change->b, change->c, change->d};
    for (uint32_t i = 0; i < 4; i++)
        verify->events_fold += (uint64_t)by[i] * hf__verify_weight(&change->id, change->no, i);
}

static void fold_state(hf__verify *verify, const hf_change *change)
{
    hf_id id = change->id;
    if (change->subject_kind == HF_SUBJECT_BRANCH)
        hf__id_derive(&change->id, change->no, &id);
    hf__seen *seen = seen_of(verify, &id, true);
    if (seen != NULL)
        seen->state = change->state;
}

static void fold_quantity(hf__verify *verify, const hf_change *change)
{
    verify->events_fold += (uint64_t)change->a * hf__verify_weight(&change->id, change->no, 4);
}

/* clang-format off */
static void (*const folds[])(hf__verify *, const hf_change *) = {
    [HF_CHANGE_MOVE] = fold_move,
    [HF_CHANGE_HOLD] = fold_hold,
    [HF_CHANGE_LINE] = fold_counters,
    [HF_CHANGE_PAYMENT] = fold_counters,
    [HF_CHANGE_POSTED] = fold_counters,
    [HF_CHANGE_QUANTITY] = fold_quantity,
    [HF_CHANGE_ORDER] = fold_counters,
    [HF_CHANGE_STATE] = fold_state,
};
/* clang-format on */

static int visit_event(hf__verify *verify, const void *row)
{
    const hf_event *event = row;
    if (event->seq != verify->next_seq)
        hf__verify_find(verify, HF_CLAUSE_EVENTS,
                        "event %" PRIu64 " follows where %" PRIu64 " was expected", event->seq,
                        verify->next_seq);
    verify->next_seq = event->seq + 1;
    if (event->at_ms < verify->last_ms && event->type != HF_EVENT_CLOCK)
        hf__verify_find(verify, HF_CLAUSE_SEQUENCES, "event %" PRIu64 " is of an earlier time",
                        event->seq);
    verify->last_ms = event->at_ms;
    uint64_t position = 0;
    hf_change change;
    int more;
    while ((more = hf__body_next(event->body, event->body_bytes, &position, &change)) == 1)
        if (change.type < sizeof(folds) / sizeof(folds[0]) && folds[change.type] != NULL)
            folds[change.type](verify, &change);
    if (more < 0)
        hf__verify_find(verify, HF_CLAUSE_EVENTS, "event %" PRIu64 ": its body does not decode",
                        event->seq);
    return 0;
}

/* Purged ranges count as present. */
static int visit_purge(hf__verify *verify, const void *row)
{
    const hf__purge *purge = row;
    verify->purged = verify->purged || hf__purge_is_for_all(purge);
    if (purge->kind != HF__PURGE_EVENTS || purge->last == 0)
        return 0;
    verify->purged_events += purge->last - purge->first + 1;
    if (purge->last + 1 > verify->next_seq)
        verify->next_seq = purge->last + 1;
    return 0;
}

int hf__verify_events(hf__verify *verify)
{
    verify->next_seq = 1;
    int error = hf__verify_each(verify, HF__PURGES, visit_purge);
    return error == 0 ? hf__verify_each(verify, HF__EVENTS, visit_event) : error;
}
