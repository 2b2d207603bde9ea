/*
 * files.c - folders of runs: made, copied into, measured and removed; and stores that grow.
 */
#define _XOPEN_SOURCE 700 /* nftw */
#include "bench.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t bytes_found; /* nftw has no argument for it */

bool bench_durable(const bench_run *run)
{
    return strcmp(run->durability, "none") != 0;
}

int bench_path(char out[BENCH_PATH_BYTES], const char *folder, const char *name)
{
    int length = snprintf(out, BENCH_PATH_BYTES, "%s/%s", folder, name);
    return length > 0 && length < BENCH_PATH_BYTES ? 0 : -1;
}

static int failed(const char *path)
{
    perror(path);
    return -1;
}

static int copy_bytes(int from, int to, bool flush)
{
    static char buffer[1 << 20];
    ssize_t got;
    while ((got = read(from, buffer, sizeof(buffer))) > 0)
        if (write(to, buffer, (size_t)got) != got)
            return -1;
    return got == 0 && flush ? fsync(to) : (int)got;
}

int bench_copy(const char *from, const char *to, bool flush)
{
    int source = open(from, O_RDONLY | O_CLOEXEC);
    if (source < 0)
        return failed(from);
    int target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int error = target < 0 ? -1 : copy_bytes(source, target, flush);
    if (target >= 0 && close(target) != 0)
        error = -1;
    (void)close(source);
    return error == 0 ? 0 : failed(to);
}

int bench_folder_make(char out[BENCH_PATH_BYTES], const char *in)
{
    if (bench_path(out, in, "holdfast-bench-XXXXXX") != 0 || mkdtemp(out) == NULL)
        return failed(in);
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

int bench_folder_remove(const char *path)
{
    return nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : failed(path);
}

static int count_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)path;
    (void)walk;
    if (type == FTW_F)
        bytes_found += (uint64_t)info->st_blocks * 512u;
    return 0;
}

uint64_t bench_folder_bytes(const char *path)
{
    bytes_found = 0;
    (void)nftw(path, count_one, 8, FTW_PHYS);
    return bytes_found;
}

int bench_result_write(const char *folder, const char *name, const bench_result *result)
{
    char path[BENCH_PATH_BYTES];
    if (bench_path(path, folder, name) != 0)
        return -1;
    FILE *file = fopen(path, "wbx");
    if (file == NULL)
        return -1;
    bool written = fwrite(result, sizeof(*result), 1, file) == 1;
    return fclose(file) == 0 && written ? 0 : -1;
}

int bench_result_read(const char *folder, const char *name, bench_result *result)
{
    char path[BENCH_PATH_BYTES];
    if (bench_path(path, folder, name) != 0)
        return -1;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return -1;
    bool got = fread(result, sizeof(*result), 1, file) == 1;
    (void)fclose(file);
    return got ? 0 : -1;
}

/* ---- Growth ---------------------------------------------------------------------------------- */

static void add_point(const bench_run *run, bench_result *out, uint64_t orders)
{
    const load_result *l = &out->load;
    out->points[out->point_count++] = (bench_point){
        .orders = orders,
        .rate = (double)l->operations / l->seconds,
        .p99_us = (double)latency_at(&l->latency, 0.99) / 1000,
        .resident_bytes = l->resident_most,
        .engine_bytes = l->engine_bytes,
        .file_bytes = bench_folder_bytes(run->folder),
    };
}

/* How many orders a store has after each step: what it costs shows from the second million on, when
 * the journal is as full at the end of a step as at its beginning. */
static const uint64_t steps[] = {1000, 10000, 100000, 1000000, BENCH_FLAT_FROM, 5000000};

_Static_assert(sizeof(steps) / sizeof(steps[0]) < BENCH_POINTS_MAX, "the end is one more");

static uint64_t step_after(uint64_t orders, uint64_t end)
{
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        if (steps[i] > orders && steps[i] < end)
            return steps[i];
    return end;
}

int bench_drive_all(const bench_run *run, bench_result *out, bench_drive drive, void *context)
{
    load_case c = run->load;
    uint64_t orders = 0;
    if (run->grow_to == 0)
        return drive(context, &c, &out->load);
    while (orders < run->grow_to) {
        uint64_t next = step_after(orders, run->grow_to);
        c.operations = next - orders;
        if (drive(context, &c, &out->load) != 0)
            return -1;
        orders = next;
        add_point(run, out, orders);
    }
    return 0;
}
