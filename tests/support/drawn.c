/*
 * drawn.c - state and functions of drawn.h, one of each test program.
 */
#include "support/drawn.h"

hf_test_drawn_state drawn;

static void begin_numbers(hf_test_numbers *of, const char *what, uint32_t used)
{
    *of = (hf_test_numbers){.what = what, .last = used};
    for (uint32_t i = 0; i < LATEST; i++)
        of->given_ms[i] = START_MS;
}

void hf_test_drawn_start(void)
{
    drawn = (hf_test_drawn_state){.random = hf_test_seed(), .now_ms = START_MS};
    begin_numbers(&drawn.orders, "order", ORDERS);
    begin_numbers(&drawn.holds, "hold", HOLDS);
    begin_numbers(&drawn.txns, "txn", TXNS);
}

const char *name_of(const char *what, uint32_t number)
{
    static char texts[8][16];
    static uint32_t next;
    char *text = texts[next++ % 8];
    (void)snprintf(text, sizeof texts[0], "%s%u", what, number);
    return text;
}
