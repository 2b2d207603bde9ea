/*
 * driver.c - opening and closing a journal, and its table of functions.
 */
#include "journal/state.h"

#include <holdfast/error.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define READ_BYTES        ((uint64_t)8 << 20)
#define SEGMENT_BYTES_MIN ((uint64_t)12 << 10)

/* ---- Closing --------------------------------------------------------------------------------- */

static void stop_thread(hf__journal *journal)
{
    if (journal->thread == NULL || hf__os_fork_count() != journal->forks)
        return; /* a child has no such thread */
    hf__lock_take(&journal->lock);
    journal->stop = true;
    hf__signal_raise(&journal->moved);
    hf__lock_give(&journal->lock);
    journal->env->threads->join(journal->thread);
    journal->thread = NULL;
}

static void free_memory(hf__journal *journal)
{
    hf_env *env = journal->env;
    for (uint32_t i = 0; i < HF__MEMTABLES; i++)
        hf__memtable_fini(&journal->memtables[i], env);
    hf__checkpoint_fini(&journal->checkpoint, env);
    hf__free(env, journal->writer.scan_rows);
    for (uint32_t i = 0; i < HF__JOURNAL_READERS; i++)
        hf__free(env, journal->readers[i].scan_rows);
    hf__signal_fini(&journal->moved);
    hf__signal_fini(&journal->synced);
    hf__lock_fini(&journal->lock);
    hf__free(env, journal);
}

/* `all_stored`: the store has everything, so the files are removed. */
static void end(hf__journal *journal, bool all_stored)
{
    stop_thread(journal);
    journal->segments.error = NULL; /* the last caller's, which may have ended */
    if (journal->segments.env != NULL)
        hf__segments_fini(&journal->segments, all_stored);
    if (journal->store != NULL)
        journal->inner->close(journal->store);
    free_memory(journal);
}

/* Says which batches only the journal has. */
static void report_left(const hf__journal *journal, const hf_store_error *why, hf_store_error *left)
{
    uint64_t first = journal->stored.batch + 1;
    uint64_t last = journal->committed.batch;
    if (last < first)
        (void)hf__store_fail(left, why->code, why->native, "%s", why->text);
    else
        (void)hf__store_fail(left, why->code, why->native,
                             "%s has batches %llu to %llu, which are not in the store: %.260s",
                             journal->segments.text, (unsigned long long)first,
                             (unsigned long long)last, why->text);
}

int hf__journal_close(hf__journal *journal, hf_store_error *left)
{
    hf_store_error why = {.code = HF_E_FORKED, .text = "opened before a fork"};
    int code = HF_E_FORKED;
    if (journal->read_only) {
        end(journal, false);
        return 0;
    }
    if (hf__os_fork_count() == journal->forks)
        code = hf__journal_checkpoint(journal, &why);
    if (code == 0)
        code = hf__journal_finish(journal, &why);
    if (code != 0)
        report_left(journal, &why, left);
    end(journal, code == 0);
    return code;
}

static void close_journal(void *store)
{
    (void)hf__journal_close(store, NULL);
}

/* ---- Opening --------------------------------------------------------------------------------- */

static int make_txn(hf__journal *journal, hf__journal_txn *txn)
{
    txn->journal = journal;
    txn->scan_rows =
        hf__alloc_uncleared(journal->env, (size_t)HF__SOURCES * HF__SCAN_ROWS * journal->row_bytes);
    return txn->scan_rows != NULL ? 0 : HF_E_NOMEM;
}

/* A journal that is only read back begins with little memory and takes more when needed. */
static uint64_t memtable_bytes(const hf__journal_config *config)
{
    const uint64_t half = config->bytes_max / 2;
    if (config->read_only && half > READ_BYTES)
        return READ_BYTES;
    return half;
}

static int no_memory(const hf__journal_config *config)
{
    return hf__store_fail(config->store->error, HF_E_NOMEM, 0,
                          "no memory for the journal's changes: journal_bytes_max is %llu; choose "
                          "less, or give the process more memory",
                          (unsigned long long)config->bytes_max);
}

