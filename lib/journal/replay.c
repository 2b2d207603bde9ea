/*
 * replay.c - reads the records after the last checkpoint into memory at open.
 *
 * Rows, not operations: no rule is applied again, so a newer library reads an older journal; rows
 * of an older schema get the columns that came since. Nothing is written to the store first. Only
 * when the records do not fit in memory (the journal was allowed more before) replay makes a
 * checkpoint meanwhile.
 *
 * The last record may have been written and never flushed, by a process that was killed. Replay
 * writes and flushes this record again before any transaction sees it: otherwise a later loss of
 * power could remove it although later batches depend on it. All records before it were flushed.
 */
#include "journal/segments/segment_walk.h"
#include "journal/state.h"
#include "model/codec.h"

#include <holdfast/error.h>
#include <string.h>

#define GROWN_BYTES 8u /* that an older row gets at most */
#define AHEAD       8u /* changes whose memory is being prefetched */

/* How often progress is reported: whichever comes first. */
#define PROGRESS_BYTES   ((uint64_t)1 << 20)
#define PROGRESS_BATCHES 256u

typedef struct replay {
    hf__journal *journal;
    hf__segment_walk walk;
    const hf_store_config *config;
    uint64_t reported;                          /* bytes read when progress was reported last */
    uint64_t batches;                           /* replayed */
    uint64_t bytes;                             /* of their records */
    hf__new_change ahead[AHEAD];                /* read, and not added yet */
    uint32_t positions[HF__JOURNAL_TABLES + 1]; /* of tables, + 1, by their stable id */
} replay;

static int no_such(const replay *of, const hf__segment *segment, const hf__record *record,
                   const char *what)
{
    return hf__segment_refuse(&of->journal->segments, segment, record->at, "batch %llu: %s",
                              (unsigned long long)record->head.batch, what);
}

/* Memory for `bytes`, in the active memtable. */
static uint8_t *take(hf__journal *journal, size_t bytes)
{
    size_t capacity;
    uint8_t *at = hf__region_reserve(&journal->active->bytes, bytes, &capacity);
    if (at != NULL)
        hf__region_take(&journal->active->bytes, bytes);
    return at;
}

/* Copies key and row; *row_bytes becomes what the row has with all columns of this version. */
static const uint8_t *copy_in(hf__journal *journal, const hf_table *table, uint32_t schema,
                              const hf__change_view *view, uint32_t *row_bytes)
{
    uint8_t *at = take(journal, (size_t)view->key_bytes + view->row_bytes + GROWN_BYTES);
    uint32_t columns = hf__columns_at(table, schema);
    if (at == NULL)
        return NULL;
    memcpy(at, view->key, view->key_bytes);
    *row_bytes = view->row_bytes;
    if (view->removed || columns == table->column_count)
        memcpy(at + view->key_bytes, view->row, view->row_bytes);
    else
        *row_bytes = (uint32_t)hf__row_grow(table, columns, view->row, view->row_bytes,
                                            at + view->key_bytes);
    return at;
}

static int no_memory(const replay *of)
{
    return hf__store_fail(of->journal->segments.error, HF_E_NOMEM, 0,
                          "%s: no memory for the changes that are not in the store",
                          of->journal->segments.text);
}

/* Reads change number `at` of the record, and prefetches the memory that adding it will use. */
static int prepare(replay *of, const hf__segment *segment, const hf__record *record,
                   const hf__change_view *view, uint64_t at)
{
    hf__journal *journal = of->journal;
    uint32_t position = view->table <= HF__JOURNAL_TABLES ? of->positions[view->table] : 0;
    if (position == 0)
        return no_such(of, segment, record, "names a table that this version does not know");
    const hf_table *table = journal->schema->tables[--position];
    hf__new_change change = {.removed = view->removed, .is_new = view->is_new};
    const uint8_t *key = copy_in(journal, table, segment->head.schema, view, &change.row_bytes);
    if (key == NULL)
        return no_memory(of);
    if (change.row_bytes == 0 && !view->removed && table->column_count > table->key_count)
        return no_such(of, segment, record, "a row of an older version is none");
    change.key = (hf__key){.table = position,
                           .byte_count = view->key_bytes,
                           .bytes = key,
                           .hash = hf__key_hash(position, key, view->key_bytes)};
    hf__memtable_prefetch_add(journal->active, change.key.hash);
    of->ahead[at % AHEAD] = change;
    return 0;
}

static int add(const replay *of, uint64_t batch, uint64_t at)
{
    hf__memtable *active = of->journal->active;
    const hf__new_change *change = &of->ahead[at % AHEAD];
    active->rows[change->key.table] += hf__rows_by(change->removed, change->is_new);
    return hf__memtable_add(active, change, batch) ? 0 : no_memory(of);
}

/* Adds all changes of a record; each is added AHEAD changes after it was read. */
static int add_all(replay *of, const hf__segment *segment, const hf__record *record)
{
    const uint8_t *at = record->changes;
    const uint8_t *end = at + record->head.bytes;
    uint64_t count = record->head.count;
    int error = 0;
    for (uint64_t i = 0; error == 0 && i < count + AHEAD; i++) {
        hf__change_view view;
        if (i >= AHEAD && i - AHEAD < count)
            error = add(of, record->head.batch, i - AHEAD);
        if (error != 0 || i >= count)
            continue;
        error = hf__change_read(&at, end, &view)
                    ? prepare(of, segment, record, &view, i)
                    : no_such(of, segment, record, "its changes are no such changes");
    }
    if (error == 0 && at != end)
        return no_such(of, segment, record, "it has bytes behind its changes");
    return error;
}

