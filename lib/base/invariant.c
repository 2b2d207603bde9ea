/*
 * invariant.c - the note of a broken invariant, one per thread.
 *
 * Why per thread: a check stands deep in code that knows no engine. The thread that runs the
 * engine takes the note when it comes back up and poisons the engine it was working for.
 * Only the first place is kept: what follows is mostly its consequence.
 */
#include "base/invariant.h"

#include <stdio.h>
#include <stdlib.h>

static _Thread_local char note[256];
static _Thread_local bool broken;

bool hf__invariant_broken(const char *condition, const char *file, int line)
{
#ifdef HF_INVARIANT_ABORT
    (void)fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, condition);
    abort();
#endif
    if (!broken)
        (void)snprintf(note, sizeof note, "%s:%d: %s", file, line, condition);
    broken = true;
    return false;
}

const char *hf__invariant_taken(void)
{
    if (!broken)
        return NULL;
    broken = false;
    return note;
}
