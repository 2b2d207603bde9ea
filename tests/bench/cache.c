/*
 * cache.c - what a hit and a put that gives an entry up cost in hf_cache, by policy, beside an LRU
 * cache of a hash map and a list: by hand, with GLib's GHashTable, and with uthash.
 *
 * usage: bench_cache [ENTRIES [ROUNDS]]
 *
 * All have the same keys of 16 bytes, values of 8 and place for ENTRIES (100,000). A round measures
 * each of them once, in CPU time, one after the other; the table has the medians of ROUNDS (9),
 * the least and the largest. What the build machine does not have (GLib, uthash) is left out and
 * named.
 */
#include <holdfast.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if HF_HAVE_GLIB
#include <glib.h>
#endif
#if HF_HAVE_UTHASH
/* The hash that the others have: its own one is no code that clang accepts without a warning. */
#define HASH_FUNCTION(of, bytes, hash) ((void)(bytes), (hash) = (unsigned)hash_of(of))
#include <uthash.h>
#endif

#define KEY_BYTES  16
#define ROUNDS_MAX 99
#define STEPS      1000000u

typedef struct key {
    uint64_t words[2];
} key;

static key *keys;       /* twice as many as fit */
static uint32_t *order; /* which key is asked for, by step: of those that are held */
static uint32_t entries;
static uint64_t sum; /* of the values found, so that nothing is left out */

