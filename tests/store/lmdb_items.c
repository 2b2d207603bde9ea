/*
 * lmdb_items.c - the state of lmdb_items.h, one of each test program.
 */
#include "lmdb_items.h"

hf_store_error item_error;
uint64_t item_memory_used;