static int make_memory(hf__journal *journal)
{
    int error = make_txn(journal, &journal->writer);
    for (uint32_t i = 0; error == 0 && i < HF__JOURNAL_READERS; i++)
        error = make_txn(journal, &journal->readers[i]);
    for (uint32_t i = 0; error == 0 && i < HF__MEMTABLES; i++)
        error = hf__memtable_init(&journal->memtables[i], journal->env, journal->schema,
                                  journal->memtable_bytes);
    if (error == 0)
        error = hf__checkpoint_init(&journal->checkpoint, journal);
    hf__journal_activate(journal);
    return error;
}

static int measure_rows(hf__journal *journal, hf_store_error *error)
{
    const hf_schema *schema = journal->schema;
    for (uint32_t t = 0; t < schema->table_count; t++) {
        uint32_t bytes = (schema->tables[t]->row_bytes + 15) & ~15u;
        journal->row_bytes = bytes > journal->row_bytes ? bytes : journal->row_bytes;
    }
    if (schema->table_count <= HF__JOURNAL_TABLES && journal->row_bytes <= HF__JOURNAL_ROW_MAX)
        return 0;
    return hf__store_fail(error, HF_E_UNSUPPORTED, 0, "journal: the schema is too large for it");
}

static int start(hf__journal *journal, const hf_store_config *config)
{
    int error = hf__journal_start(journal, config);
    journal->segments.error = NULL;
    if (error == 0 && !journal->read_only && journal->env->threads->start != NULL)
        error = journal->env->threads->start(&journal->thread, hf__checkpoint_main, journal);
    return error;
}

/* A copy of a store that is only read also gets the batches after the last checkpoint. */
static int complete(void *opened, void *copy, hf_store_error *error)
{
    hf__journal *journal = opened;
    bool is_behind = journal->stored.batch < journal->committed.batch;
    return is_behind ? hf__checkpoint_into(journal, copy, error) : 0;
}

/* Opens the inner store, which asks whether the journal belongs to it. */
static int open_inner(hf__journal *journal, const hf_store_config *config)
{
    hf_store_config asking = *config;
    int error = hf__journal_offer(journal, &asking);
    if (error != 0)
        return error;
    journal->segments.error = config->error;
    asking.complete = complete;
    asking.complete_data = journal;
    return journal->inner->open(&asking, &journal->store);
}

static int open_once(const hf__journal_config *config, hf__journal **out)
{
    const hf_store_config *store = config->store;
    uint64_t segment = config->bytes_max / HF__SEGMENTS_A_JOURNAL;
    *out = NULL;
    hf__journal *journal = hf__alloc(config->env, sizeof *journal);
    if (journal == NULL)
        return HF_E_NOMEM;
    journal->env = config->env;
    journal->schema = store->schema;
    journal->inner = config->inner;
    journal->without = config->without;
    journal->read_only = config->read_only;
    journal->memtable_bytes = memtable_bytes(config);
    journal->forks = hf__os_fork_count();
    hf__lock_init(&journal->lock);
    hf__signal_init(&journal->moved);
    hf__signal_init(&journal->synced);
    (void)hf_histogram_init(&journal->commits_ns);
    int error = measure_rows(journal, store->error);
    if (error == 0)
        error = hf__segments_init(&journal->segments, config->env, store->location,
                                  segment < SEGMENT_BYTES_MIN ? SEGMENT_BYTES_MIN : segment,
                                  store->schema->version);
    journal->segments.read_only = config->read_only;
    if (error == 0 && make_memory(journal) != 0)
        error = no_memory(config);
    if (error == 0)
        error = open_inner(journal, store);
    if (error == 0)
        error = start(journal, store);
    if (error != 0) {
        end(journal, false);
        return error;
    }
    *out = journal;
    return 0;
}

/* ---- Opening beside an engine ---------------------------------------------------------------- */

#define TRIES_MAX    48u  /* to open what changes meanwhile */
#define PAUSE_MAX_MS 128u /* between two of them: about 5 seconds in all */

/* What a store and a journal look like that an engine changes while they are read, among others. */
static bool may_be_motion(int code, const hf_store_error *error)
{
    bool no_descriptor = hf__os_error(error->native) == HF_E_BUSY;
    return (code == HF_E_BUSY && !no_descriptor) || code == HF_E_CORRUPT || code == HF_E_EXISTS ||
           code == HF_E_PATH || code == HF_E_NOT_FOUND;
}

