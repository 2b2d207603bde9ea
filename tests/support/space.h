/*
 * An engine without a loop, whose journal lies on a file system that is as full as a test says.
 */
#ifndef HF_TESTS_SUPPORT_SPACE_H
#define HF_TESTS_SUPPORT_SPACE_H

#include "base/os.h"
#include "engine/engine.h"
#include "store/builtin.h"
#include "support/bells.h"
#include "support/folder.h"

#include <errno.h>

#define KIB   ((uint64_t)1 << 10)
#define MIB   ((uint64_t)1 << 20)
#define STORE "space.db"

extern hf_env env;
extern hf__files files;
extern hf__engine *engine;
extern hf__batch batch;
extern uint32_t durability;
extern hf_store_error error;

typedef struct hf_test_small_state {
    uint64_t bytes; /* that it has for the journal, used ones included */
    uint64_t quota; /* of one file; the system does not know of it */
    bool extends;   /* a reservation that fails makes the file longer all the same */
} hf_test_small_state;

extern hf_test_small_state small;

static inline void add_bytes(void *sum, const char *path)
{
    struct stat found;
    ck_assert_int_eq(stat(path, &found), 0);
    *(uint64_t *)sum += (uint64_t)found.st_size;
}

static inline uint64_t journal_bytes(void)
{
    uint64_t sum = 0;
    if (is_there(STORE ".journal"))
        folder_each(STORE ".journal", add_bytes, &sum);
    return sum;
}

static inline int space(const char *path, uint64_t *bytes, int *native)
{
    (void)path;
    (void)native;
    uint64_t used = journal_bytes();
    *bytes = small.bytes == UINT64_MAX ? UINT64_MAX : used < small.bytes ? small.bytes - used : 0;
    return 0;
}

static inline int reserve(int fd, uint64_t bytes, int *native)
{
    hf__file_info info;
    uint64_t used = journal_bytes();
    ck_assert_int_eq(hf__os_files.info_of(fd, &info, NULL), 0);
    bool full = bytes > info.bytes && used + (bytes - info.bytes) > small.bytes;
    if (!full && bytes <= small.quota)
        return hf__os_files.reserve(fd, bytes, native);
    if (small.extends)
        ck_assert_int_eq(hf__os_files.reserve(fd, info.bytes + 4096, native), 0);
    *native = full ? ENOSPC : EDQUOT;
    return HF_E_NO_SPACE;
}

/* Nothing here looks at what a crash of the machine leaves. */
static inline int sync_nothing(int fd, int *native)
{
    (void)fd;
    (void)native;
    return 0;
}

static inline int open_store(int scheme, uint64_t bytes_max)
{
    const hf__engine_config config = {
        .env = &env,
        .driver = hf_store_builtin(schemes[scheme]),
        .location = STORE,
        .cache_bytes = 1u << 20,
        .commit_ops_max = 1000,
        .durability = durability,
        .journal_bytes = bytes_max,
        .error = &error,
    };
    engine = NULL;
    return hf__engine_open(&config, &engine);
}

static inline void begin(uint64_t bytes)
{
    static const hf__threads no_threads;
    in_a_folder();
    small.bytes = bytes;
    small.quota = UINT64_MAX;
    small.extends = false;
    hf__env_init(&env);
    files = hf__os_files;
    files.space = space;
    files.reserve = reserve;
    files.sync = sync_nothing;
    env.files = &files;
    env.threads = &no_threads;
    ck_assert_int_eq(hf__batch_init(&batch, &env, 1, 1u << 14, 8u << 20), 0);
}

int run_one(uint32_t type, hf_op_head *args);

static inline int put_item(void)
{
    hf_account_put_args args;
    hf_item_put_init(&args, "tea");
    return run_one(HF_OP_ITEM_PUT, &args.head);
}

/* One receipt, whose record has so many bytes and some more. */
int receive_one(uint32_t bytes);

static inline void receive_many(uint32_t count, uint32_t bytes)
{
    for (uint32_t i = 0; i < count; i++)
        ck_assert_msg(receive_one(bytes) == 0, "%u: %s", (unsigned)i, batch.tasks[0].done.detail);
}
static inline int64_t on_hand(void)
{
    hf_account_get_args args;
    hf_item_get_init(&args, "tea");
    hf__batch_reset(&batch);
    hf__task *task = &batch.tasks[batch.count++];
    memset(task, 0, sizeof *task);
    task->op.type = HF_OP_ITEM_GET;
    task->op.args = &args.head;
    hf__engine_read(engine, &batch);
    ck_assert_int_eq(task->done.status, 0);
    return ((const hf_account *)task->done.result)->balance;
}
static inline void finish(void)
{
    hf__engine_close(engine);
    hf__batch_fini(&batch, &env);
}
#endif
