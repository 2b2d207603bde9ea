/*
 * gate.c - the state of gate.h, one of each test program.
 */
#include "support/gate.h"

hf_gates_state hf_gates = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
