/*
 * status.c - the file of hf_options.metrics_file: all figures, and those of the last minute.
 *
 * Happy path: a timer of the loop writes the text once a second into memory and gives it to a
 * thread, which writes it beside the file, locks that and renames it over the file. So a reader
 * sees a whole text, and the loop never waits for the file. The lock stays on the file that has the
 * name until the next one has it: a process that can lock the file knows that its writer has ended.
 *
 * Every fifth second the counters are remembered. The figures of the last minute are the difference
 * to the oldest of twelve of these readings, so they are of 55 to 60 seconds, or of all the time
 * since open.
 *
 * Failure modes. At open: a file that is another engine's, or of another program, is refused and
 * left unchanged. Later: a text that cannot be written is logged once, and the next second tries
 * again. Closing removes the file.
 */
#include "base/fail.h"
#include "base/os.h"
#include "loop/host.h"
#include "metrics/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PERIOD_MS 1000u
#define READING_S 5u
#define READINGS  12u
#define TEXT_BYTES                                                                                 \
    ((size_t)512 << 10) /* with 64 participants and providers it has about 100 KiB                 \
                         */
#define NS_A_SECOND 1000000000u
#define LOCK_TRIES  1000u /* a reader has the lock for some microseconds */
#define FIRST_WORDS "# HELP holdfast_"

/* What is remembered of a moment. */
typedef struct reading {
    hf_metrics_info info;
    hf_histogram write_ns;
    hf_histogram read_ns;
    hf_histogram flush_ns;
} reading;

struct hf__status {
    hf__host *host;
    uv_timer_t timer;
    hf__worker worker;
    bool writing; /* the thread has the text */
    hf__place place;
    char fresh[HF__PLACE_MAX]; /* where a text is written before it gets its name */
    int fd;                    /* of the file that has the name, and its lock; -1: none */
    char *text;
    uint64_t length;
    int error; /* of the last time; 0 */
    int native;
    int logged; /* the error that was logged */
    uint64_t seconds;
    uint32_t count; /* readings so far */
    reading readings[READINGS];
    reading now;
};

/* ---- The last minute ------------------------------------------------------------------------- */

/* A figure of the last minute. `unit` MS: three digits behind the point. */
typedef struct recent {
    const char *name;
    const char *help;
    uint32_t unit;
    uint64_t value;
} recent;

static void take_reading(hf__status *status, reading *out)
{
    hf__host_metrics(status->host, &out->info);
    out->write_ns = *out->info.write_latency_ns.histogram;
    out->read_ns = *out->info.read_latency_ns.histogram;
    out->flush_ns = hf__engine_is_journaled(status->host->engine)
                        ? *out->info.journal_flush_ns.histogram
                        : *out->info.store_commit_ns.histogram;
}

static void write_recent(hf__text_writer *writer, const recent *one)
{
    hf__write_head(writer, one->name, one->help, HF_METRIC_GAUGE);
    hf__write(writer, "%s ", one->name);
    hf__write_number(writer, one->value, one->unit);
    hf__write(writer, "\n");
}

static void write_quantiles(hf__text_writer *writer, const char *name, const char *help,
                            const hf_histogram *of)
{
    static const struct {
        const char *text;
        double q;
    } quantiles[] = {{"0.5", 0.5}, {"0.99", 0.99}};
    hf__write(writer, "# HELP %s %s\n# TYPE %s summary\n", name, help, name);
    for (size_t i = 0; i < sizeof quantiles / sizeof quantiles[0]; i++) {
        uint64_t value = 0;
        (void)hf_histogram_quantile(of, quantiles[i].q, &value);
        hf__write(writer, "%s{quantile=\"%s\"} ", name, quantiles[i].text);
        hf__write_number(writer, value, HF_METRIC_NS);
        hf__write(writer, "\n");
    }
    hf__write(writer, "%s_sum ", name);
    hf__write_number(writer, of->sum, HF_METRIC_NS);
    hf__write(writer, "\n%s_count %llu\n", name, (unsigned long long)of->count);
}

