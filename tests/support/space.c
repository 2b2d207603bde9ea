/*
 * space.c - the state of space.h, one of each test program.
 */
#include "support/space.h"

hf_test_small_state small;
hf__files files;
uint32_t durability = HF_DURABILITY_JOURNAL;
