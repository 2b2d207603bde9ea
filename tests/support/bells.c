/*
 * bells.c - the state of bells.h, one of each test program.
 */
#include "support/bells.h"

char bells_meta[4096];
uint32_t bells_meta_bytes;
hf_options bells;
