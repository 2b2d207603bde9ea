/*
 * cache_sim.c - replays a trace of keys through every policy of hf_cache, beside Belady's optimum:
 * the policy that knows the future and drops what is used last.
 *
 * A trace has one key a line. Failure modes: a file that cannot be read or has no key is
 * EXIT_INPUT; out of memory ends the tool (text_index.h).
 */
#include "cli.h"
#include "table.h"
#include "text_index.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEVER UINT64_MAX

typedef struct trace {
    uint32_t *keys; /* by request, as numbers */
    uint64_t count;
    uint64_t capacity;
    uint32_t distinct;
} trace;

static void *must(void *memory)
{
    if (memory == NULL)
        exit(fail(EXIT_STORE, "out of memory"));
    return memory;
}

/* Memory for `count` of `bytes` each, cleared. */
static void *some(uint64_t count, size_t bytes)
{
    return must(calloc(count != 0 ? count : 1, bytes));
}

/* ---- Reading --------------------------------------------------------------------------------- */

static void add(trace *to, uint32_t key)
{
    if (to->count == to->capacity) {
        to->capacity = to->capacity == 0 ? 4096 : to->capacity * 2;
        to->keys = must(realloc(to->keys, to->capacity * sizeof to->keys[0]));
    }
    to->keys[to->count++] = key;
}

static int read_trace(const char *path, trace *out)
{
    text_index index = {0};
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "r");
    char *line = NULL;
    size_t capacity = 0;
    if (file == NULL)
        return fail(EXIT_INPUT, "%s: %s", path, strerror(errno));
    while (getline(&line, &capacity, file) > 0) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] != '\0')
            add(out, text_index_put(&index, line));
    }
    bool failed = ferror(file) != 0;
    out->distinct = (uint32_t)index.count;
    free(line);
    text_index_fini(&index);
    if (!is_stdin)
        (void)fclose(file);
    if (failed)
        return fail(EXIT_INPUT, "%s: it cannot be read", path);
    return out->count != 0 ? EXIT_DONE : fail(EXIT_INPUT, "%s: there is no key in it", path);
}

/* ---- The policies of hf_cache ---------------------------------------------------------------- */

static int hits_of(const trace *of, uint32_t policy, uint32_t entries, uint64_t *hits)
{
    hf_cache_options with;
    hf_cache *cache;
    hf_cache_options_init(&with);
    with.policy = policy;
    with.entries_max = entries;
    with.key_bytes_max = sizeof of->keys[0];
    int error = hf_cache_new(&with, &cache);
    if (error != 0)
        return fail_with("cache-sim", error, "");
    *hits = 0;
    for (uint64_t i = 0; i < of->count; i++) {
        if (hf_cache_get(cache, &of->keys[i], sizeof of->keys[i], NULL) == HF_CACHE_HIT)
            *hits += 1;
        else
            (void)hf_cache_put(cache, &of->keys[i], sizeof of->keys[i], NULL, 0, 0);
    }
    (void)hf_cache_free(cache);
    return EXIT_DONE;
}

/* ---- Belady's optimum ------------------------------------------------------------------------ */

/* A key and when it is used next. In the heap the one that is used last is the first. */
typedef struct use {
    uint64_t next;
    uint32_t key;
} use;

typedef struct heap {
    use *uses;
    uint64_t count;
} heap;

static void push(heap *into, use one)
{
    uint64_t at = into->count++;
    for (; at > 0 && into->uses[(at - 1) / 2].next < one.next; at = (at - 1) / 2)
        into->uses[at] = into->uses[(at - 1) / 2];
    into->uses[at] = one;
}

static use pop(heap *from)
{
    use first = from->uses[0];
    use last = from->uses[--from->count];
    uint64_t at = 0;
    for (uint64_t child = 1; child < from->count; child = at * 2 + 1) {
        if (child + 1 < from->count && from->uses[child + 1].next > from->uses[child].next)
            child++;
        if (from->uses[child].next <= last.next)
            break;
        from->uses[at] = from->uses[child];
        at = child;
    }
    from->uses[at] = last;
    return first;
}