/*
 * An engine may use segments again, end its journal or begin another one after the snapshot of the
 * store was taken. Then what is read does not belong together, and all is read again. What is
 * really damaged or missing looks the same the next time, and an engine that is being opened or
 * closed may take a while.
 */
int hf__journal_open(const hf__journal_config *config, hf__journal **out)
{
    hf_store_error *error = config->store->error;
    char before[sizeof error->text] = "";
    uint32_t pause_ms = 1;
    int code = open_once(config, out);
    for (uint32_t tries = 1; config->read_only && may_be_motion(code, error); tries++) {
        const bool same = strcmp(before, error->text) == 0;
        if (same && code != HF_E_BUSY)
            return code;
        if (tries == TRIES_MAX)
            break;
        memcpy(before, error->text, sizeof before);
        hf__os_pause(pause_ms);
        pause_ms = pause_ms < PAUSE_MAX_MS ? pause_ms * 2 : pause_ms;
        code = open_once(config, out);
    }
    if (!config->read_only || !may_be_motion(code, error))
        return code;
    memcpy(before, error->text, sizeof before);
    return hf__store_fail(error, HF_E_BUSY, error->native,
                          "an engine opens it, closes it or changes it faster than it can be read; "
                          "try again: %.300s",
                          before);
}

bool hf__journal_exists(const hf_env *env, const char *location)
{
    hf_env quiet = *env;
    hf__segments segments;
    hf__segment *ordered[HF__SEGMENTS_MAX];
    bool found = false;
    int error = hf__segments_init(&segments, &quiet, location, SEGMENT_BYTES_MIN, 0);
    segments.read_only = true;
    if (error == 0)
        found = hf__segments_find(&segments) != 0 || hf__segments_ordered(&segments, ordered) != 0;
    hf__segments_fini(&segments, false);
    return found;
}

int hf__journal_check_place(const hf_env *env, const char *location, hf_store_error *error)
{
    hf__file_info info;
    if (env->files->info(location, &info, NULL) != HF_E_NOT_FOUND ||
        !hf__journal_exists(env, location))
        return 0;
    return hf__store_fail(
        error, HF_E_EXISTS, 0,
        "%s.journal: the journal of a store that no longer exists is there; move it away",
        hf__path_end(location));
}

bool hf__journal_is_needed(const hf_env *env, const char *location, const hf_store_stat *stat)
{
    const uint32_t flags = stat == NULL ? 0 : stat->mark.identity.flags;
    bool is_open = (flags & HF_STORE_OPEN) != 0 && (flags & HF_STORE_COPY) == 0;
    return is_open || hf__journal_exists(env, location);
}

/* ---- The table ------------------------------------------------------------------------------- */

static int backup(void *store, const char *path, hf_progress_cb progress, void *progress_data,
                  hf_store_error *error)
{
    hf__journal *journal = store;
    int code = hf__journal_check_place(journal->env, path, error);
    if (code == 0)
        code = hf__journal_checkpoint(journal, error);
    return code != 0 ? code
                     : journal->inner->backup(journal->store, path, progress, progress_data, error);
}

hf__journal_state hf__journal_look(hf__journal *journal)
{
    hf__lock_take(&journal->lock);
    hf__journal_state state = {
        .dirty_bytes =
            journal->active->kept + (journal->immutable == NULL ? 0 : journal->immutable->kept),
        .checkpoints = journal->checkpoints,
        .bytes = atomic_load(&journal->segments.total),
        .fails = journal->fails,
        .passed = atomic_load(&journal->passed),
    };
    hf__lock_give(&journal->lock);
    return state;
}

void hf__journal_commits(hf__journal *journal, hf_histogram *out)
{
    hf__lock_take(&journal->lock);
    *out = journal->commits_ns;
    hf__lock_give(&journal->lock);
}

const hf_store_driver hf__journal_driver = {
    .size = sizeof(hf_store_driver),
    .capabilities = HF_STORE_EXCLUSIVE | HF_STORE_PERSISTENT,
    .scheme = "journal",
    .close = close_journal,
    .begin = hf__journal_begin,
    .get = hf__journal_get,
    .put = hf__journal_put,
    .del = hf__journal_del,
    .scan = hf__journal_scan,
    .commit = hf__journal_commit,
    .rollback = hf__journal_rollback,
    .stat = hf__journal_stat,
    .check = hf__journal_check,
    .backup = backup,
    .scans = hf__journal_scans,
};
