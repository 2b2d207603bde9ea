/*
 * two_processes.c - the state of two_processes.h, one of each test program.
 */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier): MAP_ANONYMOUS */
#include "support/two_processes.h"

shared_state *shared;
