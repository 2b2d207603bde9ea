/*
 * sqlite_use.c - the state of sqlite_use.h, one of each test program.
 */
#include "sqlite_use.h"

uint8_t *use_memory;
size_t use_used;
hf_store_error use_error;
