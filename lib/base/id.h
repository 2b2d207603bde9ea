/*
 * id.h - UUIDv7 (RFC 9562): made in order within one source, checked, compared.
 */
#ifndef HF_BASE_ID_H
#define HF_BASE_ID_H

#include <holdfast/types.h>
#include <stdbool.h>
#include <string.h>

/* Makes ids in order: 12 bits of counter in rand_a, and a pseudo-random rest. */
typedef struct hf__id_source {
    int64_t last_ms;
    uint32_t counter;
    uint32_t reserved;
    uint64_t random[2]; /* state of the generator, from hf_env.random or a seed */
} hf__id_source;

void hf__id_source_init(hf__id_source *source, const uint64_t seed[2]);

/* The next id at `now_ms`; greater than every one before, also when the clock goes back. */
void hf__id_next(hf__id_source *source, int64_t now_ms, hf_id *out);

/* An id derived from another and a number, with the same time: for parts of a record. */
void hf__id_derive(const hf_id *base, uint64_t number, hf_id *out);

static inline bool hf__id_equal(const hf_id *a, const hf_id *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static inline bool hf__id_zero(const hf_id *id)
{
    static const hf_id zero;
    return hf__id_equal(id, &zero);
}

/* Version 7, variant 10. */
static inline bool hf__id_valid(const hf_id *id)
{
    return (id->bytes[6] & 0xf0u) == 0x70u && (id->bytes[8] & 0xc0u) == 0x80u;
}

#endif
