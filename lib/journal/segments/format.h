/*
 * format.h - the bytes of a journal: segments, records, changes. Pure; numbers are little-endian.
 *
 *     segment   header page | record | record | ... | zeros, or what an earlier use left there
 *     header    head | head again | link | link again, in the first four sectors of the page
 *     head      magic, format, schema, number, the last batch before it, salt, length of the file,
 *               store, incarnation, journal | checksum
 *     link      number, last batch before it and salt of the next segment; zeros: none | checksum
 *     record    magic, checksum, batch, the batch before it, time, length, count | changes
 *     change    table, flags, key length, row length | key | row, as model/codec.h writes them
 *
 * A record is one batch: the rows as they are after it, and the keys it removed. Its checksum
 * (CRC32C) begins with the segment's salt, a random number of each use: bytes that an earlier use
 * of the file left behind, or that a caller put into a row, are never taken for a record.
 *
 * Head and link are there twice: a sector that cannot be read any more loses neither. The head is
 * written once, before the file gets its name. The link is written again when the segment has a
 * next one, before the first record of that is acknowledged. Its checksum begins with the salt.
 *
 * Format 1, of schema 3 and older, has no store, incarnation and journal in its head, and no link;
 * its head may be torn, because files were used again under their names.
 */
#ifndef HF_JOURNAL_SEGMENTS_FORMAT_H
#define HF_JOURNAL_SEGMENTS_FORMAT_H

#include <holdfast/store.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HF__SEGMENT_HEAD 4096u /* bytes of the header page; records begin behind it */
#define HF__RECORD_HEAD  40u
#define HF__RECORD_ALIGN 8u

/* Bytes of a change's head: short when its row has less than HF__ROW_LONG. */
#define HF__CHANGE_HEAD      5u
#define HF__CHANGE_HEAD_LONG 9u
#define HF__ROW_LONG         0xffffu

#define HF__SEGMENT_FORMAT_1 1u /* has no identity and no link */
#define HF__SEGMENT_FORMAT   2u

/* What a segment says of itself. */
typedef struct hf__segment_head {
    hf_store_identity owner; /* store, incarnation, journal; all zero in format 1 */
    uint64_t seq;            /* its number: counts up, also when a file is used again */
    uint64_t after;          /* the last batch before its first record */
    uint64_t salt;
    uint64_t bytes;  /* of the file */
    uint32_t schema; /* of the rows in it */
    uint32_t format;
} hf__segment_head;

/* Which segment comes next. */
typedef struct hf__segment_link {
    uint64_t seq; /* 0: none */
    uint64_t after;
    uint64_t salt;
} hf__segment_link;

typedef enum hf__segment_look {
    HF__SEGMENT_GOOD = 0,
    HF__SEGMENT_UNUSED,  /* zeros: in format 1 made and never used, else damaged */
    HF__SEGMENT_DAMAGED, /* no copy of the head, or of the link, is whole, or two contradict */
    HF__SEGMENT_FOREIGN, /* of another program, or a format this version does not know */
} hf__segment_look;

/* What stands before a record's changes. */
typedef struct hf__record_head {
    uint64_t batch;
    uint64_t after; /* the batch before it: records make a chain */
    int64_t time_ms;
    uint32_t bytes; /* of the changes */
    uint32_t count; /* of them */
} hf__record_head;

/* One change; key and row point into the record. */
typedef struct hf__change_view {
    const uint8_t *key;
    const uint8_t *row;
    uint32_t key_bytes;
    uint32_t row_bytes;
    uint32_t table; /* its stable id */
    bool removed;   /* the row was removed; row_bytes is 0 */
    bool is_new;    /* no row had this key before */
} hf__change_view;

#define HF__SEGMENT_LINK_AT    1024u /* where both copies of the link begin, and their bytes */
#define HF__SEGMENT_LINK_BYTES 1024u

/* Writes a header page without a link. */
void hf__segment_head_write(const hf__segment_head *head, uint8_t out[HF__SEGMENT_HEAD]);
hf__segment_look hf__segment_head_read(const uint8_t in[HF__SEGMENT_HEAD], hf__segment_head *out,
                                       hf__segment_link *link);

/* Writes both copies of the link of the segment with this salt. */
void hf__segment_link_write(uint64_t salt, const hf__segment_link *link,
                            uint8_t out[HF__SEGMENT_LINK_BYTES]);

/* `crc` is the checksum of the changes, begun with hf__record_crc. */
void hf__record_head_write(const hf__record_head *head, uint32_t crc, uint8_t out[HF__RECORD_HEAD]);

/* False when these bytes are no head; *crc is what the changes must give. */
bool hf__record_head_read(const uint8_t in[HF__RECORD_HEAD], hf__record_head *out, uint32_t *crc);

/* Where the checksum of a record's changes begins: its head is in it. */
uint32_t hf__record_crc(uint64_t salt, const hf__record_head *head);

/* The bytes of a record in its segment, padding included. */
uint64_t hf__record_span(const hf__record_head *head);

/* Writes a change's head at `out`, where key and row follow it; how many bytes it has. */
uint32_t hf__change_head_write(uint8_t *out, const hf__change_view *change);

/* Reads the change at *at and moves on; false when it does not end before `end`. */
bool hf__change_read(const uint8_t **at, const uint8_t *end, hf__change_view *out);

#endif
