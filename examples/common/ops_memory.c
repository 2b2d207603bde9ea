/*
 * ops_memory.c - memory of operations that were read: blocks of their arguments, and the documents
 * that their texts lie in.
 */
#include "memory.h"
#include "ops_walk.h"

#include <stdlib.h>
#include <string.h>

void *ops_block(ops_memory *memory, size_t count, size_t bytes)
{
    memory->blocks = grow_memory(memory->blocks, &memory->block_capacity, memory->block_count + 1,
                                 sizeof(*memory->blocks));
    void *block = take_memory(count, bytes);
    memory->blocks[memory->block_count++] = block;
    return block;
}

void ops_keep(ops_memory *memory, json_t *document)
{
    memory->documents = grow_memory(memory->documents, &memory->document_capacity,
                                    memory->document_count + 1, sizeof(void *));
    memory->documents[memory->document_count++] = document;
}

void ops_clear(ops_memory *memory)
{
    while (memory->block_count > 0)
        free(memory->blocks[--memory->block_count]);
    while (memory->document_count > 0)
        json_decref(memory->documents[--memory->document_count]);
}

void ops_fini(ops_memory *memory)
{
    ops_clear(memory);
    free(memory->blocks);
    free(memory->documents);
    memset(memory, 0, sizeof(*memory));
}
