/*
 * codec_row.c - the columns outside the key as bytes: flags first, then what is set.
 *
 * On the path of every write: one pass over the columns, numbers by whole words wherever nine
 * bytes are left. Decoding trusts nothing: each length is checked against what is left, each value
 * against its type, and a form that encoding never writes is refused.
 */
#include "base/checksum.h"
#include "model/codec.h"
#include "model/codec_column.h"
#include <holdfast/error.h>

#define NUMBER_MAX 9 /* bytes of a number */

/* What earlier columns of the row mean for later ones; the same walk in both directions. */
typedef struct context {
    const uint8_t *id;   /* the last id that is set; NULL */
    const uint8_t *name; /* the last name outside the key that is set; NULL */
    uint32_t name_bytes;
    bool timed;       /* base_ms is of an id */
    uint64_t base_ms; /* what times are differences to */
} context;

/* A row being written. */
typedef struct writer {
    uint8_t *at;
    uint8_t *end;
    uint64_t flags;
    uint32_t flag; /* the next one */
    context seen;
} writer;

/* A row being read. */
typedef struct reader {
    const uint8_t *at;
    const uint8_t *end;
    uint64_t flags; /* those not used yet, the next one lowest */
    context seen;
    const hf_store_caller *caller; /* NULL: BYTES columns point into what is read */
} reader;

/* How many flags each type has; see codec.h. */
/* clang-format off */
static const uint8_t flags_of[] = {
    [HF_COLUMN_I64] = 1, [HF_COLUMN_U64] = 1, [HF_COLUMN_U32] = 1, [HF_COLUMN_BOOL] = 1,
    [HF_COLUMN_ENUM] = 1, [HF_COLUMN_TIME] = 1, [HF_COLUMN_ID] = 2, [HF_COLUMN_HASH] = 0,
    [HF_COLUMN_NAME] = 2, [HF_COLUMN_BYTES] = 1,
};
/* clang-format on */

enum { FLAG_SET = 1, FLAG_SAME = 2 };

/* Of the first `columns`. */
static uint32_t flag_count(const hf_table *table, uint32_t columns, uint64_t keys)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < columns; i++) {
        if ((keys >> i & 1) == 0)
            count += flags_of[table->columns[i].type];
    }
    return count;
}

static inline uint64_t little_endian(uint64_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap64(value);
#else
    return value;
#endif
}

static inline uint64_t zigzag(uint64_t value)
{
    return value << 1 ^ (0 - (value >> 63));
}

static inline uint64_t unzigzag(uint64_t value)
{
    return value >> 1 ^ (0 - (value & 1));
}

static inline bool id_is_zero(const uint8_t *id)
{
    return (hf__load_u64(id) | hf__load_u64(id + 8)) == 0;
}

static inline bool id_is_same(const uint8_t *a, const uint8_t *b)
{
    return ((hf__load_u64(a) ^ hf__load_u64(b)) | (hf__load_u64(a + 8) ^ hf__load_u64(b + 8))) == 0;
}

static inline void see_id(context *seen, const uint8_t *id)
{
    seen->id = id;
    seen->timed = true;
    seen->base_ms = little_endian(hf__load_u64(id));
    seen->base_ms = __builtin_bswap64(seen->base_ms) >> 16;
}

static inline void see_time(context *seen, uint64_t time_ms)
{
    if (!seen->timed)
        seen->base_ms = time_ms;
}

/* ---- Writing: false when the capacity is too small ---- */

static inline bool put(writer *out, const void *data, size_t bytes)
{
    if ((size_t)(out->end - out->at) < bytes)
        return false;
    memcpy(out->at, data, bytes);
    out->at += bytes;
    return true;
}

static inline uint32_t number_bytes(uint64_t value)
{
    uint32_t bits = 64 - (uint32_t)__builtin_clzll(value | 1);
    return bits > 56 ? NUMBER_MAX : (bits + 6) / 7;
}

static inline bool put_number(writer *out, uint64_t value)
{
    uint8_t room[16];
    uint32_t bytes = number_bytes(value);
    bool direct = out->end - out->at >= NUMBER_MAX;
    uint8_t *to = direct ? out->at : room;
    if (bytes < NUMBER_MAX) {
        hf__store_u64(to, little_endian(value << bytes | (((uint64_t)1 << (bytes - 1)) - 1)));
    } else {
        *to = 0xff;
        hf__store_u64(to + 1, little_endian(value));
    }
    if (!direct)
        return put(out, room, bytes);
    out->at += bytes;
    return true;
}

