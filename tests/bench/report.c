/*
 * report.c - medians of rounds, their spread, and how a subject stands to the bare journal and to
 * LMDB baseline, as lines of a table; every run and every median also as CSV.
 */
#include "report.h"
#include "machine.h"

#include <stdlib.h>
#include <string.h>

#define MIB 1048576.0

/* clang-format off */
static const char *const field_names[FIELDS] = {
    [F_RATE] = "a_second", [F_P50_US] = "p50_us", [F_P99_US] = "p99_us", [F_P999_US] = "p999_us",
    [F_MAX_US] = "max_us", [F_CPU_US] = "cpu_us", [F_PER_BATCH] = "per_commit",
    [F_ENGINE_MIB] = "engine_mib", [F_RESIDENT_MIB] = "resident_mib", [F_FILE_MIB] = "file_mib",
    [F_DIRTY_MIB] = "dirty_mib", [F_JOURNAL_MIB] = "journal_mib", [F_CHECKPOINTS] = "checkpoints",
    [F_SECONDS] = "seconds", [F_OPERATIONS] = "operations", [F_FLAT] = "flat",
    [F_BACKLOG] = "backlog_a_second", [F_BACKLOG_S] = "backlog_s",
    [F_BACKLOG_CPU_US] = "backlog_cpu_us", [F_SHARE] = "share",
    [F_OVERDUE_MS] = "overdue_ms",
};
/* clang-format on */

/* ---- Figures --------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static void sort(const report_rounds *rounds, report_field field, double out[ROUNDS_MAX])
{
    memcpy(out, rounds->values[field], rounds->count * sizeof(*out));
    qsort(out, rounds->count, sizeof(*out), by_value);
}

double report_median(const report_rounds *rounds, report_field field)
{
    double sorted[ROUNDS_MAX];
    sort(rounds, field, sorted);
    return rounds->count == 0 ? 0 : sorted[rounds->count / 2];
}

static double flatness(const bench_result *result)
{
    for (uint32_t i = 0; i + 1 < result->point_count; i++)
        if (result->points[i].orders == BENCH_FLAT_FROM)
            return result->points[result->point_count - 1].rate / result->points[i].rate;
    return 0;
}

static void figures_of(const bench_result *result, double out[FIELDS])
{
    const load_result *l = &result->load;
    double operations = l->operations == 0 ? 1 : (double)l->operations;
    out[F_RATE] = l->seconds > 0 ? (double)l->operations / l->seconds : 0;
    out[F_P50_US] = (double)latency_at(&l->latency, 0.50) / 1000;
    out[F_P99_US] = (double)latency_at(&l->latency, 0.99) / 1000;
    out[F_P999_US] = (double)latency_at(&l->latency, 0.999) / 1000;
    out[F_MAX_US] = (double)l->latency.max_ns / 1000;
    out[F_CPU_US] = l->cpu_s * 1e6 / operations;
    out[F_PER_BATCH] = l->batches == 0 ? 0 : operations / (double)l->batches;
    out[F_ENGINE_MIB] = (double)l->engine_most / MIB;
    out[F_RESIDENT_MIB] = (double)l->resident_most / MIB;
    out[F_FILE_MIB] = (double)result->file_bytes / MIB;
    out[F_DIRTY_MIB] = (double)l->dirty_bytes / MIB;
    out[F_JOURNAL_MIB] = (double)l->journal_bytes / MIB;
    out[F_CHECKPOINTS] = (double)l->checkpoints;
    out[F_SECONDS] = l->seconds;
    out[F_OPERATIONS] = (double)l->operations;
    out[F_FLAT] = flatness(result);
    out[F_BACKLOG] = result->backlog_s > 0 ? (double)result->backlog / result->backlog_s : 0;
    out[F_BACKLOG_S] = result->backlog_s;
    out[F_BACKLOG_CPU_US] =
        result->backlog != 0 ? result->backlog_cpu_s * 1e6 / (double)result->backlog : 0;
    out[F_SHARE] = result->share;
    out[F_OVERDUE_MS] = (double)result->overdue_ms;
}

/* ---- CSV ------------------------------------------------------------------------------------- */

