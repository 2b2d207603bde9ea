/*
 * row_read.h - reads the columns of a row outside its key, for codec_row.c and the decoders of the
 * tables.
 *
 * A table is constant, so a decoder of its own needs no look at it, as in row_write.h: most columns
 * of most rows are not set, of which a test of a flag and the zeros are left, and most numbers are
 * one byte. What takes longer than a call is in codec_row.c.
 *
 * Reading trusts nothing: each length is checked against what is left, each value against its type,
 * and a form that encoding never writes is refused.
 *
 * Failure modes: the bytes are no such row, which makes the functions return false or
 * HF_E_CORRUPT; no memory.
 */
#ifndef HF_MODEL_ROW_READ_H
#define HF_MODEL_ROW_READ_H

#include "model/row_write.h"
#include <holdfast/error.h>

/* A row being read. */
typedef struct hf__row_reader {
    const uint8_t *at;
    const uint8_t *end;
    hf__row_seen seen;
    const hf_store_caller *caller; /* NULL: BYTES columns point into what is read */
} hf__row_reader;

/* Reads a row of any table, written with its first `columns` columns; in codec_row.c. */
int hf__row_decode_any(const hf_table *table, uint32_t columns, const uint8_t *bytes, size_t count,
                       void *row, const hf_store_caller *caller);

/* A number of any length, and columns that are set; in codec_row.c. */
bool hf__row_take_longer_number(hf__row_reader *in, uint64_t *value);
bool hf__row_take_id(hf__row_reader *in, bool same, uint8_t *field);
bool hf__row_take_name(hf__row_reader *in, bool same, uint8_t *field);
int hf__row_take_bytes(hf__row_reader *in, uint8_t *field);

static inline uint64_t hf__unzigzag(uint64_t value)
{
    return value >> 1 ^ (0 - (value & 1));
}

HF__ALWAYS bool hf__row_take_number(hf__row_reader *in, uint64_t *value)
{
    if (in->at == in->end || (*in->at & 1) != 0)
        return hf__row_take_longer_number(in, value);
    *value = *in->at++ >> 1;
    return true;
}

HF__ALWAYS bool hf__row_take_u64(hf__row_reader *in, uint64_t max, uint64_t *value)
{
    if (!hf__row_take_number(in, value) || *value >= max)
        return false;
    *value += 1;
    return true;
}

HF__ALWAYS bool hf__row_take_u32(hf__row_reader *in, uint8_t *field)
{
    uint64_t value = 0;
    if (!hf__row_take_u64(in, UINT32_MAX, &value))
        return false;
    hf__store_u32(field, (uint32_t)value);
    return true;
}

HF__ALWAYS bool hf__row_take_i64(hf__row_reader *in, uint8_t *field)
{
    uint64_t code = 0;
    if (!hf__row_take_number(in, &code) || code == UINT64_MAX) /* INT64_MAX has a shorter form */
        return false;
    hf__store_u64(field, code < 2 ? (uint64_t)INT64_MAX + code : hf__unzigzag(code - 1));
    return true;
}

HF__ALWAYS bool hf__row_take_time(hf__row_reader *in, uint8_t *field)
{
    uint64_t value = 0;
    if (!hf__row_take_number(in, &value))
        return false;
    value = in->seen.base_ms + hf__unzigzag(value);
    hf__row_see_time(&in->seen, value);
    hf__store_u64(field, value);
    return value != 0;
}

HF__ALWAYS bool hf__row_take_enum(hf__row_reader *in, uint32_t limit, uint8_t *field)
{
    if (in->at == in->end || *in->at == 0 || *in->at >= limit)
        return false;
    hf__store_u32(field, *in->at++);
    return true;
}

HF__ALWAYS bool hf__row_take_16(hf__row_reader *in, uint8_t *field)
{
    if (in->end - in->at < 16)
        return false;
    memcpy(field, in->at, 16);
    in->at += 16;
    return true;
}

/* Bytes of a column in the row struct. */
HF__ALWAYS size_t hf__row_field_bytes(uint32_t type)
{
    switch ((hf_column_type)type) {
    case HF_COLUMN_I64:
    case HF_COLUMN_U64:
    case HF_COLUMN_TIME:
        return sizeof(uint64_t);
    case HF_COLUMN_U32:
    case HF_COLUMN_BOOL:
    case HF_COLUMN_ENUM:
        return sizeof(uint32_t);
    case HF_COLUMN_ID:
    case HF_COLUMN_HASH:
    case HF_COLUMN_BYTES:
        return sizeof(hf_id);
    case HF_COLUMN_NAME:
        return sizeof(hf_name);
    }
    return 0;
}

