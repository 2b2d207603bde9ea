/*
 * same.h - whether everybody writes the same.
 */
#ifndef HF_BENCH_SAME_H
#define HF_BENCH_SAME_H

/*
 * Runs the same orders through holdfast and through the baseline and compares: the loops over LMDB
 * and SQLite write as many entries of as many bytes into each table and index as holdfast does, and
 * the bare journal byte for byte the rows that the loop over LMDB does. 0, or -1 after saying what
 * differs.
 */
int same_all(const char *folder, const char *prepared);

#endif
