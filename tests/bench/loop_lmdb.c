/*
 * loop_lmdb.c - what a C developer writes by hand over LMDB: one transaction for all checkouts in
 * flight, then one commit (group commit), with the same durability.
 *
 * What it writes is dumped from a store that holdfast made: every entry that one checkout added or
 * changed, in every table and index. Each checkout puts the same entries with its own ids, items,
 * wallet and event number at the places where the template's stand. Rows that were there before
 * (the accounts) are read first, since what they hold decides what is written; it pays for no check
 * and no encoding. What is the same for all checkouts (counters, the store's own record) is written
 * once a commit, as holdfast does.
 */
#include "bench.h"
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 64
#define PATCHES_MAX 12
#define BYTES_MAX   4096
#define NAMED_MAX   48

/* What stands at a place of a key or value. */
typedef enum part { ORDER, PAYMENT, SKU_A, SKU_B, WALLET, SEQ, PARTS } part;

typedef struct patch {
    uint16_t at;
    uint16_t what; /* part */
} patch;

typedef struct entry {
    MDB_dbi dbi;
    uint32_t key_bytes;
    uint32_t value_bytes;
    uint32_t key_patches;
    uint32_t value_patches;
    bool replaces; /* a row that was there before */
    patch in_key[PATCHES_MAX];
    patch in_value[PATCHES_MAX];
    uint8_t key[512];
    uint8_t value[BYTES_MAX];
} entry;

/* The bytes of each part, of the template or of one checkout. */
typedef struct parts {
    uint8_t bytes[PARTS][16];
    uint32_t length[PARTS];
} parts;

typedef struct loop {
    MDB_env *env;
    MDB_dbi dbis[NAMED_MAX];
    char names[NAMED_MAX][64];
    uint32_t named;
    entry entries[ENTRIES_MAX];
    uint32_t count;
} loop;

static int failed(const char *what, int error)
{
    (void)fprintf(stderr, "%s: %s\n", what, mdb_strerror(error));
    return -1;
}

static void set_part(parts *all, part which, const void *bytes, uint32_t length)
{
    memcpy(all->bytes[which], bytes, length);
    all->length[which] = length;
}

static void set_seq(parts *all, uint64_t seq)
{
    uint8_t big_endian[8];
    for (int i = 0; i < 8; i++)
        big_endian[i] = (uint8_t)(seq >> (56 - 8 * i));
    big_endian[0] ^= 0x80; /* keys keep the order of signed numbers */
    set_part(all, SEQ, big_endian, 8);
}

static void parts_of(parts *all, const bench_template *one)
{
    set_part(all, ORDER, one->order.bytes, 16);
    set_part(all, PAYMENT, one->payment.bytes, 16);
    set_part(all, SKU_A, one->skus[0], BENCH_NAME_BYTES);
    set_part(all, SKU_B, one->skus[1], BENCH_NAME_BYTES);
    set_part(all, WALLET, one->wallet, BENCH_NAME_BYTES);
    set_seq(all, one->seq);
}

static uint32_t find_patches(const parts *all, const uint8_t *bytes, uint32_t count, patch *out)
{
    uint32_t found = 0;
    for (uint32_t at = 0; at < count; at++)
        for (uint32_t p = 0; p < PARTS; p++)
            if (at + all->length[p] <= count && found < PATCHES_MAX &&
                memcmp(bytes + at, all->bytes[p], all->length[p]) == 0)
                out[found++] = (patch){.at = (uint16_t)at, .what = (uint16_t)p};
    return found;
}

static void apply(uint8_t *bytes, const patch *patches, uint32_t count, const parts *all)
{
    for (uint32_t i = 0; i < count; i++)
        memcpy(bytes + patches[i].at, all->bytes[patches[i].what], all->length[patches[i].what]);
}

