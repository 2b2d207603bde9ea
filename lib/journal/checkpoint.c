/*
 * checkpoint.c - writes the immutable memtable to the store: sorted, in one transaction, with the
 * number of its last batch.
 *
 * Happy path: of each row only its last form is written. A row that the store cannot have is put
 * without a look; of the others the store's row is read first, because its index entries are
 * removed by its values.
 *
 * Failure modes: a temporary error leaves the memtable immutable and is returned to the batch that
 * finds no memory because of it; then the checkpoint is tried again. Every failure before the
 * commit except damage is temporary, since the store undoes the transaction; of the commit itself
 * no space, no memory and a busy file are. All else ends writing: HF_E_POISONED until the store is
 * opened again, when the journal still has everything.
 */
#include "journal/state.h"
#include "model/codec.h"

#include <holdfast/error.h>
#include <string.h>

#define BYTES_REGION                                                                               \
    ((size_t)1 << 20) /* of BYTES columns of one chunk; more is taken when needed                  \
                       */

#define PROGRESS_REPORTS 64u /* times that a checkpoint publishes its progress */

/* ---- Memory ---------------------------------------------------------------------------------- */

static int reserve_arrays(hf__checkpoint *checkpoint, hf_env *env, uint32_t count)
{
    if (count <= checkpoint->capacity)
        return 0;
    hf__free(env, checkpoint->sorted);
    hf__free(env, checkpoint->spare);
    checkpoint->sorted = hf__alloc_uncleared(env, sizeof(hf__sortable) * count);
    checkpoint->spare = hf__alloc_uncleared(env, sizeof(hf__sortable) * count);
    bool good = checkpoint->sorted != NULL && checkpoint->spare != NULL;
    checkpoint->capacity = good ? count : 0;
    return good ? 0
                : hf__store_fail(&checkpoint->error, HF_E_NOMEM, 0,
                                 "no memory to sort %u changes for the store", count);
}

int hf__checkpoint_init(hf__checkpoint *checkpoint, const hf__journal *journal)
{
    hf_env *env = journal->env;
    size_t rows = (size_t)HF__SCAN_ROWS * journal->row_bytes;
    checkpoint->rows = hf__alloc(env, rows);
    checkpoint->olds = hf__alloc(env, rows);
    int error = checkpoint->rows != NULL && checkpoint->olds != NULL ? 0 : HF_E_NOMEM;
    if (error == 0)
        error = hf__region_init(&checkpoint->bytes, env, BYTES_REGION);
    if (error == 0)
        error = reserve_arrays(checkpoint, env, (uint32_t)(journal->memtable_bytes / 64));
    return error;
}

void hf__checkpoint_fini(hf__checkpoint *checkpoint, hf_env *env)
{
    hf__free(env, checkpoint->rows);
    hf__free(env, checkpoint->olds);
    hf__free(env, checkpoint->sorted);
    hf__free(env, checkpoint->spare);
    hf__region_fini(&checkpoint->bytes);
}

static void *alloc(void *context, uint64_t bytes)
{
    return hf__region_alloc(context, (size_t)((bytes + 15) & ~(uint64_t)15));
}

/* ---- Writing --------------------------------------------------------------------------------- */

static const hf__memtable_change *change_of(const hf__sortable *sorted)
{
    /* The key is its first member. */
    return (const hf__memtable_change *)(const void *)sorted->key;
}

/* True for the last form of a row. Where all rows are new there is no other. */
static bool is_last(const hf__memtable *memtable, const hf__memtable_change *change)
{
    if (atomic_load_explicit(&change->batch, memory_order_relaxed) == HF__BATCH_NEVER)
        return false;
    return !memtable->replaced[change->key.table] ||
           hf__memtable_find(memtable, &change->key, HF__BATCH_NEVER - 1) == change;
}

/* The last form of every row of a table, by key. */
static const hf__sortable *sort_changes(hf__checkpoint *checkpoint, const hf__memtable *memtable,
                                        uint32_t table, uint32_t *count)
{
    /* From the end backwards: the newest comes first, and the oldest are in order often enough. */
    hf__sortable *first = checkpoint->sorted + checkpoint->capacity;
    const hf__memtable_change *at =
        atomic_load_explicit(&memtable->newest[table], memory_order_acquire);
    *count = 0;
    for (; at != NULL; at = at->before) {
        if (!is_last(memtable, at)) {
            checkpoint->unpublished++;
            continue;
        }
        *--first = hf__key_sortable(&at->key);
        (*count)++;
    }
    return hf__keys_sort(first, checkpoint->spare, *count);
}

