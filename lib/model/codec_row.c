/*
 * codec_row.c - the columns outside the key as bytes: flags first, then what is set.
 *
 * Encoding is on the path of every write. The tables of this version have an encoder each, which
 * the compiler makes of row_write.h and schema.c chooses; here are what those call for names and
 * blocks of bytes, and the walk over the columns of any table. Decoding trusts nothing: each length
 * is checked against what is left, each value against its type, and a form that encoding never
 * writes is refused.
 */
#include "base/checksum.h"
#include "model/codec.h"
#include "model/codec_column.h"
#include "model/row_write.h"
#include <holdfast/error.h>

/* A row being read. */
typedef struct reader {
    const uint8_t *at;
    const uint8_t *end;
    uint64_t flags; /* those not used yet, the next one lowest */
    hf__row_seen seen;
    const hf_store_caller *caller; /* NULL: BYTES columns point into what is read */
} reader;

/* Of the first `columns`. */
static uint32_t flag_count(const hf_table *table, uint32_t columns, uint64_t keys)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < columns; i++) {
        if ((keys >> i & 1) == 0)
            count += hf__flags_of[table->columns[i].type];
    }
    return count;
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

/* True when the name is the set one before it, which it becomes. */
static bool see_name(hf__row_writer *out, const uint8_t *name, uint32_t bytes)
{
    hf__row_seen *seen = &out->seen;
    bool same =
        seen->name != NULL && bytes == seen->name_bytes && memcmp(name, seen->name, bytes) == 0;
    out->flags |= (uint64_t)(same ? HF__FLAG_SET | HF__FLAG_SAME : HF__FLAG_SET) << out->flag;
    seen->name = name;
    seen->name_bytes = bytes;
    return same;
}

bool hf__row_put_name(hf__row_writer *out, const uint8_t *name)
{
    bool whole = (size_t)(out->end - out->at) > sizeof(hf_name);
    uint32_t bytes = whole ? hf__name_copy(out->at + 1, name) : hf__name_bytes(name);
    if (see_name(out, name, bytes))
        return true;
    if (!whole) {
        if ((size_t)(out->end - out->at) < (size_t)bytes + 1)
            return false;
        memcpy(out->at + 1, name, bytes);
    }
    *out->at = (uint8_t)bytes;
    out->at += bytes + 1;
    return true;
}

bool hf__row_put_last_number(hf__row_writer *out, uint64_t value)
{
    uint8_t bytes[HF__NUMBER_MAX];
    return hf__row_put_fixed(out, bytes, hf__row_number(bytes, value));
}

bool hf__row_put_bytes(hf__row_writer *out, hf__bytes value)
{
    if (value.bytes == 0)
        return true;
    out->flags |= (uint64_t)HF__FLAG_SET << out->flag;
    return hf__row_put_number(out, value.bytes - 1) &&
           hf__row_put_fixed(out, value.data, (size_t)value.bytes);
}

size_t hf__row_encode_any(const hf_table *table, const void *row, uint8_t *out, size_t capacity)
{
    const uint64_t keys = hf__key_mask(table);
    const uint32_t flags = flag_count(table, table->column_count, keys);
    hf__row_writer to;
    if (!hf__row_put_begin(&to, flags, out, capacity))
        return 0;
    for (uint32_t i = 0; i < table->column_count; i++) {
        if (!hf__row_put_column(&to, &table->columns[i], (keys >> i & 1) != 0, row))
            return 0;
    }
    return hf__row_put_end(&to, flags, out);
}

/* ---- Reading: false when the bytes are no such row ---- */

static inline uint64_t unzigzag(uint64_t value)
{
    return value >> 1 ^ (0 - (value & 1));
}

static inline bool take_number(reader *in, uint64_t *value)
{
    uint8_t room[16] = {0};
    size_t left = (size_t)(in->end - in->at);
    const uint8_t *from = in->at;
    if (left < HF__NUMBER_MAX) {
        memcpy(room, in->at, left);
        from = room;
    }
    uint32_t bytes = (uint32_t)__builtin_ctz(~(uint32_t)*from) + 1;
    if (bytes > left)
        return false;
    in->at += bytes;
    if (bytes == HF__NUMBER_MAX) {
        *value = hf__little_endian(hf__load_u64(from + 1));
        return *value >> 56 != 0;
    }
    uint64_t word = hf__little_endian(hf__load_u64(from)) << (64 - 8 * bytes);
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
        hf__row_see_time(&in->seen, value);
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
    if ((flags & HF__FLAG_SET) == 0) {
        memset(field, 0, 16);
        return flags == 0;
    }
    if ((flags & HF__FLAG_SAME) != 0) {
        if (before == NULL)
            return false;
        memcpy(field, before, 16);
    } else if (!take_16(in, field) || hf__row_id_zero(field) ||
               (before != NULL && hf__row_id_same(field, before))) {
        return false;
    }
    hf__row_see_id(&in->seen, field);
    return true;
}

static inline bool take_name(reader *in, uint64_t flags, uint8_t *field)
{
    const hf__row_seen before = in->seen;
    if ((flags & HF__FLAG_SET) == 0) {
        memset(field, 0, sizeof(hf_name));
        return flags == 0;
    }
    in->seen.name = field;
    if ((flags & HF__FLAG_SAME) != 0) {
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
    uint64_t set = in->flags & HF__FLAG_SET;
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
        good = take_id(in, in->flags & (HF__FLAG_SET | HF__FLAG_SAME), field);
        break;
    case HF_COLUMN_HASH:
        good = take_16(in, field);
        break;
    case HF_COLUMN_NAME:
        good = take_name(in, in->flags & (HF__FLAG_SET | HF__FLAG_SAME), field);
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
    in.flags = hf__little_endian(in.flags);
    for (uint32_t i = 0; i < table->column_count; i++) {
        const hf_column *column = &table->columns[i];
        uint8_t *field = (uint8_t *)row + column->offset;
        if (i == columns && in.flags != 0)
            return HF_E_CORRUPT;
        if ((keys >> i & 1) == 0) {
            int error = take_column(&in, column, field);
            if (error != 0)
                return error;
            in.flags >>= hf__flags_of[column->type];
        } else if (column->type == HF_COLUMN_ID && !hf__row_id_zero(field)) {
            hf__row_see_id(&in.seen, field);
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
