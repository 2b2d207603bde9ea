/*
 * segment_walk.c - reads the segments in order, and distinguishes a torn end from damage.
 *
 * A record is written only when the one before it is on disk. So the record that a crash tore is
 * the last one; a record that is not whole and has a later one behind it, in its segment or in the
 * next, was whole once. A segment ends where the next one begins: bytes behind that point were
 * written and refused (no space), and never acknowledged.
 *
 * Segments are numbered without a gap, and each but the newest names the next one (its link). The
 * link is on disk before the next one has a record that counts.
 */
#include "journal/segments/segment_walk.h"

#include <holdfast/error.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ULL(value) ((unsigned long long)(value))
#define ROUNDS_MAX                                                                                 \
    64u /* in which a reader follows an engine that writes; what comes later is not seen */
#define REMEDY "; put back the journal that belongs here, or open the store without it"

typedef struct walk {
    hf__segment_walk *all;
    hf__segment_reader reader;
    hf__segment *ordered[HF__SEGMENTS_MAX];
    uint32_t count;
    uint64_t last; /* batch */
    uint64_t upto; /* the last batch that counts in this segment */
} walk;

int hf__segment_refuse(hf__segments *segments, const hf__segment *segment, uint64_t at,
                       const char *format, ...)
{
    char what[160];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(what, sizeof what, format, values);
    va_end(values);
    return hf__store_fail(segments->error, HF_E_CORRUPT, 0, "%s: byte %llu: %s" REMEDY,
                          hf__segment_text(segments, segment), ULL(at), what);
}

static int damaged(const walk *of, const hf__segment *segment, uint64_t at, const char *what)
{
    return hf__segment_refuse(of->all->segments, segment, at, "%s (behind batch %llu)", what,
                              ULL(of->last));
}

static int unread(const walk *of, const hf__segment *segment, uint64_t at, int error)
{
    hf__segments *segments = of->all->segments;
    return hf__store_fail(segments->error, error, 0, "%s: byte %llu: %s",
                          hf__segment_text(segments, segment), ULL(at), hf_error_text(error));
}

/* ---- Which segments -------------------------------------------------------------------------- */

int hf__segment_check_owner(hf__segments *segments, const hf__segment *segment,
                            const hf_store_identity *owner)
{
    const hf_store_identity *its = &segment->head.owner;
    if (memcmp(&its->store, &owner->store, sizeof owner->store) != 0)
        return hf__segment_refuse(segments, segment, 0, "a segment of another store's journal");
    if (its->incarnation != owner->incarnation)
        return hf__segment_refuse(segments, segment, 0,
                                  "a segment of incarnation %llu of the store, not of %llu",
                                  ULL(its->incarnation), ULL(owner->incarnation));
    if (its->journal != owner->journal)
        return hf__segment_refuse(segments, segment, 0,
                                  "a segment of another journal of the store");
    return 0;
}

/* The segment before is `segment`; the last one has no next. */
static int check_link(const walk *of, const hf__segment *segment, const hf__segment *next)
{
    hf__segments *segments = of->all->segments;
    const hf__segment_link *link = &segment->link;
    const uint64_t number = segment->head.seq;
    if (next != NULL && next->head.seq == number)
        return hf__segment_refuse(segments, next, 0, "segment number %llu is there twice",
                                  ULL(number));
    if ((next == NULL && link->seq != 0) || (next != NULL && next->head.seq != number + 1))
        return hf__segment_refuse(
            segments, segment, HF__SEGMENT_LINK_AT,
            "segment number %llu, which follows behind batch %llu, is missing", ULL(number + 1),
            ULL(link->after));
    bool fits = next == NULL || link->seq == 0 ||
                (link->seq == next->head.seq && link->after == next->head.after &&
                 link->salt == next->head.salt);
    return fits ? 0
                : hf__segment_refuse(segments, next, 0,
                                     "not the segment that the one before it names as the next");
}

/* Format 1 has neither owner nor link. */
static int check_order(const walk *of)
{
    const hf_store_identity *owner = of->all->owner;
    int error = 0;
    if (of->count == 0)
        return 0;
    if (owner == NULL)
        owner = &of->ordered[0]->head.owner;
    for (uint32_t i = 0; error == 0 && i < of->count; i++)
        error = hf__segment_check_owner(of->all->segments, of->ordered[i], owner);
    for (uint32_t i = 0; error == 0 && i < of->count; i++)
        if (of->ordered[i]->head.format != HF__SEGMENT_FORMAT_1)
            error = check_link(of, of->ordered[i], i + 1 < of->count ? of->ordered[i + 1] : NULL);
    return error;
}

/* A segment with records is named by the one before it. */
static int check_named(const walk *of, uint32_t i, const hf__segment_summary *about)
{
    const hf__segment *before = i == 0 ? NULL : of->ordered[i - 1];
    bool is_last = i + 1 == of->count;
    if (before == NULL || before->head.format == HF__SEGMENT_FORMAT_1 || before->link.seq != 0 ||
        (is_last && about->records == 0))
        return 0;
    return hf__segment_refuse(of->all->segments, before, HF__SEGMENT_LINK_AT,
                              "an older copy: it does not name the segment that follows it");
}

/* ---- Records --------------------------------------------------------------------------------- */

/* Segments before the last one that begins within what the store has are of the past. */
static uint32_t first_needed(const walk *of)
{
    uint32_t first = 0;
    for (uint32_t i = 1; of->all->stored != UINT64_MAX && i < of->count; i++)
        if (of->ordered[i]->head.after <= of->all->stored)
            first = i;
    return first;
}