/* Some changes of one table that are being written. */
typedef struct chunk {
    hf__journal *journal;
    const hf_table *table;
    uint32_t position;
    void *txn;
    const hf__sortable *changes;
    uint32_t count;
    bool removed; /* a row that is new may stand in the store: it was removed before */
} chunk;

static void *row_at(const chunk *of, uint8_t *rows, uint32_t i)
{
    return rows + (size_t)i * of->table->row_bytes;
}

/* Whether the store may have a row: not when it is new and nothing was removed. */
static bool may_be_there(const chunk *of, const hf__memtable_change *change)
{
    return change->is_new == 0 || of->removed;
}

/* Sets every row, and the key of every old one that the store may have. */
static int decode(const chunk *of)
{
    const hf__checkpoint *checkpoint = &of->journal->checkpoint;
    memset(checkpoint->rows, 0, (size_t)of->count * of->table->row_bytes);
    for (uint32_t i = 0; i < of->count; i++) {
        const hf__memtable_change *change = change_of(&of->changes[i]);
        void *row = row_at(of, checkpoint->rows, i);
        if (!hf__key_decode(of->table, change->key.bytes, change->key.byte_count, row))
            return HF_E_CORRUPT;
        if (may_be_there(of, change))
            memcpy(row_at(of, checkpoint->olds, i), row, of->table->row_bytes);
        if (change->removed == 0 &&
            hf__row_decode(of->table, hf__memtable_row(change), change->row_bytes, row, NULL) != 0)
            return HF_E_CORRUPT;
    }
    return 0;
}

/* Reads olds[i] from the store; NULL: the store has no such row. A new row is not looked up. */
static int read_olds(const chunk *of, const void **olds)
{
    const hf__checkpoint *checkpoint = &of->journal->checkpoint;
    void *rows[HF__SCAN_ROWS];
    uint32_t indexes[HF__SCAN_ROWS];
    uint8_t found[HF__SCAN_ROWS];
    uint32_t count = 0;
    for (uint32_t i = 0; i < of->count; i++) {
        olds[i] = NULL;
        if (!may_be_there(of, change_of(&of->changes[i])))
            continue;
        indexes[count] = i;
        rows[count++] = row_at(of, checkpoint->olds, i);
    }
    if (count == 0)
        return 0;
    int error = of->journal->inner->get(of->txn, of->position, rows, found, count);
    for (uint32_t i = 0; error == 0 && i < count; i++)
        if (found[i] != 0)
            olds[indexes[i]] = rows[i];
    return error;
}

static int write_chunk(const chunk *of)
{
    const hf_store_driver *inner = of->journal->inner;
    const void *olds[HF__SCAN_ROWS];
    const void *put_rows[HF__SCAN_ROWS];
    const void *put_olds[HF__SCAN_ROWS];
    const void *dels[HF__SCAN_ROWS];
    uint32_t puts = 0;
    uint32_t del_count = 0;
    hf__region_reset(&of->journal->checkpoint.bytes);
    int error = decode(of);
    if (error != 0)
        return hf__store_fail(&of->journal->checkpoint.error, error, 0,
                              "%s: table %s: a row of the journal cannot be read",
                              of->journal->segments.text, of->table->name);
    error = read_olds(of, olds);
    for (uint32_t i = 0; error == 0 && i < of->count; i++) {
        if (change_of(&of->changes[i])->removed != 0) {
            if (olds[i] != NULL) /* else it was inserted and removed between two checkpoints */
                dels[del_count++] = olds[i];
        } else {
            put_rows[puts] = row_at(of, of->journal->checkpoint.rows, i);
            put_olds[puts++] = olds[i];
        }
    }
    if (error == 0 && puts != 0)
        error = inner->put(of->txn, of->position, put_rows, put_olds, puts);
    if (error == 0 && del_count != 0)
        error = inner->del(of->txn, of->position, dels, del_count);
    return error;
}

/* Publishes the checkpoint's progress so that writers blocked on memory can continue. */
static void publish_progress(hf__journal *journal, uint32_t done)
{
    hf__lock_take(&journal->lock);
    journal->done = done;
    hf__signal_raise(&journal->moved);
    hf__lock_give(&journal->lock);
    journal->checkpoint.unpublished = 0;
}

static void count_written(hf__journal *journal, const hf__memtable *memtable, uint32_t count)
{
    hf__checkpoint *checkpoint = &journal->checkpoint;
    checkpoint->unpublished += count;
    if (checkpoint->unpublished > memtable->count / PROGRESS_REPORTS)
        publish_progress(journal, journal->done + checkpoint->unpublished);
}

