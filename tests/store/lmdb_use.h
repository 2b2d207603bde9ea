/*
 * Uses LMDB files in a child process as a store would, and returns how the child ended.
 *
 * The child reads every row of every database in both directions, then writes: new rows, longer and
 * shorter values, deletes, a dropped database, with several commits so that the free list is used.
 * Errors of LMDB are answers, not failures; a signal or a child that does not end is one.
 */
#ifndef HF_TESTS_STORE_LMDB_USE_H
#define HF_TESTS_STORE_LMDB_USE_H

#include "lmdb_image.h"
#include "support/endless.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define USE_SECONDS 20U /* of a processor, far more than a child needs */

/* Reads the bytes, so that a bad address shows. */
extern volatile unsigned use_sum;

static inline void use_bytes(const MDB_val *value)
{
    const uint8_t *bytes = value->mv_data;
    unsigned sum = 0;
    for (size_t i = 0; i < value->mv_size; i++)
        sum += bytes[i];
    use_sum += sum;
}

static inline void use_read(MDB_txn *txn, MDB_dbi dbi)
{
    MDB_cursor *cursor = NULL;
    MDB_val key;
    MDB_val value;
    if (mdb_cursor_open(txn, dbi, &cursor) != 0)
        return;
    for (int back = 0; back < 2; back++) {
        int rc = mdb_cursor_get(cursor, &key, &value, back ? MDB_LAST : MDB_FIRST);
        while (rc == 0) {
            MDB_val again = value;
            use_bytes(&key);
            use_bytes(&value);
            if (mdb_get(txn, dbi, &key, &again) == 0)
                use_bytes(&again);
            rc = mdb_cursor_get(cursor, &key, &value, back ? MDB_PREV : MDB_NEXT);
        }
    }
    mdb_cursor_close(cursor);
}

/* Opens each name in the main database that is one; returns how many. */
static inline unsigned use_open(MDB_txn *txn, MDB_dbi main_dbi, MDB_dbi dbis[DBS_MAX])
{
    MDB_cursor *cursor = NULL;
    MDB_val key;
    MDB_val value;
    unsigned count = 0;
    if (mdb_cursor_open(txn, main_dbi, &cursor) != 0)
        return 0;
    while (count < DBS_MAX && mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        char name[512] = {0};
        memcpy(name, key.mv_data, key.mv_size < sizeof name ? key.mv_size : sizeof name - 1);
        if (mdb_dbi_open(txn, name, 0, &dbis[count]) == 0)
            count++;
    }
    mdb_cursor_close(cursor);
    return count;
}

static inline void use_file_to_read(const char *path)
{
    MDB_env *env = NULL;
    MDB_txn *txn = NULL;
    MDB_dbi dbi = 0;
    MDB_dbi dbis[DBS_MAX];
    mdb_env_create(&env);
    mdb_env_set_maxdbs(env, DBS_MAX);
    mdb_env_set_mapsize(env, MAP_BYTES);
    if (mdb_env_open(env, path, MDB_NOSUBDIR | MDB_RDONLY, 0600) == 0 &&
        mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) == 0 && mdb_dbi_open(txn, NULL, 0, &dbi) == 0) {
        unsigned count = use_open(txn, dbi, dbis);
        use_read(txn, dbi);
        for (unsigned i = 0; i < count; i++)
            use_read(txn, dbis[i]);
    }
    if (txn != NULL)
        mdb_txn_abort(txn);
    mdb_env_close(env);
}

/* Deletes a share of the rows there are, rewrites another with another size. */
void use_rewrite(MDB_txn *txn, MDB_dbi dbi, uint64_t *state);

void use_insert(MDB_txn *txn, MDB_dbi dbi, uint64_t *state);

static inline void use_in_txn(MDB_env *env, unsigned round, uint64_t *state)
{
    MDB_txn *txn = NULL;
    MDB_dbi dbi = 0;
    MDB_dbi dbis[DBS_MAX];
    if (mdb_txn_begin(env, NULL, 0, &txn) != 0)
        return;
    mdb_dbi_open(txn, NULL, 0, &dbi); /* of the main database; cannot fail */
    unsigned count = use_open(txn, dbi, dbis);
    if (count == 0)
        dbis[count++] = dbi;
    for (unsigned i = 0; i < count; i++) {
        use_rewrite(txn, dbis[i], state);
        use_insert(txn, dbis[i], state);
    }
    if (round == 2 && dbis[0] != dbi)
        mdb_drop(txn, dbis[0], 1);
    mdb_txn_commit(txn);
}

static inline void use_file_to_write(const char *path)
{
    MDB_env *env = NULL;
    uint64_t state = 1;
    mdb_env_create(&env);
    mdb_env_set_maxdbs(env, DBS_MAX);
    mdb_env_set_mapsize(env, MAP_BYTES);
    if (mdb_env_open(env, path, MDB_NOSUBDIR | MDB_NOSYNC, 0600) == 0) {
        for (unsigned round = 0; round < 4; round++)
            use_in_txn(env, round, &state);
    }
    mdb_env_close(env);
}

/* A damaged file may make LMDB ask for endless memory or write far away: both become errors. */
static inline void child_limit(void)
{
    FILE *statm = fopen("/proc/self/statm", "r");
    char line[128];
    if (statm != NULL && fgets(line, sizeof line, statm) != NULL) {
        rlim_t pages = strtoul(line, NULL, 10);
        rlim_t bytes = pages * (rlim_t)sysconf(_SC_PAGESIZE) + 4 * (rlim_t)MAP_BYTES;
        setrlimit(RLIMIT_AS, &(struct rlimit){bytes, bytes});
    }
    if (statm != NULL)
        fclose(statm);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0});
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){MAP_BYTES, MAP_BYTES});
    signal(SIGXFSZ, SIG_IGN);
}

/* One file after the other, with a byte to the pipe when one is done. */
static inline void child_main(char (*paths)[32], unsigned count, int pipe_end)
{
    /* A sanitizer's handler would turn a signal into an exit. */
    static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, ENDLESS_SIGNAL};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        signal(signals[i], SIG_DFL);
    child_limit();
    int null = open("/dev/null", O_WRONLY);
    dup2(null, 1);
    dup2(null, 2);
    for (unsigned i = 0; i < count; i++) {
        endless_after(USE_SECONDS);
        use_file_to_read(paths[i]);
        use_file_to_write(paths[i]);
        if (write(pipe_end, "", 1) != 1)
            _exit(1);
    }
    _exit(0);
}

/* The signal that ended the child, or 0; done gets the number of files it was through with. Many
 * files to a child, because a fork is slow under a sanitizer. */
static inline int files_use(char (*paths)[32], unsigned count, unsigned *done)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        child_main(paths, count, ends[1]);
    close(ends[1]);
    char byte;
    *done = 0;
    while (read(ends[0], &byte, 1) == 1)
        ++*done;
    close(ends[0]);
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

#endif
