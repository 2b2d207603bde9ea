/*
 * loop_journal.c - baseline: checkouts over a bare journal: the practical limit.
 *
 * For all in flight one record is appended to a file that is there already, one fdatasync, and the
 * rows go into a hash map in memory. The record holds byte for byte the rows that holdfast writes,
 * with their keys, and a checksum. Rows that a checkout changes are read from the map first.
 * Index entries follow from the rows: a journal does not need them. At its end the file is written
 * again from its start, as if what it held were in a store.
 */
#include "loop_journal.h"
#include "baseline.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#define ORDER_BYTES  2048u  /* of an order in a record, at most */
#define RECORD_BYTES 65536u /* of what is written once a record */
#define READ_MOST    ((size_t)64 << 20)
#define GONE         UINT32_MAX
#define ORDERS_MAX   500000u /* when it ends by time */
#define ROWS_EACH    8u      /* that an order adds, at most */

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
    baseline *baseline;
    replay_store store; /* what was there before; only read */
    const bench_run *run;
    rowmap *map;
    uint8_t *record; /* head first */
    size_t record_most;
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
static int make_file(loop *l)
{
    char path[BENCH_PATH_BYTES];
    if (bench_path(path, l->run->folder, "journal") != 0)
        return -1;
    l->file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (l->file < 0)
        return complain(path);
    for (uint64_t at = 0; at < l->file_bytes; at += l->record_most)
        if (pwrite(l->file, l->record, l->record_most, (off_t)at) != (ssize_t)l->record_most)
            return complain(path);
    return !bench_durable(l->run) || fsync(l->file) == 0 ? 0 : complain(path);
}

/* The rows of the filled store. */
static int load_table(loop *l, MDB_txn *txn, uint32_t table)
{
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val value;
    int error = mdb_cursor_open(txn, l->store.dbis[table], &cursor);
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

static int load_rows(loop *l)
{
    MDB_txn *txn;
    int error = mdb_txn_begin(l->store.env, NULL, MDB_RDONLY, &txn);
    if (error != 0)
        return replay_failed("load", error);
    for (uint32_t i = 0; error == 0 && i < l->store.named; i++)
        error = load_table(l, txn, i);
    mdb_txn_abort(txn);
    return error;
}

static int open_loop(loop *l)
{
    char path[BENCH_PATH_BYTES];
    const load_case *c = &l->run->load;
    uint64_t orders = c->operations == 0 ? ORDERS_MAX : c->operations;
    l->record_most = (size_t)RECORD_BYTES + (size_t)ORDER_BYTES * (size_t)c->in_flight;
    l->file_bytes = (l->run->journal_bytes / l->record_most + 1) * l->record_most;
    l->map = rowmap_create(4 * (uint64_t)(CHOICE_ITEMS + CHOICE_WALLETS) + ROWS_EACH * orders);
    l->record = calloc(1, l->record_most);
    if (l->map == NULL || l->record == NULL)
        return complain("open");
    int error = template_path(path, l->run->prepared, "lmdb", c->form, template_last(c->form));
    if (error == 0)
        error = replay_open(&l->store, path);
    if (error == 0)
        error = load_rows(l);
    return error == 0 ? make_file(l) : error;
}

static void close_loop(loop *l)
{
    if (l->file >= 0)
        (void)close(l->file);
    free(l->record);
    rowmap_destroy(l->map);
    replay_close(&l->store);
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
    if (l->used + sizeof(head) + e->key_bytes + e->value_bytes > l->record_most ||
        ((e->replaces || e->removes) && rowmap_get(l->map, &key, &old) == NULL)) {
        (void)fprintf(stderr, "journal: a batch is too large, or a row is missing\n");
        return -1;
    }
    append(l, &head, sizeof(head));
    append(l, e->key, e->key_bytes);
    if (!e->removes)
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
        replay_apply(e, &l->baseline->now);
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
        (bench_durable(l->run) && fdatasync(l->file) != 0))
        return complain("journal");
    l->at += l->used;
    return 0;
}

static int commit(void *context, uint32_t step, uint32_t count)
{
    loop *l = context;
    int error = 0;
    l->used = sizeof(record_head);
    l->rows = 0;
    for (uint32_t i = 0; error == 0 && i < count; i++) {
        baseline_take(l->baseline, i);
        error = write_order(l, &l->baseline->steps[step], i + 1 == count);
    }
    return error == 0 ? write_record(l) : error;
}

int bench_loop_journal(const bench_run *run, bench_result *out)
{
    loop l = {.run = run, .baseline = baseline_begin(run), .file = -1};
    int error = l.baseline == NULL ? -1 : open_loop(&l);
    if (error == 0)
        error = baseline_drive(l.baseline, out, commit, &l);
    close_loop(&l);
    return error;
}

/* ---- Reading --------------------------------------------------------------------------------- */

static int read_rows(const uint8_t *at, const record_head *head, rowmap *into, uint64_t *deleted)
{
    for (uint32_t i = 0; i < head->rows; i++) {
        row_head row;
        memcpy(&row, at, sizeof(row));
        at += sizeof(row);
        rowmap_key key = {.table = row.table, .bytes = row.key_bytes, .at = at};
        at += row.key_bytes;
        if (row.value_bytes == GONE) {
            rowmap_del(into, &key);
            ++*deleted;
            continue;
        }
        if (!rowmap_put(into, &key, at, row.value_bytes))
            return complain("row");
        at += row.value_bytes;
    }
    return 0;
}

int journal_read(const char *path, rowmap *into, uint64_t *deleted)
{
    uint8_t *record = malloc(READ_MOST);
    FILE *file = fopen(path, "rb");
    record_head head;
    int error = record == NULL || file == NULL ? complain(path) : 0;
    while (error == 0 && fread(&head, sizeof(head), 1, file) == 1 && head.bytes != 0) {
        if (head.bytes > READ_MOST || fread(record, head.bytes, 1, file) != 1 ||
            XXH3_64bits(record, head.bytes) != head.checksum) {
            (void)fprintf(stderr, "%s: record %llu is damaged\n", path,
                          (unsigned long long)head.batch);
            error = -1;
        } else {
            error = read_rows(record, &head, into, deleted);
        }
    }
    if (file != NULL)
        (void)fclose(file);
    free(record);
    return error;
}
