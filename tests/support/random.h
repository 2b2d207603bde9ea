/*
 * Random numbers of a test, from a seed that is printed, so that a failing run can be repeated:
 *
 *     HF_TEST_SEED=1234 ./test_map
 */
#ifndef HF_TESTS_SUPPORT_RANDOM_H
#define HF_TESTS_SUPPORT_RANDOM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct hf_test_random {
    uint64_t state;
} hf_test_random;

/* Seeds from HF_TEST_SEED, else from the clock, and prints the seed. */
static inline hf_test_random hf_test_seed(void)
{
    const char *given = getenv("HF_TEST_SEED");
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seed = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    if (given != NULL)
        seed = strtoull(given, NULL, 10);
    (void)fprintf(stderr, "HF_TEST_SEED=%llu\n", (unsigned long long)seed);
    return (hf_test_random){.state = seed};
}

/* 64 bits (SplitMix64). */
static inline uint64_t hf_test_next(hf_test_random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* A number below `limit`. */
static inline uint32_t hf_test_below(hf_test_random *random, uint32_t limit)
{
    return (uint32_t)(hf_test_next(random) % limit);
}

#endif
