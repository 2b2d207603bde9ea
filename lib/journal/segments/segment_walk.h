/*
 * segment_walk.h - reads the records of all segments, in order, each following the one before.
 *
 * All readers of a journal use this walk: replay at open, hf_journal_read, and the check whether a
 * journal belongs to a store.
 */
#ifndef HF_JOURNAL_SEGMENTS_SEGMENT_WALK_H
#define HF_JOURNAL_SEGMENTS_SEGMENT_WALK_H

#include "journal/segments/reader.h"
#include "journal/segments/segments.h"

/* What a walk reports of a segment when it has read all of it. */
typedef struct hf__segment_summary {
    const hf__segment *segment;
    uint64_t first; /* batch; 0: it has no record */
    uint64_t last;
    uint64_t records;
    uint64_t changes;
} hf__segment_summary;

typedef struct hf__segment_walk {
    hf__segments *segments;
    const hf_store_identity *owner; /* of all segments; NULL: that of the first */
    uint64_t stored;                /* the last batch that the store has; UINT64_MAX: not known */
    int64_t stored_ms;
    uint64_t bytes; /* of all segments, and read of them: for progress */
    uint64_t done;
    /* Called for each record; may be NULL. 0, or HF_E_* which ends the walk. */
    int (*record)(void *context, const hf__record *record, const hf__segment *segment);
    /* Called behind each segment; may be NULL. */
    int (*segment)(void *context, const hf__segment_summary *about);
    void *context;
    hf__segment *newest; /* that has a record; NULL: none has */
    uint64_t newest_at;  /* where its last record begins */
    uint64_t last;       /* the last batch of all segments, whole */
} hf__segment_walk;

/*
 * Walks. A torn last record is the end; HF_E_CORRUPT with its place for a record that is not whole
 * and has others behind it, for batches or segments that are missing, for a segment of another
 * owner or one that is there twice, and for records that do not follow what the store has.
 */
int hf__segment_walk_all(hf__segment_walk *all);

/*
 * Walks along one segment alone, whatever comes before and behind it. `about` is filled as far as
 * the segment is whole.
 */
int hf__segment_walk_one(hf__segment_walk *all, hf__segment *segment, hf__segment_summary *about);

/* HF_E_CORRUPT, with a text that names the segment, the byte and what to do. */
int hf__segment_refuse(hf__segments *segments, const hf__segment *segment, uint64_t at,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* 0, or HF_E_CORRUPT: the segment is not of this store, incarnation and journal. */
int hf__segment_check_owner(hf__segments *segments, const hf__segment *segment,
                            const hf_store_identity *owner);

#endif