static double now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void *must(void *memory)
{
    if (memory == NULL) {
        (void)fputs("bench_cache: out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

/* A contestant: `get` finds a key that is held, `put` gives a new one a place. */
typedef struct contestant {
    const char *name;
    void (*open)(uint32_t policy);
    bool (*get)(const key *of);
    void (*put)(const key *of, uint64_t value);
    void (*close)(void);
    uint32_t policy;
} contestant;

/* ---- hf_cache -------------------------------------------------------------------------------- */

static hf_cache *cache;

static void cache_open(uint32_t policy)
{
    hf_cache_options options;
    hf_cache_options_init(&options);
    options.policy = policy;
    options.entries_max = entries;
    options.key_bytes_max = KEY_BYTES;
    options.value_bytes = sizeof(uint64_t);
    if (hf_cache_new(&options, &cache) != 0)
        (void)must(NULL);
}

static bool cache_get(const key *of)
{
    void *value;
    if (hf_cache_get(cache, of, KEY_BYTES, &value) != HF_CACHE_HIT)
        return false;
    sum += *(const uint64_t *)value;
    return true;
}

static void cache_put(const key *of, uint64_t value)
{
    (void)hf_cache_put(cache, of, KEY_BYTES, &value, 0, 0);
}

static void cache_close(void)
{
    (void)hf_cache_free(cache);
}

/* ---- A list, newest first, for the others -----------------------------------------------------
 */

typedef struct node {
    key of;
    uint64_t value;
    struct node *newer;
    struct node *older;
    struct node *chain; /* of the map by hand */
#if HF_HAVE_UTHASH
    UT_hash_handle hh;
#endif
} node;

static node *newest;
static node *oldest;
static uint32_t held;

static void list_cut(node *one)
{
    *(one->newer != NULL ? &one->newer->older : &newest) = one->older;
    *(one->older != NULL ? &one->older->newer : &oldest) = one->newer;
}

static void list_push(node *one)
{
    one->newer = NULL;
    one->older = newest;
    *(newest != NULL ? &newest->newer : &oldest) = one;
    newest = one;
}

static bool list_use(node *one)
{
    if (one == NULL)
        return false;
    if (one != newest) {
        list_cut(one);
        list_push(one);
    }
    sum += one->value;
    return true;
}

/* The node for a new key: one of its own, or the oldest, which `leave` takes out of the map. */
static node *list_take(const key *of, uint64_t value, void (*leave)(node *))
{
    node *one = oldest;
    if (held < entries) {
        one = must(calloc(1, sizeof *one));
        held++;
    } else {
        list_cut(one);
        leave(one);
    }
    one->of = *of;
    one->value = value;
    list_push(one);
    return one;
}

static void list_free(void)
{
    for (node *one = newest; one != NULL;) {
        node *older = one->older;
        free(one);
        one = older;
    }
    newest = oldest = NULL;
    held = 0;
}

/* ---- By hand --------------------------------------------------------------------------------- */

static node **buckets;
static uint64_t bucket_mask;

static uint64_t hash_of(const key *of) /* FNV-1a by words, then mixed */
{
    uint64_t hash = (of->words[0] ^ 0xcbf29ce484222325u) * 0x100000001b3u;
    hash = (hash ^ of->words[1]) * 0x100000001b3u;
    return hash ^ (hash >> 29);
}

static node **hand_place(const key *of)
{
    node **link = &buckets[hash_of(of) & bucket_mask];
    while (*link != NULL && memcmp(&(*link)->of, of, KEY_BYTES) != 0)
        link = &(*link)->chain;
    return link;
}

static void hand_open(uint32_t policy)
{
    (void)policy;
    for (bucket_mask = 1; bucket_mask < entries; bucket_mask *= 2)
        continue;
    buckets = must(calloc(bucket_mask, sizeof(node *)));
    bucket_mask -= 1;
}

static bool hand_get(const key *of)
{
    return list_use(*hand_place(of));
}

static void hand_leave(node *one)
{
    node **link = hand_place(&one->of);
    *link = one->chain;
}

static void hand_put(const key *of, uint64_t value)
{
    node *one = list_take(of, value, hand_leave);
    node **link = &buckets[hash_of(of) & bucket_mask];
    one->chain = *link;
    *link = one;
}

static void hand_close(void)
{
    list_free();
    free(buckets);
}

/* ---- GLib ------------------------------------------------------------------------------------ */

#if HF_HAVE_GLIB
static GHashTable *table;

static guint glib_hash(gconstpointer of)
{
    return (guint)hash_of(of);
}

static gboolean glib_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, KEY_BYTES) == 0;
}

static void glib_open(uint32_t policy)
{
    (void)policy;
    table = g_hash_table_new(glib_hash, glib_equal);
}

static bool glib_get(const key *of)
{
    return list_use(g_hash_table_lookup(table, of));
}

static void glib_leave(node *one)
{
    (void)g_hash_table_remove(table, &one->of);
}

static void glib_put(const key *of, uint64_t value)
{
    node *one = list_take(of, value, glib_leave);
    (void)g_hash_table_insert(table, &one->of, one);
}

static void glib_close(void)
{
    g_hash_table_destroy(table);
    list_free();
}
#endif

/* ---- uthash ---------------------------------------------------------------------------------- */

#if HF_HAVE_UTHASH
static node *users;

static void ut_open(uint32_t policy)
{
    (void)policy;
    users = NULL;
}

static bool ut_get(const key *of)
{
    node *one;
    HASH_FIND(hh, users, of, KEY_BYTES, one);
    return list_use(one);
}

static void ut_leave(node *one)
{
    HASH_DELETE(hh, users, one);
}

static void ut_put(const key *of, uint64_t value)
{
    node *one = list_take(of, value, ut_leave);
    HASH_ADD(hh, users, of, KEY_BYTES, one);
}

static void ut_close(void)
{
    HASH_CLEAR(hh, users);
    list_free();
}
#endif

/* clang-format off */
static const contestant contestants[] = {
    { "hf_cache, LRU", cache_open, cache_get, cache_put, cache_close, HF_CACHE_LRU },
    { "hf_cache, CLOCK", cache_open, cache_get, cache_put, cache_close, HF_CACHE_CLOCK },
    { "hf_cache, SIEVE", cache_open, cache_get, cache_put, cache_close, HF_CACHE_SIEVE },
    { "hf_cache, S3_FIFO", cache_open, cache_get, cache_put, cache_close, HF_CACHE_S3_FIFO },
    { "map and list by hand, LRU", hand_open, hand_get, hand_put, hand_close, 0 },
#if HF_HAVE_GLIB
    { "GHashTable and list, LRU", glib_open, glib_get, glib_put, glib_close, 0 },
#endif
#if HF_HAVE_UTHASH
    { "uthash and list, LRU", ut_open, ut_get, ut_put, ut_close, 0 },
#endif
};
/* clang-format on */

#define CONTESTANTS (sizeof contestants / sizeof contestants[0])

/* ---- Measuring ------------------------------------------------------------------------------- */

typedef struct figures {
    double hit[ROUNDS_MAX]; /* ns each */
    double put[ROUNDS_MAX];
} figures;

static void measure(const contestant *who, figures *into, uint32_t round)
{
    who->open(who->policy);
    for (uint32_t i = 0; i < entries; i++)
        who->put(&keys[i], i);
    double begin = now_ns();
    uint32_t found = 0;
    for (uint32_t i = 0; i < STEPS; i++)
        found += who->get(&keys[order[i]]);
    into->hit[round] = (now_ns() - begin) / STEPS;
    begin = now_ns();
    for (uint32_t i = 0; i < STEPS; i++)
        who->put(&keys[(entries + i) % (entries * 2)], i);
    into->put[round] = (now_ns() - begin) / STEPS;
    if (found != STEPS)
        (void)fprintf(stderr, "%s: %" PRIu32 " of %u were found\n", who->name, found, STEPS);
    who->close();
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static void print(const char *name, figures *of, uint32_t rounds)
{
    qsort(of->hit, rounds, sizeof(double), by_value);
    qsort(of->put, rounds, sizeof(double), by_value);
    printf("%-26s %6.0f (%.0f to %.0f) %6.0f (%.0f to %.0f)\n", name, of->hit[rounds / 2],
           of->hit[0], of->hit[rounds - 1], of->put[rounds / 2], of->put[0], of->put[rounds - 1]);
}

static void make_keys(void)
{
    uint64_t state = 1;
    keys = must(malloc((size_t)entries * 2 * sizeof keys[0]));
    order = must(malloc(STEPS * sizeof order[0]));
    for (uint32_t i = 0; i < entries * 2; i++)
        keys[i] = (key){{next_random(&state), next_random(&state)}};
    for (uint32_t i = 0; i < STEPS; i++)
        order[i] = (uint32_t)(next_random(&state) % entries);
}

int main(int argc, char **argv)
{
    static figures of[CONTESTANTS];
    entries = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 100000;
    uint32_t rounds = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 9;
    if (entries < 10 || entries > 100000000 || rounds < 1 || rounds > ROUNDS_MAX) {
        (void)fputs("usage: bench_cache [ENTRIES of 10 and more [ROUNDS of 1 to 99]]\n", stderr);
        return 2;
    }
    make_keys();
    for (uint32_t round = 0; round < rounds; round++)
        for (size_t i = 0; i < CONTESTANTS; i++)
            measure(&contestants[i], &of[i], round);
    printf("%" PRIu32 " entries, medians of %" PRIu32 " rounds (least to largest), ns\n", entries,
           rounds);
    printf("%-26s %-20s %s\n", "", "hit", "put that gives one up");
    for (size_t i = 0; i < CONTESTANTS; i++)
        print(contestants[i].name, &of[i], rounds);
    if (!HF_HAVE_GLIB)
        puts("left out: GHashTable (package libglib2.0-dev was not installed at build time)");
    if (!HF_HAVE_UTHASH)
        puts("left out: uthash (package uthash-dev was not installed at build time)");
    free(keys);
    free(order);
    return sum == 0;
}