/* The first segment's first record follows what the store has, or comes before. */
static int check_start(const walk *of, const hf__segment *segment)
{
    const hf__segment_walk *all = of->all;
    if (of->last != 0 || segment->head.after <= all->stored)
        return 0;
    return hf__segment_refuse(
        all->segments, segment, 0,
        "begins behind batch %llu, but the store has batches up to %llu: what "
        "is between is missing",
        ULL(segment->head.after), ULL(all->stored));
}

static int check_follows(const walk *of, const hf__segment *segment, uint64_t at,
                         const hf__record_head *head)
{
    const hf__segment_walk *all = of->all;
    if (head->after != of->last)
        return damaged(of, segment, at, "a batch is missing");
    bool known = all->stored != UINT64_MAX;
    bool passes_by = head->after < all->stored && head->batch > all->stored;
    bool differs = head->batch == all->stored && head->time_ms != all->stored_ms;
    if (known && (passes_by || differs))
        return damaged(of, segment, at, "does not fit the store: it is another store's journal");
    return 0;
}

/* True when the record at `at` is whole by now: an engine was writing it when it was read. */
static bool was_written(walk *of, const hf__segment *segment, uint64_t at)
{
    hf__record record;
    if (!of->all->segments->read_only)
        return false;
    hf__reader_set(&of->reader, segment->fd, &segment->head); /* what was read is old */
    return hf__reader_at(&of->reader, at, &record) == 1;
}

/* Behind the last whole record of a segment that is the newest. *more: there is another one now. */
static int check_end(walk *of, const hf__segment *segment, uint64_t at, bool *more)
{
    uint64_t later = at;
    int found = hf__reader_later(&of->reader, of->last, &later);
    *more = found == 1 && was_written(of, segment, at);
    if (found == 1 && !*more)
        return damaged(of, segment, at, "a record is damaged that has others behind it");
    return found >= 0 ? 0 : unread(of, segment, later, found);
}

static int read_records(walk *of, hf__segment *segment, hf__segment_summary *about, uint64_t *at)
{
    hf__segment_walk *all = of->all;
    hf__record record;
    int there;
    while ((there = hf__reader_at(&of->reader, *at, &record)) == 1) {
        if (record.head.batch > of->upto)
            return 0;
        int error = check_follows(of, segment, *at, &record.head);
        if (error == 0 && all->record != NULL)
            error = all->record(all->context, &record, segment);
        if (error != 0)
            return error;
        all->newest = segment;
        all->newest_at = *at;
        *at += hf__record_span(&record.head);
        all->done += hf__record_span(&record.head);
        of->last = record.head.batch;
        about->first = about->records == 0 ? of->last : about->first;
        about->last = of->last;
        about->records++;
        about->changes += record.head.count;
    }
    return there == 0 ? 0 : unread(of, segment, *at, there);
}

static int read_segment(walk *of, hf__segment *segment, hf__segment_summary *about, uint64_t *at)
{
    *about = (hf__segment_summary){.segment = segment};
    *at = HF__SEGMENT_HEAD;
    int error = hf__segment_open(of->all->segments, segment);
    if (error != 0)
        return error;
    of->last = segment->head.after;
    hf__reader_set(&of->reader, segment->fd, &segment->head);
    error = read_records(of, segment, about, at);
    segment->used = *at;
    segment->last = of->last;
    return error;
}

/* To the end of the newest segment, which an engine may be writing. */
static int read_end(walk *of, hf__segment *segment, hf__segment_summary *about, uint64_t at)
{
    bool more = true;
    int error = 0;
    for (uint32_t rounds = 0; error == 0 && more && rounds < ROUNDS_MAX; rounds++) {
        error = check_end(of, segment, at, &more);
        if (error == 0 && more)
            error = read_records(of, segment, about, &at);
    }
    segment->used = at;
    segment->last = of->last;
    return error;
}

static int read_next(walk *of, uint32_t i)
{
    hf__segment *segment = of->ordered[i];
    hf__segment_summary about;
    uint64_t at;
    int error = check_start(of, segment);
    of->upto = i + 1 < of->count ? of->ordered[i + 1]->head.after : UINT64_MAX;
    if (error == 0)
        error = read_segment(of, segment, &about, &at);
    if (error == 0 && i + 1 == of->count)
        error = read_end(of, segment, &about, at);
    else if (error == 0 && of->last != of->upto)
        error = damaged(of, segment, at, "a record is damaged that has others behind it");
    if (error == 0)
        error = check_named(of, i, &about);
    if (error == 0 && of->all->segment != NULL)
        error = of->all->segment(of->all->context, &about);
    return error;
}

int hf__segment_walk_all(hf__segment_walk *all)
{
    walk of = {.all = all};
    of.count = hf__segments_ordered(all->segments, of.ordered);
    for (uint32_t i = 0; i < of.count; i++)
        all->bytes += of.ordered[i]->head.bytes;
    int error = hf__reader_init(&of.reader, all->segments->env);
    if (error == 0)
        error = check_order(&of);
    uint32_t first = first_needed(&of);
    for (uint32_t i = 0; i < first; i++)
        of.ordered[i]->needed = false;
    for (uint32_t i = first; error == 0 && i < of.count; i++)
        error = read_next(&of, i);
    all->last = of.last;
    hf__reader_fini(&of.reader);
    return error;
}

int hf__segment_walk_one(hf__segment_walk *all, hf__segment *segment, hf__segment_summary *about)
{
    walk of = {.all = all, .upto = UINT64_MAX};
    uint64_t at = 0;
    int error = hf__reader_init(&of.reader, all->segments->env);
    if (error == 0)
        error = read_segment(&of, segment, about, &at);
    if (error == 0)
        error = read_end(&of, segment, about, at);
    hf__reader_fini(&of.reader);
    return error;
}
