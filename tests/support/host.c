/*
 * host.c - the state of host.h, one of each test program.
 */
#include "support/host.h"

uint64_t hf_test_last;
