/*
 * Rows are cursors: a name and a number, and accounts, which stand in an index while the number is
 * odd. So tables, removed rows and an index are looked at.
 */
#include "journal/journal_world.h"

#include <holdfast/account.h>
#include <holdfast/error.h>
#include <holdfast/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX   ((uint64_t)16 << 10)
#define ARENA_BYTES ((size_t)1 << 20)

world the_world;

static const hf__threads no_threads;
static uint8_t arena[ARENA_BYTES];
static size_t arena_used;

static void *alloc(void *context, uint64_t bytes)
{
    (void)context;
    size_t at = arena_used;
    arena_used += (size_t)((bytes + 15) & ~(uint64_t)15);
    return arena_used <= ARENA_BYTES ? arena + at : NULL;
}

static int seeded(void *source, void *out, size_t bytes)
{
    uint8_t *to = out;
    for (size_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)hf_test_next(source);
    return 0;
}

static uint32_t table_of(const char *name)
{
    const hf_schema *schema = hf_store_schema();
    uint32_t i = 0;
    while (strcmp(schema->tables[i]->name, name) != 0)
        i++;
    return i;
}

/* ---- A store that takes the number first ---- */

static int commit_mark_first(void *txn, const hf_store_mark *mark)
{
    world *w = &the_world;
    void *alone = NULL;
    if (hf_test_below(&w->random, 3) != 0)
        return w->fault.driver.commit(txn, mark);
    w->fault.driver.rollback(txn); /* the rows would come in a transaction of their own */
    if (w->fault.driver.begin(w->journal->store, HF_TXN_WRITE, &w->caller, &alone) == 0)
        (void)w->fault.driver.commit(alone, mark);
    hf__fault_arm(&w->fault, &(hf__fault_plan){.at = 1, .kind = HF__FAULT_CRASH});
    return HF_E_IO;
}

/* ---- Open and close ---- */

void world_init(uint64_t seed, world_control control)
{
    world *w = &the_world;
    memset(w, 0, sizeof *w);
    w->seed = seed;
    w->control = control;
    w->random = (hf_test_random){.state = seed};
    disk_init(seed * 31 + 7);
    hf__env_init(&w->env);
    w->env.files = &disk_files;
    w->env.threads = &no_threads;
    w->env.random = seeded;
    w->env.random_source = &w->random;
    (void)hf__fault_init(&w->fault, hf_store_builtin("memory"), &w->env.allocator);
    w->inner = w->fault.driver;
    if (control == WORLD_MARK_FIRST)
        w->inner.commit = commit_mark_first;
    if (control == WORLD_NO_SYNC)
        disk_fail_at(1, DISK_LIES);
}

int world_open(void)
{
    world *w = &the_world;
    arena_used = 0;
    w->caller = (hf_store_caller){.alloc = alloc, .error = &w->error};
    hf_store_config store = {
        .size = sizeof store,
        .location = "disk/store",
        .schema = hf_store_schema(),
        .allocator = &w->env.allocator,
        .log = w->env.log,
        .error = &w->error,
    };
    const hf__journal_config config = {
        .env = &w->env, .inner = &w->inner, .store = &store, .bytes_max = BYTES_MAX};
    int error = hf__journal_open(&config, &w->journal);
    if (error == 0 && w->journal->committed.batch > w->journal->stored.batch)
        w->replayed++;
    return error;
}

void world_close(void)
{
    world *w = &the_world;
    if (w->journal == NULL)
        return;
    w->checkpoints += (uint32_t)w->journal->checkpoints;
    hf__journal_driver.close(w->journal);
    w->journal = NULL;
}

void world_fini(void)
{
    hf__fault_arm(&the_world.fault, &(hf__fault_plan){.at = 0});
    world_close();
    hf__fault_fini(&the_world.fault);
}

void world_crash(bool power)
{
    world *w = &the_world;
    w->crashes += power ? 1 : 0;
    w->kills += power ? 0 : 1;
    hf__fault_arm(&w->fault, &(hf__fault_plan){.at = 1, .kind = HF__FAULT_CRASH});
    if (w->control != WORLD_NO_SYNC)
        disk_fail_at(1, DISK_CRASH);
    world_close(); /* gives memory back; it reaches nothing any more */
    if (power)
        disk_crash();
    else
        disk_restart();
    hf__fault_arm(&w->fault, &(hf__fault_plan){.at = 0});
    if (w->control == WORLD_NO_SYNC)
        disk_fail_at(1, DISK_LIES);
}

/* ---- Batches ---- */

static void make_cursor(hf_cursor *row, uint32_t key, int64_t value)
{
    memset(row, 0, sizeof *row);
    (void)snprintf(row->consumer.text, sizeof row->consumer.text, "key-%02u", key);
    row->seq = (uint64_t)value;
}