static inline bool put_u64(writer *out, uint64_t value)
{
    out->flags |= (uint64_t)(value != 0) << out->flag;
    return value == 0 || put_number(out, value - 1);
}

static inline bool put_i64(writer *out, uint64_t value)
{
    if (value == 0)
        return true;
    out->flags |= (uint64_t)FLAG_SET << out->flag;
    if (value == (uint64_t)INT64_MAX)
        return put_number(out, 0);
    if (value == (uint64_t)INT64_MAX + 1)
        return put_number(out, 1);
    return put_number(out, zigzag(value) + 1);
}

static inline bool put_time(writer *out, uint64_t value)
{
    if (value == 0)
        return true;
    out->flags |= (uint64_t)FLAG_SET << out->flag;
    uint64_t code = zigzag(value - out->seen.base_ms);
    see_time(&out->seen, value);
    return put_number(out, code);
}

static inline bool put_enum(writer *out, uint32_t value)
{
    if (value == 0)
        return true;
    out->flags |= (uint64_t)FLAG_SET << out->flag;
    uint8_t byte = (uint8_t)value;
    return put(out, &byte, 1);
}

static inline bool put_id(writer *out, const uint8_t *id)
{
    if (id_is_zero(id))
        return true;
    bool same = out->seen.id != NULL && id_is_same(id, out->seen.id);
    out->flags |= (uint64_t)(same ? FLAG_SET | FLAG_SAME : FLAG_SET) << out->flag;
    see_id(&out->seen, id);
    return same || put(out, id, 16);
}

static inline bool put_name(writer *out, const uint8_t *name)
{
    if (*name == 0)
        return true;
    uint32_t bytes = hf__name_bytes(name);
    bool same = out->seen.name != NULL && bytes == out->seen.name_bytes &&
                memcmp(name, out->seen.name, bytes) == 0;
    out->flags |= (uint64_t)(same ? FLAG_SET | FLAG_SAME : FLAG_SET) << out->flag;
    out->seen.name = name;
    out->seen.name_bytes = bytes;
    if (same)
        return true;
    if ((size_t)(out->end - out->at) < (size_t)bytes + 1)
        return false;
    *out->at = (uint8_t)bytes;
    memcpy(out->at + 1, name, bytes);
    out->at += bytes + 1;
    return true;
}

static inline bool put_bytes(writer *out, hf__bytes value)
{
    if (value.bytes == 0)
        return true;
    out->flags |= (uint64_t)FLAG_SET << out->flag;
    return put_number(out, value.bytes - 1) && put(out, value.data, (size_t)value.bytes);
}

static inline bool put_column(writer *out, uint32_t type, const uint8_t *field)
{
    switch ((hf_column_type)type) {
    case HF_COLUMN_I64:
        return put_i64(out, hf__load_u64(field));
    case HF_COLUMN_U64:
        return put_u64(out, hf__load_u64(field));
    case HF_COLUMN_U32:
        return put_u64(out, hf__load_u32(field));
    case HF_COLUMN_BOOL:
        out->flags |= (uint64_t)(hf__load_u32(field) != 0) << out->flag;
        return true;
    case HF_COLUMN_ENUM:
        return put_enum(out, hf__load_u32(field));
    case HF_COLUMN_TIME:
        return put_time(out, hf__load_u64(field));
    case HF_COLUMN_ID:
        return put_id(out, field);
    case HF_COLUMN_HASH:
        return put(out, field, 16);
    case HF_COLUMN_NAME:
        return put_name(out, field);
    case HF_COLUMN_BYTES:
        return put_bytes(out, hf__load_bytes(field));
    }
    return false;
}

size_t hf__row_bytes_max(const hf_table *table, const void *row)
{
    /* No column takes more than one byte beyond its place in the struct, BYTES aside. */
    size_t bytes = sizeof(uint64_t) + table->row_bytes + table->column_count;
    for (uint32_t i = 0; i < table->column_count; i++) {
        const hf_column *column = &table->columns[i];
        if (column->type == HF_COLUMN_BYTES)
            bytes += (size_t)hf__load_bytes((const uint8_t *)row + column->offset).bytes;
    }
    return bytes;
}

size_t hf__row_encode(const hf_table *table, const void *row, uint8_t *out, size_t capacity)
{
    uint64_t keys = hf__key_mask(table);
    size_t head = (flag_count(table, table->column_count, keys) + 7) / 8;
    if (capacity < head)
        return 0;
    writer to = {.at = out + head, .end = out + capacity};
    for (uint32_t i = 0; i < table->column_count; i++) {
        uint32_t type = table->columns[i].type;
        const uint8_t *field = (const uint8_t *)row + table->columns[i].offset;
        if ((keys >> i & 1) == 0) {
            if (!put_column(&to, type, field))
                return 0;
            to.flag += flags_of[type];
        } else if (type == HF_COLUMN_ID && !id_is_zero(field)) {
            see_id(&to.seen, field);
        }
    }
    uint64_t flags = little_endian(to.flags);
    memcpy(out, &flags, head);
    return (size_t)(to.at - out);
}

