/*
 * tried.c - a table with one slot for each value of some bits of a row's id.
 */
#include "tried.h"

#include <string.h>

/* The end of an id that is made from a text is a hash. */
static size_t slot_of(const hf_id *row)
{
    uint64_t end;
    _Static_assert(sizeof(*row) == 2 * sizeof(end), "an id has 16 bytes");
    memcpy(&end, (const char *)row + sizeof(end), sizeof(end));
    return (size_t)(end >> 8) % TRIED_ROWS;
}

void tried_note(tried *t, const hf_id *row, uint64_t caller, uint64_t epoch)
{
    const size_t at = slot_of(row);
    t->rows[at].row = *row;
    t->rows[at].caller = caller;
    t->rows[at].epoch = epoch;
}

bool tried_take(tried *t, const hf_id *row, uint64_t caller, uint64_t *epoch)
{
    const size_t at = slot_of(row);
    *epoch = t->rows[at].epoch;
    if (*epoch == 0 || t->rows[at].caller != caller ||
        memcmp(&t->rows[at].row, row, sizeof(*row)) != 0)
        return false;
    t->rows[at].epoch = 0;
    return true;
}
