/*
 * damage.c - the state of damage.h, one of each test program.
 */
#include "support/damage.h"

hf_verify_result result;
hf_finding findings[64];
