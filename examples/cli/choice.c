/*
 * choice.c - uniform, by Zipf's law, or one for all.
 *
 * Zipf's law is drawn by searching a table of cumulated weights, made once. Ranks are scattered
 * over the items, so that the favourites do not lie side by side in a tree.
 */
#include "choice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EXPONENT 1.1
#define SCATTER  7919u /* prime to CHOICE_ITEMS */

const char *const choice_names[CHOICE_SPREADS] = {"uniform", "zipf", "hot"};

static uint32_t cumulated[CHOICE_ITEMS]; /* of all, as a share of 2^32 - 1 */

static void cumulate(uint32_t *out, uint32_t count, double exponent)
{
    double all = 0;
    double sum = 0;
    for (uint32_t i = 0; i < count; i++)
        all += pow(i + 1, -exponent);
    for (uint32_t i = 0; i < count; i++) {
        sum += pow(i + 1, -exponent);
        out[i] = (uint32_t)(sum / all * (double)(UINT32_MAX - 1));
    }
    out[count - 1] = UINT32_MAX;
}

void choice_init(choice *of, uint32_t spread)
{
    if (spread == CHOICE_ZIPF && cumulated[CHOICE_ITEMS - 1] == 0)
        cumulate(cumulated, CHOICE_ITEMS, EXPONENT);
    *of = (choice){.state = 88172645463325252u, .spread = spread};
}

/* xorshift64: quick. */
static uint32_t draw(choice *of)
{
    of->state ^= of->state << 13;
    of->state ^= of->state >> 7;
    of->state ^= of->state << 17;
    return (uint32_t)(of->state >> 32);
}

/* The first rank whose cumulated weight is not below what was drawn. */
static uint32_t draw_rank(choice *of, const uint32_t *weights, uint32_t count)
{
    uint32_t wanted = draw(of);
    uint32_t low = 0;
    uint32_t high = count - 1;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (weights[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t choice_below(choice *of, uint32_t below)
{
    if (of->spread == CHOICE_HOT)
        return 0;
    if (of->spread != CHOICE_ZIPF)
        return draw(of) % below;
    return draw_rank(of, cumulated, CHOICE_ITEMS) * SCATTER % CHOICE_ITEMS % below;
}

static int fill_zipf(choice *of, uint32_t below, uint32_t *out, uint32_t count)
{
    uint32_t *weights = calloc(below, sizeof *weights);
    if (weights == NULL)
        return -1;
    cumulate(weights, below, 1);
    for (uint32_t i = 0; i < count; i++)
        out[i] = (uint32_t)((uint64_t)draw_rank(of, weights, below) * SCATTER % below);
    free(weights);
    return 0;
}

int choice_fill(choice *of, uint32_t below, uint32_t *out, uint32_t count)
{
    if (of->spread == CHOICE_ZIPF)
        return fill_zipf(of, below, out, count);
    for (uint32_t i = 0; i < count; i++)
        out[i] = choice_below(of, below);
    return 0;
}

void choice_next(choice *of, uint32_t items[2], uint32_t *wallet)
{
    items[0] = choice_below(of, CHOICE_ITEMS);
    items[1] = choice_below(of, CHOICE_ITEMS);
    while (items[1] == items[0] && of->spread != CHOICE_HOT)
        items[1] = choice_below(of, CHOICE_ITEMS);
    *wallet = draw(of) % CHOICE_WALLETS;
}

void choice_name(char out[CHOICE_NAME_BYTES + 1], const char *prefix, uint32_t number)
{
    memcpy(out, prefix, 4);
    out[4] = '-';
    for (int at = CHOICE_NAME_BYTES - 1; at > 4; at--, number /= 10)
        out[at] = (char)('0' + number % 10);
    out[CHOICE_NAME_BYTES] = '\0';
}
