/*
 * Segments as the library of schema 3 made them: format 1, without owner and link.
 */
#ifndef HF_TESTS_JOURNAL_FORMAT_1_H
#define HF_TESTS_JOURNAL_FORMAT_1_H

#include "base/checksum.h"
#include "journal/segments/format.h"

#include <string.h>

#define COPY_AT   512u /* of the second copy of a head */
#define FORMAT_AT 8u
#define CRC_1_AT  48u /* of format 1 */

/* Sets the checksums of both copies of a head, which stand at `crc_at`. */
static inline void set_checksums(uint8_t page[HF__SEGMENT_HEAD], uint32_t crc_at)
{
    for (uint32_t copy = 0; copy < 2; copy++) {
        uint8_t *from = page + (size_t)copy * COPY_AT;
        uint32_t crc = hf__crc32c(0, from, crc_at);
        for (uint32_t i = 0; i < 4; i++)
            from[crc_at + i] = (uint8_t)(crc >> 8 * i);
    }
}

/* Makes a page as format 1 had it. */
static inline void write_format_1(const hf__segment_head *head, uint8_t page[HF__SEGMENT_HEAD])
{
    hf__segment_head_write(head, page);
    memset(page + CRC_1_AT, 0, COPY_AT - CRC_1_AT);
    memset(page + COPY_AT + CRC_1_AT, 0, HF__SEGMENT_HEAD - COPY_AT - CRC_1_AT);
    for (uint32_t copy = 0; copy < 2; copy++)
        page[copy * COPY_AT + FORMAT_AT] = HF__SEGMENT_FORMAT_1;
    set_checksums(page, CRC_1_AT);
}

#endif
