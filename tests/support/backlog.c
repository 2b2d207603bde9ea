/*
 * backlog.c - the state of backlog.h, one of each test program.
 */
#include "support/backlog.h"

const kind *now_kind;
uint64_t scanned;
int64_t scan_ms;
uint64_t passed;