static void make_account(hf_account *row, uint32_t key, int64_t value)
{
    memset(row, 0, sizeof *row);
    row->key.kind = 1;
    (void)snprintf(row->key.name.text, sizeof row->key.name.text, "key-%02u", key);
    (void)snprintf(row->key.unit.text, sizeof row->key.unit.text, "u");
    row->balance = value;
    row->attention = value % 2 != 0;
}

/* Puts or removes one row in both tables. */
static int change(void *txn, uint32_t key, int64_t value)
{
    world *w = &the_world;
    hf_cursor cursors[2];
    hf_account accounts[2];
    int64_t before = w->now[key];
    make_cursor(&cursors[0], key, before);
    make_cursor(&cursors[1], key, value);
    make_account(&accounts[0], key, before);
    make_account(&accounts[1], key, value);
    const void *olds[] = {&cursors[0], &accounts[0]};
    const void *news[] = {&cursors[1], &accounts[1]};
    const uint32_t tables[] = {table_of("cursors"), table_of("accounts")};
    int error = 0;
    for (int i = 0; error == 0 && i < 2; i++) {
        const void *old = before == 0 ? NULL : olds[i];
        if (value != 0)
            error = hf__journal_driver.put(txn, tables[i], &news[i], &old, 1);
        else if (before != 0)
            error = hf__journal_driver.del(txn, tables[i], &olds[i], 1);
    }
    w->now[key] = error == 0 ? value : before;
    return error;
}

static void broken(const char *what, uint32_t key, int64_t found, int64_t wanted)
{
    world *w = &the_world;
    if (w->broken[0] == '\0')
        (void)snprintf(w->broken, sizeof w->broken, "%s: key %u is %lld, should be %lld", what, key,
                       (long long)found, (long long)wanted);
}

static void forget_changes(void)
{
    world *w = &the_world;
    memcpy(w->now, w->history[w->acked], sizeof w->now);
}

/* Begins a batch and makes its changes; *txn NULL when that failed. */
static int begin_batch(void **txn)
{
    world *w = &the_world;
    *txn = NULL;
    if (w->control == WORLD_EARLY_REUSE)
        hf__segments_release(&w->journal->segments, HF__BATCH_NEVER, false);
    int error = hf__journal_driver.begin(w->journal, HF_TXN_WRITE, &w->caller, txn);
    uint32_t count = error != 0 ? 0 : 1 + hf_test_below(&w->random, 8);
    for (uint32_t i = 0; error == 0 && i < count; i++) {
        uint32_t key = hf_test_below(&w->random, WORLD_KEYS);
        bool gone = hf_test_below(&w->random, 4) == 0;
        error = change(*txn, key, gone ? 0 : (int64_t)hf_test_below(&w->random, 1u << 30) + 1);
    }
    if (error == 0)
        return 0;
    if (*txn != NULL)
        hf__journal_driver.rollback(*txn);
    *txn = NULL;
    return error;
}

static int append_batch(void *txn)
{
    world *w = &the_world;
    w->tried = w->acked + 1;
    memcpy(w->history[w->tried], w->now, sizeof w->now);
    const hf_store_mark mark = {.batch = w->tried, .time_ms = (int64_t)w->tried * 10};
    return hf__journal_append(txn, &mark);
}

/* A snapshot that begins now is of the last batch that was acknowledged. */
static void look_beside(void)
{
    world *w = &the_world;
    hf_store_stat stat = {.tables = NULL};
    void *txn = NULL;
    if (hf__journal_driver.begin(w->journal, HF_TXN_SNAPSHOT, &w->caller, &txn) != 0)
        return;
    if (hf__journal_driver.stat(txn, &stat) == 0 && stat.mark.batch != w->acked)
        broken("seen before it was durable", 0, (int64_t)stat.mark.batch, (int64_t)w->acked);
    hf__journal_driver.rollback(txn);
}

/* Whether a batch can begin beside a flush: else it waits for its end. */
static bool can_begin(void)
{
    const hf__journal *journal = the_world.journal;
    return !journal->switch_requested && journal->active->bytes.used < journal->memtable_bytes;
}

/* Flushes what was appended; *next, when not NULL, becomes a batch that was begun before that. */
static int flush_batch(void **next)
{
    world *w = &the_world;
    if (next != NULL && can_begin())
        (void)begin_batch(next);
    look_beside();
    int error = hf__journal_flush(w->journal, &w->error);
    if (error != 0)
        return error;
    w->acked = w->tried;
    w->batches++;
    return 0;
}

int world_batch(void)
{
    world *w = &the_world;
    void *txn;
    void *next = NULL;
    int error = begin_batch(&txn);
    if (error == 0)
        error = append_batch(txn);
    if (error == 0)
        error = flush_batch(hf_test_below(&w->random, 2) == 0 ? &next : NULL);
    bool both = error == 0 && next != NULL && hf_test_below(&w->random, 2) == 0;
    if (both)
        error = append_batch(next);
    else if (next != NULL)
        hf__journal_driver.rollback(next);
    if (both && error == 0)
        error = flush_batch(NULL);
    forget_changes();
    return error;
}

