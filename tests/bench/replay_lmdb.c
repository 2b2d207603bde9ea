/*
 * replay_lmdb.c - phases: taken as the difference of two stores, and written again.
 */
#include "replay_lmdb.h"

#include <stdio.h>
#include <string.h>

#define SMALL_MAX 247u /* numbers up to here are their own byte in a key */

int replay_failed(const char *what, int error)
{
    (void)fprintf(stderr, "%s: %s\n", what, mdb_strerror(error));
    return -1;
}

/* ---- Stores ---------------------------------------------------------------------------------- */

static int open_env(MDB_env **env, const char *path)
{
    int error = mdb_env_create(env);
    if (error == 0)
        error = mdb_env_set_mapsize(*env, (size_t)64 << 30);
    if (error == 0)
        error = mdb_env_set_maxdbs(*env, REPLAY_NAMED_MAX);
    if (error == 0)
        error = mdb_env_open(*env, path, MDB_NOSUBDIR | MDB_NORDAHEAD, 0600);
    return error == 0 ? 0 : replay_failed("open", error);
}

/* The unnamed database lists the named ones. */
static int list_named(replay_store *store, MDB_txn *txn)
{
    MDB_dbi main;
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val value;
    int error = mdb_dbi_open(txn, NULL, 0, &main);
    if (error == 0)
        error = mdb_cursor_open(txn, main, &cursor);
    if (error != 0)
        return error;
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        size_t length = key.mv_size < 63 ? key.mv_size : 63;
        if (store->named == REPLAY_NAMED_MAX) {
            error = MDB_DBS_FULL;
            break;
        }
        char *name = store->names[store->named++];
        memcpy(name, key.mv_data, length);
        name[length] = '\0';
    }
    mdb_cursor_close(cursor);
    return error;
}

int replay_open(replay_store *store, const char *path)
{
    MDB_txn *txn;
    memset(store, 0, sizeof(*store));
    if (open_env(&store->env, path) != 0)
        return -1;
    int error = mdb_txn_begin(store->env, NULL, 0, &txn);
    if (error != 0)
        return replay_failed("open", error);
    error = list_named(store, txn);
    for (uint32_t i = 0; error == 0 && i < store->named; i++)
        error = mdb_dbi_open(txn, store->names[i], 0, &store->dbis[i]);
    if (error == 0)
        error = mdb_txn_commit(txn);
    else
        mdb_txn_abort(txn);
    return error == 0 ? 0 : replay_failed("open", error);
}

void replay_close(replay_store *store)
{
    if (store->env != NULL)
        mdb_env_close(store->env);
    store->env = NULL;
}

int replay_copy(const char *path, const char *to)
{
    MDB_env *env = NULL;
    int error = open_env(&env, path);
    if (error == 0 && (error = mdb_env_copy(env, to)) != 0)
        error = replay_failed("copy", error);
    mdb_env_close(env);
    return error;
}

/* ---- Taking ---------------------------------------------------------------------------------- */

/* Two stores of one schema, each at one moment. */
typedef struct pair {
    const replay_store *store;
    MDB_txn *after;
    MDB_txn *before;
} pair;

static replay_entry *keep(replay_phase *phase, uint32_t table, const MDB_val *key,
                          const MDB_val *value)
{
    if (phase->count == REPLAY_ENTRIES_MAX || value->mv_size > REPLAY_VALUE_MAX ||
        key->mv_size > REPLAY_KEY_MAX) {
        (void)fprintf(stderr, "dump: more entries than an operation has\n");
        return NULL;
    }
    replay_entry *e = &phase->entries[phase->count++];
    *e = (replay_entry){.table = table,
                        .key_bytes = (uint32_t)key->mv_size,
                        .value_bytes = (uint32_t)value->mv_size,
                        .is_row = value->mv_size != 0};
    memcpy(e->key, key->mv_data, key->mv_size);
    if (value->mv_size != 0)
        memcpy(e->value, value->mv_data, value->mv_size);
    return e;
}

/* Keeps an entry unless the other store has it too. */
static int compare(replay_phase *phase, uint32_t table, MDB_txn *other, MDB_dbi dbi,
                   MDB_val entry[2])
{
    MDB_val old;
    bool there = mdb_get(other, dbi, &entry[0], &old) == 0;
    if (there && old.mv_size == entry[1].mv_size &&
        memcmp(old.mv_data, entry[1].mv_data, old.mv_size) == 0)
        return 0;
    replay_entry *e = keep(phase, table, &entry[0], &entry[1]);
    if (e != NULL)
        e->replaces = there;
    return e == NULL ? -1 : 0;
}

static int compare_removed(replay_phase *phase, uint32_t table, MDB_txn *other, MDB_dbi dbi,
                           MDB_val entry[2])
{
    MDB_val now;
    MDB_val none = {0, NULL};
    if (mdb_get(other, dbi, &entry[0], &now) == 0)
        return 0;
    replay_entry *e = keep(phase, table, &entry[0], &none);
    if (e != NULL) {
        e->removes = true;
        e->is_row = entry[1].mv_size != 0;
    }
    return e == NULL ? -1 : 0;
}

static int walk(replay_phase *phase, const pair *of, uint32_t table, bool removed)
{
    MDB_cursor *cursor;
    MDB_val entry[2];
    MDB_dbi dbi = of->store->dbis[table];
    int error = mdb_cursor_open(removed ? of->before : of->after, dbi, &cursor);
    if (error != 0)
        return replay_failed("dump", error);
    while (error == 0 && mdb_cursor_get(cursor, &entry[0], &entry[1], MDB_NEXT) == 0)
        error = removed ? compare_removed(phase, table, of->after, dbi, entry)
                        : compare(phase, table, of->before, dbi, entry);
    mdb_cursor_close(cursor);
    return error;
}

