/*
 * LMDB files for the tests of the page walker: made by LMDB itself, held in memory, looked into.
 *
 * A recipe is a row of a table; image_make runs it with a seed, so the same seed gives the same
 * file. Offsets stand here a second time, read from LMDB's source and not from the walker's.
 * Nothing here reports through Check, so that processes started by a test may use all of it.
 */
#ifndef HF_TESTS_STORE_LMDB_IMAGE_H
#define HF_TESTS_STORE_LMDB_IMAGE_H

#include "store/lmdb/walker/walker.h"

#include <lmdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE      ((size_t)4096)
#define BIG_BYTES (9 * PAGE)
#define MAP_BYTES ((size_t)256 << 20)
#define DBS_MAX   16U

/* Not Check's: a process that a test starts must not write into the messages of the test. */
#define must(condition) must_at((condition), __LINE__, #condition)

static inline void must_at(bool condition, int line, const char *text)
{
    if (!condition) {
        fprintf(stderr, "lmdb_image.h:%d: %s\n", line, text);
        abort();
    }
}

/* ---- A seeded random source -------------------------------------------------------------- */

static inline uint64_t rnd(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

static inline uint64_t below(uint64_t *state, uint64_t limit)
{
    return rnd(state) % limit;
}

static inline uint64_t env_number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 0);
}

/* ---- Files by LMDB ----------------------------------------------------------------------- */

struct recipe {
    const char *name;
    unsigned dbs;       /* named databases; 0: rows go to the main one */
    unsigned commits;   /* write transactions */
    unsigned rows;      /* changes in each */
    unsigned keys;      /* different keys */
    unsigned key_bytes; /* at most */
    unsigned value_bytes;
    unsigned big_in;     /* one value in so many goes to overflow pages; 0: none */
    unsigned delete_pct; /* changes that delete */
    bool drop;           /* at the end the first database is dropped */
};

static const struct recipe recipes[] = {
    {"new", 0, 0, 0, 1, 8, 8, 0, 0, false},
    {"main_only", 0, 3, 60, 500, 12, 40, 0, 10, false},
    {"named", 5, 12, 120, 700, 30, 120, 0, 30, false},
    {"big_values", 3, 10, 40, 120, 20, 300, 3, 35, false},
    {"long_keys", 2, 8, 90, 3000, 511, 8, 0, 15, false},
    {"long_free_list", 3, 6, 300, 2000, 60, 600, 40, 20, true},
    {"emptied", 2, 6, 80, 60, 12, 900, 9, 70, true},
};
#define RECIPES (sizeof recipes / sizeof recipes[0])

static inline MDB_env *env_open(const char *path, unsigned flags)
{
    MDB_env *env = NULL;
    must(mdb_env_create(&env) == 0);
    mdb_env_set_maxdbs(env, DBS_MAX);
    mdb_env_set_mapsize(env, MAP_BYTES);
    must(mdb_env_open(env, path, MDB_NOSUBDIR | MDB_NOSYNC | flags, 0600) == 0);
    return env;
}

static inline size_t make_key(uint8_t *key, const struct recipe *recipe, uint64_t number)
{
    uint64_t state = number;
    size_t size = 4 + rnd(&state) % (recipe->key_bytes - 3);
    memset(key, (int)('a' + number % 3), size);
    /* Keys that share long beginnings make long separators. */
    snprintf((char *)key + size - 4, 5, "%04x", (unsigned)(number & 0xffff));
    return size;
}

void change_row(MDB_txn *txn, MDB_dbi dbi, const struct recipe *recipe, uint64_t *state);

static inline MDB_dbi open_db(MDB_txn *txn, const struct recipe *recipe, uint64_t *state)
{
    MDB_dbi dbi = 0;
    char name[24];
    if (recipe->dbs == 0) {
        must(mdb_dbi_open(txn, NULL, 0, &dbi) == 0);
        return dbi;
    }
    snprintf(name, sizeof name, "table_%u", (unsigned)below(state, recipe->dbs));
    must(mdb_dbi_open(txn, name, MDB_CREATE, &dbi) == 0);
    return dbi;
}

static inline void write_txn(MDB_env *env, const struct recipe *recipe, uint64_t *state)
{
    MDB_txn *txn = NULL;
    must(mdb_txn_begin(env, NULL, 0, &txn) == 0);
    for (unsigned i = 0; i < recipe->rows; i++)
        change_row(txn, open_db(txn, recipe, state), recipe, state);
    must(mdb_txn_commit(txn) == 0);
}

static inline void drop_first(MDB_env *env)
{
    MDB_txn *txn = NULL;
    MDB_dbi dbi = 0;
    must(mdb_txn_begin(env, NULL, 0, &txn) == 0);
    if (mdb_dbi_open(txn, "table_0", 0, &dbi) == 0)
        must(mdb_drop(txn, dbi, 1) == 0);
    must(mdb_txn_commit(txn) == 0);
}

static inline void file_remove(const char *path)
{
    char lock[256];
    snprintf(lock, sizeof lock, "%s-lock", path);
    unlink(path);
    unlink(lock);
}

