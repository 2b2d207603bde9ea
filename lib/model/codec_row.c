/*
 * codec_row.c - the columns outside the key as bytes: flags first, then what is set.
 *
 * Encoding is on the path of every write, decoding on that of every read. The tables of this
 * version have an encoder and a decoder each, which the compiler makes of row_read.h and schema.c
 * chooses; here are what those call for names and blocks of bytes, and the walks over the columns
 * of any table.
 */
#include "base/checksum.h"
#include "model/codec.h"
#include "model/codec_column.h"
#include "model/row_read.h"
#include <holdfast/error.h>

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

bool hf__row_take_longer_number(hf__row_reader *in, uint64_t *value)
{
    uint8_t padded[16] = {0};
    size_t left = (size_t)(in->end - in->at);
    const uint8_t *from = in->at;
    if (left < HF__NUMBER_MAX) {
        memcpy(padded, in->at, left);
        from = padded;
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

bool hf__row_take_id(hf__row_reader *in, bool same, uint8_t *field)
{
    const uint8_t *before = in->seen.id;
    if (same) {
        if (before == NULL)
            return false;
        memcpy(field, before, 16);
    } else if (!hf__row_take_16(in, field) || hf__row_id_zero(field) ||
               (before != NULL && hf__row_id_same(field, before))) {
        return false;
    }
    hf__row_see_id(&in->seen, field);
    return true;
}

bool hf__row_take_name(hf__row_reader *in, bool same, uint8_t *field)
{
    const hf__row_seen before = in->seen;
    in->seen.name = field;
    if (same) {
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

int hf__row_take_bytes(hf__row_reader *in, uint8_t *field)
{
    hf__bytes value = {0};
    if (!hf__row_take_u64(in, INT64_MAX, &value.bytes) || value.bytes > (size_t)(in->end - in->at))
        return HF_E_CORRUPT;
    value.data = in->at;
    in->at += value.bytes;
    if (in->caller != NULL) {
        void *copy = in->caller->alloc(in->caller->context, value.bytes);
        if (copy == NULL)
            return HF_E_NOMEM;
        value.data = memcpy(copy, value.data, (size_t)value.bytes);
    }
    memcpy(field, &value, sizeof value);
    return 0;
}

int hf__row_decode_any(const hf_table *table, uint32_t columns, const uint8_t *bytes, size_t count,
                       void *row, const hf_store_caller *caller)
{
    const uint64_t keys = hf__key_mask(table);
    hf__row_reader in;
    uint64_t set;
    if (!hf__row_take_begin(&in, flag_count(table, columns, keys), bytes, count, caller, &set))
        return HF_E_CORRUPT;
    for (uint32_t i = 0; i < table->column_count; i++) {
        const bool is_key = (keys >> i & 1) != 0;
        int error = hf__row_take_column(&in, &table->columns[i], is_key, set, row);
        if (error != 0)
            return error;
        set >>= is_key ? 0 : hf__flags_of[table->columns[i].type];
    }
    return in.at == in.end ? 0 : HF_E_CORRUPT;
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
