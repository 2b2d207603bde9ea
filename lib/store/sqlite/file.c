/*
 * file.c - files by their names, and memory that begins as zero.
 */
#include "store/sqlite/store.h"

#include <string.h>

void *hf__sqlite_alloc(const hf_allocator *allocator, size_t bytes)
{
    void *memory = allocator->alloc(allocator->context, bytes);
    if (memory != NULL)
        memset(memory, 0, bytes);
    return memory;
}

bool hf__sqlite_exists(const char *path)
{
    hf__file_info info;
    int native = 0;
    return hf__os_files.info(path, &info, &native) != HF_E_NOT_FOUND;
}

uint64_t hf__sqlite_bytes(const char *path)
{
    hf__file_info info;
    int native = 0;
    return hf__os_files.info(path, &info, &native) == 0 ? info.bytes : 0;
}