/* The value of a column that is set. */
HF__ALWAYS int hf__row_take_value(hf__row_reader *in, const hf_column *column, bool same,
                                  uint8_t *field)
{
    uint64_t value = 0;
    bool good = false;
    switch ((hf_column_type)column->type) {
    case HF_COLUMN_I64:
        good = hf__row_take_i64(in, field);
        break;
    case HF_COLUMN_U64:
        good = hf__row_take_u64(in, INT64_MAX, &value);
        hf__store_u64(field, value);
        break;
    case HF_COLUMN_U32:
        good = hf__row_take_u32(in, field);
        break;
    case HF_COLUMN_BOOL:
        good = true;
        hf__store_u32(field, 1);
        break;
    case HF_COLUMN_ENUM:
        good = hf__row_take_enum(in, column->name_count, field);
        break;
    case HF_COLUMN_TIME:
        good = hf__row_take_time(in, field);
        break;
    case HF_COLUMN_ID:
        good = hf__row_take_id(in, same, field);
        break;
    case HF_COLUMN_HASH:
        good = hf__row_take_16(in, field);
        break;
    case HF_COLUMN_NAME:
        good = hf__row_take_name(in, same, field);
        break;
    case HF_COLUMN_BYTES:
        return hf__row_take_bytes(in, field);
    }
    return good ? 0 : HF_E_CORRUPT;
}

/* `flags`: those not used yet, the column's lowest. A column of the key is only seen. */
HF__ALWAYS int hf__row_take_column(hf__row_reader *in, const hf_column *column, bool is_key,
                                   uint64_t flags, void *row)
{
    uint8_t *field = (uint8_t *)row + column->offset;
    const uint64_t mine = flags & (((uint64_t)1 << hf__flags_of[column->type]) - 1);
    if (is_key) {
        if (column->type == HF_COLUMN_ID && !hf__row_id_zero(field))
            hf__row_see_id(&in->seen, field);
        return 0;
    }
    if (column->type == HF_COLUMN_HASH || (mine & HF__FLAG_SET) != 0)
        return hf__row_take_value(in, column, (mine & HF__FLAG_SAME) != 0, field);
    memset(field, 0, hf__row_field_bytes(column->type));
    return mine == 0 ? 0 : HF_E_CORRUPT;
}

/* Begins a row with so many flags, which are in *set then. */
HF__ALWAYS bool hf__row_take_begin(hf__row_reader *in, uint32_t flags, const uint8_t *bytes,
                                   size_t count, const hf_store_caller *caller, uint64_t *set)
{
    const size_t head = (flags + 7) / 8;
    *set = 0;
    if (count < head)
        return false;
    *in = (hf__row_reader){.at = bytes + head, .end = bytes + count, .caller = caller};
    memcpy(set, bytes, head);
    *set = hf__little_endian(*set);
    return flags >= 64 || *set >> flags == 0;
}

/*
 * HF__ROW_DECODER(orders, ORDER_COLUMN_LIST) is hf__orders_decode, which reads rows of
 * hf__orders_table as hf__row_decode does: its file has it behind the table.
 */
#define HF__TAKE_COLUMN(ordinal, ...)                                                              \
    error = error != 0 ? error                                                                     \
                       : hf__row_take_column(&in, &table->columns[ordinal],                        \
                                             (keys >> (ordinal)&1) != 0, set >> flag, row);        \
    flag += (keys >> (ordinal)&1) != 0 ? 0u : hf__flags_of[table->columns[ordinal].type];
#define HF__ROW_DECODER(name, LIST)                                                                \
    int hf__##name##_decode(const uint8_t *bytes, size_t count, void *row,                         \
                            const hf_store_caller *caller);                                        \
    int hf__##name##_decode(const uint8_t *bytes, size_t count, void *row,                         \
                            const hf_store_caller *caller)                                         \
    {                                                                                              \
        const hf_table *table = &hf__##name##_table;                                               \
        const uint64_t keys = hf__key_mask_of_few(table);                                          \
        uint32_t flags = 0;                                                                        \
        uint32_t flag = 0;                                                                         \
        uint64_t set = 0;                                                                          \
        int error = 0;                                                                             \
        hf__row_reader in;                                                                         \
        LIST(HF__COUNT_FLAGS)                                                                      \
        if (!hf__row_take_begin(&in, flags, bytes, count, caller, &set))                           \
            return HF_E_CORRUPT;                                                                   \
        LIST(HF__TAKE_COLUMN)                                                                      \
        if (error != 0)                                                                            \
            return error;                                                                          \
        return in.at == in.end ? 0 : HF_E_CORRUPT;                                                 \
    }

/* Everything that a table has of its own to write and read its rows. */
#define HF__CODERS(name, LIST)                                                                     \
    HF__ENCODERS(name, LIST)                                                                       \
    HF__ROW_DECODER(name, LIST)

#endif