/* When each request's key comes again. */
static uint64_t *next_uses(const trace *of)
{
    uint64_t *next = some(of->count, sizeof next[0]);
    uint64_t *seen = some(of->distinct, sizeof seen[0]);
    for (uint32_t key = 0; key < of->distinct; key++)
        seen[key] = NEVER;
    for (uint64_t i = of->count; i-- > 0;) {
        next[i] = seen[of->keys[i]];
        seen[of->keys[i]] = i;
    }
    free(seen);
    return next;
}

/* What is used last leaves; a use that is over is passed by. */
static void drop_last(heap *order, uint64_t *held)
{
    use last = pop(order);
    while (held[last.key] != last.next)
        last = pop(order);
    held[last.key] = 0;
}

static uint64_t belady(const trace *of, uint32_t entries)
{
    uint64_t *next = next_uses(of);
    uint64_t *held = some(of->distinct, sizeof held[0]); /* next use; 0: it is not there */
    heap order = {.uses = some(of->count, sizeof(use))};
    uint64_t hits = 0;
    uint64_t count = 0;
    for (uint64_t i = 0; i < of->count; i++) {
        uint32_t key = of->keys[i];
        hits += held[key] != 0;
        if (held[key] == 0 && count == entries)
            drop_last(&order, held);
        else if (held[key] == 0)
            count++;
        held[key] = next[i];
        push(&order, (use){.next = next[i], .key = key});
    }
    free(order.uses);
    free(held);
    free(next);
    return hits;
}

/* ---- The table ------------------------------------------------------------------------------- */

static void add_row(table *t, const char *policy, uint32_t entries, const trace *of, uint64_t hits)
{
    char ratio[16];
    (void)snprintf(ratio, sizeof ratio, "%.4f", (double)hits / (double)of->count);
    table_row(t);
    table_number(t, entries);
    table_text(t, policy);
    table_number(t, (int64_t)of->count);
    table_number(t, (int64_t)hits);
    table_text(t, ratio);
}

static int simulate(const trace *of, uint32_t entries, table *t)
{
    const char *name;
    for (uint32_t policy = 0; (name = hf_cache_policy_name(policy)) != NULL; policy++) {
        uint64_t hits = 0;
        int result = hits_of(of, policy, entries, &hits);
        if (result != EXIT_DONE)
            return result;
        add_row(t, name, entries, of, hits);
    }
    add_row(t, "BELADY", entries, of, belady(of, entries));
    return EXIT_DONE;
}

/* The size that was asked for, or 1, 5, 10 and 25 % of the keys. */
static int simulate_sizes(const trace *of, int64_t entries, table *t)
{
    static const uint32_t percents[] = {1, 5, 10, 25};
    int result = EXIT_DONE;
    if (entries > 0)
        return simulate(of, (uint32_t)entries, t);
    for (size_t i = 0; result == EXIT_DONE && i < sizeof percents / sizeof percents[0]; i++) {
        uint32_t size = (uint32_t)((uint64_t)of->distinct * percents[i] / 100);
        result = simulate(of, size > 0 ? size : 1, t);
    }
    return result;
}

int command_cache_sim(const options *opt)
{
    static const table_column columns[] = {
        {"entries", CELL_NUMBER}, {"policy", CELL_TEXT}, {"requests", CELL_NUMBER},
        {"hits", CELL_NUMBER},    {"ratio", CELL_TEXT},
    };
    trace of = {0};
    int result = read_trace(opt->names[0], &of);
    if (result != EXIT_DONE) {
        free(of.keys);
        return result;
    }
    table *t = table_create("policies", columns, sizeof(columns) / sizeof(columns[0]));
    result = simulate_sizes(&of, opt->entries, t);
    free(of.keys);
    if (result == EXIT_DONE && !tables_print(stdout, &t, 1, opt->json))
        result = fail(EXIT_OUTPUT, "the table could not be printed");
    table_destroy(t);
    return finish_output(result);
}
