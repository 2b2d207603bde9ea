/*
 * tried.h - the branches that this process has tried and that no confirm has come for.
 *
 * A confirm must come from the caller that made the row, and not from an engine with a lower epoch;
 * neither changes in a row. So the confirm of a branch that is here needs no read of its row first.
 * The table is bounded; the row of a branch that it has lost is read from the store.
 */
#ifndef SERVER_SERVICES_TRIED_H
#define SERVER_SERVICES_TRIED_H

#include <holdfast.h>
#include <stdbool.h>

enum { TRIED_ROWS = 4096 };

/* Zeroed it is empty. */
typedef struct tried {
    struct {
        hf_id row;
        uint64_t caller; /* a hash of its name */
        uint64_t epoch;  /* 0: the slot is free */
    } rows[TRIED_ROWS];
} tried;

/* Notes a row that a try has written; another row in the same slot is lost. */
void tried_note(tried *t, const hf_id *row, uint64_t caller, uint64_t epoch);

/* Takes a row out; false: the table does not have it, or another caller has made it. */
bool tried_take(tried *t, const hf_id *row, uint64_t caller, uint64_t *epoch);

#endif
