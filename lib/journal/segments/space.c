/*
 * space.c - how much of its file system a journal takes.
 *
 * A journal takes up to bytes_max for the two memtables of changes in memory, and two segments
 * more that are used in part. Where less is free it takes a quarter of what there is, its own files
 * counted: the store needs the rest for checkpoints. Segments are smaller by as much, and
 * checkpoints begin earlier. Both are measured again whenever a segment is begun or no longer
 * needed, because the disk may fill or empty meanwhile: segments that are not needed are removed,
 * the oldest first, while the journal has more than it may.
 *
 * Opening needs HF__JOURNAL_SPACE_MIN for a new journal. A journal that was left by a process that
 * was killed needs free space only for its next segment, unless the store has all of an old one: a
 * disk on which an engine works lets the next one open.
 *
 * Failure modes: a file system that does not say what is free, or a quota that it does not count,
 * shows when blocks are reserved. Then the segment is halved until it has the record alone.
 */
#include "journal/segments/segments.h"

#include <holdfast/error.h>

#define PART       4u /* of what is free */
#define LIMIT_MIN  (HF__JOURNAL_SPACE_MIN / PART)
#define NEXT_MIN   (LIMIT_MIN / HF__SEGMENTS_A_JOURNAL) /* of the next segment */
#define KIB(bytes) ((unsigned long long)(((bytes) + 1023) / 1024))

/* Bytes that are free, but for the journal's own files; UINT64_MAX: not known. */
static uint64_t measure(const hf__segments *segments)
{
    uint64_t bytes = 0;
    return segments->env->files->space(segments->at, &bytes, NULL) == 0 ? bytes : UINT64_MAX;
}

void hf__segments_measure(hf__segments *segments)
{
    uint64_t bytes = measure(segments);
    segments->limit = UINT64_MAX;
    if (bytes == UINT64_MAX)
        return;
    bytes = (bytes + atomic_load(&segments->total)) / PART;
    segments->limit = bytes < LIMIT_MIN ? LIMIT_MIN : bytes;
}

uint64_t hf__segments_size(const hf__segments *segments, uint64_t least)
{
    uint64_t bytes = segments->limit / HF__SEGMENTS_A_JOURNAL;
    bytes = bytes < segments->bytes ? bytes : segments->bytes;
    return bytes < least ? least : bytes;
}

/* More than the limit and two segments that are used in part, which is 1.25 times the limit. */
static bool has_too_much(const hf__segments *segments)
{
    const uint64_t total = atomic_load(&segments->total);
    return total - total / 5 > segments->limit;
}

hf__segment *hf__segment_unused(hf__segments *segments)
{
    hf__segment *best = NULL;
    for (uint32_t i = 0; i < HF__SEGMENTS_MAX; i++) {
        hf__segment *segment = &segments->all[i];
        if (segment->needed)
            continue;
        bool older = best != NULL && segment->bytes != 0 &&
                     (best->bytes == 0 || segment->head.seq < best->head.seq);
        if (best == NULL || older)
            best = segment;
    }
    return best;
}

void hf__segment_forget(hf__segments *segments, hf__segment *segment)
{
    if (segment->fd >= 0)
        segments->env->files->close(segment->fd);
    (void)atomic_fetch_sub(&segments->total, segment->bytes);
    *segment = (hf__segment){.fd = -1};
}

/*
 * Durably removes the oldest segment that is not needed; false: there is none, or it stays. In this
 * order and one by one, so that those which a crash leaves follow each other.
 */
static bool remove_oldest(hf__segments *segments)
{
    const hf__files *files = segments->env->files;
    hf__segment *oldest = hf__segment_unused(segments);
    if (oldest == NULL || !oldest->made ||
        files->remove(hf__segment_path(segments, oldest), NULL) != 0)
        return false;
    hf__segment_forget(segments, oldest);
    return files->sync_folder(hf__segment_path(segments, oldest), NULL) == 0;
}

void hf__segments_trim(hf__segments *segments)
{
    hf__segments_measure(segments);
    while (has_too_much(segments) && remove_oldest(segments))
        ;
}

/* Bytes of files that the next segment may use. */
static uint64_t reusable(const hf__segments *segments)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < HF__SEGMENTS_MAX; i++)
        if (!segments->all[i].needed)
            bytes += segments->all[i].bytes;
    return bytes;
}

int hf__segments_check_space(hf__segments *segments)
{
    const uint64_t bytes = measure(segments);
    const bool is_new = atomic_load(&segments->total) == 0;
    const uint64_t least = is_new ? HF__JOURNAL_SPACE_MIN : NEXT_MIN;
    hf__segments_measure(segments);
    if (bytes >= least || reusable(segments) >= least)
        return 0;
    return hf__store_fail(segments->error, HF_E_NO_SPACE, 0,
                          "%s: the journal needs %llu KiB of free space at least, and %llu KiB are "
                          "free; free some, or open the store with read_only",
                          segments->text, KIB(least), (unsigned long long)(bytes / 1024));
}
