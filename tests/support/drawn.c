/*
 * drawn.c - the state of drawn.h, one of each test program.
 */
#include "support/drawn.h"

hf_test_drawn_state drawn;
