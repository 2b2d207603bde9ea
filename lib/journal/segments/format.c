/*
 * format.c - writing and reading what format.h describes. Readers trust nothing.
 */
#include "journal/segments/format.h"
#include "base/checksum.h"

#include <string.h>

#define COPY_BYTES    512u                         /* from a head or a link to its second copy */
#define SEGMENT_MAGIC UINT64_C(0x314c4a5444464c48) /* "HLFDTJL1" */
#define RECORD_MAGIC  UINT32_C(0x43455248)         /* "HREC" */

/* Flags of a change; KEY_HIGH is the ninth bit of its key's length. */
enum { REMOVED = 1, KEY_HIGH = 2, IS_NEW = 4, ALL_FLAGS = 7 };

static void put_u16(uint8_t *to, uint16_t value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
}

static void put_u32(uint8_t *to, uint32_t value)
{
    for (uint32_t i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

static void put_u64(uint8_t *to, uint64_t value)
{
    for (uint32_t i = 0; i < 8; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

static uint16_t get_u16(const uint8_t *from)
{
    return (uint16_t)(from[0] | from[1] << 8);
}

static uint32_t get_u32(const uint8_t *from)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < 4; i++)
        value |= (uint32_t)from[i] << 8 * i;
    return value;
}

static uint64_t get_u64(const uint8_t *from)
{
    return get_u32(from) | (uint64_t)get_u32(from + 4) << 32;
}

/* ---- Segments -------------------------------------------------------------------------------- */

enum {
    SEGMENT_AT_MAGIC = 0,
    SEGMENT_AT_FORMAT = 8,
    SEGMENT_AT_SCHEMA = 12,
    SEGMENT_AT_SEQ = 16,
    SEGMENT_AT_AFTER = 24,
    SEGMENT_AT_SALT = 32,
    SEGMENT_AT_BYTES = 40,
    SEGMENT_AT_CRC_1 = 48, /* of format 1 */
    SEGMENT_AT_STORE = 48,
    SEGMENT_AT_INCARNATION = 64,
    SEGMENT_AT_JOURNAL = 72,
    SEGMENT_AT_CRC = 80,
    SEGMENT_END = 84,
};

/* Of a link. */
enum { LINK_AT_SEQ = 0, LINK_AT_AFTER = 8, LINK_AT_SALT = 16, LINK_AT_CRC = 24, LINK_END = 28 };

static uint32_t link_crc(uint64_t salt, const uint8_t *link)
{
    uint8_t bytes[8];
    put_u64(bytes, salt);
    return hf__crc32c(hf__crc32c(0, bytes, sizeof bytes), link, LINK_AT_CRC);
}

void hf__segment_link_write(uint64_t salt, const hf__segment_link *link,
                            uint8_t out[HF__SEGMENT_LINK_BYTES])
{
    memset(out, 0, HF__SEGMENT_LINK_BYTES);
    put_u64(out + LINK_AT_SEQ, link->seq);
    put_u64(out + LINK_AT_AFTER, link->after);
    put_u64(out + LINK_AT_SALT, link->salt);
    put_u32(out + LINK_AT_CRC, link_crc(salt, out));
    memcpy(out + COPY_BYTES, out, LINK_END);
}

void hf__segment_head_write(const hf__segment_head *head, uint8_t out[HF__SEGMENT_HEAD])
{
    const hf__segment_link none = {0};
    memset(out, 0, HF__SEGMENT_HEAD);
    put_u64(out + SEGMENT_AT_MAGIC, SEGMENT_MAGIC);
    put_u32(out + SEGMENT_AT_FORMAT, HF__SEGMENT_FORMAT);
    put_u32(out + SEGMENT_AT_SCHEMA, head->schema);
    put_u64(out + SEGMENT_AT_SEQ, head->seq);
    put_u64(out + SEGMENT_AT_AFTER, head->after);
    put_u64(out + SEGMENT_AT_SALT, head->salt);
    put_u64(out + SEGMENT_AT_BYTES, head->bytes);
    memcpy(out + SEGMENT_AT_STORE, &head->owner.store, sizeof head->owner.store);
    put_u64(out + SEGMENT_AT_INCARNATION, head->owner.incarnation);
    put_u64(out + SEGMENT_AT_JOURNAL, head->owner.journal);
    put_u32(out + SEGMENT_AT_CRC, hf__crc32c(0, out, SEGMENT_AT_CRC));
    memcpy(out + COPY_BYTES, out, SEGMENT_END);
    hf__segment_link_write(head->salt, &none, out + HF__SEGMENT_LINK_AT);
}

static bool head_copy_read(const uint8_t *in, hf__segment_head *out)
{
    uint32_t format = get_u32(in + SEGMENT_AT_FORMAT);
    uint32_t end = format == HF__SEGMENT_FORMAT_1 ? SEGMENT_AT_CRC_1 : SEGMENT_AT_CRC;
    if (get_u64(in + SEGMENT_AT_MAGIC) != SEGMENT_MAGIC || format == 0 ||
        format > HF__SEGMENT_FORMAT || get_u32(in + end) != hf__crc32c(0, in, end))
        return false;
    *out = (hf__segment_head){
        .format = format,
        .schema = get_u32(in + SEGMENT_AT_SCHEMA),
        .seq = get_u64(in + SEGMENT_AT_SEQ),
        .after = get_u64(in + SEGMENT_AT_AFTER),
        .salt = get_u64(in + SEGMENT_AT_SALT),
        .bytes = get_u64(in + SEGMENT_AT_BYTES),
    };
    if (format != HF__SEGMENT_FORMAT_1) {
        memcpy(&out->owner.store, in + SEGMENT_AT_STORE, sizeof out->owner.store);
        out->owner.incarnation = get_u64(in + SEGMENT_AT_INCARNATION);
        out->owner.journal = get_u64(in + SEGMENT_AT_JOURNAL);
    }
    return out->seq != 0 && out->seq < INT64_MAX;
}

static bool link_copy_read(uint64_t salt, const uint8_t *in, hf__segment_link *out)
{
    *out = (hf__segment_link){
        .seq = get_u64(in + LINK_AT_SEQ),
        .after = get_u64(in + LINK_AT_AFTER),
        .salt = get_u64(in + LINK_AT_SALT),
    };
    return get_u32(in + LINK_AT_CRC) == link_crc(salt, in);
}

/* A crash may leave the new link in one copy and none in the other: then there is a next segment.
 */
static bool link_read(uint64_t salt, const uint8_t *in, hf__segment_link *out)
{
    hf__segment_link first;
    hf__segment_link second;
    bool has_first = link_copy_read(salt, in, &first);
    bool has_second = link_copy_read(salt, in + COPY_BYTES, &second);
    *out = has_first && (!has_second || first.seq != 0) ? first : second;
    return has_first || has_second;
}

static bool all_zero(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

/* Of two whole heads. In format 1 a crash between two uses leaves both, and the newer counts. */
static bool may_differ(const hf__segment_head *first, const hf__segment_head *second)
{
    return first->format == HF__SEGMENT_FORMAT_1 && second->format == HF__SEGMENT_FORMAT_1;
}

static hf__segment_look without_head(const uint8_t in[HF__SEGMENT_HEAD])
{
    if (all_zero(in, HF__SEGMENT_HEAD))
        return HF__SEGMENT_UNUSED;
    bool ours = get_u64(in + SEGMENT_AT_MAGIC) == SEGMENT_MAGIC ||
                get_u64(in + COPY_BYTES + SEGMENT_AT_MAGIC) == SEGMENT_MAGIC ||
                all_zero(in, COPY_BYTES);
    bool known = get_u32(in + SEGMENT_AT_FORMAT) <= HF__SEGMENT_FORMAT;
    if (ours && known)
        return HF__SEGMENT_DAMAGED;
    return HF__SEGMENT_FOREIGN;
}

hf__segment_look hf__segment_head_read(const uint8_t in[HF__SEGMENT_HEAD], hf__segment_head *out,
                                       hf__segment_link *link)
{
    hf__segment_head first = {0};
    hf__segment_head second = {0};
    bool has_first = head_copy_read(in, &first);
    bool has_second = head_copy_read(in + COPY_BYTES, &second);
    *link = (hf__segment_link){0};
    if (!has_first && !has_second)
        return without_head(in);
    bool take_first = has_first && (!has_second || first.seq >= second.seq);
    *out = take_first ? first : second;
    if (has_first && has_second && !may_differ(&first, &second) &&
        memcmp(in, in + COPY_BYTES, SEGMENT_END) != 0)
        return HF__SEGMENT_DAMAGED;
    if (out->format == HF__SEGMENT_FORMAT_1)
        return HF__SEGMENT_GOOD;
    return link_read(out->salt, in + HF__SEGMENT_LINK_AT, link) ? HF__SEGMENT_GOOD
                                                                : HF__SEGMENT_DAMAGED;
}

/* ---- Records --------------------------------------------------------------------------------- */

enum {
    RECORD_AT_MAGIC = 0,
    RECORD_AT_CRC = 4,
    RECORD_AT_BATCH = 8,
    RECORD_AT_AFTER = 16,
    RECORD_AT_TIME = 24,
    RECORD_AT_BYTES = 32,
    RECORD_AT_COUNT = 36,
};

static void record_fields(const hf__record_head *head, uint8_t out[HF__RECORD_HEAD])
{
    put_u32(out + RECORD_AT_MAGIC, RECORD_MAGIC);
    put_u32(out + RECORD_AT_CRC, 0);
    put_u64(out + RECORD_AT_BATCH, head->batch);
    put_u64(out + RECORD_AT_AFTER, head->after);
    put_u64(out + RECORD_AT_TIME, (uint64_t)head->time_ms);
    put_u32(out + RECORD_AT_BYTES, head->bytes);
    put_u32(out + RECORD_AT_COUNT, head->count);
}

void hf__record_head_write(const hf__record_head *head, uint32_t crc, uint8_t out[HF__RECORD_HEAD])
{
    record_fields(head, out);
    put_u32(out + RECORD_AT_CRC, crc);
}

bool hf__record_head_read(const uint8_t in[HF__RECORD_HEAD], hf__record_head *out, uint32_t *crc)
{
    *out = (hf__record_head){
        .batch = get_u64(in + RECORD_AT_BATCH),
        .after = get_u64(in + RECORD_AT_AFTER),
        .time_ms = (int64_t)get_u64(in + RECORD_AT_TIME),
        .bytes = get_u32(in + RECORD_AT_BYTES),
        .count = get_u32(in + RECORD_AT_COUNT),
    };
    *crc = get_u32(in + RECORD_AT_CRC);
    return get_u32(in + RECORD_AT_MAGIC) == RECORD_MAGIC && out->after < out->batch &&
           out->batch <= INT64_MAX;
}

uint32_t hf__record_crc(uint64_t salt, const hf__record_head *head)
{
    uint8_t bytes[HF__RECORD_HEAD + 8];
    put_u64(bytes, salt);
    record_fields(head, bytes + 8);
    return hf__crc32c(0, bytes, sizeof bytes);
}

uint64_t hf__record_span(const hf__record_head *head)
{
    uint64_t bytes = HF__RECORD_HEAD + (uint64_t)head->bytes;
    return (bytes + HF__RECORD_ALIGN - 1) / HF__RECORD_ALIGN * HF__RECORD_ALIGN;
}

/* ---- Changes --------------------------------------------------------------------------------- */

uint32_t hf__change_head_write(uint8_t *out, const hf__change_view *change)
{
    bool is_long = change->row_bytes >= HF__ROW_LONG;
    out[0] = (uint8_t)change->table;
    out[1] =
        (uint8_t)((change->removed ? REMOVED : 0) | (change->key_bytes >> 8 != 0 ? KEY_HIGH : 0) |
                  (change->is_new ? IS_NEW : 0));
    out[2] = (uint8_t)change->key_bytes;
    put_u16(out + 3, is_long ? HF__ROW_LONG : (uint16_t)change->row_bytes);
    if (is_long)
        put_u32(out + HF__CHANGE_HEAD, change->row_bytes);
    return is_long ? HF__CHANGE_HEAD_LONG : HF__CHANGE_HEAD;
}

bool hf__change_read(const uint8_t **at, const uint8_t *end, hf__change_view *out)
{
    const uint8_t *from = *at;
    size_t left = (size_t)(end - from);
    if (left < HF__CHANGE_HEAD)
        return false;
    uint32_t head = HF__CHANGE_HEAD;
    *out = (hf__change_view){
        .table = from[0],
        .removed = (from[1] & REMOVED) != 0,
        .is_new = (from[1] & IS_NEW) != 0,
        .key_bytes = from[2] | ((from[1] & KEY_HIGH) != 0 ? 256u : 0u),
        .row_bytes = get_u16(from + 3),
    };
    if (from[1] > ALL_FLAGS)
        return false;
    if (out->row_bytes == HF__ROW_LONG) {
        if (left < HF__CHANGE_HEAD_LONG)
            return false;
        head = HF__CHANGE_HEAD_LONG;
        out->row_bytes = get_u32(from + HF__CHANGE_HEAD);
    }
    if (left - head < out->key_bytes || left - head - out->key_bytes < out->row_bytes)
        return false;
    out->key = from + head;
    out->row = out->key + out->key_bytes;
    *at = out->row + out->row_bytes;
    return true;
}
