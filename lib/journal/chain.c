/*
 * chain.c - what is a torn end, what is damage.
 *
 * A record is written only when the one before it is on disk. So the record that a crash tore is
 * the last one; a record that is not whole and has a later one behind it, in its segment or in the
 * next, was whole once. A segment ends where the next one begins: what stands behind that in it was
 * written and refused (no space), and nobody was told of it.
 */
#include "journal/chain.h"

#include <holdfast/error.h>

typedef struct walk {
    hf__chain *chain;
    hf__segment_reader reader;
    hf__segment *ordered[HF__SEGMENTS_MAX];
    uint32_t count;
    uint64_t last; /* batch */
    uint64_t upto; /* the last batch that counts in this segment */
} walk;

#define ULL(value) ((unsigned long long)(value))

static int damaged(const walk *of, const hf__segment *segment, uint64_t at, const char *what)
{
    hf__segments *segments = of->chain->segments;
    return hf__store_fail(segments->error, HF_E_CORRUPT, 0, "%s: byte %llu: %s (behind batch %llu)",
                          hf__segment_name(segments, segment), ULL(at), what, ULL(of->last));
}

static int unread(const walk *of, const hf__segment *segment, uint64_t at, int error)
{
    hf__segments *segments = of->chain->segments;
    return hf__store_fail(segments->error, error, 0, "%s: byte %llu: %s",
                          hf__segment_name(segments, segment), ULL(at), hf_error_text(error));
}

/* Segments before the last one that begins within what the store has are of the past. */
static uint32_t first_needed(const walk *of)
{
    uint32_t first = 0;
    for (uint32_t i = 1; of->chain->stored != UINT64_MAX && i < of->count; i++)
        if (of->ordered[i]->head.after <= of->chain->stored)
            first = i;
    return first;
}

/* The first segment's first record follows what the store has, or comes before. */
static int check_start(const walk *of, const hf__segment *segment)
{
    const hf__chain *chain = of->chain;
    if (of->last != 0 || segment->head.after <= chain->stored)
        return 0;
    return hf__store_fail(chain->segments->error, HF_E_CORRUPT, 0,
                          "%s: begins behind batch %llu, but the store has batches up to %llu: "
                          "what is between is missing, or this is another store's journal",
                          hf__segment_name(chain->segments, segment), ULL(segment->head.after),
                          ULL(chain->stored));
}

static int check_follows(const walk *of, const hf__segment *segment, uint64_t at,
                         const hf__record_head *head)
{
    const hf__chain *chain = of->chain;
    if (head->after != of->last)
        return damaged(of, segment, at, "a batch is missing");
    bool known = chain->stored != UINT64_MAX;
    bool passes_by = head->after < chain->stored && head->batch > chain->stored;
    bool differs = head->batch == chain->stored && head->time_ms != chain->stored_ms;
    return known && (passes_by || differs)
               ? damaged(of, segment, at, "does not fit the store: it is another store's journal")
               : 0;
}

/* Behind the last whole record of a segment that is the newest. */
static int check_end(walk *of, const hf__segment *segment, uint64_t at)
{
    uint64_t later = at;
    int found = hf__reader_later(&of->reader, of->last, &later);
    if (found == 1)
        return damaged(of, segment, at, "a record is damaged that has others behind it");
    return found == 0 ? 0 : unread(of, segment, later, found);
}

static int read_records(walk *of, hf__segment *segment, hf__chain_segment *about, uint64_t *at)
{
    hf__chain *chain = of->chain;
    hf__record record;
    int there;
    while ((there = hf__reader_at(&of->reader, *at, &record)) == 1) {
        if (record.head.batch > of->upto)
            return 0;
        int error = check_follows(of, segment, *at, &record.head);
        if (error == 0 && chain->record != NULL)
            error = chain->record(chain->context, &record, segment);
        if (error != 0)
            return error;
        chain->newest = segment;
        chain->newest_at = *at;
        *at += hf__record_span(&record.head);
        chain->done += hf__record_span(&record.head);
        of->last = record.head.batch;
        about->first = about->records == 0 ? of->last : about->first;
        about->last = of->last;
        about->records++;
        about->changes += record.head.count;
    }
    return there == 0 ? 0 : unread(of, segment, *at, there);
}

static int read_segment(walk *of, uint32_t i)
{
    hf__segment *segment = of->ordered[i];
    hf__chain_segment about = {.segment = segment};
    uint64_t at = HF__SEGMENT_HEAD;
    int error = check_start(of, segment);
    if (error == 0)
        error = hf__segment_open(of->chain->segments, segment);
    if (error != 0)
        return error;
    of->last = segment->head.after;
    of->upto = i + 1 < of->count ? of->ordered[i + 1]->head.after : UINT64_MAX;
    hf__reader_set(&of->reader, segment->fd, &segment->head);
    error = read_records(of, segment, &about, &at);
    segment->used = at;
    segment->last = of->last;
    if (error == 0 && i + 1 == of->count)
        error = check_end(of, segment, at);
    else if (error == 0 && of->last != of->upto)
        error = damaged(of, segment, at, "a record is damaged that has others behind it");
    if (error == 0 && of->chain->segment != NULL)
        error = of->chain->segment(of->chain->context, &about);
    return error;
}

int hf__chain_walk(hf__chain *chain)
{
    walk of = {.chain = chain};
    of.count = hf__segments_ordered(chain->segments, of.ordered);
    for (uint32_t i = 0; i < of.count; i++)
        chain->bytes += of.ordered[i]->head.bytes;
    int error = hf__reader_init(&of.reader, chain->segments->env);
    uint32_t first = first_needed(&of);
    for (uint32_t i = 0; i < first; i++)
        of.ordered[i]->needed = false;
    for (uint32_t i = first; error == 0 && i < of.count; i++)
        error = read_segment(&of, i);
    hf__reader_fini(&of.reader);
    return error;
}
