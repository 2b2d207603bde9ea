/*
 * begin.c - from what the store says to a journal that can be used, and its end in good order.
 *
 *     open         the store asks before it writes anything (belongs.c); then records are read back
 *     first batch  a segment is made; the store records durably that it has a journal; only then
 *                  is the first record written
 *     close        the store has everything and records durably that it needs no journal; only then
 *                  are the segments removed
 *
 * So an engine that writes nothing leaves the store as it was. A crash between two of these steps
 * leaves a segment without records, or segments whose records the store has: both are removed by
 * the next open, after they have been read whole.
 *
 * Failure modes: those of the store and the segments. A first batch that fails leaves no record.
 */
#include "journal/state.h"

#include <holdfast/error.h>

/* ---- Opening --------------------------------------------------------------------------------- */

static int on_look(void *opened, const hf_store_stat *stat)
{
    hf__journal *journal = opened;
    if (journal->looked) /* another process made the store meanwhile */
        hf__segments_forget(&journal->segments);
    journal->looked = true;
    journal->was_there = stat != NULL;
    int error = hf__belongs_check(&journal->segments, stat, &journal->belongs);
    if (journal->without) {
        error = hf__belongs_set_aside(&journal->segments, stat, error);
        journal->belongs = HF__BELONGS_NOTHING;
    }
    if (error == 0 && !journal->read_only)
        error = hf__segments_check_space(&journal->segments);
    journal->disk_bytes = journal->segments.limit;
    if (error == 0 && journal->belongs == HF__BELONGS_ADOPT)
        journal->offered = (hf_store_identity){.flags = 0}; /* the last commit of adopt writes it */
    return error;
}

int hf__journal_offer(hf__journal *journal, hf_store_config *asking)
{
    int error = hf__identity_make(journal->env, &journal->fresh);
    if (error != 0)
        return hf__store_fail(asking->error, error, 0, "no random numbers for an identity");
    journal->offered = journal->fresh;
    asking->identity = &journal->offered;
    asking->look = on_look;
    asking->look_data = journal;
    return 0;
}

/* The last batch in the store, and its identity. */
static int read_mark(hf__journal *journal, hf_store_stat *stat, hf_store_error *error)
{
    hf_store_caller caller = {.error = error};
    void *txn = NULL;
    int code = journal->inner->begin(journal->store, HF_TXN_SNAPSHOT, &caller, &txn);
    if (code != 0)
        return code;
    code = journal->inner->stat(txn, stat);
    journal->inner->rollback(txn);
    journal->stored = stat->mark;
    journal->committed = stat->mark;
    return code;
}

/* Writes everything to the store, its identity with the last commit, and removes the segments. */
static int adopt(hf__journal *journal)
{
    const hf__segment *newest = hf__segments_newest(&journal->segments);
    hf_store_identity identity = journal->fresh;
    identity.journal = hf__belongs_number(newest);
    identity.segment = newest == NULL ? 0 : newest->head.seq;
    hf_store_error *reason = journal->segments.error;
    int error = journal->immutable != NULL ? hf__checkpoint_step(journal) : 0;
    bool all = journal->stored.batch == journal->committed.batch;
    if (error == 0 && all) {
        error = hf__checkpoint_identity(journal, &identity, reason);
    } else if (error == 0) {
        journal->identity = identity;
        error = hf__checkpoint_step(journal);
    }
    if (error != 0 && journal->reason.code != 0)
        *reason = journal->reason;
    return error == 0 ? hf__segments_clear(&journal->segments) : error;
}

/* What the store has already, or what a crash left of a journal that never began, stays there. */
static int read_segments(hf__journal *journal, const hf_store_config *config)
{
    bool replays = journal->belongs == HF__BELONGS_REPLAY || journal->belongs == HF__BELONGS_ADOPT;
    return replays ? hf__journal_replay(journal, config) : 0;
}

static int use_segments(hf__journal *journal, const hf_store_config *config)
{
    int error = 0;
    if (journal->read_only)
        return read_segments(journal, config);
    switch (journal->belongs) {
    case HF__BELONGS_NOTHING:
        break;
    case HF__BELONGS_REPLAY:
        error = hf__journal_replay(journal, config);
        hf__segments_continue(&journal->segments, hf__segments_newest(&journal->segments));
        break;
    case HF__BELONGS_CLEAR:
        error = hf__segments_clear(&journal->segments);
        break;
    case HF__BELONGS_ADOPT:
        error = hf__journal_replay(journal, config);
        if (error == 0)
            error = adopt(journal);
        break;
    }
    return error;
}

/* The store continues without its journal: from here on it is another incarnation. */
static int leave_behind(hf__journal *journal)
{
    hf_store_identity next = hf__identity_next(&journal->identity);
    return hf__checkpoint_identity(journal, &next, journal->segments.error);
}

int hf__journal_start(hf__journal *journal, const hf_store_config *config)
{
    hf_store_stat stat = {.tables = NULL};
    int error = read_mark(journal, &stat, config->error);
    if (error == 0 && !journal->looked)
        error = on_look(journal, &stat);
    if (error != 0)
        return error;
    const hf_store_identity none = {.flags = 0};
    const bool adopts = journal->belongs == HF__BELONGS_ADOPT;
    journal->identity = hf__identity_used(&stat.mark.identity, adopts ? &none : &journal->fresh);
    if (journal->without && journal->was_there)
        error = leave_behind(journal);
    if (error == 0)
        error = use_segments(journal, config);
    journal->segments.owner = journal->identity;
    journal->written = journal->committed;
    return error;
}

/* ---- The first batch ------------------------------------------------------------------------- */

int hf__journal_first(hf__journal *journal, uint64_t after, uint64_t span)
{
    hf__segments *segments = &journal->segments;
    hf_store_identity identity = journal->identity;
    uint64_t number = 0;
    if ((identity.flags & HF_STORE_OPEN) != 0)
        return 0;
    int error = 0;
    if (segments->current == NULL) {
        error = journal->env->random(journal->env->random_source, &number, sizeof number);
        segments->owner = identity;
        segments->owner.journal = (number & INT64_MAX) | 1;
        if (error != 0)
            return hf__store_fail(segments->error, error, 0, "%s: no random number for a journal",
                                  segments->text);
    }
    error = hf__segments_begin(segments, after, span);
    if (error != 0)
        return error;
    identity.journal = segments->owner.journal;
    identity.segment = segments->current->head.seq;
    identity.flags = HF_STORE_OPEN;
    return hf__checkpoint_identity(journal, &identity, segments->error);
}

/* ---- The end --------------------------------------------------------------------------------- */

int hf__journal_finish(hf__journal *journal, hf_store_error *error)
{
    hf_store_identity identity = journal->identity;
    if ((identity.flags & HF_STORE_OPEN) == 0 && !journal->unsure)
        return 0;
    identity.flags = 0;
    return hf__checkpoint_identity(journal, &identity, error);
}
