/*
 * builtin.h - the stores of this library, by name of their driver.
 *
 * Each is defined in the folder named after it; those of outside libraries only where the build
 * found them (HF_HAVE_LMDB, HF_HAVE_SQLITE).
 */
#ifndef HF_STORE_BUILTIN_H
#define HF_STORE_BUILTIN_H

#include <holdfast/store.h>

extern const hf_store_driver hf__memory_driver;
#if HF_HAVE_LMDB
extern const hf_store_driver hf__lmdb_driver;
#endif
#if HF_HAVE_SQLITE
extern const hf_store_driver hf__sqlite_driver;
#endif

#endif
