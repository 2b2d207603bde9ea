/*
 * memory.c - memory of a program that can only report that there is none left.
 */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

static void *checked(void *memory)
{
    if (memory == NULL)
        memory_out();
    return memory;
}

void *take_memory(size_t count, size_t bytes)
{
    return checked(calloc(count == 0 ? 1 : count, bytes));
}

void *grow_memory(void *old, size_t *capacity, size_t needed, size_t bytes)
{
    if (needed <= *capacity)
        return old;
    size_t larger = *capacity == 0 ? 64 : *capacity;
    while (larger < needed)
        larger *= 2;
    char *memory = checked(realloc(old, larger * bytes));
    memset(memory + *capacity * bytes, 0, (larger - *capacity) * bytes);
    *capacity = larger;
    return memory;
}

char *copy_text(const char *text)
{
    size_t bytes = strlen(text) + 1;
    return memcpy(take_memory(bytes, 1), text, bytes);
}
