/*
 * choice.h - which items and which wallet an order is about: the same sequence for everybody who
 * starts with the same spread.
 */
#ifndef CLI_CHOICE_H
#define CLI_CHOICE_H

#include <stdint.h>

#define CHOICE_ITEMS      10000u
#define CHOICE_WALLETS    10000u
#define CHOICE_NAME_BYTES 10 /* "item-00042", "user-00042" */

/* How orders spread over items. */
typedef enum choice_spread {
    CHOICE_UNIFORM = 0, /* two different items, each as likely as any */
    CHOICE_ZIPF = 1,    /* two different ones by Zipf's law with exponent 1.1: one in six is the
                           first item */
    CHOICE_HOT = 2,     /* both lines of every order are of one item */
} choice_spread;

#define CHOICE_SPREADS 3u

extern const char *const choice_names[CHOICE_SPREADS];

typedef struct choice {
    uint64_t state;
    uint32_t spread;
    uint32_t reserved;
} choice;

void choice_init(choice *of, uint32_t spread);

/* The next order's items and wallet. */
void choice_next(choice *of, uint32_t items[2], uint32_t *wallet);

/* A number below `below`, by the spread: HOT gives 0. */
uint32_t choice_below(choice *of, uint32_t below);

/*
 * Fills `out` with numbers below `below` by the spread: ZIPF over all of them, with exponent 1 and
 * the favourites scattered. -1: no memory.
 */
int choice_fill(choice *of, uint32_t below, uint32_t *out, uint32_t count);

/* "item-00042". */
void choice_name(char out[CHOICE_NAME_BYTES + 1], const char *prefix, uint32_t number);

#endif