static FILE *open_csv(const char *folder, const char *name, const char *stores, const char *more)
{
    char path[BENCH_PATH_BYTES];
    FILE *file = bench_path(path, folder, name) == 0 ? fopen(path, "w") : NULL;
    if (file == NULL) {
        perror(path);
        return NULL;
    }
    machine_write(file, "# ", stores);
    (void)fprintf(file, "case,form,items,in_flight,wanted_a_second,durability,subject,%s", more);
    for (uint32_t i = 0; i < FIELDS; i++)
        (void)fprintf(file, ",%s", field_names[i]);
    return file;
}

int report_open(report *r, const char *folder, const char *stores)
{
    if (folder == NULL)
        return 0;
    r->runs = open_csv(folder, "runs.csv", stores, "round");
    r->medians = open_csv(folder, "medians.csv", stores, "rounds,orders");
    if (r->runs == NULL || r->medians == NULL)
        return -1;
    (void)fprintf(r->runs, "\n");
    (void)fprintf(r->medians, ",min_a_second,max_a_second\n");
    return 0;
}

static int close_csv(FILE *file)
{
    if (file == NULL)
        return 0;
    bool written = ferror(file) == 0;
    return fclose(file) == 0 && written ? 0 : -1;
}

int report_close(report *r)
{
    int error = close_csv(r->runs);
    return close_csv(r->medians) == 0 ? error : -1;
}

static void write_start(const report *r, FILE *to, const bench_case *c, uint32_t subject)
{
    (void)fprintf(to, "%s,%s,%s,%u,%.0f,%s,%s", c->name, load_form_names[c->load.form],
                  choice_names[c->load.spread], c->load.in_flight, c->load.rate, r->durability,
                  bench_subjects[subject].name);
}

void report_add(report *r, const bench_case *c, uint32_t subject, report_rounds *rounds,
                const bench_result *result)
{
    double figures[FIELDS];
    figures_of(result, figures);
    for (uint32_t i = 0; i < FIELDS; i++)
        rounds->values[i][rounds->count] = figures[i];
    memcpy(rounds->points, result->points, sizeof(rounds->points));
    rounds->point_count = result->point_count;
    rounds->count++;
    if (r->runs == NULL)
        return;
    write_start(r, r->runs, c, subject);
    (void)fprintf(r->runs, ",%u", rounds->count);
    for (uint32_t i = 0; i < FIELDS; i++)
        (void)fprintf(r->runs, ",%.3f", figures[i]);
    (void)fprintf(r->runs, "\n");
    (void)fflush(r->runs);
}

static void write_medians(const report *r, const bench_case *c, uint32_t subject,
                          const report_rounds *rounds)
{
    double sorted[ROUNDS_MAX];
    if (r->medians == NULL)
        return;
    sort(rounds, F_RATE, sorted);
    write_start(r, r->medians, c, subject);
    (void)fprintf(r->medians, ",%u,0", rounds->count);
    for (uint32_t i = 0; i < FIELDS; i++)
        (void)fprintf(r->medians, ",%.3f", report_median(rounds, i));
    (void)fprintf(r->medians, ",%.3f,%.3f\n", sorted[0], sorted[rounds->count - 1]);
    (void)fflush(r->medians);
}

static void write_point(const report *r, const bench_case *c, uint32_t subject,
                        const bench_point *p)
{
    const double figures[FIELDS] = {
        [F_RATE] = p->rate,
        [F_P99_US] = p->p99_us,
        [F_ENGINE_MIB] = (double)p->engine_bytes / MIB,
        [F_RESIDENT_MIB] = (double)p->resident_bytes / MIB,
        [F_FILE_MIB] = (double)p->file_bytes / MIB,
    };
    if (r->medians == NULL)
        return;
    write_start(r, r->medians, c, subject);
    (void)fprintf(r->medians, ",1,%llu", (unsigned long long)p->orders);
    for (uint32_t i = 0; i < FIELDS; i++)
        (void)fprintf(r->medians, ",%.3f", figures[i]);
    (void)fprintf(r->medians, ",%.3f,%.3f\n", p->rate, p->rate);
    (void)fflush(r->medians);
}

/* ---- Tables ---------------------------------------------------------------------------------- */

static void print_ratio(double rate, const report_rounds *against)
{
    double other = report_median(against, F_RATE);
    if (other > 0)
        printf(" %.2f |", rate / other);
    else
        printf(" |");
}

