/*
 * lmdb_use.c - the state of lmdb_use.h, one of each test program.
 */
#include "lmdb_use.h"

volatile unsigned use_sum;
