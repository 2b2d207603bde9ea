/*
 * answers.h - what replay prints: each answer when it is wanted, refusals, and a summary.
 */
#ifndef CLI_ANSWERS_H
#define CLI_ANSWERS_H

#include "cli.h"
#include "progress.h"

#define ANSWER_TYPES  64u
#define ANSWER_ERRORS 256u

typedef struct answers {
    const char *path;
    bool json;
    bool verbose;
    progress bar;
    uint64_t counts[ANSWER_TYPES][ANSWER_ERRORS]; /* [hf_op_type][-status] */
    uint64_t done;
    uint64_t refused;
    int fatal; /* the first error that is no refusal; 0 */
} answers;

/* Counts and prints one answer; its user_data is the line. */
void answers_take(answers *a, const hf_completion *done);

/* Prints the summary. */
void answers_summary(const answers *a);

#endif