/* The histograms of `now` become those of the window. */
static void write_window(hf__status *status, hf__text_writer *writer)
{
    const uint32_t oldest = status->count < READINGS ? 0 : status->count % READINGS;
    const hf_metrics_info *from = &status->readings[oldest].info;
    reading *now = &status->now;
    const hf_metrics_info *to = &now->info;
    const uint64_t ns = to->open_ns - from->open_ns;
    const uint64_t hits = to->row_hits - from->row_hits;
    const uint64_t looked_up = hits + to->row_misses - from->row_misses;
    const uint64_t cached = to->read_cache_hits - from->read_cache_hits;
    const uint64_t asked = cached + to->read_cache_misses - from->read_cache_misses;
    const recent recents[] = {
        {"holdfast_recent_seconds", "time covered by the figures of the last minute", HF_METRIC_NS,
         ns},
        {"holdfast_recent_operations_per_second", "operations completed a second", HF_METRIC_MS,
         hf__figures_part(to->completed - from->completed, ns, (uint64_t)1000 * NS_A_SECOND)},
        {"holdfast_recent_operations_in_flight", "operations in flight, on average", HF_METRIC_MS,
         hf__figures_part(to->in_flight_ns - from->in_flight_ns, ns, 1000)},
        {"holdfast_recent_write_utilisation_ratio", "share of the time in which a batch wrote",
         HF_METRIC_PPM, hf__figures_part(to->write_busy_ns - from->write_busy_ns, ns, 1000000)},
        {"holdfast_recent_read_utilisation_ratio", "share of the time in which a batch read",
         HF_METRIC_PPM, hf__figures_part(to->read_busy_ns - from->read_busy_ns, ns, 1000000)},
        {"holdfast_recent_availability_ratio", "share of the time in which writes were accepted",
         HF_METRIC_PPM,
         1000000 - hf__figures_part(to->not_ready_ns - from->not_ready_ns, ns, 1000000)},
        {"holdfast_recent_row_hit_ratio", "share of the rows looked up that were in memory",
         HF_METRIC_PPM, hf__figures_part(hits, looked_up, 1000000)},
        {"holdfast_recent_read_cache_hit_ratio", "share of the reads that the read cache answered",
         HF_METRIC_PPM, hf__figures_part(cached, asked, 1000000)},
    };
    for (size_t i = 0; i < sizeof recents / sizeof recents[0]; i++)
        write_recent(writer, &recents[i]);
    (void)hf_histogram_subtract(&now->write_ns, &status->readings[oldest].write_ns);
    (void)hf_histogram_subtract(&now->read_ns, &status->readings[oldest].read_ns);
    (void)hf_histogram_subtract(&now->flush_ns, &status->readings[oldest].flush_ns);
    write_quantiles(writer, "holdfast_recent_write_latency_seconds",
                    "latency of operations that write", &now->write_ns);
    write_quantiles(writer, "holdfast_recent_read_latency_seconds",
                    "latency of operations that read", &now->read_ns);
    write_quantiles(writer, "holdfast_recent_flush_seconds",
                    "time of a flush of the journal, without one of a commit of the store",
                    &now->flush_ns);
}

static void write_process(const hf__host *host, hf__text_writer *writer)
{
    static const char *const times[] = {"holdfast_written_timestamp_seconds",
                                        "when this was written, in Unix time"};
    hf__write_head(writer, "holdfast_process_info", "the process of the engine", HF_METRIC_GAUGE);
    hf__write(writer, "holdfast_process_info{pid=\"%u\"} 1\n", hf__os_process());
    hf__write_head(writer, times[0], times[1], HF_METRIC_GAUGE);
    hf__write(writer, "%s ", times[0]);
    hf__write_number(writer, (uint64_t)host->env.wall_ms(host->env.clock), HF_METRIC_MS);
    hf__write(writer, "\n");
}

