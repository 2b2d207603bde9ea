/*
 * walk.c - the state of walk.h, one of each test program.
 */
#include "support/walk.h"

rows whole;
rows wanted;
const char *walked;
