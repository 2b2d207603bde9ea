/*
 * text_index.h - gives texts small numbers, from 0 in the order of first sight.
 */
#ifndef CLI_TEXT_INDEX_H
#define CLI_TEXT_INDEX_H

#include <stddef.h>
#include <stdint.h>

/* Zero it before its first use. */
typedef struct text_index {
    char **texts; /* by number */
    size_t count;
    size_t capacity;
    uint32_t *slots; /* number + 1; 0: free */
    size_t slot_count;
} text_index;

/* The number of `text`, a new one at first sight. */
uint32_t text_index_put(text_index *index, const char *text);

/* Frees everything. */
void text_index_fini(text_index *index);

#endif
