/*
 * invariant.c - the notes of broken invariants, one of each kind per thread.
 *
 * Why per thread: a check stands deep in code that knows no engine. The thread that runs the
 * engine takes the note when the decision has returned, or before it commits. Only the first place
 * is kept: what follows is mostly its consequence.
 */
#include "base/invariant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct note {
    char text[256];
    bool broken;
} note;

static _Thread_local note notes[HF__INVARIANT_KINDS];

/* The path from the library's root on: where it was built is of no interest. */
static const char *below_root(const char *file)
{
    const char *lib = strstr(file, "lib/");
    return lib != NULL ? lib : file;
}

bool hf__invariant_broken(hf__invariant_of of, const char *condition, const char *file, int line)
{
#ifdef HF_INVARIANT_ABORT
    (void)fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, condition);
    abort();
#endif
    note *n = &notes[of];
    if (!n->broken)
        (void)snprintf(n->text, sizeof n->text, "%s:%d: %s", below_root(file), line, condition);
    n->broken = true;
    return false;
}

bool hf__invariant_noted(hf__invariant_of of)
{
    return notes[of].broken;
}

const char *hf__invariant_taken(hf__invariant_of of)
{
    if (!notes[of].broken)
        return NULL;
    notes[of].broken = false;
    return notes[of].text;
}
