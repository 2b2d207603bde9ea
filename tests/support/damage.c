/*
 * damage.c - state and functions of damage.h, one of each test program.
 */
#include "support/damage.h"

hf_verify_result result;
hf_finding findings[64];

void *keep(void *context, uint64_t bytes)
{
    (void)context;
    static uint8_t memory[1 << 20];
    static size_t used;
    void *given = memory + used;
    used += (bytes + 15) & ~(uint64_t)15;
    ck_assert_uint_le(used, sizeof memory);
    return given;
}

void change_row(const struct damage *damage)
{
    static any_row old;
    static any_row row;
    void *rows[] = {&old};
    const void *now[] = {&row};
    const void *before[] = {&old};
    uint8_t found = 0;
    hf_store_caller caller = {.alloc = keep, .error = &error};
    hf_store_mark mark = {.batch = 1000, .time_ms = HF_BARE_NOW};
    void *txn;
    memset(&old, 0, sizeof old);
    damage->name(&old);
    const hf_store_driver *driver = &hf__memory_driver;
    ck_assert_int_eq(driver->begin(fault.store, HF_TXN_WRITE, &caller, &txn), 0);
    ck_assert_int_eq(driver->get(txn, damage->table, rows, &found, 1), 0);
    ck_assert_msg(found == 1, "%s: no such row", damage->what);
    row = old;
    if (damage->change == NULL) {
        ck_assert_int_eq(driver->del(txn, damage->table, before, 1), 0);
    } else {
        damage->change(&row);
        ck_assert_int_eq(driver->put(txn, damage->table, now, before, 1), 0);
    }
    ck_assert_int_eq(driver->commit(txn, &mark), 0);
}
