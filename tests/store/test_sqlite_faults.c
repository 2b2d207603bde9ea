/*
 * Faults under the SQLite store: a write, a flush or an allocation that fails, once or from then
 * on, and a process that dies right after. What was acknowledged is there, what was refused is
 * not, a flush that failed is never tried again.
 *
 * The faults are made between SQLite and its own system layer: the table of functions of each file
 * it opens is replaced by one that counts and fails.
 */
#include "sqlite_use.h"

#include <holdfast/event.h>
#include <sys/wait.h>
#include <unistd.h>

#define BATCHES      24
#define EVENTS       6
#define BODY_BYTES   30000 /* so that all batches are more than one checkpoint */
#define RUNS         30    /* of each kind of fault */
#define TABLES_MAX   8
#define CHILD_BROKEN 77

/* ---- The layer that fails
 * ------------------------------------------------------------------------ */

typedef enum fault_kind {
    FAULT_NONE = 0,
    FAULT_WRITE,
    FAULT_FULL,
    FAULT_SYNC,
    FAULT_MEMORY,
    FAULT_LATE, /* no memory, when the frames of a commit are in SQLite's log, the last one too */
    FAULT_LOG,  /* to a copy that is being made, when SQLite has begun a log of it: as WRITE */
} fault_kind;

typedef struct faults {
    fault_kind kind;
    uint32_t at;   /* the nth call of that kind fails */
    bool for_good; /* and all after it */
    uint32_t calls;
    uint32_t syncs_after; /* flushes tried after one failed */
    bool hit;
} faults;

/* Methods of SQLite's files, and the same with faults; the copy stands in each open file. */
typedef struct file_methods {
    sqlite3_io_methods faulty; /* first: found again from the file */
    const sqlite3_io_methods *real;
    int part; /* of the files that have it: see part_of */
} file_methods;

static faults fault;
static file_methods methods[TABLES_MAX];
static sqlite3_vfs layer;
static sqlite3_vfs *real_layer;
static sqlite3_mem_methods real_memory;

static bool fails(fault_kind kind)
{
    if (fault.kind != kind)
        return false;
    const uint32_t call = ++fault.calls;
    if (call != fault.at && !(fault.for_good && call > fault.at && fault.at > 0))
        return false;
    fault.hit = true;
    return true;
}

static const sqlite3_io_methods *real_of(sqlite3_file *file)
{
    const void *faulty = file->pMethods;
    return ((const file_methods *)faulty)->real;
}

static int faulty_write(sqlite3_file *file, const void *data, int bytes, sqlite3_int64 at)
{
    if (fails(FAULT_WRITE))
        return SQLITE_IOERR_WRITE;
    if (fails(FAULT_FULL))
        return SQLITE_FULL;
    return real_of(file)->xWrite(file, data, bytes, at);
}

/* A copy that is being made, and the log of it. */
enum { PART_OTHER = 0, PART_COPY, PART_LOG };

static bool ends_in(const char *name, const char *ending)
{
    const size_t bytes = name == NULL ? 0 : strlen(name);
    return name != NULL && bytes >= strlen(ending) &&
           strcmp(name + bytes - strlen(ending), ending) == 0;
}

static int part_of(const char *name)
{
    return ends_in(name, ".creating")       ? PART_COPY
           : ends_in(name, ".creating-wal") ? PART_LOG
                                            : PART_OTHER;
}

static bool has_log; /* a log of a copy has been written to */

static int write_to_copy(sqlite3_file *file, const void *data, int bytes, sqlite3_int64 at)
{
    if (has_log && fails(FAULT_LOG))
        return SQLITE_IOERR_WRITE;
    return faulty_write(file, data, bytes, at);
}

static int write_to_log(sqlite3_file *file, const void *data, int bytes, sqlite3_int64 at)
{
    has_log = true;
    return faulty_write(file, data, bytes, at);
}

/* Counted, not done: the process dies here, not the machine, and the disk would take a minute. */
static int faulty_sync(sqlite3_file *file, int flags)
{
    (void)file;
    (void)flags;
    const bool before = fault.hit && fault.kind == FAULT_SYNC;
    if (fails(FAULT_SYNC))
        return SQLITE_IOERR_FSYNC;
    if (fails(FAULT_LATE))
        return SQLITE_NOMEM;
    fault.syncs_after += before;
    return SQLITE_OK;
}

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    const int result = real_layer->xOpen(real_layer, name, file, flags, out);
    if (result != SQLITE_OK || file->pMethods == NULL)
        return result;
    static int (*const writes[])(sqlite3_file *, const void *, int, sqlite3_int64) = {
        [PART_OTHER] = faulty_write, [PART_COPY] = write_to_copy, [PART_LOG] = write_to_log};
    const int part = part_of(name);
    uint32_t i = 0;
    while (i < TABLES_MAX && methods[i].real != NULL &&
           (methods[i].real != file->pMethods || methods[i].part != part))
        i++;
    if (i == TABLES_MAX)
        _exit(CHILD_BROKEN);
    methods[i].real = file->pMethods;
    methods[i].part = part;
    methods[i].faulty = *file->pMethods;
    methods[i].faulty.xWrite = writes[part];
    methods[i].faulty.xSync = faulty_sync;
    file->pMethods = &methods[i].faulty;
    return result;
}

