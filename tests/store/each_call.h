/*
 * The layer below a store that fails: calls of the system, of the allocators, of LMDB and of
 * SQLite. The linker lets each_call.c answer for them (--wrap). Before a call of the system another
 * process may also do something.
 */
#ifndef HF_TESTS_STORE_EACH_CALL_H
#define HF_TESTS_STORE_EACH_CALL_H

#include <holdfast/store.h>
#include <stddef.h>
#include <stdint.h>

typedef enum fault_kind {
    FAULT_NONE = 0,
    FAULT_FILES,
    FAULT_MEMORY,
    FAULT_NATIVE,
    FAULT_SQLITE_MEMORY, /* what SQLite allocates for itself */
    FAULT_MEANWHILE,     /* no call fails: another process does something before it */
} fault_kind;

struct each_call_fault {
    fault_kind kind;
    int code; /* FAULT_NATIVE: what the call returns */
    uint32_t at;
    uint32_t calls;
    const char *name;        /* of the call that has failed */
    void (*meanwhile)(void); /* FAULT_MEANWHILE: what the other process does */
};

/* The call that fails next, and how many of its kind there were. */
extern struct each_call_fault fault;

/* Memory for a store and for rows, which fails too; rows_used 0 releases that of the rows. */
extern size_t rows_used;
extern hf_store_error error;
extern const hf_store_caller caller;
extern const hf_allocator allocator;

/* Lets SQLite's memory fail too. Called once, before SQLite is used. */
void each_call_install(void);

#endif
