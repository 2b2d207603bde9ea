/*
 * bench.c - `holdfast bench`: how fast a store is on this machine.
 *
 * Happy path: makes a new store, fills it with items and wallets, puts load on it, prints what was
 * measured and leaves the store, which `list`, `show` and `verify` can look at. A store that is
 * there already is refused: nobody wants ten thousand made-up items among their own.
 */
#include "cli.h"
#include "load.h"
#include "table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define READ_ORDERS 20000u /* placed before reads are measured */

/* The position of a name in a list; EXIT_USAGE, and the names that there are. */
static int find_name(const char *option, const char *name, const char *const *names, uint32_t *out)
{
    uint32_t count = strcmp(option, "spread") == 0 ? CHOICE_SPREADS : LOAD_FORMS;
    char known[128] = "";
    for (*out = 0; *out < count; ++*out) {
        if (strcmp(name, names[*out]) == 0)
            return EXIT_DONE;
        (void)strncat(known, " ", sizeof(known) - strlen(known) - 1);
        (void)strncat(known, names[*out], sizeof(known) - strlen(known) - 1);
    }
    return fail(EXIT_USAGE, "--%s: there is no '%s'; known:%s", option, name, known);
}

static int read_case(const options *opt, load_case *c)
{
    uint32_t durability;
    *c = (load_case){.operations = (uint64_t)opt->orders,
                     .seconds = (double)opt->seconds,
                     .rate = (double)opt->rate,
                     .in_flight = (uint32_t)opt->window};
    if (load_durability(opt->durability, &durability) != 0)
        return fail(EXIT_USAGE, "--durability: there is no '%s'; known: default journal store none",
                    opt->durability);
    if (opt->orders == 0 && opt->seconds == 0)
        return fail(EXIT_USAGE, "--seconds and --orders: one of them must not be 0");
    int result = find_name("spread", opt->spread, choice_names, &c->spread);
    return result == EXIT_DONE ? find_name("form", opt->form, load_form_names, &c->form) : result;
}

static int64_t us_at(const load_result *r, double share)
{
    return (int64_t)(latency_at(&r->latency, share) / 1000);
}

static table *result_table(const load_case *c, const load_result *r)
{
    static const table_column columns[] = {
        {"form", CELL_TEXT},
        {"items", CELL_TEXT},
        {"in_flight", CELL_NUMBER},
        {"operations", CELL_NUMBER},
        {"a_second", CELL_NUMBER},
        {"p50_us", CELL_NUMBER},
        {"p99_us", CELL_NUMBER},
        {"p999_us", CELL_NUMBER},
        {"max_us", CELL_NUMBER},
        {"cpu_ns_each", CELL_NUMBER},
        {"commits", CELL_NUMBER},
        {"engine_bytes", CELL_NUMBER},
        {"resident_bytes", CELL_NUMBER},
    };
    table *t = table_create("bench", columns, sizeof(columns) / sizeof(columns[0]));
    double operations = r->operations == 0 ? 1 : (double)r->operations;
    table_row(t);
    table_text(t, load_form_names[c->form]);
    table_text(t, choice_names[c->spread]);
    const int64_t numbers[] = {
        c->in_flight,
        (int64_t)r->operations,
        (int64_t)(operations / r->seconds),
        us_at(r, 0.5),
        us_at(r, 0.99),
        us_at(r, 0.999),
        (int64_t)(r->latency.max_ns / 1000),
        (int64_t)(r->cpu_s * 1e9 / operations),
        (int64_t)r->batches,
        (int64_t)r->engine_most,
        (int64_t)r->resident_most,
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        table_number(t, numbers[i]);
    return t;
}

static int run(load *l, const load_case *c, load_result *result)
{
    const load_case some = {.operations = READ_ORDERS, .form = LOAD_CHECKOUT, .in_flight = 1024};
    bool reads = c->form >= LOAD_GET;
    int error = load_error(l)[0] == '\0' ? load_fill(l) : -1;
    if (error == 0 && reads)
        error = load_run(l, &some, result);
    if (error == 0)
        error = load_run(l, c, result);
    return error == 0 ? EXIT_DONE : fail(EXIT_STORE, "%s", load_error(l));
}

int command_bench(const options *opt)
{
    static load_result measured; /* large for a stack */
    load_case c;
    int result = read_case(opt, &c);
    if (result != EXIT_DONE)
        return result;
    if (opt->store == NULL)
        return fail(EXIT_USAGE, "no store: give --store URL or set HOLDFAST_STORE");
    if (!session_absent(opt->store) && strcmp(opt->store, "memory:") != 0)
        return fail(EXIT_STORE, "%s: bench makes a store of its own: name one that is not there",
                    opt->store);
    load_options engine = {
        .url = opt->store, .durability = opt->durability, .log = log_line, .metrics = opt->metrics};
    result = read_log_level(opt->log, &engine.log_level);
    if (result != EXIT_DONE)
        return result;
    load *l = load_open(&engine);
    result = l == NULL ? fail(EXIT_STORE, "no memory") : run(l, &c, &measured);
    if (result == EXIT_DONE) {
        table *t = result_table(&c, &measured);
        if (!tables_print(stdout, &t, 1, opt->json != 0))
            result = fail(EXIT_OUTPUT, "the table could not be printed");
        table_destroy(t);
    }
    if (load_close(l) != 0 && result == EXIT_DONE)
        result = fail(EXIT_STORE, "%s: closing failed", opt->store);
    return finish_output(result);
}