static int write_table(hf__journal *journal, void *txn, const hf__memtable *memtable,
                       uint32_t table)
{
    uint32_t count;
    const hf__sortable *changes = sort_changes(&journal->checkpoint, memtable, table, &count);
    int error = 0;
    for (uint32_t at = 0; error == 0 && at < count; at += HF__SCAN_ROWS) {
        uint32_t left = count - at;
        const chunk next = {
            .journal = journal,
            .table = journal->schema->tables[table],
            .position = table,
            .txn = txn,
            .changes = changes + at,
            .count = left < HF__SCAN_ROWS ? left : HF__SCAN_ROWS,
            .removed = memtable->removed[table],
        };
        error = write_chunk(&next);
        count_written(journal, memtable, next.count);
    }
    return error;
}

/* Errors that may go away by themselves. */
static bool may_pass(int error)
{
    return error == HF_E_NO_SPACE || error == HF_E_NOMEM || error == HF_E_BUSY ||
           error == HF_E_READ_ONLY || error == HF_E_DEGRADED;
}

int hf__checkpoint_undone(int error)
{
    bool final = error == HF_E_CORRUPT || error == HF_E_FORKED || error == HF_E_POISONED;
    if (final || may_pass(error))
        return error;
    return HF_E_DEGRADED;
}

/*
 * With the identity as it is now: the journal has at least the segments that it says. A copy keeps
 * its own.
 */
static hf_store_mark mark_now(hf__journal *journal, const void *store, const hf_store_mark *last)
{
    hf_store_mark mark = *last;
    if (store != journal->store)
        return mark;
    hf__lock_take(&journal->lock);
    mark.identity = journal->identity;
    hf__lock_give(&journal->lock);
    return mark;
}

static int flush_memtable(hf__journal *journal, void *store, const hf__memtable *memtable)
{
    hf__checkpoint *checkpoint = &journal->checkpoint;
    hf_store_caller caller = {
        .alloc = alloc, .context = &checkpoint->bytes, .error = &checkpoint->error};
    void *txn = NULL;
    checkpoint->error = (hf_store_error){0};
    checkpoint->unpublished = 0;
    int error = reserve_arrays(checkpoint, journal->env, memtable->count);
    if (error == 0)
        error = journal->inner->begin(store, HF_TXN_WRITE, &caller, &txn);
    if (error != 0)
        return hf__checkpoint_undone(error);
    for (uint32_t t = 0; error == 0 && t < journal->schema->table_count; t++)
        error = write_table(journal, txn, memtable, t);
    if (error == 0) {
        publish_progress(journal, memtable->count);
        const hf_store_mark mark = mark_now(journal, store, &memtable->last);
        return journal->inner->commit(txn, &mark);
    }
    journal->inner->rollback(txn);
    return hf__checkpoint_undone(error);
}

/* ---- When ------------------------------------------------------------------------------------ */

static void ended(hf__journal *journal, int error)
{
    journal->busy = false;
    journal->fails = error != 0;
    if (error == 0) {
        hf__journal_flushed(journal);
        return;
    }
    journal->reason = journal->checkpoint.error;
    if (may_pass(error))
        journal->failed = error;
    else
        journal->broken = error;
    hf__signal_raise(&journal->moved);
}

/* One line when checkpoints begin to fail, one when they succeed again. */
static void log_checkpoint(const hf__journal *journal, int error, const hf_store_mark *last,
                           uint32_t changes, int64_t begun_ms)
{
    hf_env *env = journal->env;
    if (error == 0)
        hf__log(env, journal->checkpoint.logged != 0 ? HF_LOG_INFO : HF_LOG_DEBUG,
                "checkpoint%s: the store has batch %llu, %u changes, in %lld ms",
                journal->checkpoint.logged != 0 ? " succeeded again" : "",
                (unsigned long long)last->batch, changes,
                (long long)(env->boot_ms(env->clock) - begun_ms));
    else
        hf__log(env, journal->checkpoint.logged == error ? HF_LOG_DEBUG : HF_LOG_ERROR,
                "checkpoint failed: %s: %s", hf_error_name(error), journal->checkpoint.error.text);
}

