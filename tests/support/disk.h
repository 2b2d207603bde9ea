/*
 * A disk in memory, as the table of files of an environment: it forgets what was not flushed.
 *
 *     disk_init(seed); env.files = &disk_files; ...         files live in it
 *     disk_fail_at(n, DISK_CRASH)                           the n-th change from now on is the last
 *     disk_crash()                                          the power is gone and comes back
 *
 * A crash keeps, of each write that was not flushed, any of its sectors, each whole; a file whose
 * folder was not flushed may be gone; what was flushed is there. One disk a process.
 */
#ifndef HF_TESTS_SUPPORT_DISK_H
#define HF_TESTS_SUPPORT_DISK_H

#include "base/os.h"

#include <stdbool.h>
#include <stdint.h>

extern const hf__files disk_files;

typedef enum disk_fault {
    DISK_SOUND = 0,
    DISK_CRASH, /* it and all later calls fail; a write may have begun */
    DISK_FULL,  /* a write, or all reservations in a row: HF_E_NO_SPACE, this once */
    DISK_SYNC,  /* a flush: HF_E_IO, this once; what it should flush may be lost */
    DISK_LIES,  /* every flush from then on says it did and did nothing */
} disk_fault;

/* Empties the disk. */
void disk_init(uint64_t seed);

/* What happens at the n-th change (write, flush, reserve, make, remove) from now on, from 1. */
void disk_fail_at(uint64_t n, disk_fault fault);

/* Changes so far, and whether the fault has happened. */
uint64_t disk_changes(void);
bool disk_has_failed(void);

/* Power fails and comes back: forgets what it may, and works again. */
void disk_crash(void);

/* Only the process was killed: what it wrote is there, flushed or not. */
void disk_restart(void);

/* Turns over bits of a file, for damage; false when it has no such byte. */
bool disk_damage(const char *path, uint64_t offset, uint8_t bits);

/* The bytes of a file; 0 when there is none. */
uint64_t disk_bytes(const char *path);

#endif
