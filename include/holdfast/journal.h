/*
 * journal.h - inspects the journal of a store.
 *
 * With durability JOURNAL (the default) an operation completes when its record is on disk in the
 * journal; a later checkpoint writes its changes to the store. The journal is the folder
 * PATH.journal beside the store PATH. Its files are called segments. A segment is a sequence of
 * records, and a record has the rows of one batch. The folder is removed when an engine is closed
 * in good order; after a crash the next open replays it. None of these steps needs a function of
 * this header, which is for people and tools that inspect a journal.
 *
 * A journal belongs to its store. The store has a random identity, which is also in every segment.
 * It records that it has a journal, and that it was closed in good order. Segments are numbered,
 * each has its length in its header, and each but the newest names the next one. Before
 * hf_engine_open writes anything, it checks all of that and reads every record. It refuses a
 * journal that does not fit and names the file and the byte. A refusal changes nothing.
 *
 * | what happened to the files | hf_engine_open |
 * |---|---|
 * | the journal, or a segment of it, is missing | HF_E_CORRUPT |
 * | the database file was copied or moved alone while its store was in use | HF_E_CORRUPT |
 * | the journal, or a segment, is of another store or an older copy | HF_E_CORRUPT |
 * | a segment was truncated, overwritten or duplicated | HF_E_CORRUPT |
 * | the database file is missing, its journal is there | HF_E_EXISTS |
 * | the database file is a backup, the journal that of the store it was made of | HF_E_EXISTS |
 *
 * The remedy is to put back the file that belongs there. To copy a store that is in use, use
 * hf_backup: a copied file may lack what the journal has. Where the journal is lost,
 * `without_journal` of hf_options opens the store without it. That is refused (HF_E_EXISTS) while
 * the journal is whole and fits, or is not needed. It renames the folder PATH.journal to
 * PATH.journal.aside-1, or the next free number, deletes nothing, and logs (HF_LOG_WARN) from which
 * batch on nothing is known. From then on the store is another incarnation, and the old journal no
 * longer belongs to it. A backup and a restored copy are other incarnations too.
 *
 * Three kinds of damage are not noticed, and leave the store in an earlier acknowledged state: when
 * the whole folder of a store is replaced by an older copy, when the newest segment is replaced by
 * an older copy of itself, or when the end of the newest segment is overwritten with zeros, from
 * any byte on to within its last record at least: this looks like a record that a crash has cut.
 */
#ifndef HOLDFAST_JOURNAL_H
#define HOLDFAST_JOURNAL_H

#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How far a segment was read. */
typedef enum hf_segment_state {
    HF_SEGMENT_WHOLE = 0,    /* every record was read; of the newest segment: up to a torn last
                                one */
    HF_SEGMENT_DAMAGED = 1,  /* it was read up to the damage, which the error names */
    HF_SEGMENT_NOT_READ = 2, /* it was not read: an earlier segment is damaged */
    HF_SEGMENT_UNUSED = 3,   /* of schema 3: it was created, and nothing was written to it */
} hf_segment_state;

/* One file of a journal. */
typedef struct hf_segment {
    const char *path;     /* as the store's path begins; valid in the callback */
    uint64_t sequence;    /* its number: counts up, also when the file is used again; 0: UNUSED */
    uint64_t bytes;       /* of the file, which is allocated at once */
    uint64_t bytes_used;  /* up to the end of its last record */
    uint64_t first_batch; /* 0: it has no record */
    uint64_t last_batch;
    uint64_t records;       /* one for each batch */
    uint64_t changes;       /* rows written and removed by them */
    uint32_t schema;        /* version of the rows in it */
    uint32_t state;         /* hf_segment_state */
    hf_id store;            /* identity of the store that it belongs to; all zero: of schema 3 */
    uint64_t incarnation;   /* of that store, as in hf_health_info */
    uint64_t journal;       /* random number, the same in all segments of one journal */
    uint64_t next_sequence; /* of the segment that it names as the next one; 0: it names none, as
                               the newest does, and the one before it while that has no record */
} hf_segment;

/* Receives one segment. A result other than 0 ends hf_journal_read with HF_E_CANCELLED. It may call
   any function of the library. */
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
 * behind it, a batch or segment that is missing, one that is doubled or of another journal; the
 * segments are reported all the same, unless a header is damaged), HF_E_BUSY (an engine used
 * segments again faster than they could be read), HF_E_CANCELLED, HF_E_URL, HF_E_UNSUPPORTED
 * (memory store), HF_E_PATH, HF_E_READ_ONLY (no permission to read), HF_E_IO, HF_E_NOMEM. The
 * detail goes to `error` (may be NULL). Blocks. Thread: any. Since 0.1.
 */
HF_API int hf_journal_read(const char *url, hf_segment_cb cb, void *data, char *error,
                           size_t error_bytes);

#ifdef __cplusplus
}
#endif

#endif