static int open_env(loop *l, const char *path)
{
    int error = mdb_env_create(&l->env);
    if (error == 0)
        error = mdb_env_set_mapsize(l->env, (size_t)16 << 30);
    if (error == 0)
        error = mdb_env_set_maxdbs(l->env, NAMED_MAX);
    if (error == 0)
        error = mdb_env_open(l->env, path, MDB_NOSUBDIR | MDB_NORDAHEAD, 0600);
    return error == 0 ? 0 : failed("open", error);
}

/* The store as it is before the checkout. */
static int copy_store(const char *path, const char *to)
{
    loop l = {.env = NULL};
    int error = open_env(&l, path);
    if (error == 0)
        error = mdb_env_copy(l.env, to);
    mdb_env_close(l.env);
    return error == 0 ? 0 : failed("copy", error);
}

/* Opens every named database; the unnamed one lists them. */
static int open_named(loop *l)
{
    MDB_txn *txn;
    MDB_dbi main;
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val value;
    int error = mdb_txn_begin(l->env, NULL, 0, &txn);
    if (error == 0)
        error = mdb_dbi_open(txn, NULL, 0, &main);
    if (error == 0)
        error = mdb_cursor_open(txn, main, &cursor);
    if (error != 0)
        return failed("dump", error);
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0 && l->named < NAMED_MAX) {
        char *name = l->names[l->named];
        size_t length = key.mv_size < 63 ? key.mv_size : 63;
        memcpy(name, key.mv_data, length);
        name[length] = '\0';
        l->named++;
    }
    mdb_cursor_close(cursor);
    for (uint32_t i = 0; error == 0 && i < l->named; i++)
        error = mdb_dbi_open(txn, l->names[i], 0, &l->dbis[i]);
    if (error == 0)
        error = mdb_txn_commit(txn);
    return error == 0 ? 0 : failed("dump", error);
}

/* An entry belongs to the checkout when it is not the same in the store without it. */
static bool is_new(MDB_txn *before, MDB_dbi dbi, MDB_val *key, const MDB_val *value, bool *replaces)
{
    MDB_val old;
    *replaces = mdb_get(before, dbi, key, &old) == 0;
    return !*replaces || old.mv_size != value->mv_size ||
           memcmp(old.mv_data, value->mv_data, old.mv_size) != 0;
}

static int keep(loop *l, MDB_dbi dbi, const parts *all, const MDB_val *key, const MDB_val *value)
{
    if (l->count == ENTRIES_MAX || value->mv_size > BYTES_MAX || key->mv_size > 511)
        return fprintf(stderr, "dump: more entries than a checkout has\n") < 0 ? -2 : -1;
    entry *e = &l->entries[l->count++];
    e->dbi = dbi;
    e->key_bytes = (uint32_t)key->mv_size;
    e->value_bytes = (uint32_t)value->mv_size;
    memcpy(e->key, key->mv_data, key->mv_size);
    if (value->mv_size != 0)
        memcpy(e->value, value->mv_data, value->mv_size);
    e->key_patches = find_patches(all, e->key, e->key_bytes, e->in_key);
    e->value_patches = find_patches(all, e->value, e->value_bytes, e->in_value);
    return 0;
}

static int dump_one(loop *l, MDB_txn *txn, MDB_txn *before, uint32_t i, const parts *all)
{
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val value;
    int error = mdb_cursor_open(txn, l->dbis[i], &cursor);
    if (error != 0)
        return failed("dump", error);
    while (error == 0 && mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        bool replaces;
        if (!is_new(before, l->dbis[i], &key, &value, &replaces))
            continue;
        error = keep(l, l->dbis[i], all, &key, &value);
        if (error == 0)
            l->entries[l->count - 1].replaces = replaces;
    }
    mdb_cursor_close(cursor);
    return error;
}

/* `l` is open on a store with one checkout, `old` on the same store without it. */
static int dump(loop *l, loop *old, const bench_template *one)
{
    MDB_txn *txn;
    MDB_txn *before;
    parts all;
    parts_of(&all, one);
    int error = mdb_txn_begin(l->env, NULL, MDB_RDONLY, &txn);
    if (error == 0)
        error = mdb_txn_begin(old->env, NULL, MDB_RDONLY, &before);
    if (error != 0)
        return failed("dump", error);
    for (uint32_t i = 0; error == 0 && i < l->named; i++)
        error = dump_one(l, txn, before, i, &all);
    mdb_txn_abort(txn);
    mdb_txn_abort(before);
    return error;
}