static void write_text(hf__status *status)
{
    hf__text_writer writer = {.out = status->text, .bytes = TEXT_BYTES};
    take_reading(status, &status->now);
    if (status->seconds++ % READING_S == 0)
        status->readings[status->count++ % READINGS] = status->now;
    hf__host_write_metrics(status->host, &status->now.info, &writer);
    write_process(status->host, &writer);
    write_window(status, &writer);
    status->length = writer.length < TEXT_BYTES ? writer.length : TEXT_BYTES - 1;
}

/* ---- The file -------------------------------------------------------------------------------- */

/* Writes the text under a name of its own, and locks the file. */
static int make_fresh(hf__status *status, const hf__files *files, int *fd)
{
    (void)files->remove(status->fresh, NULL);
    int error = files->open(status->fresh, HF__OPEN_CREATE_SHARED, fd, &status->native);
    if (error == 0)
        error = files->lock(*fd, &status->native);
    if (error == 0)
        error = files->write_at(*fd, status->text, status->length, 0, &status->native);
    return error;
}

/* On the status thread. */
static void write_file(void *context, void *job)
{
    const hf__host *host = context;
    const hf__files *files = host->env.files;
    hf__status *status = job;
    int fd = -1;
    int error = make_fresh(status, files, &fd);
    if (error == 0)
        error = files->rename(status->fresh, status->place.path, &status->native);
    status->error = error;
    if (error != 0) {
        if (fd >= 0)
            files->close(fd);
        (void)files->remove(status->fresh, NULL);
        return;
    }
    if (status->fd >= 0)
        files->close(status->fd);
    status->fd = fd;
}

static void log_error(hf__status *status)
{
    if (status->error == status->logged)
        return;
    status->logged = status->error;
    if (status->error != 0)
        hf__log(&status->host->env, HF_LOG_WARN, "%s cannot be written: %s", status->place.shown,
                hf__os_text(status->native, status->error));
    else
        hf__log(&status->host->env, HF_LOG_INFO, "%s is written again", status->place.shown);
}

void hf__status_pump(hf__host *host)
{
    hf__status *status = host->status;
    if (status == NULL || !status->writing || hf__worker_take(&status->worker) == NULL)
        return;
    status->writing = false;
    log_error(status);
}

bool hf__status_writes(const hf__host *host)
{
    return host->status != NULL && host->status->writing;
}

static void on_timer(uv_timer_t *timer)
{
    hf__host *host = timer->data;
    hf__status *status = host->status;
    hf__host *found;
    if (host->closing || host->engine == NULL || status->writing)
        return; /* a disk that takes longer than a second misses one */
    if (hf__host_find(host->handle, &found) != 0)
        return; /* the loop of a forked child: the file is the parent's */
    hf__disk_ask(host);
    write_text(status);
    status->writing = true;
    hf__worker_give(&status->worker, status);
    hf__status_pump(host); /* without a thread it is done */
}

/* ---- Opening and closing --------------------------------------------------------------------- */

static int lock_soon(const hf__files *files, int fd, int *native)
{
    int error = HF_E_LOCKED;
    for (uint32_t i = 0; error == HF_E_LOCKED && i < LOCK_TRIES; i++) {
        error = files->lock(fd, native);
        if (error == HF_E_LOCKED)
            hf__os_yield();
    }
    return error;
}

/* 0 when an open file was left there by an engine that no longer runs. */
static int check_file(const hf__files *files, int fd, int *native)
{
    char begin[sizeof FIRST_WORDS] = "";
    size_t got = 0;
    hf__file_info info;
    int error = files->info_of(fd, &info, native);
    if (error == 0 && info.is_file == 0)
        return HF_E_EXISTS;
    if (error == 0)
        error = lock_soon(files, fd, native);
    if (error == 0)
        error = files->read_at(fd, begin, sizeof FIRST_WORDS - 1, 0, &got, native);
    if (error == 0 && strncmp(begin, FIRST_WORDS, got) != 0) /* it may be cut off */
        error = HF_E_EXISTS;
    return error;
}