/* ---- Reading: false when the bytes are no such row ---- */

static inline bool take_number(reader *in, uint64_t *value)
{
    uint8_t room[16] = {0};
    size_t left = (size_t)(in->end - in->at);
    const uint8_t *from = in->at;
    if (left < NUMBER_MAX) {
        memcpy(room, in->at, left);
        from = room;
    }
    uint32_t bytes = (uint32_t)__builtin_ctz(~(uint32_t)*from) + 1;
    if (bytes > left)
        return false;
    in->at += bytes;
    if (bytes == NUMBER_MAX) {
        *value = little_endian(hf__load_u64(from + 1));
        return *value >> 56 != 0;
    }
    uint64_t word = little_endian(hf__load_u64(from)) << (64 - 8 * bytes);
    *value = word >> (64 - 7 * bytes);
    return bytes == 1 || *value >> (7 * (bytes - 1)) != 0;
}

static inline bool take_u64(reader *in, uint64_t set, uint64_t max, uint64_t *value)
{
    *value = 0;
    if (set == 0)
        return true;
    if (!take_number(in, value) || *value >= max)
        return false;
    *value += 1;
    return true;
}

static inline bool take_i64(reader *in, uint64_t set, uint8_t *field)
{
    uint64_t code = 1;
    if (set != 0 && !take_number(in, &code))
        return false;
    uint64_t value = unzigzag(code - 1);
    if (set != 0 && code < 2)
        value = (uint64_t)INT64_MAX + code;
    else if (code == UINT64_MAX) /* INT64_MAX has a shorter form */
        return false;
    hf__store_u64(field, value);
    return true;
}

static inline bool take_time(reader *in, uint64_t set, uint8_t *field)
{
    uint64_t value = 0;
    if (set != 0) {
        if (!take_number(in, &value))
            return false;
        value = in->seen.base_ms + unzigzag(value);
        if (value == 0)
            return false;
        see_time(&in->seen, value);
    }
    hf__store_u64(field, value);
    return true;
}

static inline bool take_enum(reader *in, uint64_t set, uint32_t limit, uint8_t *field)
{
    uint32_t value = 0;
    if (set != 0) {
        if (in->at == in->end || *in->at == 0 || *in->at >= limit)
            return false;
        value = *in->at++;
    }
    hf__store_u32(field, value);
    return true;
}

static inline bool take_16(reader *in, uint8_t *field)
{
    if (in->end - in->at < 16)
        return false;
    memcpy(field, in->at, 16);
    in->at += 16;
    return true;
}

static inline bool take_id(reader *in, uint64_t flags, uint8_t *field)
{
    const uint8_t *before = in->seen.id;
    if ((flags & FLAG_SET) == 0) {
        memset(field, 0, 16);
        return flags == 0;
    }
    if ((flags & FLAG_SAME) != 0) {
        if (before == NULL)
            return false;
        memcpy(field, before, 16);
    } else if (!take_16(in, field) || id_is_zero(field) ||
               (before != NULL && id_is_same(field, before))) {
        return false;
    }
    see_id(&in->seen, field);
    return true;
}

static inline bool take_name(reader *in, uint64_t flags, uint8_t *field)
{
    const context before = in->seen;
    if ((flags & FLAG_SET) == 0) {
        memset(field, 0, sizeof(hf_name));
        return flags == 0;
    }
    in->seen.name = field;
    if ((flags & FLAG_SAME) != 0) {
        if (before.name == NULL)
            return false;
        memcpy(field, before.name, sizeof(hf_name));
        return true;
    }
    if (in->at == in->end)
        return false;
    uint32_t bytes = *in->at++;
    if (bytes == 0 || bytes > HF_NAME_MAX || bytes > (size_t)(in->end - in->at) ||
        memchr(in->at, 0, bytes) != NULL)
        return false;
    if (before.name != NULL && bytes == before.name_bytes &&
        memcmp(in->at, before.name, bytes) == 0)
        return false;
    hf__store_name(field, in->at, bytes);
    in->seen.name_bytes = bytes;
    in->at += bytes;
    return true;
}

