/*
 * varint.c - LEB128 and zigzag over a bounded buffer.
 *
 * Every number has exactly one encoding: the reader refuses a redundant last byte and bits beyond
 * 64, so that equal content has equal bytes and equal checksums. After a failure a writer takes
 * and a reader gives nothing more (zero, NULL, an empty text), which keeps loops over them short.
 */
#include "base/varint.h"

#include <string.h>

#define MORE 0x80u

void hf__write_bytes(hf__writer *writer, const void *data, size_t bytes)
{
    if (writer->failed || bytes > (size_t)(writer->end - writer->at)) {
        writer->failed = true;
        return;
    }
    if (bytes != 0)
        memcpy(writer->at, data, bytes);
    writer->at += bytes;
}

void hf__write_uvar(hf__writer *writer, uint64_t value)
{
    uint8_t encoded[10];
    hf__write_bytes(writer, encoded, (size_t)(hf__put_uvar(encoded, value) - encoded));
}

void hf__write_svar(hf__writer *writer, int64_t value)
{
    uint8_t encoded[10];
    hf__write_bytes(writer, encoded, (size_t)(hf__put_svar(encoded, value) - encoded));
}

const uint8_t *hf__read_bytes(hf__reader *reader, size_t bytes)
{
    if (reader->failed || bytes > (size_t)(reader->end - reader->at)) {
        reader->failed = true;
        return NULL;
    }
    const uint8_t *data = reader->at;
    reader->at += bytes;
    return data;
}

uint8_t hf__read_u8(hf__reader *reader)
{
    const uint8_t *byte = hf__read_bytes(reader, 1);
    return byte == NULL ? 0 : *byte;
}

uint64_t hf__read_uvar(hf__reader *reader)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = hf__read_u8(reader);
        value |= (uint64_t)(byte & ~MORE) << shift;
        if (shift == 63 && byte > 1)
            break;
        if (byte < MORE) {
            if (byte == 0 && shift != 0)
                break;
            return value; /* 0 after a failed read_u8 */
        }
    }
    reader->failed = true;
    return 0;
}

int64_t hf__read_svar(hf__reader *reader)
{
    uint64_t value = hf__read_uvar(reader);
    uint64_t sign = 0 - (value & 1);
    return (int64_t)((value >> 1) ^ sign);
}

bool hf__read_text(hf__reader *reader, char *out, size_t max)
{
    memset(out, 0, max + 1);
    uint64_t bytes = hf__read_uvar(reader);
    if (bytes > max)
        reader->failed = true;
    const uint8_t *data = hf__read_bytes(reader, (size_t)bytes);
    /* A NUL inside would make two texts that print alike and compare different. */
    if (data != NULL && bytes != 0 && memchr(data, 0, (size_t)bytes) != NULL)
        reader->failed = true;
    if (data == NULL || reader->failed)
        return false;
    memcpy(out, data, (size_t)bytes);
    return true;
}
