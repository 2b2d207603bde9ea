/*
 * loop_journal.h - reads what the journal baseline wrote.
 */
#ifndef HF_BENCH_LOOP_JOURNAL_H
#define HF_BENCH_LOOP_JOURNAL_H

#include "rowmap.h"

/*
 * Puts the rows of all records into a map, the last of each key; `deleted` counts those that a
 * record deleted. 0, or -1 after saying why: a checksum does not match.
 */
int journal_read(const char *path, rowmap *into, uint64_t *deleted);

#endif
