/*
 * loop_journal.c - checkouts by hand over a bare journal: the practical limit.
 *
 * For all in flight one record is appended to a file that is there already, one fdatasync, and the
 * rows go into a hash map in memory. The record holds byte for byte the rows that holdfast writes,
 * with their keys, and a checksum. Rows that a checkout changes are read from the map first.
 * Index entries follow from the rows: a journal does not need them. At its end the file is written
 * again from its start, as if what it held were in a store.
 */
#include "hand.h"
#include "rowmap.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#define FILE_BYTES   ((uint64_t)256 << 20)
#define RECORD_BYTES ((size_t)32 << 20) /* of one batch, at most */
#define GONE         UINT32_MAX

typedef struct record_head {
    uint64_t bytes; /* behind the head */
    uint64_t batch;
    uint64_t checksum; /* of what is behind the head */
    uint32_t rows;
    uint32_t reserved;
} record_head;

typedef struct row_head {
    uint16_t table;
    uint16_t key_bytes;
    uint32_t value_bytes; /* GONE: the row is deleted */
} row_head;

typedef struct loop {
    hand hand;
    rowmap *map;
    uint8_t *record; /* head first */
    size_t used;
    uint64_t file_bytes;
    uint64_t at;
    uint64_t batch;
    uint32_t rows;
    int file;
} loop;

static int complain(const char *what)
{
    perror(what);
    return -1;
}

/* Blocks that were never written cost more at their first flush than those of a used segment. */
static int make_file(loop *l, const bench_case *c)
{
    char path[512];
    uint64_t record_most = 4096u * (uint64_t)c->in_flight + 4096;
    uint64_t all = record_most + 2048u * (uint64_t)c->operations;
    l->file_bytes = all < FILE_BYTES ? all : FILE_BYTES;
    if (bench_path(path, c->folder, "journal") != 0)
        return -1;
    l->file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (l->file < 0)
        return complain(path);
    memset(l->record, 0, RECORD_BYTES);
    for (uint64_t at = 0; at < l->file_bytes; at += RECORD_BYTES) {
        uint64_t left = l->file_bytes - at;
        size_t bytes = left < RECORD_BYTES ? (size_t)left : RECORD_BYTES;
        if (pwrite(l->file, l->record, bytes, (off_t)at) != (ssize_t)bytes)
            return complain(path);
    }
    return fsync(l->file) == 0 ? 0 : complain(path);
}

/* The rows of the filled store. */
static int load_table(loop *l, MDB_txn *txn, uint32_t table)
{
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val value;
    int error = mdb_cursor_open(txn, l->hand.store.dbis[table], &cursor);
    if (error != 0)
        return replay_failed("load", error);
    while (error == 0 && mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        rowmap_key row = {.table = table, .bytes = (uint32_t)key.mv_size, .at = key.mv_data};
        if (value.mv_size != 0 && !rowmap_put(l->map, &row, value.mv_data, (uint32_t)value.mv_size))
            error = complain("load");
    }
    mdb_cursor_close(cursor);
    return error;
}

static int load(loop *l)
{
    MDB_txn *txn;
    int error = mdb_txn_begin(l->hand.store.env, NULL, MDB_RDONLY, &txn);
    if (error != 0)
        return replay_failed("load", error);
    for (uint32_t i = 0; error == 0 && i < l->hand.store.named; i++)
        error = load_table(l, txn, i);
    mdb_txn_abort(txn);
    return error;
}

static int open_loop(loop *l, const bench_case *c)
{
    int error = hand_open(&l->hand, c);
    if (error != 0)
        return error;
    l->map = rowmap_create(4 * (BENCH_ITEMS + BENCH_WALLETS) + 8 * (uint64_t)c->operations);
    l->record = malloc(RECORD_BYTES);
    if (l->map == NULL || l->record == NULL)
        return complain("open");
    error = load(l);
    return error == 0 ? make_file(l, c) : error;
}

static void close_loop(loop *l)
{
    if (l->file >= 0)
        (void)close(l->file);
    free(l->record);
    rowmap_destroy(l->map);
    hand_close(&l->hand);
}

static void append(loop *l, const void *bytes, size_t count)
{
    memcpy(l->record + l->used, bytes, count);
    l->used += count;
}

static int write_row(loop *l, const replay_entry *e)
{
    rowmap_key key = {.table = e->table, .bytes = e->key_bytes, .at = e->key};
    row_head head = {.table = (uint16_t)e->table,
                     .key_bytes = (uint16_t)e->key_bytes,
                     .value_bytes = e->removes ? GONE : e->value_bytes};
    uint32_t old;
    if (l->used + sizeof(head) + e->key_bytes + e->value_bytes > RECORD_BYTES ||
        ((e->replaces || e->removes) && rowmap_get(l->map, &key, &old) == NULL)) {
        (void)fprintf(stderr, "journal: a batch is too large, or a row is missing\n");
        return -1;
    }
    append(l, &head, sizeof(head));
    append(l, e->key, e->key_bytes);
    append(l, e->value, e->value_bytes);
    l->rows++;
    if (e->removes)
        rowmap_del(l->map, &key);
    else if (!rowmap_put(l->map, &key, e->value, e->value_bytes))
        return complain("row");
    return 0;
}

static int write_order(loop *l, replay_phase *phase, bool commons)
{
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < phase->count; i++) {
        replay_entry *e = &phase->entries[i];
        if (!e->is_row || (e->key_patches == 0 && !commons))
            continue;
        replay_apply(e, &l->hand.now);
        error = write_row(l, e);
    }
    return error;
}

static int write_record(loop *l)
{
    record_head head = {.bytes = l->used - sizeof(head), .batch = ++l->batch, .rows = l->rows};
    head.checksum = XXH3_64bits(l->record + sizeof(head), head.bytes);
    memcpy(l->record, &head, sizeof(head));
    if (l->at + l->used > l->file_bytes)
        l->at = 0;
    if (pwrite(l->file, l->record, l->used, (off_t)l->at) != (ssize_t)l->used ||
        fdatasync(l->file) != 0)
        return complain("journal");
    l->at += l->used;
    return 0;
}

static int run_batch(loop *l, uint32_t count)
{
    int error = 0;
    l->used = sizeof(record_head);
    l->rows = 0;
    for (uint32_t i = 0; error == 0 && i < count; i++) {
        hand_next(&l->hand);
        error = write_order(l, &l->hand.checkout, i + 1 == count);
    }
    return error == 0 ? write_record(l) : error;
}

static int run(loop *l, const bench_case *c)
{
    uint64_t start = bench_now();
    for (uint32_t done = 0; done < c->operations; done += c->in_flight) {
        uint64_t begun = bench_now();
        if (run_batch(l, c->in_flight) != 0)
            return -1;
        uint64_t took = bench_now() - begun;
        for (uint32_t i = 0; i < c->in_flight; i++)
            bench_add(c->sample, took);
    }
    c->sample->seconds = (double)(bench_now() - start) / 1e9;
    return 0;
}

int bench_loop_journal(const bench_case *c)
{
    static loop l;
    memset(&l, 0, sizeof(l));
    l.file = -1;
    int error = open_loop(&l, c);
    if (error == 0)
        error = run(&l, c);
    close_loop(&l);
    return error;
}
