/*
 * money.c - exact shares: a product divided with a named rounding, and a total that is split
 * without a remainder.
 *
 * Products are 128 bits wide, so that a quantity times a price never overflows on the way. A
 * result that does not fit 64 bits is refused and leaves the output as it was.
 */
#include "base/wide.h"

#include <holdfast/error.h>
#include <holdfast/money.h>
#include <stdbool.h>

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

/* Whether the quotient moves one away from zero; `remainder` and `divisor` are magnitudes. */
static bool rounds_up(uint32_t rounding, uint64_t remainder, uint64_t divisor, bool odd)
{
    uint64_t twice = remainder * 2; /* remainder < divisor < 2^63 */
    if (rounding == HF_ROUND_HALF_UP)
        return twice >= divisor;
    if (rounding == HF_ROUND_HALF_EVEN)
        return twice > divisor || (twice == divisor && odd);
    return rounding == HF_ROUND_UP && remainder != 0;
}

int hf_money_muldiv(int64_t a, int64_t b, int64_t c, uint32_t rounding, int64_t *out)
{
    if (c <= 0 || out == NULL)
        return HF_E_ARGUMENT;
    if (rounding > HF_ROUND_UP)
        return HF_E_ENUM;
    bool negative = (a < 0) != (b < 0);
    hf__uwide product = (hf__uwide)magnitude(a) * magnitude(b);
    const uint64_t divisor = (uint64_t)c;
    hf__uwide quotient = product / divisor;
    uint64_t remainder = (uint64_t)(product % divisor);
    if (rounds_up(rounding, remainder, divisor, (quotient & 1) != 0))
        quotient += 1;
    if (quotient > (hf__uwide)INT64_MAX + (negative ? 1 : 0))
        return HF_E_OVERFLOW;
    *out = (int64_t)(negative ? -(hf__wide)quotient : (hf__wide)quotient);
    return 0;
}

/*
 * A split without memory of its own.
 *
 * Every part first gets its floor. The missing units go to the largest remainders, so the question
 * is which remainder is the last to get one. It is found by halving the range of its value and
 * counting, in one pass over the parts each time, how many lie above: at most 63 passes, O(n log
 * sum), whatever the count. A remainder needs no division and no storage: it is below 2^63, so the
 * low 64 bits of total * weight - floor * sum are all of it.
 */
typedef struct split {
    const int64_t *weights;
    int64_t *parts;
    uint64_t total; /* magnitude */
    uint64_t sum;   /* of the weights */
    uint32_t count;
    bool negative;
} split;

static uint64_t remainder_of(const split *s, uint32_t i)
{
    return s->total * (uint64_t)s->weights[i] - magnitude(s->parts[i]) * s->sum;
}

static uint32_t count_above(const split *s, uint64_t limit)
{
    uint32_t above = 0;
    for (uint32_t i = 0; i < s->count; i++)
        above += remainder_of(s, i) > limit ? 1 : 0;
    return above;
}

/* The smallest value with at most `most` remainders above it. */
static uint64_t find_limit(const split *s, uint64_t most)
{
    uint64_t low = 0;
    uint64_t high = s->sum - 1; /* no remainder is above */
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (count_above(s, middle) <= most)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Fills in the floors and returns how many units of the total are missing: fewer than parts. */
static uint64_t set_floors(const split *s)
{
    uint64_t given = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        uint64_t part = (uint64_t)((hf__uwide)s->total * (uint64_t)s->weights[i] / s->sum);
        given += part;
        s->parts[i] = (int64_t)(s->negative ? 0 - part : part);
    }
    return s->total - given;
}

static void give_missing(const split *s, uint64_t missing)
{
    uint64_t limit = find_limit(s, missing);
    uint64_t ties = missing - count_above(s, limit);
    const int64_t one = s->negative ? -1 : 1;
    for (uint32_t i = 0; i < s->count; i++) {
        uint64_t remainder = remainder_of(s, i);
        bool tie = remainder == limit && ties > 0;
        if (remainder > limit || tie)
            s->parts[i] += one;
        ties -= tie ? 1 : 0;
    }
}

/* The sum of the weights: 0 and *sum, or why they are refused. */
static int sum_weights(const int64_t *weights, uint32_t count, uint64_t *sum)
{
    int64_t total = 0;
    bool overflow = false;
    for (uint32_t i = 0; i < count; i++) {
        if (weights[i] < 0)
            return HF_E_ARGUMENT;
        overflow = overflow || __builtin_add_overflow(total, weights[i], &total);
    }
    if (overflow)
        return HF_E_OVERFLOW;
    *sum = (uint64_t)total;
    return total == 0 ? HF_E_ARGUMENT : 0;
}

int hf_money_split(int64_t total, const int64_t *weights, uint32_t count, int64_t *parts)
{
    if (weights == NULL || parts == NULL || count == 0)
        return HF_E_ARGUMENT;
    split s = {
        .weights = weights,
        .parts = parts,
        .total = magnitude(total),
        .count = count,
        .negative = total < 0,
    };
    int error = sum_weights(weights, count, &s.sum);
    if (error != 0)
        return error;
    uint64_t missing = set_floors(&s);
    if (missing > 0)
        give_missing(&s, missing);
    return 0;
}