/* ---- Judging ---- */

static uint32_t key_of(const hf_name *name)
{
    return (uint32_t)strtoul(name->text + 4, NULL, 10);
}

/* Reads a whole index of accounts, descending or not, in pages. */
static void read_accounts(void *txn, uint32_t index, bool descending, int64_t out[WORLD_KEYS])
{
    hf_account rows[7];
    void *places[7];
    hf_account last;
    uint32_t count = 7;
    hf_scan scan = {.table = table_of("accounts"), .index = index, .descending = descending};
    for (int i = 0; i < 7; i++)
        places[i] = &rows[i];
    memset(out, 0, sizeof(int64_t) * WORLD_KEYS);
    while (count == 7) {
        memset(rows, 0, sizeof rows);
        if (hf__journal_driver.scan(txn, &scan, places, &count) != 0) {
            broken("a scan failed", 0, 0, 0);
            return;
        }
        for (uint32_t i = 0; i < count; i++)
            out[key_of(&rows[i].key.name)] += rows[i].balance; /* twice would be too much */
        if (count == 0)
            break;
        last = rows[count - 1];
        uint32_t columns = hf_store_schema()->tables[scan.table]->key_count + (index == 0 ? 0 : 1);
        scan.low = descending ? NULL : &last;
        scan.high = descending ? &last : NULL;
        scan.low_columns = descending ? 0 : columns;
        scan.high_columns = descending ? columns : 0;
        scan.low_exclusive = 1;
        scan.high_exclusive = 1;
    }
}

static void compare(void *txn, const int64_t wanted[WORLD_KEYS])
{
    int64_t up[WORLD_KEYS], down[WORLD_KEYS], odd[WORLD_KEYS];
    read_accounts(txn, 0, false, up);
    read_accounts(txn, 0, true, down);
    read_accounts(txn, 1, false, odd);
    for (uint32_t key = 0; key < WORLD_KEYS; key++) {
        hf_cursor row;
        void *place = &row;
        uint8_t found = 0;
        make_cursor(&row, key, 0);
        if (hf__journal_driver.get(txn, table_of("cursors"), &place, &found, 1) != 0)
            broken("a read failed", key, 0, 0);
        int64_t value = found != 0 ? (int64_t)row.seq : 0;
        if (value != wanted[key])
            broken("cursors", key, value, wanted[key]);
        if (up[key] != wanted[key])
            broken("accounts, upwards", key, up[key], wanted[key]);
        if (down[key] != wanted[key])
            broken("accounts, downwards", key, down[key], wanted[key]);
        int64_t indexed = wanted[key] % 2 != 0 ? wanted[key] : 0;
        if (odd[key] != indexed)
            broken("the index", key, odd[key], indexed);
    }
}

static void count_rows(const hf_store_stat *stat, const int64_t wanted[WORLD_KEYS])
{
    uint64_t rows = 0;
    for (uint32_t key = 0; key < WORLD_KEYS; key++)
        rows += wanted[key] != 0;
    uint64_t reported = stat->tables[table_of("accounts")].rows;
    if (reported != rows)
        broken("rows counted", 0, (int64_t)reported, (int64_t)rows);
}

static void judge(void)
{
    world *w = &the_world;
    hf_table_stat tables[HF__JOURNAL_TABLES] = {{0}};
    hf_store_stat stat = {.tables = tables, .table_count = HF__JOURNAL_TABLES};
    void *txn = NULL;
    arena_used = 0;
    if (hf__journal_driver.begin(w->journal, HF_TXN_SNAPSHOT, &w->caller, &txn) != 0) {
        broken("no snapshot", 0, 0, 0);
        return;
    }
    if (hf__journal_driver.stat(txn, &stat) != 0)
        broken("no stat", 0, 0, 0);
    uint64_t batch = stat.mark.batch;
    if (batch != w->acked && batch != w->tried)
        broken("the last batch", 0, (int64_t)batch, (int64_t)w->acked);
    else
        compare(txn, w->history[batch]);
    if (w->broken[0] == '\0')
        count_rows(&stat, w->history[batch]);
    hf__journal_driver.rollback(txn);
    w->acked = batch;
    w->tried = batch;
    memcpy(w->now, w->history[batch], sizeof w->now);
}

bool world_is_hurt(void)
{
    return hf__fault_hits(&the_world.fault) != 0;
}

bool world_judge(void)
{
    world *w = &the_world;
    char before[sizeof w->broken];
    memcpy(before, w->broken, sizeof before);
    judge();
    if (!world_is_hurt())
        return true;
    memcpy(w->broken, before, sizeof before); /* what it could not read says nothing */
    return false;
}