static inline void file_make(const char *path, const struct recipe *recipe, uint64_t seed)
{
    file_remove(path);
    MDB_env *env = env_open(path, 0);
    for (unsigned i = 0; i < recipe->commits; i++)
        write_txn(env, recipe, &seed);
    if (recipe->drop)
        drop_first(env);
    mdb_env_close(env);
}

/* ---- A file in memory -------------------------------------------------------------------- */

struct image {
    uint8_t *bytes;
    size_t size;
};

static inline void image_load(struct image *image, const char *path)
{
    FILE *file = fopen(path, "rb");
    must(file != NULL);
    fseek(file, 0, SEEK_END);
    image->size = (size_t)ftell(file);
    image->bytes = malloc(image->size + 1);
    must(image->bytes != NULL);
    rewind(file);
    must(fread(image->bytes, 1, image->size, file) == image->size);
    fclose(file);
}

static inline void image_save(const struct image *image, const char *path)
{
    file_remove(path);
    FILE *file = fopen(path, "wb");
    must(file != NULL);
    must(fwrite(image->bytes, 1, image->size, file) == image->size);
    fclose(file);
}

static inline void image_make(struct image *image, const struct recipe *recipe, uint64_t seed)
{
    file_make("made.mdb", recipe, seed);
    image_load(image, "made.mdb");
    file_remove("made.mdb");
}

static inline void image_copy(struct image *to, const struct image *from)
{
    to->size = from->size;
    to->bytes = malloc(from->size + 1);
    must(to->bytes != NULL);
    memcpy(to->bytes, from->bytes, from->size);
}

static inline void image_free(struct image *image)
{
    free(image->bytes);
    *image = (struct image){0};
}

static inline int image_read(void *ctx, void *buf, size_t n, uint64_t offset)
{
    const struct image *image = ctx;
    if (offset > image->size || n > image->size - offset)
        return -1;
    memcpy(buf, image->bytes + offset, n);
    return 0;
}

static inline void *image_alloc(void *ctx, size_t n)
{
    (void)ctx;
    return malloc(n);
}

static inline void image_release(void *ctx, void *block)
{
    (void)ctx;
    free(block);
}

static inline int image_walk(struct image *image, struct hf__walk_report *report)
{
    struct hf__walk_params params = {
        .read_at = image_read,
        .read_ctx = image,
        .alloc = image_alloc,
        .free = image_release,
        .file_size = image->size,
    };
    return hf__walk(&params, report);
}

/* ---- Places in a file -------------------------------------------------------------------- */

enum { BRANCH = 1, LEAF = 2, OVERFLOW_RUN = 4, META = 8 }; /* mp_flags */
enum { AT_PGNO = 0, AT_FLAGS = 10, AT_LOWER = 12, AT_UPPER = 14, AT_PAGES = 12, AT_PTRS = 16 };
enum { AT_META_FREE = 40, AT_META_MAIN = 88, AT_META_LAST = 136, AT_META_TXNID = 144 };
enum { DB_PAD = 0, DB_FLAGS = 4, DB_DEPTH = 6, DB_LEAFS = 16, DB_ENTRIES = 32, DB_ROOT = 40 };
enum { NODE_DATA_SIZE = 0, NODE_FLAGS = 4, NODE_KEY_SIZE = 6, NODE_KEY = 8 };

static inline uint64_t get(const uint8_t *at, size_t n)
{
    uint64_t value = 0;
    memcpy(&value, at, n);
    return value;
}

static inline void set(uint8_t *at, size_t n, uint64_t value)
{
    memcpy(at, &value, n);
}

static inline uint8_t *page_at(const struct image *image, uint64_t number)
{
    must(number < image->size / PAGE);
    return image->bytes + number * PAGE;
}

/* The newer meta page. */
static inline uint8_t *meta_at(const struct image *image)
{
    uint8_t *first = page_at(image, 0);
    uint8_t *second = page_at(image, 1);
    return get(second + AT_META_TXNID, 8) > get(first + AT_META_TXNID, 8) ? second : first;
}

static inline unsigned page_keys(const uint8_t *page)
{
    return (unsigned)(get(page + AT_LOWER, 2) - AT_PTRS) / 2;
}

static inline uint8_t *node_at(uint8_t *page, unsigned index)
{
    return page + get(page + AT_PTRS + 2 * (size_t)index, 2);
}

static inline uint8_t *node_value(uint8_t *node)
{
    return node + NODE_KEY + get(node + NODE_KEY_SIZE, 2);
}

static inline uint64_t node_child(const uint8_t *node)
{
    return get(node, 6);
}

/* The leftmost page of a level; level 0 is the root. */
static inline uint8_t *descend(const struct image *image, uint64_t root, unsigned level)
{
    uint8_t *page = page_at(image, root);
    for (; level > 0; level--)
        page = page_at(image, node_child(node_at(page, 0)));
    return page;
}

static inline uint8_t *leftmost_leaf(const struct image *image, const uint8_t *record)
{
    return descend(image, get(record + DB_ROOT, 8), (unsigned)get(record + DB_DEPTH, 2) - 1);
}

/* The record of a named database, from a main database that is one leaf. */
static inline uint8_t *named_record(const struct image *image, unsigned index)
{
    uint8_t *leaf = leftmost_leaf(image, meta_at(image) + AT_META_MAIN);
    must(index < page_keys(leaf));
    return node_value(node_at(leaf, index));
}

#endif
