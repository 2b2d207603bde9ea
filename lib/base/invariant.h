/*
 * invariant.h - what must hold inside the library, never of host input or disk content.
 *
 * On in release too. A broken invariant is remembered for the thread's engine, which then refuses
 * every call (HF_E_POISONED); the host lives on. Under HF_INVARIANT_ABORT (tests) it aborts.
 */
#ifndef HF_BASE_INVARIANT_H
#define HF_BASE_INVARIANT_H

#include <stdbool.h>

/* False when the condition is false, after the place has been noted. A statement or a condition. */
#define hf_invariant(condition) hf__invariant(!!(condition), #condition, __FILE__, __LINE__)

/* Notes the place of the first broken invariant of this thread; always false. */
bool hf__invariant_broken(const char *condition, const char *file, int line);

/* What the macro calls: a function, so that its value may be left unused. */
static inline bool hf__invariant(bool holds, const char *condition, const char *file, int line)
{
    return __builtin_expect(holds, true) ? true : hf__invariant_broken(condition, file, line);
}

/* The note of this thread ("file:line: condition") and forgets it; NULL when there is none. */
const char *hf__invariant_taken(void);

#endif
