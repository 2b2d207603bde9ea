/*
 * figures.c - counts of operations, and how long they and their batches took.
 *
 * Happy path: the clock is read once when an operation is accepted and once when it is completed.
 * At both moments the integral of the operations in flight grows by their number times the time
 * since the last of these moments; the latency of an operation goes into a histogram of its own. So
 * the two sides of Little's law are summed up apart.
 *
 * A batch brings the times at which it began and ended; batches of one kind begin and end in order,
 * so the time during which one ran is the union of their times.
 *
 * Failure modes: none. Nothing allocates or locks.
 */
#include "loop/host.h"

int64_t hf__figures_now(const hf__host *host)
{
    return host->is_virtual ? hf__engine_steady_ns(host->engine)
                            : host->env.steady_ns(host->env.clock);
}

void hf__figures_open(hf__host *host)
{
    hf__figures *figures = &host->figures;
    figures->counted_ns = hf__figures_now(host);
    for (uint32_t i = 0; i < HF__KINDS; i++) {
        (void)hf_histogram_init(&figures->latency_ns[i]);
        (void)hf_histogram_init(&figures->wait_ns[i]);
        (void)hf_histogram_init(&figures->batch_ns[i]);
    }
    (void)hf_histogram_init(&figures->operations);
    (void)hf_histogram_init(&figures->sweep_ns);
}

static void note(hf_histogram *histogram, int64_t ns)
{
    hf__histogram_note(histogram, ns > 0 ? (uint64_t)ns : 0);
}

/* Adds so many operations that were in flight for so long; the sum stays at its largest value. */
static void grow(hf__figures *figures, uint64_t operations, int64_t ns)
{
    uint64_t more = 0;
    if (__builtin_mul_overflow(operations, (uint64_t)ns, &more) ||
        __builtin_add_overflow(figures->in_flight_ns, more, &figures->in_flight_ns))
        figures->in_flight_ns = UINT64_MAX;
}

/* Sums the operations in flight up to now, before their number changes. */
static void sum_up(hf__host *host, int64_t now_ns)
{
    hf__figures *figures = &host->figures;
    grow(figures, host->counts.operations - host->counts.completed, now_ns - figures->counted_ns);
    figures->counted_ns = now_ns;
}

void hf__figures_sum_up(hf__host *host)
{
    sum_up(host, hf__figures_now(host));
}

void hf__figures_accepted(hf__host *host, hf__task *tasks, uint32_t count)
{
    hf__figures *figures = &host->figures;
    int64_t now_ns = hf__figures_now(host);
    int64_t since_ns = figures->arrived_ns != 0 ? figures->arrived_ns : now_ns;
    sum_up(host, now_ns);
    grow(figures, count, now_ns - since_ns);
    host->counts.operations += count;
    for (uint32_t i = 0; i < count; i++) {
        tasks[i].accepted_ns = since_ns;
        tasks[i].admitted_ns = now_ns;
    }
}

void hf__figures_completed(hf__host *host, const hf_completion *done, int64_t accepted_ns)
{
    hf__figures *figures = &host->figures;
    int64_t now_ns = hf__figures_now(host);
    uint32_t type = done->type < HF__OP_TYPES ? done->type : HF_OP_NONE;
    sum_up(host, now_ns);
    host->counts.completed++;
    figures->types[type].completed++;
    note(&figures->latency_ns[hf__engine_reads(type) ? HF__READS : HF__WRITES],
         now_ns - accepted_ns);
    if (done->status == 0)
        return;
    host->counts.refused++;
    figures->types[type].refused++;
    figures->errors[hf_error_class(done->status)]++;
}

/* Operations of callers alone; no caller waits for those of the coordinator. */
static void note_waits(const hf__batch *batch, hf_histogram *waits)
{
    for (uint32_t i = 0; i < batch->count; i++)
        if (!hf__txns_own(&batch->tasks[i]))
            note(waits, batch->begun_ns - batch->tasks[i].accepted_ns);
}

void hf__figures_batch(hf__host *host, const hf__batch *batch)
{
    hf__figures *figures = &host->figures;
    uint32_t kind = batch->is_read ? HF__READS : HF__WRITES;
    if (batch->begun_ns == 0)
        return; /* it was cancelled */
    int64_t *until_ns = &figures->busy_until_ns[kind];
    int64_t from_ns = batch->begun_ns > *until_ns ? batch->begun_ns : *until_ns;
    if (batch->ended_ns > from_ns)
        figures->busy_ns[kind] += (uint64_t)(batch->ended_ns - from_ns);
    *until_ns = batch->ended_ns > *until_ns ? batch->ended_ns : *until_ns;
    note(&figures->batch_ns[kind], batch->ended_ns - batch->begun_ns);
    note_waits(batch, &figures->wait_ns[kind]);
    if (kind == HF__READS)
        return;
    hf__histogram_note(&figures->operations, batch->count);
    note(&figures->sweep_ns, batch->sweep_ns);
}
