/*
 * segments.h - the journal's files: appended to one after the other, used again when the store has
 * what is in them.
 *
 *     PATH.journal/segment-01, -02, ...     each preallocated; which is the newest says its header
 *     PATH.journal/segment-01.new           being made; ignored until it has its name
 *
 * A segment gets its name when it is whole: its blocks are reserved, its header is written and
 * flushed, then it is renamed and the folder is flushed. A segment that is used again loses its
 * name first. So a crash never leaves a segment under its name that is short or has no header.
 *
 * Happy path of an append: one write, one flush. The first flush of a block that was only reserved
 * costs the file system a change of its own books, so blocks are written ahead, many at once,
 * before the records that need them. A record that does not fit what is left begins the next
 * segment. Before the first record of a segment is written, the segment before it says durably
 * which one comes next (its link): so a newest segment that is missing is noticed.
 *
 * Failure modes: an append that fails has left no whole record, so nothing has happened, and a
 * later append takes its place: HF_E_NO_SPACE, HF_E_NOMEM, HF_E_BUSY (no descriptor is free),
 * HF_E_READ_ONLY, or HF_E_DEGRADED for any other cause. After a flush that failed nothing is
 * appended any more, because the state on disk is not known.
 */
#ifndef HF_JOURNAL_SEGMENTS_SEGMENTS_H
#define HF_JOURNAL_SEGMENTS_SEGMENTS_H

#include "base/fail.h"
#include "base/os.h"
#include "journal/segments/format.h"

#include <holdfast/store.h>

#define HF__SEGMENTS_MAX       64u
#define HF__RECORD_PIECES      16u
#define HF__SEGMENT_SUFFIX     ".journal"

#define HF__SEGMENTS_A_JOURNAL 8u /* a segment is this part of the journal's bytes_max */
#define HF__JOURNAL_SPACE_MIN  ((uint64_t)1 << 20) /* bytes that are to be free at open */

typedef struct hf__segment {
    hf__segment_head head; /* seq 0: it has no records and no name, or its header is zeros */
    hf__segment_link link; /* to the next segment */
    uint64_t last;         /* newest batch in it */
    uint64_t used;         /* bytes */
    uint64_t blank;        /* from here on its blocks were never written; only reserved */
    uint64_t bytes;        /* of the file; 0: there is none */
    int fd;                /* -1: not open */
    bool made;             /* there is a file under its name */
    bool needed;           /* its records may not be in the store, or it is the current segment */
} hf__segment;

typedef struct hf__segments {
    hf_env *env;
    hf__place place;  /* of the store */
    char *folder;     /* as hf_journal_read names it */
    const char *text; /* its end, in errors and in the log */
    char *at;         /* the same for system calls */
    char *name;       /* of one segment, for a text */
    char *path;       /* of one segment, for a system call */
    char *making;     /* of one that is being made, for a system call */
    size_t path_bytes;
    hf__segment all[HF__SEGMENTS_MAX];
    hf__segment *current;    /* NULL: the next record begins one */
    hf__segment *before;     /* the one before it; NULL: none */
    hf_store_identity owner; /* store, incarnation and journal of segments that are made */
    uint64_t next_seq;
    uint64_t bytes; /* of a segment, where enough is free */
    uint64_t limit; /* bytes that the journal may take of the file system, see space.c */
    atomic_uint_fast64_t total; /* bytes of all files; read by any thread */
    uint32_t schema;
    bool made;       /* the folder is there */
    bool is_durable; /* its name has been flushed */
    bool failed;     /* a flush has failed */
    bool read_only;  /* set behind init: nothing is appended */
    hf_store_error *error;
} hf__segments;

/* A record as its parts; the first begins with HF__RECORD_HEAD bytes for the head. */
typedef struct hf__record_piece {
    uint8_t *data;
    size_t bytes;
} hf__record_piece;

/*
 * `location` is the store's. It is resolved here, once: the journal stays beside its store when the
 * process changes its folder, and when a folder above is renamed. Nothing is made yet. HF_E_NOMEM.
 */
