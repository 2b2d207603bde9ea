/*
 * Engines and readers of one store, each in a process of its own, that wait for each other by
 * shared memory. An includer defines _GNU_SOURCE first: open file description locks.
 */
#ifndef HF_TESTS_SUPPORT_TWO_PROCESSES_H
#define HF_TESTS_SUPPORT_TWO_PROCESSES_H

#include "support/bells.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>

#define AT_ONCE        16
#define BATCHES(count) ((int64_t)(count)*AT_ONCE)

/* ---- Two processes --------------------------------------------------------------------------- */

/* What they send each other. */
typedef struct shared_state {
    atomic_int_fast64_t received; /* receipts that were acknowledged */
    atomic_int stop;              /* the engine is to be closed */
    atomic_int opened;            /* the reader has its state, or the engine is idle */
    atomic_int check;             /* the reader is to look at it again */
    atomic_int more;              /* batches that the engine is to receive */
} shared_state;

extern shared_state *shared;

static inline void share(void)
{
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(shared, MAP_FAILED);
}

static inline void start_to_read(const char *store)
{
    bells.read_only = 1;
    const int error = open_as(store, HF_DURABILITY_JOURNAL, NULL);
    bells.read_only = 0;
    ck_assert_msg(error == 0, "%s: %s", hf_error_name(error), shop.detail);
}

/* Receives AT_ONCE in one batch; all of them are acknowledged when it returns. */
static inline void receive_some(void)
{
    hf_move_args args;
    hf_op ops[AT_ONCE] = {{.type = 0}};
    hf_completion done[AT_ONCE];
    hf_item_receive_init(&args, "bell", 1);
    args.head.meta = bells_meta;
    args.head.meta_bytes = bells_meta_bytes;
    for (int i = 0; i < AT_ONCE; i++)
        ops[i] = (hf_op){.type = HF_OP_ITEM_RECEIVE, .args = &args};
    ck_assert_int_eq(hf_submit(shop.engine, ops, AT_ONCE, NULL), AT_ONCE);
    for (int ended = 0; ended < AT_ONCE;) {
        (void)hf_loop_run_once(shop.loop, 1);
        const int count = hf_completions(shop.engine, done, AT_ONCE);
        for (int i = 0; i < count; i++)
            ck_assert_int_eq(done[i].status, 0);
        ended += count;
    }
    (void)atomic_fetch_add(&shared->received, AT_ONCE);
}

/* Receives until it has to stop: large records, so that segments are used again and again. */
static inline void receive_until_stopped(const char *store, uint32_t durability)
{
    bells_meta_bytes = sizeof bells_meta;
    memset(bells_meta, 'm', sizeof bells_meta);
    start(store, durability);
    if (atomic_load(&shared->received) == 0)
        begin_bells();
    while (atomic_load(&shared->stop) == 0)
        receive_some();
    stop();
}

static inline pid_t start_engine(const char *store, uint32_t durability)
{
    atomic_store(&shared->stop, 0);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        receive_until_stopped(store, durability);
        _exit(0);
    }
    return child;
}

/* A process that ends while it is waited for has failed. */
static inline void yield(void)
{
    siginfo_t ended = {.si_pid = 0};
    ck_assert_int_eq(waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT), 0);
    ck_assert_msg(ended.si_pid == 0, "process %d has ended", (int)ended.si_pid);
    (void)sched_yield();
}

static inline void wait_for(int64_t received)
{
    while (atomic_load(&shared->received) < received)
        yield();
}

/* So much more than there is. */
static inline void wait_for_more(int64_t receipts)
{
    wait_for(atomic_load(&shared->received) + receipts);
}

static inline void wait_until_opened(void)
{
    while (atomic_load(&shared->opened) == 0)
        yield();
}

