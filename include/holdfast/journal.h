/*
 * journal.h - look at the journal that lies beside a store.
 *
 * With durability JOURNAL (the default) an operation is done when its record is on disk in the
 * journal, and the store gets it a moment later. The journal is the folder PATH.journal beside the
 * store PATH: some files, its segments, each a row of records, each record the rows of one batch.
 * It goes when an engine is closed in good order; what a crash left in it is read back by the next
 * open. Nothing here is needed for that: it is for people and tools that want to see.
 */
#ifndef HOLDFAST_JOURNAL_H
#define HOLDFAST_JOURNAL_H

#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a look at a segment came to. */
typedef enum hf_segment_state {
    HF_SEGMENT_WHOLE = 0,    /* every record of it; of the newest: up to a torn last one */
    HF_SEGMENT_DAMAGED = 1,  /* up to the damage, which the error names */
    HF_SEGMENT_NOT_READ = 2, /* it comes behind the damage */
    HF_SEGMENT_UNUSED = 3,   /* made, and nothing was written to it yet */
} hf_segment_state;

/* One file of a journal. */
typedef struct hf_segment {
    const char *path;     /* as the store's path begins; valid in the callback */
    uint64_t sequence;    /* of its use: counts up, also when the file is used again; 0: UNUSED */
    uint64_t bytes;       /* of the file, which is made whole at once */
    uint64_t bytes_used;  /* up to the end of its last record */
    uint64_t first_batch; /* 0: it has no record */
    uint64_t last_batch;
    uint64_t records; /* one for each batch */
    uint64_t changes; /* rows written and removed by them */
    uint32_t schema;  /* version of the rows in it */
    uint32_t state;   /* hf_segment_state */
} hf_segment;

/* Receives one segment. A result other than 0 stops: HF_E_CANCELLED. It may call anything. */
typedef int (*hf_segment_cb)(void *data, const hf_segment *segment);

/*
 * Reports the segments of the journal beside the store that `url` names ("lmdb:PATH",
 * "sqlite:PATH"), the oldest first and unused ones last. Every record is read and its checksum
 * compared. Nothing is reported of a store without a journal, or of one that does not exist. The
 * oldest segments may contain batches that the store has as well: they are checked too, although
 * the next open skips them. `cb` may be NULL, to check only.
 *
 * Nothing is changed and the store is not opened. An engine may have it open: a journal is only
 * appended to, so what is reported was there. The journal is read up to an end between the call and
 * its return, and segments that the engine used again meanwhile are reported as they are then.
 *
 * A torn last record is no error: it was never acknowledged, and the next open cuts it.
 * Errors: HF_E_CORRUPT (file and byte in the detail: a record that is not whole and has others
 * behind it, or a batch that is missing; the segments are reported all the same, unless a header is
 * damaged), HF_E_BUSY (an engine used segments again faster than they could be read),
 * HF_E_CANCELLED, HF_E_URL, HF_E_UNSUPPORTED (memory store), HF_E_PATH, HF_E_READ_ONLY (no
 * permission to read), HF_E_IO, HF_E_NOMEM. The detail goes to `error` (may be NULL). Blocks.
 * Thread: any. Since 0.1.
 */
HF_API int hf_journal_read(const char *url, hf_segment_cb cb, void *data, char *error,
                           size_t error_bytes);

#ifdef __cplusplus
}
#endif

#endif
