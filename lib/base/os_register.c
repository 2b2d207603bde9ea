/*
 * os_register.c - counts forks, and registers the files that are open in this process.
 *
 * Happy path: a file is registered by device and inode before it is opened, and a second open of it
 * is refused, by whatever name. A child of fork begins with an empty register.
 *
 * Failure modes: HF_E_OPEN_TWICE, HF_E_TOO_MANY.
 */
#include "base/os.h"

#include <pthread.h>
#include <string.h>

#define OPEN_MAX 64

typedef struct open_file {
    uint64_t device;
    uint64_t inode;
    bool used;
} open_file;

static pthread_once_t watch_once = PTHREAD_ONCE_INIT;
static bool watched; /* the handlers are in place; written once, under watch_once */
static atomic_uint_fast32_t forks;
static pthread_mutex_t register_lock = PTHREAD_MUTEX_INITIALIZER;
static open_file opened[OPEN_MAX];

/* Locked across the fork: the child does not inherit it locked by a thread it does not have. */
static void before_fork(void)
{
    (void)pthread_mutex_lock(&register_lock);
}

static void after_fork_parent(void)
{
    (void)pthread_mutex_unlock(&register_lock);
}

/* What the parent opened is not open here; the lock on the file is what keeps two processes apart.
 */
static void after_fork_child(void)
{
    memset(opened, 0, sizeof opened);
    (void)atomic_fetch_add_explicit(&forks, 1, memory_order_relaxed);
    (void)pthread_mutex_unlock(&register_lock);
}

static void watch_forks(void)
{
    watched = pthread_atfork(before_fork, after_fork_parent, after_fork_child) == 0;
}

uint32_t hf__os_fork_count(void)
{
    (void)pthread_once(&watch_once, watch_forks);
    /* Without memory for the handlers the process id has to do: slower, and different as well. */
    if (!watched)
        return hf__os_process();
    return (uint32_t)atomic_load_explicit(&forks, memory_order_relaxed);
}

static open_file *find_open(uint64_t device, uint64_t inode)
{
    for (size_t i = 0; i < OPEN_MAX; i++) {
        if (opened[i].used && opened[i].device == device && opened[i].inode == inode)
            return &opened[i];
    }
    return NULL;
}

static int add_open(uint64_t device, uint64_t inode)
{
    if (find_open(device, inode) != NULL)
        return HF_E_OPEN_TWICE;
    for (size_t i = 0; i < OPEN_MAX; i++) {
        if (opened[i].used)
            continue;
        opened[i] = (open_file){.device = device, .inode = inode, .used = true};
        return 0;
    }
    return HF_E_TOO_MANY;
}

int hf__os_register_open(uint64_t device, uint64_t inode)
{
    (void)hf__os_fork_count(); /* the handlers must be in place before there is an entry */
    (void)pthread_mutex_lock(&register_lock);
    int error = add_open(device, inode);
    (void)pthread_mutex_unlock(&register_lock);
    return error;
}

void hf__os_unregister_open(uint64_t device, uint64_t inode)
{
    (void)pthread_mutex_lock(&register_lock);
    open_file *found = find_open(device, inode);
    if (found != NULL)
        *found = (open_file){0};
    (void)pthread_mutex_unlock(&register_lock);
}