static void *faulty_malloc(int bytes)
{
    return fails(FAULT_MEMORY) ? NULL : real_memory.xMalloc(bytes);
}

static void *faulty_realloc(void *memory, int bytes)
{
    return fails(FAULT_MEMORY) ? NULL : real_memory.xRealloc(memory, bytes);
}

static void install(void)
{
    (void)sqlite3_shutdown();
    (void)sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory);
    sqlite3_mem_methods memory = real_memory;
    memory.xMalloc = faulty_malloc;
    memory.xRealloc = faulty_realloc;
    (void)sqlite3_config(SQLITE_CONFIG_MALLOC, &memory);
    (void)sqlite3_initialize();
    real_layer = sqlite3_vfs_find(NULL);
    layer = *real_layer;
    layer.zName = "faulty";
    layer.pNext = NULL;
    layer.xOpen = faulty_open;
    if (sqlite3_vfs_register(&layer, 1) != SQLITE_OK)
        _exit(CHILD_BROKEN);
}

/* ---- One life of a process
 * ------------------------------------------------------------------------ */

/* What a child reports before it dies. */
typedef struct report {
    uint64_t acknowledged; /* last batch */
    uint64_t refused;      /* batches that failed with nothing changed */
    uint32_t calls;
    uint32_t syncs_after;
    int32_t fatal;   /* HF_E_IO or HF_E_UNKNOWN of a commit, then nothing more was written */
    int32_t foreign; /* an error that is not documented */
} report;

/* One batch; *committing says whether the error came from the commit. */
static int write_batch(void *store, uint64_t batch, bool *committing)
{
    static const uint8_t body[BODY_BYTES] = {7};
    const hf_store_mark mark = {.batch = batch, .time_ms = 1};
    void *txn = NULL;
    *committing = false;
    int error = hf__sqlite_driver.begin(store, HF_TXN_WRITE, &use_caller, &txn);
    if (error != 0)
        return error;
    for (uint64_t i = 0; error == 0 && i < EVENTS; i++) {
        const hf_event row = {.seq = (batch - 1) * EVENTS + i + 1,
                              .type = 1,
                              .at_ms = 1,
                              .body = body,
                              .body_bytes = BODY_BYTES};
        const void *rows[1] = {&row};
        const void *olds[1] = {NULL};
        error = hf__sqlite_driver.put(txn, HF__EVENTS, rows, olds, 1);
    }
    *committing = error == 0;
    if (error != 0)
        hf__sqlite_driver.rollback(txn);
    else
        error = hf__sqlite_driver.commit(txn, &mark);
    return error;
}

static bool documented(int error, bool committing)
{
    if (error == HF_E_NO_SPACE || error == HF_E_NOMEM || error == HF_E_IO)
        return true;
    return error == HF_E_POISONED || (committing && error == HF_E_UNKNOWN);
}

static bool is_closed; /* the child closes the store before it dies */

static void live(const faults *wanted, report *r)
{
    static const hf_store_identity identity = {.store = {{1}}, .incarnation = 1};
    hf_store_config config = use_config("fault.db", hf_store_schema());
    void *store = NULL;
    bool committing = false;
    config.identity = &identity; /* a copy has its own, which is written behind its pages */
    install();
    if (hf__sqlite_driver.open(&config, &store) != 0)
        _exit(CHILD_BROKEN);
    fault = *wanted;
    for (uint32_t tries = 0; r->acknowledged < BATCHES && r->refused < 4; tries++) {
        const int error = write_batch(store, r->acknowledged + 1, &committing);
        if (error == 0) {
            r->acknowledged++;
            continue;
        }
        if (!documented(error, committing))
            r->foreign = error;
        if (error == HF_E_POISONED)
            break;
        if (committing && (error == HF_E_IO || error == HF_E_UNKNOWN))
            r->fatal = error;
        else
            r->refused++;
        if (wanted->kind == FAULT_LATE)
            break; /* it dies before another commit takes the place of those frames */
    }
    if (is_closed)
        hf__sqlite_driver.close(store);
    r->calls = fault.calls;
    r->syncs_after = fault.syncs_after;
}

