/*
 * two_engines.c - the state of two_engines.h, one of each test program.
 */
#include "support/two_engines.h"

hf_shared_state hf_shared;
