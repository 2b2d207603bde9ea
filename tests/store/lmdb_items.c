/*
 * lmdb_items.c - state and functions of lmdb_items.h, one of each test program.
 */
#include "lmdb_items.h"

hf_store_error item_error;
uint64_t item_memory_used;

int item_put(void *txn, uint64_t id, uint64_t generation, uint64_t old_generation)
{
    static _Thread_local uint8_t body[9000];
    static _Thread_local uint8_t old_body[9000];
    item row = item_make(id, generation, body);
    item old = item_make(id, old_generation, old_body);
    const void *rows[] = {&row};
    const void *olds[] = {old_generation == 0 ? NULL : &old};
    return lmdb->put(txn, 0, rows, olds, 1);
}

int item_del(void *txn, uint64_t id, uint64_t generation)
{
    static _Thread_local uint8_t body[9000];
    item old = item_make(id, generation, body);
    const void *olds[] = {&old};
    return lmdb->del(txn, 0, olds, 1);
}

int64_t items_count(void *txn, uint32_t index)
{
    static item rows[64];
    void *pointers[64];
    for (size_t i = 0; i < 64; i++)
        pointers[i] = &rows[i];
    int64_t sum = 0;
    hf_scan scan = {.index = index};
    item last;
    for (uint32_t count = 64; count == 64;) {
        int error = lmdb->scan(txn, &scan, pointers, &count);
        if (error != 0)
            return error;
        sum += count;
        last = rows[63];
        scan.low = &last;
        scan.low_columns = index == 0 ? 1 : 2;
        scan.low_exclusive = 1;
    }
    return sum;
}
