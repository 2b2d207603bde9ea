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

/* Grows an array of elements of `bytes` to at least `needed` of them: *capacity is doubled as often
 * as that takes, and new elements are zeroed. Returns the array, which may have moved. */
void *grow_memory(void *old, size_t *capacity, size_t needed, size_t bytes);

/* A copy of a text. */
char *copy_text(const char *text);

#endif
