/*
 * env.h - the one table through which the library reaches the outside: clock, random numbers,
 * memory, files, threads, log.
 *
 * Production fills it from os.c; tests and the simulator replace single entries. No other module
 * calls the system, so what a run does is decided by this table and its inputs.
 */
#ifndef HF_BASE_ENV_H
#define HF_BASE_ENV_H

#include <holdfast/engine.h>
#include <holdfast/error.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct hf__files;

/* Threads: entries of os.c; `start` is NULL when everything runs inline. */
typedef struct hf__threads {
    int (*start)(void **thread, void (*run)(void *), void *data); /* 0 or HF_E_NOMEM */
    void (*join)(void *thread);
} hf__threads;

typedef struct hf_env {
    hf_allocator allocator;
    int64_t (*wall_ms)(void *clock);   /* Unix ms */
    int64_t (*boot_ms)(void *clock);   /* ms since boot, also while suspended; never goes back */
    int64_t (*steady_ns)(void *clock); /* for durations: ns since any origin; never goes back */
    void *clock;
    int (*random)(void *source, void *out, size_t bytes); /* 0 or HF_E_IO */
    void *random_source;
    const struct hf__files *files;
    const hf__threads *threads;
    hf_log_cb log; /* never NULL */
    void *log_data;
    uint32_t log_level;
    bool no_card_numbers;             /* hf_options.refuse_card_numbers */
    pthread_mutex_t log_lock;         /* locked while `log` runs: one line at a time */
    atomic_uint_fast64_t allocations; /* calls of hf__alloc */
} hf_env;

/* Fills in the production environment: system clock, getrandom, malloc, files, threads, no log. */
void hf__env_init(hf_env *env);

/*
 * Memory of the environment's allocator, zeroed; NULL when out. Counted in `allocations`. 0 bytes
 * give a pointer of their own. Large blocks of the C library stay untouched until they are used.
 */
void *hf__alloc(hf_env *env, size_t bytes);

/* The same with any content: for large blocks of which only a part may ever be used. */
void *hf__alloc_uncleared(hf_env *env, size_t bytes);

/* Frees memory of hf__alloc; takes NULL. */
void hf__free(hf_env *env, void *memory);

/*
 * Logs one formatted line when the log level includes `level`, cut at 511 bytes. Never bodies, meta
 * or payloads. Control characters become '?'. With `no_card_numbers` a line that contains what
 * looks like a card number loses all its digits.
 */
void hf__log(hf_env *env, uint32_t level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
