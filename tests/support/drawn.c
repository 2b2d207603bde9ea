/*
 * drawn.c - state and functions of drawn.h, one of each test program.
 */
#include "support/drawn.h"

hf_test_drawn_state drawn;

const char *name_of(const char *what, uint32_t number)
{
    static char texts[8][16];
    static uint32_t next;
    char *text = texts[next++ % 8];
    (void)snprintf(text, sizeof texts[0], "%s%u", what, number);
    return text;
}
