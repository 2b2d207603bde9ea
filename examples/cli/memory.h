/*
 * memory.h - memory of the tool: it ends the program when there is none, with EXIT_STORE.
 */
#ifndef CLI_MEMORY_H
#define CLI_MEMORY_H

#include <stddef.h>

/* `count` zeroed elements of `bytes`. */
void *take_memory(size_t count, size_t bytes);

/* Makes room for at least `need` elements of `bytes` in *room, by doubling; new ones are zeroed. */
void *grow_memory(void *old, size_t *room, size_t need, size_t bytes);

/* A copy of a text. */
char *copy_text(const char *text);

#endif