static void print_rate(const bench_case *c, uint32_t subject, report_rounds *all)
{
    const report_rounds *rounds = &all[subject];
    double sorted[ROUNDS_MAX];
    double rate = report_median(rounds, F_RATE);
    sort(rounds, F_RATE, sorted);
    printf("| %s | %s | %.0f | %.0f-%.0f | %.0f | %.0f | %.0f | %.1f | %.0f |", c->name,
           bench_subjects[subject].about, rate, sorted[0], sorted[rounds->count - 1],
           report_median(rounds, F_P50_US), report_median(rounds, F_P99_US),
           report_median(rounds, F_P999_US), report_median(rounds, F_CPU_US),
           report_median(rounds, F_RESIDENT_MIB));
    print_ratio(rate, &all[S_JOURNAL]);
    print_ratio(rate, &all[S_LMDB]);
    printf("\n");
}

static void print_growth(const bench_case *c, uint32_t subject, report_rounds *all)
{
    (void)c;
    for (uint32_t i = 0; i < all[subject].point_count; i++) {
        const bench_point *p = &all[subject].points[i];
        printf("| %llu | %s | %.0f | %.0f | %.0f | %.0f | %.0f |\n", (unsigned long long)p->orders,
               bench_subjects[subject].about, p->rate, p->p99_us, (double)p->resident_bytes / MIB,
               (double)p->engine_bytes / MIB, (double)p->file_bytes / MIB);
    }
}

static void print_restart(const bench_case *c, uint32_t subject, report_rounds *all)
{
    double sorted[ROUNDS_MAX];
    sort(&all[subject], F_SECONDS, sorted);
    printf("| %s | %s | %.3f | %.3f-%.3f | %.0f | %.0f |\n", c->name, bench_subjects[subject].about,
           report_median(&all[subject], F_SECONDS), sorted[0], sorted[all[subject].count - 1],
           report_median(&all[subject], F_DIRTY_MIB), report_median(&all[subject], F_JOURNAL_MIB));
}

static void print_backlog(const bench_case *c, uint32_t subject, report_rounds *all)
{
    const report_rounds *rounds = &all[subject];
    printf("| %s | %s | %.0f | %.2f | %.1f | %.0f | %.2f | %.0f |\n", c->name,
           bench_subjects[subject].about, report_median(rounds, F_BACKLOG),
           report_median(rounds, F_BACKLOG_S), report_median(rounds, F_BACKLOG_CPU_US),
           report_median(rounds, F_RATE), report_median(rounds, F_SHARE),
           report_median(rounds, F_OVERDUE_MS));
}

static const struct {
    const char *head;
    void (*print)(const bench_case *c, uint32_t subject, report_rounds *all);
} tables[] = {
    {"| case | who | a second | spread | p50 us | p99 us | p99.9 us | CPU us each | MiB | of the "
     "journal | of LMDB |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
     print_rate},
    {"| orders | who | a second | p99 us | resident MiB | engine MiB | file MiB |\n"
     "|---|---|---|---|---|---|---|\n",
     print_growth},
    {"| case | who | seconds to a first order | spread | MiB that the store lacked | journal MiB "
     "|\n|---|---|---|---|---|---|\n",
     print_restart},
    {"| case | who | backlog a second | seconds | CPU us each | beside it a second | of what it is "
     "alone | "
     "oldest "
     "overdue ms |\n|---|---|---|---|---|---|---|---|\n",
     print_backlog},
};

static const uint32_t table_of[] = {
    [CASE_RATE] = 0, [CASE_BURST] = 0, [CASE_GROWTH] = 1, [CASE_RESTART] = 2, [CASE_BACKLOG] = 3};

void report_case(report *r, const bench_case *c, report_rounds *all)
{
    uint32_t table = table_of[c->kind];
    if (r->head_kind != table + 1)
        printf("\n%s", tables[table].head);
    r->head_kind = table + 1;
    for (uint32_t s = 0; s < SUBJECTS; s++) {
        if (all[s].count == 0)
            continue;
        tables[table].print(c, s, all);
        write_medians(r, c, s, &all[s]);
        for (uint32_t i = 0; i < all[s].point_count; i++)
            write_point(r, c, s, &all[s].points[i]);
    }
    (void)fflush(stdout);
}
