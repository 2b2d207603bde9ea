/*
 * watch.c - looks at the disk of the store before it is full.
 *
 * Happy path: once a second at most, when a batch is handed over or a caller asks for the health of
 * the engine (loop/disk.c), the free space of the store's file system is read: one system call.
 * When less is free than the journal may take (hf_options.journal_bytes_max), the engine warns, in
 * hf_health and with one line of the log. The warning ends when a quarter more is free than that.
 *
 * Failure modes: none. A store without a file, a system that does not say what is free, and a
 * folder that cannot be found are not looked at, and no warning is given.
 */
#include "engine/state.h"

#define LOOK_MS    1000
#define KIB(bytes) ((unsigned long long)((bytes) / 1024))

void hf__watch_open(hf__engine *engine, const hf__engine_config *config)
{
    hf__watch *watch = &engine->watch;
    const hf__files *files = engine->env->files;
    atomic_store(&watch->free, UINT64_MAX);
    watch->least = config->journal_bytes;
    watch->place.folder = -1;
    watch->looks = (config->driver->capabilities & HF_STORE_JOURNALED) != 0 &&
                   files->place(config->location, &watch->place, NULL) == 0;
}

void hf__watch_close(hf__engine *engine)
{
    if (engine->watch.looks)
        hf__place_end(engine->env->files, &engine->watch.place);
    engine->watch.looks = false;
}

static void report(hf__engine *engine, bool low, uint64_t bytes)
{
    if (low)
        hf__log(engine->env, HF_LOG_WARN,
                "the disk of the store is nearly full: %llu KiB are free, less than "
                "journal_bytes_max (%llu KiB)",
                KIB(bytes), KIB(engine->watch.least));
    else
        hf__log(engine->env, HF_LOG_INFO, "the disk of the store has %llu KiB free again",
                KIB(bytes));
}

bool hf__engine_disk_is_due(hf__engine *engine)
{
    const hf__watch *watch = &engine->watch;
    return watch->looks && hf__engine_uptime(engine) >= atomic_load(&watch->next_ms);
}

void hf__engine_look_at_disk(hf__engine *engine)
{
    hf__watch *watch = &engine->watch;
    const int64_t now = hf__engine_uptime(engine);
    int64_t next = atomic_load(&watch->next_ms);
    if (!watch->looks || now < next ||
        !atomic_compare_exchange_strong(&watch->next_ms, &next, now + LOOK_MS))
        return; /* another thread looks */
    uint64_t bytes = UINT64_MAX;
    if (engine->env->files->space(watch->place.path, &bytes, NULL) != 0)
        bytes = UINT64_MAX;
    const bool before = atomic_load(&watch->low);
    const uint64_t least = before ? watch->least + watch->least / 4 : watch->least;
    const bool low = bytes < least;
    atomic_store(&watch->free, bytes);
    atomic_store(&watch->low, low);
    if (low != before)
        report(engine, low, bytes);
}
