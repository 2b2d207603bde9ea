/*
 * codec_column.h - columns read from and written to row structs, for the two halves of the codec.
 *
 * Rows come as void *: copies of known size instead of casts, which compilers turn into moves.
 */
#ifndef HF_MODEL_CODEC_COLUMN_H
#define HF_MODEL_CODEC_COLUMN_H

#include "base/text.h"

#include <holdfast/store.h>
#include <string.h>

/* A BYTES column as it stands in a row. */
typedef struct hf__bytes {
    const void *data;
    uint64_t bytes;
} hf__bytes;

static inline uint32_t hf__load_u32(const void *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

static inline uint64_t hf__load_u64(const void *from)
{
    uint64_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

static inline hf__bytes hf__load_bytes(const void *from)
{
    hf__bytes value;
    memcpy(&value, from, sizeof value);
    return value;
}

static inline void hf__store_u32(void *to, uint32_t value)
{
    memcpy(to, &value, sizeof value);
}

static inline void hf__store_u64(void *to, uint64_t value)
{
    memcpy(to, &value, sizeof value);
}

static inline void hf__store_name(void *to, const uint8_t *text, uint32_t bytes)
{
    memset(to, 0, sizeof(hf_name));
    memcpy(to, text, bytes);
}

/* The columns of the primary key, a bit each. */
static inline uint64_t hf__key_mask(const hf_table *table)
{
    uint64_t mask = 0;
    for (uint32_t i = 0; i < table->key_count; i++)
        mask |= (uint64_t)1 << table->key[i];
    return mask;
}

#endif
