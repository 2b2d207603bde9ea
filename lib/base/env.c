/*
 * env.c - the production environment, and memory and log lines through any environment.
 *
 * Failure modes: hf__alloc returns NULL; a log line is cut at its bound, never refused.
 */
#include "base/env.h"
#include "base/os.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_LINE_MAX 512

/* Zeroed here already: calloc hands fresh pages out untouched, so a large block costs memory only
 * where it is used. */
static void *libc_alloc(void *context, size_t bytes)
{
    (void)context;
    return calloc(1, bytes);
}

static void libc_free(void *context, void *memory)
{
    (void)context;
    free(memory);
}

static void log_nothing(void *data, uint32_t level, const char *text)
{
    (void)data;
    (void)level;
    (void)text;
}

void hf__env_init(hf_env *env)
{
    memset(env, 0, sizeof *env);
    env->allocator = (hf_allocator){.alloc = libc_alloc, .free = libc_free};
    env->wall_ms = hf__os_wall_ms;
    env->boot_ms = hf__os_boot_ms;
    env->steady_ns = hf__os_steady_ns;
    env->random = hf__os_random;
    env->files = &hf__os_files;
    env->threads = &hf__os_threads;
    env->log = log_nothing;
    env->log_level = HF_LOG_WARN;
    env->log_lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    atomic_init(&env->allocations, 0);
}

void *hf__alloc_uncleared(hf_env *env, size_t bytes)
{
    atomic_fetch_add_explicit(&env->allocations, 1, memory_order_relaxed);
    /* NULL must mean "out" and nothing else, also for an empty array. */
    bytes = bytes == 0 ? 1 : bytes;
    if (env->allocator.alloc == libc_alloc) /* tools that replace calloc clear all of a block */
        return malloc(bytes);
    return env->allocator.alloc(env->allocator.context, bytes);
}

void *hf__alloc(hf_env *env, size_t bytes)
{
    atomic_fetch_add_explicit(&env->allocations, 1, memory_order_relaxed);
    bytes = bytes == 0 ? 1 : bytes;
    void *memory = env->allocator.alloc(env->allocator.context, bytes);
    if (memory != NULL && env->allocator.alloc != libc_alloc)
        memset(memory, 0, bytes);
    return memory;
}

void hf__free(hf_env *env, void *memory)
{
    if (memory != NULL)
        env->allocator.free(env->allocator.context, memory);
}

void hf__log(hf_env *env, uint32_t level, const char *format, ...)
{
    if (level > env->log_level)
        return;
    char line[LOG_LINE_MAX];
    va_list arguments;
    va_start(arguments, format);
    int printed = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    hf__text_end(line, sizeof line, printed);
    hf__text_clean(line, env->no_card_numbers);
    /* hf_log_cb promises one call at a time. */
    (void)pthread_mutex_lock(&env->log_lock);
    env->log(env->log_data, level, line);
    (void)pthread_mutex_unlock(&env->log_lock);
}