int hf__checkpoint_step(hf__journal *journal)
{
    hf__lock_take(&journal->lock);
    while (journal->busy)
        hf__signal_wait(&journal->moved, &journal->lock);
    bool there = journal->immutable != NULL || (!journal->writing && hf__journal_switch(journal));
    there = there && journal->broken == 0;
    const hf__memtable *memtable = journal->immutable;
    journal->busy = there;
    journal->done = 0;
    int error = journal->broken;
    hf__lock_give(&journal->lock);
    if (!there)
        return error;
    const hf_store_mark last = memtable->last;
    const int64_t begun_ms = journal->env->boot_ms(journal->env->clock);
    const int64_t begun_ns = journal->env->steady_ns(journal->env->clock);
    error = flush_memtable(journal, journal->store, memtable);
    const int64_t took_ns = journal->env->steady_ns(journal->env->clock) - begun_ns;
    log_checkpoint(journal, error, &last, memtable->count, begun_ms);
    journal->checkpoint.logged = error;
    hf__lock_take(&journal->lock);
    ended(journal, error);
    if (error == 0)
        hf__histogram_note(&journal->commits_ns, (uint64_t)took_ns);
    hf__lock_give(&journal->lock);
    return error;
}

int hf__checkpoint_into(hf__journal *journal, void *store, hf_store_error *error)
{
    int code = flush_memtable(journal, store, journal->active);
    if (code != 0)
        *error = journal->checkpoint.error;
    return code;
}

static int write_identity(const hf__journal *journal, const hf_store_mark *mark,
                          hf_store_error *error)
{
    const hf_store_caller caller = {.error = error};
    void *txn = NULL;
    int code = journal->inner->begin(journal->store, HF_TXN_WRITE, &caller, &txn);
    return code == 0 ? journal->inner->commit(txn, mark) : code;
}

int hf__checkpoint_identity(hf__journal *journal, const hf_store_identity *identity,
                            hf_store_error *error)
{
    hf_store_error unused = {.code = 0};
    hf__lock_take(&journal->lock);
    while (journal->busy)
        hf__signal_wait(&journal->moved, &journal->lock);
    journal->busy = true;
    hf_store_mark mark = journal->stored;
    hf__lock_give(&journal->lock);
    mark.identity = *identity;
    int code = write_identity(journal, &mark, error != NULL ? error : &unused);
    hf__lock_take(&journal->lock);
    journal->busy = false;
    journal->unsure = code != 0;
    if (code == 0)
        journal->identity = *identity;
    hf__signal_raise(&journal->moved);
    hf__lock_give(&journal->lock);
    return code;
}

/* True when there is something to write; under the lock. */
static bool due(hf__journal *journal)
{
    if (journal->immutable == NULL && journal->switch_requested && !journal->writing &&
        !hf__journal_switch(journal))
        journal->switch_requested =
            journal->unsynced.open || journal->active->last.batch != 0; /* not just now */
    return journal->immutable != NULL && journal->failed == 0 && journal->broken == 0;
}

void hf__checkpoint_main(void *data)
{
    hf__journal *journal = data;
    hf__lock_take(&journal->lock);
    while (!journal->stop) {
        if (!due(journal)) {
            hf__signal_wait(&journal->moved, &journal->lock);
            continue;
        }
        hf__lock_give(&journal->lock);
        (void)hf__checkpoint_step(journal);
        hf__lock_take(&journal->lock);
    }
    hf__lock_give(&journal->lock);
}

void hf__journal_request_checkpoint(hf__journal *journal)
{
    hf__lock_take(&journal->lock);
    journal->failed = 0;
    journal->switch_requested = true;
    hf__signal_raise(&journal->moved);
    hf__lock_give(&journal->lock);
    if (journal->thread == NULL)
        (void)hf__journal_checkpoint(journal, NULL);
}

int hf__journal_checkpoint(hf__journal *journal, hf_store_error *error)
{
    if (journal->read_only)
        return 0;
    hf__lock_take(&journal->lock);
    const uint64_t batch = journal->committed.batch;
    journal->failed = 0;
    while (journal->stored.batch < batch && journal->failed == 0 && journal->broken == 0) {
        if (journal->thread != NULL) {
            journal->switch_requested = true;
            hf__signal_raise(&journal->moved);
            hf__signal_wait(&journal->moved, &journal->lock);
            continue;
        }
        uint64_t before = journal->checkpoints;
        hf__lock_give(&journal->lock);
        (void)hf__checkpoint_step(journal);
        hf__lock_take(&journal->lock);
        if (journal->checkpoints == before)
            break; /* it failed, or transactions read all memtables */
    }
    int code = journal->broken != 0 ? journal->broken : journal->failed;
    if (code != 0 && error != NULL) {
        *error = journal->reason;
        error->code = code;
    } else if (code == 0 && journal->stored.batch < batch) {
        code = hf__store_fail(error, HF_E_BUSY, 0, "%s: memory for changes is full and being read",
                              journal->segments.text);
    }
    hf__lock_give(&journal->lock);
    return code;
}