static int take_bytes(reader *in, uint64_t set, uint8_t *field)
{
    hf__bytes value = {0};
    uint64_t bytes = 0;
    if (!take_u64(in, set, INT64_MAX, &bytes) || bytes > (size_t)(in->end - in->at))
        return HF_E_CORRUPT;
    if (bytes != 0) {
        value.data = in->at;
        value.bytes = bytes;
        in->at += bytes;
    }
    if (bytes != 0 && in->caller != NULL) {
        void *copy = in->caller->alloc(in->caller->context, bytes);
        if (copy == NULL)
            return HF_E_NOMEM;
        value.data = memcpy(copy, value.data, (size_t)bytes);
    }
    memcpy(field, &value, sizeof value);
    return 0;
}

static inline int take_column(reader *in, const hf_column *column, uint8_t *field)
{
    uint64_t set = in->flags & FLAG_SET;
    uint64_t value = 0;
    bool good = false;
    switch ((hf_column_type)column->type) {
    case HF_COLUMN_I64:
        good = take_i64(in, set, field);
        break;
    case HF_COLUMN_U64:
        good = take_u64(in, set, INT64_MAX, &value);
        hf__store_u64(field, value);
        break;
    case HF_COLUMN_U32:
        good = take_u64(in, set, UINT32_MAX, &value);
        hf__store_u32(field, (uint32_t)value);
        break;
    case HF_COLUMN_BOOL:
        good = true;
        hf__store_u32(field, (uint32_t)set);
        break;
    case HF_COLUMN_ENUM:
        good = take_enum(in, set, column->name_count, field);
        break;
    case HF_COLUMN_TIME:
        good = take_time(in, set, field);
        break;
    case HF_COLUMN_ID:
        good = take_id(in, in->flags & (FLAG_SET | FLAG_SAME), field);
        break;
    case HF_COLUMN_HASH:
        good = take_16(in, field);
        break;
    case HF_COLUMN_NAME:
        good = take_name(in, in->flags & (FLAG_SET | FLAG_SAME), field);
        break;
    case HF_COLUMN_BYTES:
        return take_bytes(in, set, field);
    }
    return good ? 0 : HF_E_CORRUPT;
}

int hf__row_decode_older(const hf_table *table, uint32_t columns, const uint8_t *bytes,
                         size_t count, void *row, const hf_store_caller *caller)
{
    uint64_t keys = hf__key_mask(table);
    size_t head = (flag_count(table, columns, keys) + 7) / 8;
    if (count < head)
        return HF_E_CORRUPT;
    reader in = {.at = bytes + head, .end = bytes + count, .caller = caller};
    memcpy(&in.flags, bytes, head);
    in.flags = little_endian(in.flags);
    for (uint32_t i = 0; i < table->column_count; i++) {
        const hf_column *column = &table->columns[i];
        uint8_t *field = (uint8_t *)row + column->offset;
        if (i == columns && in.flags != 0)
            return HF_E_CORRUPT;
        if ((keys >> i & 1) == 0) {
            int error = take_column(&in, column, field);
            if (error != 0)
                return error;
            in.flags >>= flags_of[column->type];
        } else if (column->type == HF_COLUMN_ID && !id_is_zero(field)) {
            see_id(&in.seen, field);
        }
    }
    if (in.at == in.end && in.flags == 0)
        return 0;
    return HF_E_CORRUPT;
}

int hf__row_decode(const hf_table *table, const uint8_t *bytes, size_t count, void *row,
                   const hf_store_caller *caller)
{
    return hf__row_decode_older(table, table->column_count, bytes, count, row, caller);
}

uint32_t hf__columns_at(const hf_table *table, uint32_t schema)
{
    uint32_t count = table->column_count;
    while (count > 0 && table->columns[count - 1].since > schema)
        count--;
    return count;
}

size_t hf__row_grow(const hf_table *table, uint32_t columns, const uint8_t *bytes, size_t count,
                    uint8_t *out)
{
    uint64_t keys = hf__key_mask(table);
    size_t before = (flag_count(table, columns, keys) + 7) / 8;
    size_t head = (flag_count(table, table->column_count, keys) + 7) / 8;
    if (count < before)
        return 0;
    memcpy(out, bytes, before);
    memset(out + before, 0, head - before);
    memcpy(out + head, bytes + before, count - before);
    return count + head - before;
}

uint32_t hf__row_checksum(const hf_table *table, const uint8_t *key, uint32_t key_bytes,
                          const uint8_t *row, size_t row_bytes)
{
    /* The table's id is the starting value, so rows of different tables have different
       checksums. */
    return hf__crc32c(hf__crc32c(table->id, key, key_bytes), row, row_bytes);
}
