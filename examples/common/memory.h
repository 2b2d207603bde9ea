/*
 * memory.h - memory of a program that ends when there is none.
 */
#ifndef COMMON_MEMORY_H
#define COMMON_MEMORY_H

#include <stddef.h>

/* Reports on standard error that there is no memory and ends the program; each program has its own.
 */
_Noreturn void memory_out(void);

/* `count` zeroed elements of `bytes`. */
void *take_memory(size_t count, size_t bytes);

/* Makes room for at least `need` elements of `bytes` in *room, by doubling; new ones are zeroed. */
void *grow_memory(void *old, size_t *room, size_t need, size_t bytes);

/* A copy of a text. */
char *copy_text(const char *text);

#endif
