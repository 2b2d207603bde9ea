/*
 * invariant.h - what must hold inside the library, never of host input or disk content.
 *
 * Invariants are also checked in release builds and never end the host process. The effect of a
 * broken invariant depends on what it guards:
 *
 *   hf_invariant          a decision or a read, which has a draft or a result of its own. The
 * engine discards that and refuses the one operation (HF_E_INVARIANT); all others continue.
 *   hf_shared_invariant   what all operations share: containers, the working set, the journal, a
 *                         commit. The engine is poisoned at the next commit, which does not happen.
 *
 * The place is remembered for the thread's engine. Under HF_INVARIANT_ABORT both abort.
 */
#ifndef HF_BASE_INVARIANT_H
#define HF_BASE_INVARIANT_H

#include <stdbool.h>

/* What a broken invariant is about. */
typedef enum hf__invariant_of {
    HF__OF_OPERATION = 0,
    HF__OF_SHARED,
    HF__INVARIANT_KINDS
} hf__invariant_of;

/* False when the condition is false, after the place has been noted. A statement or a condition. */
#define hf_invariant(condition)                                                                    \
    hf__invariant(!!(condition), HF__OF_OPERATION, #condition, __FILE__, __LINE__)
#define hf_shared_invariant(condition)                                                             \
    hf__invariant(!!(condition), HF__OF_SHARED, #condition, __FILE__, __LINE__)

/* Notes the place of the first broken invariant of its kind on this thread; always false. */
bool hf__invariant_broken(hf__invariant_of of, const char *condition, const char *file, int line);

/* What the macros call: a function, so that its value may be left unused. */
static inline bool hf__invariant(bool holds, hf__invariant_of of, const char *condition,
                                 const char *file, int line)
{
    return __builtin_expect(holds, true) ? true : hf__invariant_broken(of, condition, file, line);
}

/* Whether a note of this kind waits on this thread. */
bool hf__invariant_noted(hf__invariant_of of);

/* The note of this thread ("file:line: condition") and forgets it; NULL when there is none. */
const char *hf__invariant_taken(hf__invariant_of of);

#endif
