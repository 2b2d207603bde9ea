/*
 * sample.c - time, latencies, names and choices.
 */
#include "bench.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t bench_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void bench_add(bench_sample *sample, uint64_t ns)
{
    if (sample->count < sample->capacity)
        sample->ns[sample->count++] = ns;
}

static int by_value(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

uint64_t bench_percentile(bench_sample *sample, double share)
{
    if (sample->count == 0)
        return 0;
    qsort(sample->ns, sample->count, sizeof(*sample->ns), by_value);
    return sample->ns[(uint32_t)((sample->count - 1) * share)];
}

void bench_name(char out[BENCH_NAME_BYTES + 1], const char *prefix, uint32_t number)
{
    (void)snprintf(out, BENCH_NAME_BYTES + 1, "%s-%05u", prefix, number % 100000u);
}

/* xorshift64: quick, and the same for every driver. */
static uint32_t next(bench_choice *choice, uint32_t below)
{
    choice->state ^= choice->state << 13;
    choice->state ^= choice->state >> 7;
    choice->state ^= choice->state << 17;
    return (uint32_t)(choice->state >> 32) % below;
}

void bench_choose(bench_choice *choice, uint32_t items[2], uint32_t *wallet)
{
    if (choice->state == 0)
        choice->state = 88172645463325252u;
    items[0] = choice->hot ? 0 : next(choice, BENCH_ITEMS);
    items[1] = choice->hot ? 0 : (items[0] + 1 + next(choice, BENCH_ITEMS - 1)) % BENCH_ITEMS;
    *wallet = next(choice, BENCH_WALLETS);
}

int bench_path(char out[512], const char *folder, const char *name)
{
    int length = snprintf(out, 512, "%s/%s", folder, name);
    return length > 0 && length < 512 ? 0 : -1;
}
