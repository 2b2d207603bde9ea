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

void *grow_memory(void *old, size_t *room, size_t need, size_t bytes)
{
    if (need <= *room)
        return old;
    size_t wanted = *room == 0 ? 64 : *room;
    while (wanted < need)
        wanted *= 2;
    char *memory = checked(realloc(old, wanted * bytes));
    memset(memory + *room * bytes, 0, (wanted - *room) * bytes);
    *room = wanted;
    return memory;
}

char *copy_text(const char *text)
{
    size_t bytes = strlen(text) + 1;
    return memcpy(take_memory(bytes, 1), text, bytes);
}
