/*
 * aims.c - ratios of medians, each between two subjects of two cases, and what is aimed at.
 */
#include "aims.h"

#include <string.h>

#define KEPT_MAX 64u

typedef struct kept {
    const char *name;
    double medians[SUBJECTS][FIELDS];
} kept;

static kept cases[KEPT_MAX];
static uint32_t count;

typedef struct aim {
    const char *about;
    const char *own_case;
    const char *other_case; /* NULL: the figure is a ratio itself */
    uint32_t own;
    uint32_t other;
    report_field field;
    bool most; /* the aim is at most so much, else at least */
    double aim;
} aim;

/* clang-format off */
static const aim aims[] = {
    {"1 in flight, of the bare journal", "checkout-1", "checkout-1", S_HF_LMDB, S_JOURNAL, F_RATE, false, 0.8},
    {"1 in flight, p50, of the bare journal", "checkout-1", "checkout-1", S_HF_LMDB, S_JOURNAL, F_P50_US, true, 1.3},
    {"1 in flight without threads, of the bare journal", "checkout-1", "checkout-1", S_HF_INLINE, S_JOURNAL, F_RATE, false, 0.8},
    {"1 in flight without threads, p50, of the bare journal", "checkout-1", "checkout-1", S_HF_INLINE, S_JOURNAL, F_P50_US, true, 1.3},
    {"64 in flight, of the bare journal", "checkout-64", "checkout-64", S_HF_LMDB, S_JOURNAL, F_RATE, false, 0.5},
    {"64 in flight, of LMDB group commit", "checkout-64", "checkout-64", S_HF_LMDB, S_LMDB, F_RATE, false, 3},
    {"a burst at 4,096, of LMDB group commit at 64", "burst", "checkout-64", S_HF_LMDB, S_LMDB, F_RATE, false, 5},
    {"sustained on LMDB, of 10,000 a commit", "growth", "growth", S_HF_LMDB, S_LMDB_10000, F_RATE, false, 0.6},
    {"sustained on SQLite, of 10,000 a commit", "growth", "growth", S_HF_SQLITE, S_SQLITE_10000, F_RATE, false, 0.6},
    {"sustained on LMDB, at the end, of the second million", "growth", NULL, S_HF_LMDB, 0, F_FLAT, false, 0.8},
    {"sustained on SQLite, at the end, of the second million", "growth", NULL, S_HF_SQLITE, 0, F_FLAT, false, 0.8},
    {"one item at 64, of uniform", "hot-64", "checkout-64", S_HF_LMDB, S_HF_LMDB, F_RATE, false, 1},
    {"one item at 4,096, of uniform", "hot-4096", "checkout-4096", S_HF_LMDB, S_HF_LMDB, F_RATE, false, 1},
    {"orders peeked a second at 64", "peeks-64", NULL, S_HF_LMDB, 0, F_RATE, false, 3000000},
    {"cached orders read a second at 64", "cached-64", NULL, S_HF_LMDB, 0, F_RATE, false, 800000},
    {"orders read from LMDB a second at 64", "get-64", NULL, S_HF_LMDB, 0, F_RATE, false, 300000},
    {"orders read from SQLite a second at 64", "get-64", NULL, S_HF_SQLITE, 0, F_RATE, false, 100000},
    {"two-phase at 64, of the bare journal", "two-phase-64", "two-phase-64", S_HF_LMDB, S_JOURNAL, F_RATE, false, 0.5},
};
/* clang-format on */

void aims_add(const bench_case *c, const report_rounds *all)
{
    if (count == KEPT_MAX)
        return;
    kept *k = &cases[count++];
    k->name = c->name;
    for (uint32_t s = 0; s < SUBJECTS; s++)
        for (uint32_t i = 0; i < FIELDS; i++)
            k->medians[s][i] = report_median(&all[s], i);
}

static double find(const char *name, uint32_t subject, report_field field)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(cases[i].name, name) == 0)
            return cases[i].medians[subject][field];
    return 0;
}

void aims_print(void)
{
    bool head = false;
    for (size_t i = 0; i < sizeof(aims) / sizeof(aims[0]); i++) {
        const aim *a = &aims[i];
        double own = find(a->own_case, a->own, a->field);
        double other = a->other_case == NULL ? 1 : find(a->other_case, a->other, a->field);
        if (own <= 0 || other <= 0)
            continue;
        if (!head)
            printf("\n| holdfast | ratio | aim |\n|---|---|---|\n");
        head = true;
        printf("| %s | %.2f | %s %.1f |\n", a->about, own / other, a->most ? "at most" : "at least",
               a->aim);
    }
}