static inline int end_of(pid_t child)
{
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

static inline void stop_engine(pid_t child)
{
    atomic_store(&shared->stop, 1);
    ck_assert_int_eq(end_of(child), 0);
}

static inline void kill_process(pid_t child)
{
    (void)kill(child, SIGKILL);
    ck_assert(WIFSIGNALED(end_of(child)));
}

static inline void on_backup(void *data, int status, const char *detail)
{
    (void)data;
    shop.status = status;
    shop.ended++;
    if (status != 0)
        (void)snprintf(shop.detail, sizeof shop.detail, "%s", detail);
}

/* ---- Engines that are idle ---------------------------------------------------------------------
 */

static inline bool log_is_below(off_t bytes)
{
    struct stat found;
    return stat("one-wal", &found) == 0 && found.st_size < bytes;
}

/*
 * An engine that has received so many batches and is idle; of SQLite, at least until its log has
 * `log_bytes`.
 */
static inline pid_t start_idle(const char *store, uint32_t durability, int batches, off_t log_bytes)
{
    const int64_t before = atomic_load(&shared->received);
    atomic_store(&shared->opened, 0);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        bells_meta_bytes = sizeof bells_meta;
        memset(bells_meta, 'm', sizeof bells_meta);
        start(store, durability);
        if (before == 0)
            begin_bells();
        for (int i = 0; i < batches || log_is_below(log_bytes); i++)
            receive_some();
        atomic_store(&shared->opened, 1);
        for (;;)
            (void)hf_loop_run_once(shop.loop, 1);
    }
    wait_until_opened();
    return child;
}

/* ---- Readers ------------------------------------------------------------------------------------
 */

/* Releases the locks by which an engine knows of this reader. */
static inline void drop_locks(void)
{
    DIR *opened = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(opened);
    for (const struct dirent *entry; (entry = readdir(opened)) != NULL;) {
        struct flock all = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
        const int fd = (int)strtol(entry->d_name, NULL, 10);
        if (fd > 2)
            (void)fcntl(fd, F_OFD_SETLK, &all);
    }
    (void)closedir(opened);
}

static inline bool verifies(hf_verify_result *result)
{
    if (hf_verify(shop.engine, NULL, shop_on_verify, NULL) != 0)
        return false;
    shop_wait();
    *result = shop.verified;
    return shop.status == 0 && result->findings_total == 0;
}

static inline bool copies(const char *path)
{
    if (hf_backup(shop.engine, path, NULL, on_backup, NULL) != 0)
        return false;
    shop_wait();
    return shop.status == 0;
}

/* What a reader is for. */
typedef enum reader_kind {
    LOOKS_TWICE, /* verifies at once and at the end, and then copies the store */
    LOOKS_ONCE,  /* reads most of the store at the end only: no page of it stays in memory */
    IS_UNKNOWN,  /* as LOOKS_ONCE, and no engine knows of it */
} reader_kind;

/* Runs `look` in a process that has opened the store, when it is asked to. */
static inline pid_t start_process(const char *store, reader_kind kind,
                                  void (*look)(reader_kind kind, int64_t count))
{
    atomic_store(&shared->opened, 0);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child != 0) {
        wait_until_opened();
        return child;
    }
    start_to_read(store);
    look(kind, count_bells());
    _exit(9);
}

static inline void wait_to_check(void)
{
    atomic_store(&shared->opened, 1);
    while (atomic_load(&shared->check) == 0)
        (void)sched_yield();
}

/* Ends the process with exit code 0 when all is the same. */
static inline void look_again(reader_kind kind, int64_t count)
{
    hf_verify_result before = {.size = 0};
    hf_verify_result after;
    const bool is_twice = kind == LOOKS_TWICE;
    if (kind == IS_UNKNOWN)
        drop_locks();
    else if (is_twice && !verifies(&before))
        _exit(1);
    wait_to_check();
    if (!verifies(&after))
        _exit(2);
    if (is_twice && memcmp(after.digest, before.digest, sizeof after.digest) != 0)
        _exit(2);
    _exit(count_bells() == count && (!is_twice || copies("copy")) ? 0 : 3);
}

static inline pid_t start_reader(const char *store, reader_kind kind)
{
    return start_process(store, kind, look_again);
}

static inline int end_reader(pid_t reader)
{
    atomic_store(&shared->check, 1);
    return end_of(reader);
}

#endif