/* Makes a checkpoint when memory is full; a journal that is only read takes more memory. */
static int checkpoint_when_full(hf__journal *journal)
{
    int error = 0;
    while (!journal->read_only && error == 0 &&
           journal->active->bytes.used >= journal->memtable_bytes) {
        hf__lock_take(&journal->lock);
        bool switched = hf__journal_switch(journal);
        hf__lock_give(&journal->lock);
        if (!switched)
            error = hf__checkpoint_step(journal);
    }
    if (error != 0 && journal->segments.error != NULL)
        *journal->segments.error = journal->reason;
    return error;
}

static int report_progress(replay *of)
{
    const hf_store_config *config = of->config;
    bool due =
        of->walk.done - of->reported >= PROGRESS_BYTES || of->batches % PROGRESS_BATCHES == 0;
    if (config->progress == NULL || !due)
        return 0;
    of->reported = of->walk.done;
    return config->progress(config->progress_data, of->walk.done, of->walk.bytes) == 0
               ? 0
               : hf__store_fail(of->journal->segments.error, HF_E_CANCELLED, 0,
                                "%s: reading it back was cancelled", of->journal->segments.text);
}

static int check_schema(const replay *of, const hf__segment *segment)
{
    hf__segments *segments = &of->journal->segments;
    uint32_t known = of->journal->schema->version;
    if (segment->head.schema <= known)
        return 0;
    return hf__store_fail(segments->error, HF_E_SCHEMA, 0,
                          "%s: written with schema %u, this library knows %u; open the store "
                          "with a library that knows it",
                          hf__segment_text(segments, segment), segment->head.schema, known);
}

static int on_record(void *context, const hf__record *record, const hf__segment *segment)
{
    replay *of = context;
    hf__journal *journal = of->journal;
    if (record->head.batch <= of->walk.stored)
        return 0;
    int error = check_schema(of, segment);
    if (error == 0)
        error = checkpoint_when_full(journal);
    if (error == 0)
        error = add_all(of, segment, record);
    if (error != 0)
        return error;
    journal->committed =
        (hf_store_mark){.batch = record->head.batch, .time_ms = record->head.time_ms};
    journal->active->last = journal->committed;
    journal->active->kept = journal->active->bytes.used;
    of->batches++;
    of->bytes += hf__record_span(&record->head);
    return report_progress(of);
}

/* Writes the last record again and flushes it. */
static int make_durable(replay *of)
{
    hf__segments *segments = &of->journal->segments;
    const hf__files *files = segments->env->files;
    hf__segment *newest = of->walk.newest;
    hf__segment_reader reader;
    hf__record record;
    if (of->journal->read_only || newest == NULL || of->journal->committed.batch == of->walk.stored)
        return 0;
    int error = hf__reader_init(&reader, segments->env);
    hf__reader_set(&reader, newest->fd, &newest->head);
    if (error == 0 && hf__reader_at(&reader, of->walk.newest_at, &record) != 1)
        error = HF_E_IO;
    if (error == 0)
        error =
            files->write_at(newest->fd, record.changes - HF__RECORD_HEAD,
                            HF__RECORD_HEAD + (size_t)record.head.bytes, of->walk.newest_at, NULL);
    if (error == 0)
        error = files->sync(newest->fd, NULL);
    if (error == 0)
        error = files->sync_folder(hf__segment_path(segments, newest), NULL);
    if (error == 0)
        error = files->sync_folder(segments->at, NULL);
    hf__reader_fini(&reader);
    return error == 0
               ? 0
               : hf__store_fail(segments->error, error, 0, "%s: flushing its last record: %s",
                                hf__segment_text(segments, newest), hf_error_text(error));
}

int hf__journal_replay(hf__journal *journal, const hf_store_config *config)
{
    replay of = {
        .journal = journal,
        .config = config,
        .walk = {.segments = &journal->segments,
                 .owner = hf__identity_is(&journal->identity) ? &journal->identity : NULL,
                 .stored = journal->stored.batch,
                 .stored_ms = journal->stored.time_ms,
                 .record = on_record},
    };
    of.walk.context = &of;
    for (uint32_t t = 0; t < journal->schema->table_count; t++)
        if (journal->schema->tables[t]->id <= HF__JOURNAL_TABLES)
            of.positions[journal->schema->tables[t]->id] = t + 1;
    const int64_t begun_ms = journal->env->boot_ms(journal->env->clock);
    int error = hf__segment_walk_all(&of.walk);
    journal->read_back = journal->active->bytes.used;
    if (error == 0)
        error = make_durable(&of);
    if (error == 0 && of.batches != 0)
        hf__log(journal->env, HF_LOG_INFO, "recovery: %s: %llu batches, %llu bytes, in %lld ms",
                journal->segments.text, (unsigned long long)of.batches,
                (unsigned long long)of.bytes,
                (long long)(journal->env->boot_ms(journal->env->clock) - begun_ms));
    return error;
}
