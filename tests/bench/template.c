/*
 * template.c - prepared stores: filled once, copied for each run; and one order step by step.
 */
#include "template.h"

#include <stdio.h>
#include <string.h>

int64_t template_clock_ms;

static const char *const step_names[TEMPLATE_STEPS_MAX + 1] = {"step-0", "step-1", "step-2"};

uint32_t template_form(uint32_t form)
{
    return form == LOAD_TWO_PHASE ? LOAD_TWO_PHASE : LOAD_CHECKOUT;
}

static uint32_t steps_of(uint32_t form)
{
    return form == LOAD_TWO_PHASE ? 2 : 1;
}

const char *template_step(uint32_t step)
{
    return step_names[step < TEMPLATE_STEPS_MAX ? step : TEMPLATE_STEPS_MAX];
}

const char *template_last(uint32_t form)
{
    return template_step(steps_of(form));
}

int template_path(char out[BENCH_PATH_BYTES], const char *prepared, const char *scheme,
                  uint32_t form, const char *which)
{
    int length = snprintf(out, BENCH_PATH_BYTES, "%s/%s-%s-%s", prepared, scheme,
                          load_form_names[template_form(form)], which);
    return length > 0 && length < BENCH_PATH_BYTES ? 0 : -1;
}

int template_copy(const bench_run *run, const char *scheme, const char *which,
                  char out[BENCH_PATH_BYTES])
{
    char from[BENCH_PATH_BYTES];
    if (template_path(from, run->prepared, scheme, run->load.form, which) != 0 ||
        bench_path(out, run->folder, "store") != 0)
        return -1;
    return bench_copy(from, out, bench_durable(run));
}

/* ---- Copies of a running store --------------------------------------------------------------- */

typedef struct copying {
    int status;
    bool ended;
    char detail[256];
} copying;

static void on_copied(void *data, int status, const char *detail)
{
    copying *of = data;
    of->status = status;
    of->ended = true;
    (void)snprintf(of->detail, sizeof(of->detail), "%s", detail == NULL ? "" : detail);
}

static int copy_step(load *l, const char *path)
{
    copying of = {.status = 0};
    int error = hf_backup(load_engine(l), path, NULL, on_copied, &of);
    while (error == 0 && !of.ended)
        load_turn(l);
    if (error == 0)
        error = of.status;
    if (error != 0)
        (void)fprintf(stderr, "%s: %s (%s)\n", path, hf_error_name(error), of.detail);
    return error == 0 ? 0 : -1;
}

/* ---- Making ---------------------------------------------------------------------------------- */

typedef struct making {
    const char *prepared;
    const char *scheme;
    uint32_t form;
    bench_template *out;
} making;

static int path_of(const making *m, char out[BENCH_PATH_BYTES], const char *which)
{
    return template_path(out, m->prepared, m->scheme, m->form, which);
}

static int run_steps(const making *m, load *l)
{
    char path[BENCH_PATH_BYTES];
    int error = 0;
    for (uint32_t step = 0; error == 0 && step <= m->out->steps; step++) {
        if (step != 0) {
            error = load_step(l, m->form, step - 1, &m->out->order);
            m->out->seqs[step - 1] = m->out->order.seq;
        }
        if (error == 0)
            error = path_of(m, path, template_step(step));
        if (error == 0)
            error = copy_step(l, path);
    }
    return error;
}

static int fill(const making *m, load *l)
{
    load_order first;
    int error = load_fill(l);
    for (uint32_t step = 0; error == 0 && step < m->out->steps; step++)
        error = load_step(l, m->form, step, &first);
    return error;
}

static int with_engine(const making *m, const char *path, int (*work)(const making *m, load *l))
{
    char url[BENCH_PATH_BYTES + 16];
    (void)snprintf(url, sizeof(url), "%s:%s", m->scheme, path);
    load *l = load_open(
        &(load_options){.url = url, .durability = "store", .clock_ms = template_clock_ms});
    int error = l == NULL || load_error(l)[0] != '\0' ? -1 : work(m, l);
    if (l != NULL && load_error(l)[0] != '\0')
        (void)fprintf(stderr, "%s\n", load_error(l));
    return load_close(l) == 0 ? error : -1;
}

int template_make(const char *prepared, const char *scheme, uint32_t form, bench_template *out)
{
    char filled[BENCH_PATH_BYTES];
    char scratch[BENCH_PATH_BYTES];
    making m = {prepared, scheme, form, out};
    memset(out, 0, sizeof(*out));
    out->steps = steps_of(form);
    if (path_of(&m, filled, "filled") != 0 || path_of(&m, scratch, "scratch") != 0)
        return -1;
    int error = with_engine(&m, filled, fill);
    if (error == 0)
        error = bench_copy(filled, scratch, false);
    return error == 0 ? with_engine(&m, scratch, run_steps) : error;
}
