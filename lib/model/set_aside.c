/*
 * set_aside.c - const table of the records that the engine skips.
 *
 * When and by which library a record was set aside differs from one run to the next, so digests
 * leave that out.
 */
#include "model/column.h"

/* clang-format off */
static const hf_column set_aside_columns[] = {
    ENUM_COLUMN(hf__set_aside, kind, "kind", hf__subject_names),
    COLUMN(hf__set_aside, id, "id", ID),
    OWN_COLUMN(hf__set_aside, place, "place", NAME),
    OWN_COLUMN(hf__set_aside, library, "library", U32),
    CLOCK_COLUMN(hf__set_aside, at_ms, "at"),
};

/* Ordinals of the columns above. */
enum {
    SET_ASIDE_KIND, SET_ASIDE_ID, SET_ASIDE_PLACE, SET_ASIDE_LIBRARY, SET_ASIDE_AT,
};

static const uint8_t set_aside_key[] = { SET_ASIDE_KIND, SET_ASIDE_ID };
static const uint8_t set_aside_library[] = { SET_ASIDE_LIBRARY };

static const hf_index set_aside_indexes[] = {
    INDEX("set_asides_library", set_aside_library),
};

const hf_table hf__set_asides_table = {
    .name = "set_asides",
    .id = HF__SET_ASIDES + 1,
    .row_bytes = sizeof(hf__set_aside),
    .columns = set_aside_columns,
    .key = set_aside_key,
    .indexes = set_aside_indexes,
    .column_count = HF__COUNT(set_aside_columns),
    .key_count = HF__COUNT(set_aside_key),
    .index_count = HF__COUNT(set_aside_indexes),
};
/* clang-format on */
