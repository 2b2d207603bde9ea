/*
 * undo.c - commits that were acknowledged and not flushed: taken back when the power fails.
 */
#include "store.h"

#include <stdlib.h>
#include <string.h>

static void *copy_of(uint32_t table, const void *row)
{
    const hf_table *about = hf_store_schema()->tables[table];
    uint8_t *copy = row == NULL ? NULL : calloc(1, about->row_bytes);
    if (copy == NULL)
        return NULL;
    memcpy(copy, row, about->row_bytes);
    for (uint32_t i = 0; i < about->column_count; i++) {
        if (about->columns[i].type != HF_COLUMN_BYTES)
            continue;
        void *bytes;
        uint64_t count;
        memcpy(&bytes, copy + about->columns[i].offset, sizeof bytes);
        memcpy(&count, copy + about->columns[i].offset + sizeof bytes, sizeof count);
        void *kept = count == 0 ? NULL : malloc(count);
        if (kept != NULL)
            memcpy(kept, bytes, count);
        memcpy(copy + about->columns[i].offset, &kept, sizeof kept);
    }
    return copy;
}

static void free_row(uint32_t table, void *row)
{
    const hf_table *about = hf_store_schema()->tables[table];
    for (uint32_t i = 0; row != NULL && i < about->column_count; i++) {
        if (about->columns[i].type != HF_COLUMN_BYTES)
            continue;
        void *bytes;
        memcpy(&bytes, (uint8_t *)row + about->columns[i].offset, sizeof bytes);
        free(bytes);
    }
    free(row);
}

void sim_undo_keep(uint32_t table, const void *before, const void *after)
{
    if (sim->control != SIM_NO_SYNC || sim->store->change_count == SIM_CHANGES)
        return;
    sim->store->changes[sim->store->change_count++] = (sim_change){
        .table = table, .before = copy_of(table, before), .after = copy_of(table, after)};
}

void sim_undo_forget(uint32_t from)
{
    while (sim->store->change_count > from) {
        sim_change *last = &sim->store->changes[--sim->store->change_count];
        free_row(last->table, last->before);
        free_row(last->table, last->after);
    }
}

void sim_store_power_cut(void)
{
    sim_store *store = sim->store;
    hf_store_error error = {0};
    const hf_store_caller caller = {.error = &error};
    void *txn;
    if (store->change_count == 0 || store->driver->begin(store->inner, HF_TXN_WRITE, &caller, &txn))
        return;
    for (uint32_t i = store->change_count; i > 0; i--) {
        const sim_change *undo = &store->changes[i - 1];
        const void *before = undo->before;
        const void *after = undo->after;
        if (before != NULL)
            (void)store->driver->put(txn, undo->table, &before, &after, 1);
        else
            (void)store->driver->del(txn, undo->table, &after, 1);
    }
    (void)store->driver->commit(txn, &store->flushed);
    sim_undo_forget(0);
}
