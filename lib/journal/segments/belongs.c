/*
 * belongs.c - checks whether the journal belongs to the store and is whole, and decides what open
 * does.
 *
 * The store calls this while it is opened, before anything of it is written. So a refusal leaves
 * every file as it was. Nothing is written here either, but for one case: the caller asked to open
 * the store without its journal, and the journal is missing, damaged or foreign. Then the folder of
 * the journal gets another name.
 *
 *     the store            segments             then
 *     is not there         none                 it is created
 *     is not there         any                  HF_E_EXISTS: their store does not exist
 *     has no identity      of format 1, or none it is of schema 3: they are taken in (ADOPT)
 *     is open (not closed  of its journal       the journal is read back (REPLAY)
 *       in good order)     none                 HF_E_CORRUPT: the journal is missing
 *     is closed            none                 nothing
 *     is closed            of its last journal, they are removed: a crash came before that (CLEAR)
 *                          all in the store; or
 *                          without any record
 *     is a copy            none                 nothing; the journal is of the store it was made of
 *     is a copy            any                  HF_E_EXISTS
 *
 * Everything else is HF_E_CORRUPT with the segment and the byte.
 */
#include "journal/segments/belongs.h"

#include <holdfast/error.h>
#include <stdio.h>
#include <string.h>

#define ULL(value) ((unsigned long long)(value))
#define ASIDE_MAX  1000u /* names that are tried */
#define PATH_EXTRA 32u   /* bytes of ".aside-N" behind the folder's name */

static bool any_made(const hf__segments *segments)
{
    for (uint32_t i = 0; i < HF__SEGMENTS_MAX; i++)
        if (segments->all[i].made)
            return true;
    return false;
}

static int refuse_all(const hf__segments *segments, int code, const char *what)
{
    return hf__store_fail(segments->error, code, 0, "%s: %s", segments->text, what);
}

/* Zeros where a header belongs are good in a journal of format 1 alone. */
static int check_heads(hf__segments *segments, uint32_t format)
{
    for (uint32_t i = 0; i < HF__SEGMENTS_MAX; i++) {
        const hf__segment *segment = &segments->all[i];
        if (!segment->made || (segment->head.seq == 0 && format == HF__SEGMENT_FORMAT_1))
            continue;
        if (segment->head.seq == 0)
            return hf__segment_refuse(segments, segment, 0,
                                      "its header was overwritten with zeros");
        if (segment->head.format < format)
            return hf__segment_refuse(segments, segment, 0,
                                      "a segment without an identity: another store's journal");
        if (segment->head.format > format)
            return hf__segment_refuse(segments, segment, 0,
                                      "the store has no identity: another store's journal");
    }
    return 0;
}

static int walk_segments(hf__segments *segments, const hf_store_stat *stat, hf__segment_walk *walk)
{
    const hf_store_identity *identity = &stat->mark.identity;
    *walk = (hf__segment_walk){
        .segments = segments,
        .owner = hf__identity_is(identity) ? identity : NULL,
        .stored = stat->mark.batch,
        .stored_ms = stat->mark.time_ms,
    };
    return hf__segment_walk_all(walk);
}

/* ---- An open store --------------------------------------------------------------------------- */

static int check_open(hf__segments *segments, const hf_store_stat *stat)
{
    const hf_store_identity *identity = &stat->mark.identity;
    hf__segment_walk walk;
    const hf__segment *newest = hf__segments_newest(segments);
    if (!any_made(segments))
        return hf__store_fail(segments->error, HF_E_CORRUPT, 0,
                              "%s: the journal is missing, and batches behind %llu may be in it; "
                              "put it back, use a backup instead of a copied file, or open the "
                              "store without it",
                              segments->text, ULL(stat->mark.batch));
    int error = check_heads(segments, HF__SEGMENT_FORMAT);
    if (error == 0)
        error = walk_segments(segments, stat, &walk);
    if (error != 0)
        return error;
    if (newest->head.seq < identity->segment)
        return hf__segment_refuse(segments, newest, HF__SEGMENT_LINK_AT,
                                  "segment number %llu, which the store knows of, is missing",
                                  ULL(identity->segment));
    if (walk.last < stat->mark.batch)
        return hf__segment_refuse(segments, newest, newest->used,
                                  "ends with batch %llu, but the store has batches up to %llu: an "
                                  "older copy, or damaged",
                                  ULL(walk.last), ULL(stat->mark.batch));
    return 0;
}

/* ---- A store of schema 3 --------------------------------------------------------------------- */

static int check_older(hf__segments *segments, const hf_store_stat *stat)
{
    hf__segment_walk walk;
    int error = check_heads(segments, HF__SEGMENT_FORMAT_1);
    return error == 0 ? walk_segments(segments, stat, &walk) : error;
}

/* The journal that a store of schema 3 had, by its newest segment. */
uint64_t hf__belongs_number(const hf__segment *newest)
{
    return newest == NULL ? 0 : newest->head.salt & INT64_MAX;
}

/* ---- A closed store -------------------------------------------------------------------------- */

static bool is_adopted(hf__segments *segments, const hf_store_identity *identity)
{
    const hf__segment *newest = hf__segments_newest(segments);
    return newest != NULL && newest->head.format == HF__SEGMENT_FORMAT_1 &&
           newest->head.seq == identity->segment && hf__belongs_number(newest) == identity->journal;
}

