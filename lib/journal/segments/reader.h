/*
 * reader.h - a segment read record by record, through a buffer.
 */
#ifndef HF_JOURNAL_SEGMENTS_READER_H
#define HF_JOURNAL_SEGMENTS_READER_H

#include "base/os.h"
#include "journal/segments/format.h"

typedef struct hf__segment_reader {
    hf_env *env;
    int fd;
    uint64_t salt;
    uint64_t end; /* of the file */
    uint8_t *buffer;
    size_t capacity;
    uint64_t from; /* where in the file the buffer begins */
    size_t filled;
} hf__segment_reader;

/* A record as it stands in the buffer: its changes live until the next call. */
typedef struct hf__record {
    hf__record_head head;
    const uint8_t *changes;
    uint64_t at; /* where its head is in the segment */
} hf__record;

/* Takes a buffer, for one segment after another. HF_E_NOMEM. */
int hf__reader_init(hf__segment_reader *reader, hf_env *env);
void hf__reader_fini(hf__segment_reader *reader);

/* The next calls read this segment. */
void hf__reader_set(hf__segment_reader *reader, int fd, const hf__segment_head *head);

/* 1 with the record that begins at `at`; 0: there is none, or it is not whole; HF_E_IO, NOMEM. */
int hf__reader_at(hf__segment_reader *reader, uint64_t at, hf__record *out);

/* 1 with *at set to a whole record of a batch above `batch`, from *at on; 0: none; HF_E_*. */
int hf__reader_later(hf__segment_reader *reader, uint64_t batch, uint64_t *at);

#endif