static report run(const faults *wanted)
{
    report r = {0};
    int ends[2];
    int status = 0;
    use_remove("fault.db");
    ck_assert_int_eq(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        live(wanted, &r);
        _exit(write(ends[1], &r, sizeof r) == (ssize_t)sizeof r ? 0 : CHILD_BROKEN);
    }
    (void)close(ends[1]);
    const ssize_t got = read(ends[0], &r, sizeof r);
    (void)close(ends[0]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %d", status);
    ck_assert_int_eq(got, (ssize_t)sizeof r);
    return r;
}

/* ---- What must be true after it
 * --------------------------------------------------------------------- */

static void check_after(const faults *wanted, const report *r)
{
    hf_table_stat counts[HF__TABLE_COUNT];
    hf_store_stat stat = {.tables = counts, .table_count = HF__TABLE_COUNT};
    void *store = use_open("fault.db");
    void *txn = use_begin(store, HF_TXN_SNAPSHOT);
    use_ok(hf__sqlite_driver.check(txn, NULL, NULL));
    use_ok(hf__sqlite_driver.stat(txn, &stat));
    hf__sqlite_driver.rollback(txn);
    hf__sqlite_driver.close(store);
    const uint64_t most = r->acknowledged + (r->fatal != 0 ? 1 : 0);
    ck_assert_msg(stat.mark.batch >= r->acknowledged && stat.mark.batch <= most,
                  "kind %d at %u: batch %llu, acknowledged %llu, fatal %d", (int)wanted->kind,
                  wanted->at, (unsigned long long)stat.mark.batch,
                  (unsigned long long)r->acknowledged, r->fatal);
    ck_assert_uint_eq(counts[HF__EVENTS].rows, stat.mark.batch * EVENTS);
    ck_assert_msg(r->foreign == 0, "kind %d at %u: %s", (int)wanted->kind, wanted->at,
                  hf_error_name(r->foreign));
    ck_assert_msg(wanted->kind != FAULT_SYNC || r->syncs_after == 0, "at %u: flushed again",
                  wanted->at);
}

typedef struct sweep {
    const char *title;
    fault_kind kind;
    bool for_good;
    bool heals; /* a fault that passes is no hindrance: every batch gets through in the end */
} sweep;

static const sweep sweeps[] = {
    {"a write fails once", FAULT_WRITE, false, false},
    {"writes fail from then on", FAULT_WRITE, true, false},
    {"the disk is full once", FAULT_FULL, false, true},
    {"the disk is full from then on", FAULT_FULL, true, false},
    {"a flush fails once", FAULT_SYNC, false, false},
    {"flushes fail from then on", FAULT_SYNC, true, false},
    {"no memory once", FAULT_MEMORY, false, true},
    {"no memory from then on", FAULT_MEMORY, true, false},
};

START_TEST(after_a_fault_what_was_acknowledged_is_there_and_nothing_else)
{
    const sweep *s = &sweeps[_i];
    faults wanted = {.kind = s->kind, .for_good = s->for_good};
    const report clean = run(&wanted); /* at 0: counts only */
    uint32_t fatal = 0;
    uint32_t refused = 0;
    ck_assert_uint_eq(clean.acknowledged, BATCHES);
    check_after(&wanted, &clean);
    const uint32_t runs = clean.calls < RUNS ? clean.calls : RUNS;
    ck_assert_uint_gt(runs, 20);
    for (uint32_t i = 0; i < runs; i++) {
        wanted.at = 1 + (uint32_t)((uint64_t)i * clean.calls / runs);
        const report r = run(&wanted);
        check_after(&wanted, &r);
        ck_assert_msg(!s->heals || r.acknowledged == BATCHES, "at %u: it did not heal", wanted.at);
        fatal += r.fatal != 0;
        refused += r.refused > 0;
    }
    (void)fprintf(stderr, "%s: %u of %u calls, %u commits in doubt, %u refused\n", s->title, runs,
                  clean.calls, fatal, refused);
    ck_assert_uint_gt(fatal + refused, 0); /* the faults did reach it */
}
END_TEST

/* Closing must not take for written what the disk may have lost. */
START_TEST(closing_after_a_flush_that_failed_flushes_nothing)
{
    faults wanted = {.kind = FAULT_SYNC};
    is_closed = true;
    const report clean = run(&wanted);
    uint32_t fatal = 0;
    for (wanted.at = 1; wanted.at < 20; wanted.at++) {
        const report r = run(&wanted);
        check_after(&wanted, &r);
        fatal += r.fatal != 0;
    }
    is_closed = false;
    ck_assert_uint_gt(clean.calls, 20);
    ck_assert_uint_gt(fatal, 0);
}
END_TEST

/* A recovery would find the frames of the commit that was refused, and take it for one. */
START_TEST(a_commit_that_was_refused_does_not_come_back_after_a_crash)
{
    faults wanted = {.kind = FAULT_LATE};
    const report clean = run(&wanted);
    uint32_t refused = 0;
    ck_assert_uint_eq(clean.acknowledged, BATCHES);
    ck_assert_uint_ge(clean.calls, BATCHES);
    for (wanted.at = 1; wanted.at <= clean.calls; wanted.at++) {
        const report r = run(&wanted);
        ck_assert_int_eq(r.fatal, 0);
        check_after(&wanted, &r);
        refused += (uint32_t)r.refused;
    }
    ck_assert_uint_ge(refused, BATCHES);
}
END_TEST

/* ---- A copy that SQLite could not finish -------------------------------------------------------
 */

/* What the copy is made by: a backup, or a restore of one that was made before. */
static int copy(bool restores)
{
    hf_store_config config = use_config("copy.db", hf_store_schema());
    void *store = NULL;
    if (restores)
        return hf__sqlite_driver.restore("kept.db", &config);
    config.location = "fault.db";
    int error = hf__sqlite_driver.open(&config, &store);
    if (error != 0)
        return CHILD_BROKEN;
    error = hf__sqlite_driver.backup(store, "copy.db", NULL, NULL, &use_error);
    hf__sqlite_driver.close(store);
    return error;
}

/* In a process of its own, where the n-th write to the copy behind its log fails; 0: none does. */
static int copy_with_fault(bool restores, uint32_t at, uint32_t *calls)
{
    int ends[2];
    int said[2] = {0, 0};
    ck_assert_int_eq(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        install();
        fault = (faults){.kind = FAULT_LOG, .at = at};
        said[0] = copy(restores);
        said[1] = (int)fault.calls;
        _exit(write(ends[1], said, sizeof said) == (ssize_t)sizeof said ? 0 : CHILD_BROKEN);
    }
    (void)close(ends[1]);
    ck_assert_int_eq(read(ends[0], said, sizeof said), (ssize_t)sizeof said);
    (void)close(ends[0]);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    *calls = (uint32_t)said[1];
    return said[0];
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

/* SQLite itself closes such a copy without an error. */
START_TEST(a_copy_whose_log_cannot_be_brought_into_it_gets_no_name)
{
    const bool restores = _i == 1;
    uint32_t calls = 0;
    uint32_t unused;
    const faults none = {.kind = FAULT_NONE};
    (void)run(&none);
    use_remove("kept.db");
    use_remove("copy.db");
    ck_assert_int_eq(copy_with_fault(false, 0, &calls), 0);
    ck_assert_int_eq(rename("copy.db", "kept.db"), 0);
    ck_assert_int_eq(copy_with_fault(restores, 0, &calls), 0); /* the control: nothing fails */
    ck_assert(is_there("copy.db"));
    ck_assert_uint_gt(calls, 0);
    for (uint32_t at = 1; at <= calls; at++) {
        use_remove("copy.db");
        ck_assert_int_eq(copy_with_fault(restores, at, &unused), HF_E_IO);
        ck_assert(!is_there("copy.db") && !is_there("copy.db.creating"));
        ck_assert(!is_there("copy.db.creating-wal"));
    }
    ck_assert_int_eq(copy_with_fault(restores, 0, &calls), 0);
    void *store = use_open("copy.db");
    void *txn = use_begin(store, HF_TXN_SNAPSHOT);
    use_ok(hf__sqlite_driver.check(txn, NULL, NULL));
    hf__sqlite_driver.rollback(txn);
    hf__sqlite_driver.close(store);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sqlite_faults");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, after_a_fault_what_was_acknowledged_is_there_and_nothing_else, 0,
                        (int)(sizeof sweeps / sizeof sweeps[0]));
    suite_add_tcase(suite, core);
    TCase *late = tcase_create("late");
    tcase_add_test(late, closing_after_a_flush_that_failed_flushes_nothing);
    tcase_add_test(late, a_commit_that_was_refused_does_not_come_back_after_a_crash);
    suite_add_tcase(suite, late);
    TCase *copies = tcase_create("copies");
    tcase_add_loop_test(copies, a_copy_whose_log_cannot_be_brought_into_it_gets_no_name, 0, 2);
    suite_add_tcase(suite, copies);
    return hf_test_main(suite);
}