int hf__segments_init(hf__segments *segments, hf_env *env, const char *location, uint64_t bytes,
                      uint32_t schema);

/* Looks for the files that are there and reads their headers. HF_E_*, the error filled. */
int hf__segments_find(hf__segments *segments);

/* The segments with records, oldest first; returns how many. */
uint32_t hf__segments_ordered(hf__segments *segments, hf__segment *out[HF__SEGMENTS_MAX]);

/* The segment with the greatest number; NULL: there is none. */
hf__segment *hf__segments_newest(hf__segments *segments);

/* Appends begin in a segment without records, or in the next one behind `newest` (may be NULL). */
void hf__segments_continue(hf__segments *segments, hf__segment *newest);

/*
 * Makes the first segment of a journal whose first record follows batch `after` and has `span`
 * bytes, unless there is one already. HF_E_*, the error filled.
 */
int hf__segments_begin(hf__segments *segments, uint64_t after, uint64_t span);

/* The folder was removed: nothing of it is open or known any more. */
void hf__segments_forget(hf__segments *segments);

/*
 * Removes all segments with a name, the oldest first, and flushes the folder. HF_E_*, the error
 * filled.
 */
int hf__segments_clear(hf__segments *segments);

/*
 * Writes a record behind batch head->after; the one before it is flushed. Errors as above, or
 * HF_E_POISONED after a flush that failed; the error is filled.
 */
int hf__segments_append(hf__segments *segments, const hf__record_head *head,
                        const hf__record_piece *pieces, uint32_t count);

/* Flushes what was appended last. HF_E_IO, the error filled. */
int hf__segments_flush(hf__segments *segments);

/*
 * The store has every batch up to this one: segments that end before it are reused or removed.
 * `tight`: the store has no space left, so they are removed although no batch was added.
 */
void hf__segments_release(hf__segments *segments, uint64_t batch, bool tight);

/* Closes them; `remove`: the store has everything, so they go, the oldest first. */
void hf__segments_fini(hf__segments *segments, bool remove);

/* ---- space.c: how much of the file system the journal takes ---- */

/* Sets `limit` by what is free now. */
void hf__segments_measure(hf__segments *segments);

/* The bytes of a segment that is made now; `least` at least. */
uint64_t hf__segments_size(const hf__segments *segments, uint64_t least);

/*
 * Sets `limit`, and removes segments that are not needed, the oldest first, as long as the journal
 * has more than that.
 */
void hf__segments_trim(hf__segments *segments);

/* HF_E_NO_SPACE, the error filled: less is free than a journal needs. Measures as well. */
int hf__segments_check_space(hf__segments *segments);

/*
 * The oldest segment that is not needed, else an unused one for a new file; NULL: none. The oldest
 * is reused first, so the segments always have batches without a gap.
 */
hf__segment *hf__segment_unused(hf__segments *segments);

/* Closes the file of a segment that has been removed. */
void hf__segment_forget(hf__segments *segments, hf__segment *segment);

/* ---- make.c ---- */

/*
 * Makes a segment whole under its name: of the size that the free space allows, `least` bytes at
 * least. Its first record is to follow batch `after`.
 */
int hf__segment_make(hf__segments *segments, hf__segment *segment, uint64_t least, uint64_t after);

/* ---- names.c ---- */

/* Opens a segment's file, for reading at least. */
int hf__segment_open(hf__segments *segments, hf__segment *segment);

/* Where a segment is that is being made: lives until the next call. */
const char *hf__segment_new_path(hf__segments *segments, const hf__segment *segment);

/* Fills the error with what was done to a segment and why it failed; returns `code`. */
int hf__segment_failed(hf__segments *segments, const hf__segment *segment, const char *doing,
                       int code, int native);

/* A segment's absolute path: lives until the next call. */
const char *hf__segment_name(hf__segments *segments, const hf__segment *segment);

/* The same in errors: lives until the next call. */
const char *hf__segment_text(hf__segments *segments, const hf__segment *segment);

/* A path that leads to a segment, for system calls: lives until the next call. */
const char *hf__segment_path(hf__segments *segments, const hf__segment *segment);

#endif
