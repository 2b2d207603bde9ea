/*
 * reader.c - whole records only: a length or a checksum that does not fit is no record.
 */
#include "journal/segments/reader.h"
#include "base/checksum.h"

#include <holdfast/error.h>
#include <string.h>

#define BUFFER_BYTES ((size_t)1 << 20)

int hf__reader_init(hf__segment_reader *reader, hf_env *env)
{
    *reader = (hf__segment_reader){.env = env, .fd = -1, .capacity = BUFFER_BYTES};
    reader->buffer = hf__alloc_uncleared(env, BUFFER_BYTES);
    return reader->buffer != NULL ? 0 : HF_E_NOMEM;
}

void hf__reader_fini(hf__segment_reader *reader)
{
    hf__free(reader->env, reader->buffer);
    reader->buffer = NULL;
}

void hf__reader_set(hf__segment_reader *reader, int fd, const hf__segment_head *head)
{
    reader->fd = fd;
    reader->salt = head->salt;
    reader->end = head->bytes;
    reader->filled = 0;
}

/* Makes the buffer as large as a record; a batch is seldom larger than it was. */
static int grow(hf__segment_reader *reader, size_t bytes)
{
    uint8_t *larger = hf__alloc_uncleared(reader->env, bytes);
    if (larger == NULL)
        return HF_E_NOMEM;
    hf__free(reader->env, reader->buffer);
    reader->buffer = larger;
    reader->capacity = bytes;
    reader->filled = 0;
    return 0;
}

/* 1 with *out pointing to `bytes` bytes at `at`; 0: the file ends before. */
static int view(hf__segment_reader *reader, uint64_t at, size_t bytes, const uint8_t **out)
{
    if (at > reader->end || reader->end - at < bytes)
        return 0;
    bool inside = at >= reader->from && at + bytes <= reader->from + reader->filled;
    if (!inside) {
        int error = bytes > reader->capacity ? grow(reader, bytes) : 0;
        if (error != 0)
            return error;
        error = reader->env->files->read_at(reader->fd, reader->buffer, reader->capacity, at,
                                            &reader->filled, NULL);
        if (error != 0) {
            reader->filled = 0;
            return error;
        }
        reader->from = at;
        if (reader->filled < bytes)
            return 0;
    }
    *out = reader->buffer + (at - reader->from);
    return 1;
}

int hf__reader_at(hf__segment_reader *reader, uint64_t at, hf__record *out)
{
    const uint8_t *bytes = NULL;
    uint32_t crc;
    int there = view(reader, at, HF__RECORD_HEAD, &bytes);
    if (there != 1 || !hf__record_head_read(bytes, &out->head, &crc))
        return there < 0 ? there : 0;
    there = view(reader, at, HF__RECORD_HEAD + (size_t)out->head.bytes, &bytes);
    if (there != 1)
        return there;
    out->changes = bytes + HF__RECORD_HEAD;
    out->at = at;
    uint32_t begun = hf__record_crc(reader->salt, &out->head);
    return hf__crc32c(begun, out->changes, out->head.bytes) == crc;
}

int hf__reader_later(hf__segment_reader *reader, uint64_t batch, uint64_t *at)
{
    for (; *at < reader->end; *at += HF__RECORD_ALIGN) {
        const uint8_t *bytes = NULL;
        hf__record record;
        uint32_t crc;
        int there = view(reader, *at, HF__RECORD_HEAD, &bytes);
        if (there != 1)
            return there;
        /* Few heads are worth a checksum. */
        if (!hf__record_head_read(bytes, &record.head, &crc) || record.head.after < batch)
            continue;
        there = hf__reader_at(reader, *at, &record);
        if (there != 0)
            return there;
    }
    return 0;
}