/* 0 when the path is free, or has a file that may be replaced. */
static int check_path(const hf__files *files, const char *path, int *native)
{
    int fd;
    int error = files->open(path, HF__OPEN_WRITE, &fd, native);
    if (error != 0)
        return *native == ENOENT ? 0 : error;
    error = check_file(files, fd, native);
    files->close(fd);
    return error;
}

static const char *why_refused(const hf__status *status, int error)
{
    if (error == HF_E_LOCKED)
        return "another engine writes it; name another file";
    if (error == HF_E_EXISTS)
        return "it is another program's file; name another one";
    if (status->native == ELOOP)
        return "it is a symbolic link; name the file itself";
    return hf__os_text(status->native, error);
}

static int refuse(hf__status *status, int error, hf__detail *detail)
{
    return hf__refuse(detail, error, "metrics_file: %.300s: %s", status->place.shown,
                      why_refused(status, error));
}

static int prepare(hf__status *status, const hf__files *files, const char *path)
{
    int error = files->place(path, &status->place, &status->native);
    if (error != 0) {
        (void)snprintf(status->place.shown, sizeof status->place.shown, "%s", path);
        return error;
    }
    int length = snprintf(status->fresh, sizeof status->fresh, "%s.new", status->place.path);
    if (length >= (int)sizeof status->fresh)
        return HF_E_PATH;
    error = check_path(files, status->place.path, &status->native);
    return error != 0 ? error : check_path(files, status->fresh, &status->native);
}

int hf__status_open(hf__host *host, const hf_options *options)
{
    hf_env *env = &host->env;
    if (options->metrics_file == NULL)
        return 0;
    hf__status *status = hf__alloc(env, sizeof *status);
    if (status == NULL)
        return HF_E_NOMEM;
    host->status = status;
    status->host = host;
    status->fd = -1;
    status->place.folder = -1;
    status->text = hf__alloc_uncleared(env, TEXT_BYTES);
    if (status->text == NULL)
        return HF_E_NOMEM;
    int error = prepare(status, env->files, options->metrics_file);
    if (error == 0) {
        write_text(status);
        write_file(host, status);
        error = status->error;
    }
    if (error != 0)
        return refuse(status, error, &host->detail);
    status->worker.run = write_file;
    status->worker.context = host;
    return hf__worker_start(&status->worker, env, &host->async);
}

uv_handle_t *hf__status_start(hf__host *host)
{
    hf__status *status = host->status;
    if (status == NULL)
        return NULL;
    (void)uv_timer_init(host->async.loop, &status->timer);
    status->timer.data = host;
    (void)uv_timer_start(&status->timer, on_timer, PERIOD_MS, PERIOD_MS);
    return (uv_handle_t *)&status->timer;
}

/* Removes the file, unless another one has its name by now. */
static void remove_file(hf__status *status, const hf__files *files)
{
    hf__file_info named;
    hf__file_info own;
    bool same = files->info(status->place.path, &named, NULL) == 0 &&
                files->info_of(status->fd, &own, NULL) == 0 && named.inode == own.inode &&
                named.device == own.device;
    if (same)
        (void)files->remove(status->place.path, NULL);
    files->close(status->fd);
    status->fd = -1;
}

uv_handle_t *hf__status_stop(hf__host *host)
{
    hf__status *status = host->status;
    if (status == NULL)
        return NULL;
    hf__worker_stop(&status->worker);
    if (status->fd >= 0)
        remove_file(status, host->env.files);
    return (uv_handle_t *)&status->timer;
}

void hf__status_free(hf__host *host)
{
    hf__status *status = host->status;
    if (status == NULL)
        return;
    (void)hf__status_stop(host);
    hf__place_end(host->env.files, &status->place);
    hf__free(&host->env, status->text);
    hf__free(&host->env, status);
    host->status = NULL;
}