int replay_capture(replay_phase *phase, const replay_store *after, const replay_store *before,
                   const char *skip)
{
    pair of = {.store = after};
    phase->count = 0;
    int error = mdb_txn_begin(after->env, NULL, MDB_RDONLY, &of.after);
    if (error != 0)
        return replay_failed("dump", error);
    error = mdb_txn_begin(before->env, NULL, MDB_RDONLY, &of.before);
    if (error != 0) {
        mdb_txn_abort(of.after);
        return replay_failed("dump", error);
    }
    for (uint32_t i = 0; error == 0 && i < after->named; i++) {
        if (strcmp(after->names[i], skip) == 0)
            continue;
        error = walk(phase, &of, i, true);
        if (error == 0)
            error = walk(phase, &of, i, false);
    }
    mdb_txn_abort(of.after);
    mdb_txn_abort(of.before);
    return error;
}

const replay_entry *replay_added(const replay_phase *phase, const replay_store *store,
                                 const char *table)
{
    for (uint32_t i = 0; i < phase->count; i++) {
        const replay_entry *e = &phase->entries[i];
        if (!e->replaces && !e->removes && strcmp(store->names[e->table], table) == 0)
            return e;
    }
    return NULL;
}

static bool stands(const replay_parts *of, uint32_t part, const uint8_t *at, uint32_t left)
{
    return of->length[part] <= left && memcmp(at, of->bytes[part], of->length[part]) == 0;
}

static uint32_t find(const replay_parts *of, const uint8_t *bytes, uint32_t count,
                     replay_patch *out)
{
    uint32_t found = 0;
    for (uint32_t at = 0; at < count; at++)
        for (uint32_t p = 0; p < of->count; p++)
            if (!of->whole[p] && found < REPLAY_PATCHES_MAX &&
                stands(of, p, bytes + at, count - at))
                out[found++] = (replay_patch){.at = (uint16_t)at, .part = (uint16_t)p};
    return found;
}

static uint32_t find_whole(const replay_parts *of, const replay_entry *e, replay_patch *out)
{
    for (uint32_t p = 0; p < of->count; p++) {
        if (of->whole[p] && of->length[p] == e->key_bytes && stands(of, p, e->key, e->key_bytes)) {
            *out = (replay_patch){.at = 0, .part = (uint16_t)p};
            return 1;
        }
    }
    return 0;
}

void replay_find(replay_phase *phase, const replay_parts *of)
{
    for (uint32_t i = 0; i < phase->count; i++) {
        replay_entry *e = &phase->entries[i];
        e->key_patches = find_whole(of, e, e->in_key);
        if (e->key_patches == 0)
            e->key_patches = find(of, e->key, e->key_bytes, e->in_key);
        e->value_patches = find(of, e->value, e->value_bytes, e->in_value);
    }
}

/* ---- Writing --------------------------------------------------------------------------------- */

static void apply(uint8_t *bytes, const replay_patch *patches, uint32_t count,
                  const replay_parts *now)
{
    for (uint32_t i = 0; i < count; i++)
        memcpy(bytes + patches[i].at, now->bytes[patches[i].part], now->length[patches[i].part]);
}

void replay_apply(replay_entry *e, const replay_parts *now)
{
    apply(e->key, e->in_key, e->key_patches, now);
    if (e->key_patches == 1 && now->whole[e->in_key[0].part])
        e->key_bytes = now->length[e->in_key[0].part];
    apply(e->value, e->in_value, e->value_patches, now);
}

static int put_one(MDB_txn *txn, MDB_dbi dbi, replay_entry *e, const replay_parts *now)
{
    replay_apply(e, now);
    MDB_val key = {e->key_bytes, e->key};
    MDB_val value = {e->value_bytes, e->value};
    MDB_val old;
    if (e->removes)
        return mdb_del(txn, dbi, &key, NULL);
    int error = e->replaces ? mdb_get(txn, dbi, &key, &old) : 0;
    return error != 0 ? error : mdb_put(txn, dbi, &key, &value, 0);
}

int replay_put(const replay_store *store, MDB_txn *txn, replay_phase *phase,
               const replay_parts *now, bool commons)
{
    for (uint32_t i = 0; i < phase->count; i++) {
        replay_entry *e = &phase->entries[i];
        if (e->key_patches == 0 && !commons)
            continue;
        int error = put_one(txn, store->dbis[e->table], e, now);
        if (error != 0)
            return replay_failed(store->names[e->table], error);
    }
    return 0;
}

void replay_set(replay_parts *parts, uint32_t part, const void *bytes, uint32_t length)
{
    memcpy(parts->bytes[part], bytes, length);
    parts->length[part] = length;
    if (part >= parts->count)
        parts->count = part + 1;
}

void replay_set_seq(replay_parts *parts, uint32_t part, uint64_t seq)
{
    uint8_t key[9];
    uint32_t bytes = 1;
    while (bytes < 8 && seq >> (8 * bytes) != 0)
        bytes++;
    key[0] = (uint8_t)(SMALL_MAX + bytes);
    for (uint32_t i = 0; i < bytes; i++)
        key[1 + i] = (uint8_t)(seq >> (8 * (bytes - 1 - i)));
    if (seq <= SMALL_MAX)
        replay_set(parts, part, &key[1], 1);
    else
        replay_set(parts, part, key, 1 + bytes);
    parts->whole[part] = true;
}

void replay_set_number(replay_parts *parts, uint32_t part, uint64_t number)
{
    uint8_t *id = parts->bytes[part];
    for (int i = 0; i < 8; i++)
        id[8 + i] = (uint8_t)(number >> (56 - 8 * i));
    id[8] = (uint8_t)((id[8] & 0x3F) | 0x80);
}