/* One segment that a crash left: of the journal that has ended, or of one that never began. */
static int check_left(hf__segments *segments, const hf_store_stat *stat, hf__segment *segment)
{
    hf_store_identity owner = stat->mark.identity;
    hf__segment_walk walk = {
        .segments = segments, .stored = stat->mark.batch, .stored_ms = stat->mark.time_ms};
    hf__segment_summary about;
    bool has_owner = segment->head.format != HF__SEGMENT_FORMAT_1;
    owner.journal = segment->head.owner.journal;
    int error = has_owner ? hf__segment_check_owner(segments, segment, &owner) : 0;
    if (error == 0)
        error = hf__segment_walk_one(&walk, segment, &about);
    if (error != 0 || about.records == 0)
        return error;
    if (has_owner)
        error = hf__segment_check_owner(segments, segment, &stat->mark.identity);
    if (error != 0 || about.last <= stat->mark.batch)
        return error;
    return hf__segment_refuse(
        segments, segment, 0,
        "has batches up to %llu, but the store was closed with batch %llu: an "
        "older store",
        ULL(about.last), ULL(stat->mark.batch));
}

static int check_closed(hf__segments *segments, const hf_store_stat *stat)
{
    hf__segment *ordered[HF__SEGMENTS_MAX];
    uint32_t count = hf__segments_ordered(segments, ordered);
    bool adopted = is_adopted(segments, &stat->mark.identity);
    int error = check_heads(segments, adopted ? HF__SEGMENT_FORMAT_1 : HF__SEGMENT_FORMAT);
    for (uint32_t i = 0; error == 0 && i < count; i++)
        error = check_left(segments, stat, ordered[i]);
    return error;
}

/* ---- All of them ----------------------------------------------------------------------------- */

static int check(hf__segments *segments, const hf_store_stat *stat, hf__belongs *out)
{
    int error = hf__segments_find(segments);
    bool found = any_made(segments);
    if (found && stat == NULL)
        return refuse_all(
            segments, HF_E_EXISTS,
            "the journal of a store that no longer exists; put its database file back, or "
            "move the folder away");
    if (stat == NULL || error != 0)
        return error;
    const hf_store_identity *identity = &stat->mark.identity;
    if (!hf__identity_is(identity)) {
        *out = found ? HF__BELONGS_ADOPT : HF__BELONGS_NOTHING;
        return check_older(segments, stat);
    }
    if ((identity->flags & HF_STORE_COPY) != 0)
        return !found ? 0
                      : refuse_all(segments, HF_E_EXISTS,
                                   "the store is a backup, and the journal is that of the store "
                                   "it was made of; move the folder away");
    if ((identity->flags & HF_STORE_OPEN) != 0) {
        *out = HF__BELONGS_REPLAY;
        return check_open(segments, stat);
    }
    *out = found ? HF__BELONGS_CLEAR : HF__BELONGS_NOTHING;
    return check_closed(segments, stat);
}

int hf__belongs_check(hf__segments *segments, const hf_store_stat *stat, hf__belongs *out)
{
    *out = HF__BELONGS_NOTHING;
    return check(segments, stat, out);
}

/* ---- Opening without it ---------------------------------------------------------------------- */

/* Renames the folder to the first free name of those with ".aside-N"; *number becomes N. */
static int rename_folder(hf__segments *segments, char *name, size_t bytes, unsigned *number)
{
    const hf__files *files = segments->env->files;
    hf__file_info info;
    int native = 0;
    int error = 0;
    *number = 0;
    while (error == 0 && *number < ASIDE_MAX) {
        (void)snprintf(name, bytes, "%s.aside-%u", segments->at, ++*number);
        error = files->info(name, &info, &native);
    }
    if (error == HF_E_NOT_FOUND)
        error = files->rename(segments->at, name, &native);
    else if (error == 0)
        error = HF_E_EXISTS;
    if (error == 0)
        error = files->sync_folder(name, &native);
    return error == 0
               ? 0
               : hf__store_fail(segments->error, error, native, "%s: renaming it to .aside-%u: %s",
                                segments->text, *number, hf__os_text(native, error));
}

static int set_aside(hf__segments *segments, unsigned *number)
{
    size_t bytes = strlen(segments->at) + PATH_EXTRA;
    char *name = hf__alloc(segments->env, bytes);
    int error = name == NULL ? HF_E_NOMEM : rename_folder(segments, name, bytes, number);
    hf__free(segments->env, name);
    return error;
}

static int open_without(hf__segments *segments, uint64_t batch)
{
    unsigned number = 0;
    int error = segments->made ? set_aside(segments, &number) : 0;
    if (error != 0)
        return error;
    hf__log(segments->env, HF_LOG_WARN,
            "%s: the store is opened without its journal: nothing is known from batch %llu on",
            segments->text, ULL(batch + 1));
    if (number != 0)
        hf__log(segments->env, HF_LOG_WARN,
                "%s: what is left of the journal is kept as %s.aside-%u", segments->text,
                segments->text, number);
    hf__segments_forget(segments);
    return 0;
}

int hf__belongs_set_aside(hf__segments *segments, const hf_store_stat *stat, int found)
{
    if (found != 0 && found != HF_E_CORRUPT && found != HF_E_EXISTS)
        return found;
    if (found != 0)
        return open_without(segments, stat == NULL ? 0 : stat->mark.batch);
    bool needed = stat != NULL && (stat->mark.identity.flags & HF_STORE_OPEN) != 0;
    if (needed || any_made(segments))
        return refuse_all(segments, HF_E_EXISTS,
                          "the journal is whole and fits the store; open the store with it");
    return refuse_all(segments, HF_E_EXISTS,
                      "the store needs no journal; open it without this option");
}