/* The next id: of this time, in order, as the engine's own. */
static void next_id(uint8_t id[16], uint64_t number)
{
    for (int i = 0; i < 8; i++)
        id[8 + i] = (uint8_t)(number >> (56 - 8 * i));
    id[8] = (uint8_t)((id[8] & 0x3F) | 0x80);
}

static void choose(bench_choice *choice, parts *now)
{
    uint32_t items[2];
    uint32_t wallet;
    bench_choose(choice, items, &wallet);
    bench_name((char *)now->bytes[SKU_A], "item", items[0]);
    bench_name((char *)now->bytes[SKU_B], "item", items[1]);
    bench_name((char *)now->bytes[WALLET], "user", wallet);
}

/* One checkout. `commons`: also what all have in common. */
static int checkout(loop *l, MDB_txn *txn, parts *now, uint64_t number, bool commons)
{
    next_id(now->bytes[ORDER], number);
    next_id(now->bytes[PAYMENT], number);
    set_seq(now, number);
    for (uint32_t i = 0; i < l->count; i++) {
        entry *e = &l->entries[i];
        if (e->key_patches == 0 && !commons)
            continue;
        apply(e->key, e->in_key, e->key_patches, now);
        apply(e->value, e->in_value, e->value_patches, now);
        MDB_val key = {e->key_bytes, e->key};
        MDB_val value = {e->value_bytes, e->value};
        MDB_val old;
        int error = e->replaces ? mdb_get(txn, e->dbi, &key, &old) : 0;
        if (error == 0)
            error = mdb_put(txn, e->dbi, &key, &value, 0);
        if (error != 0)
            return failed("put", error);
    }
    return 0;
}

static int run(loop *l, const bench_case *c, const bench_template *one)
{
    parts now;
    bench_choice choice = {.hot = c->hot};
    uint64_t number = one->seq + 1000000;
    parts_of(&now, one);
    uint64_t start = bench_now();
    for (uint32_t done = 0; done < c->operations; done += c->in_flight) {
        MDB_txn *txn;
        uint64_t begun = bench_now();
        int error = mdb_txn_begin(l->env, NULL, 0, &txn);
        for (uint32_t i = 0; error == 0 && i < c->in_flight; i++) {
            choose(&choice, &now);
            error = checkout(l, txn, &now, number++, i + 1 == c->in_flight);
        }
        if (error == 0)
            error = mdb_txn_commit(txn);
        if (error != 0)
            return failed("commit", error);
        uint64_t took = bench_now() - begun;
        for (uint32_t i = 0; i < c->in_flight; i++)
            bench_add(c->sample, took);
    }
    c->sample->seconds = (double)(bench_now() - start) / 1e9;
    return 0;
}

int bench_loop_lmdb(const bench_case *c)
{
    static loop with;
    static loop without;
    char path[512];
    char old_path[512];
    char url[600];
    bench_template one;
    memset(&with, 0, sizeof(with));
    memset(&without, 0, sizeof(without));
    if (bench_path(path, c->folder, "with") != 0 || bench_path(old_path, c->folder, "old") != 0)
        return -1;
    (void)snprintf(url, sizeof(url), "lmdb:%s", path);
    int error = bench_fill(url);
    if (error == 0)
        error = copy_store(path, old_path);
    if (error == 0)
        error = bench_place_one(url, &one);
    if (error == 0)
        error = open_env(&with, path);
    if (error == 0)
        error = open_env(&without, old_path);
    if (error == 0)
        error = open_named(&with);
    if (error == 0)
        error = open_named(&without);
    if (error == 0)
        error = dump(&with, &without, &one);
    if (error == 0)
        error = run(&with, c, &one);
    mdb_env_close(with.env);
    mdb_env_close(without.env);
    return error;
}
