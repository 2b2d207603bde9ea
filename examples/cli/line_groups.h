/*
 * line_groups.h - groups of lines that were submitted and have not ended: one operation, or a
 * chain.
 *
 * A group keeps the text of its lines until it has ended, so that it can be submitted once more.
 * The user_data of an operation names its group and its position there.
 */
#ifndef CLI_LINE_GROUPS_H
#define CLI_LINE_GROUPS_H

#include "answers.h"

typedef struct line_group {
    char *text; /* the lines one after the other, each of them ends with a zero byte */
    size_t text_bytes, text_capacity;
    uint64_t lines[HF_CHAIN_MAX]; /* their numbers */
    uint32_t index;               /* of the group in line_groups.all */
    uint32_t count;               /* of lines */
    uint32_t answered;
    hf_completion *refused; /* by position, status 0: not refused; NULL: no line was refused */
    int again;              /* the RETRYABLE error of a line; 0: none */
    struct line_group *next;
} line_group;

/* Zero it before its first use. */
typedef struct line_groups {
    line_group **all;
    size_t count, capacity;
    line_group *idle;        /* groups that are not used */
    line_group *again;       /* groups to be submitted once more, in the order of their answers */
    line_group **again_last; /* where the next one is added */
    answers *answers;        /* what has ended goes there */
} line_groups;

/* A new empty group. */
line_group *line_groups_begin(line_groups *f);

/* Adds a line, and gives the user_data of its operation. */
uint64_t line_group_add(line_group *g, uint64_t line, const char *text, size_t bytes);

/* Takes the answer of one operation. A group that may be repeated is added to `again`. */
void line_groups_answer(line_groups *f, const hf_completion *done);

/* Whether an operation that ended with the error may succeed when it is submitted once more. */
bool line_groups_may_repeat(int error);

/* Takes all groups out of `again`; the first one. */
line_group *line_groups_take_again(line_groups *f);

/* Makes a group ready to be submitted once more. */
void line_group_reset(line_group *g);

/* Gives the answers of a group that is not repeated, and ends it. */
void line_groups_end(line_groups *f, line_group *g);

/* The lowest line of the groups in `again`; 0: there is none. */
uint64_t line_groups_first_again(const line_groups *f);

/* Frees everything. */
void line_groups_fini(line_groups *f);

#endif
