/*
 * limit.c - how much new work may be under way: a cap that follows the latency (hf_admission).
 *
 * Happy path: new work is in flight from when a batch accepts it until the batch is delivered. Then
 * its latency is reported. At the end of each step the cap grows while the latency is less than
 * three times that without a queue, and shrinks when it is more. New work beyond the cap is refused
 * at once; what continues or ends other work never is.
 *
 * What is submitted on the loop and what other threads submit have the cap each, so neither side
 * keeps the other one out; when both use theirs, the latency makes the cap smaller. A thread is
 * refused in its call: new work that waited in the intake would hold up all operations behind it.
 *
 * A larger batch takes longer and does more a second, since its flush costs the same. So the cap
 * may grow to a latency at which a doubled batch gains little.
 *
 * Failure modes: none. The times are those of hf__figures_now, so a virtual clock decides them too.
 */
#include "loop/host.h"

#define LEAST     64u  /* of the cap: fewer are decided in less time than a flush takes */
#define FIRST     256u /* the cap that an engine begins with */
#define WINDOW    200u /* operations of one step */
#define TOLERANCE 300u /* hundredths of the latency without a queue */

static uint32_t within(uint32_t value, uint32_t most)
{
    return value < most ? value : most;
}

void hf__limit_open(hf__limit *limit, const hf_options *options)
{
    const uint32_t most = options->queue_ops_max - options->queue_ops_max / 2;
    *limit = (hf__limit){.adaptive = options->admission == HF_ADMISSION_ADAPTIVE};
    (void)hf_limiter_init(&limit->limiter, within(FIRST, most));
    (void)hf_gradient_init(&limit->gradient, &limit->limiter, within(LEAST, most), most);
    limit->gradient.window = WINDOW;
    limit->gradient.tolerance = TOLERANCE;
    atomic_store(&limit->guests_most, limit->limiter.max);
}

static bool fits(uint64_t used, uint32_t count, uint32_t most)
{
    return used == 0 || used + count <= most;
}

bool hf__limit_fits(const hf__limit *limit, uint64_t reserved, uint32_t count)
{
    return !limit->adaptive || fits(limit->own + reserved, count, limit->limiter.max);
}

bool hf__limit_fits_guests(const hf__limit *limit, uint32_t count)
{
    return !limit->adaptive ||
           fits(atomic_load(&limit->guests), count, atomic_load(&limit->guests_most));
}

void hf__limit_arrived(hf__limit *limit, const hf_op *ops, uint32_t count)
{
    for (uint32_t i = 0; limit->adaptive && i < count; i++)
        (void)atomic_fetch_add(&limit->guests, hf__begins(ops[i].type) ? 1 : 0);
}

void hf__limit_left(hf__limit *limit, const hf_op *op)
{
    if (limit->adaptive && hf__begins(op->type))
        (void)atomic_fetch_sub(&limit->guests, 1);
}

/* Counts an accepted chain whole: in an empty engine it may be longer than the cap. */
void hf__limit_accepted(hf__limit *limit, hf__task *tasks, uint32_t count, bool arrived)
{
    hf_limiter *limiter = &limit->limiter;
    for (uint32_t i = 0; limit->adaptive && i < count; i++) {
        tasks[i].arrived = arrived;
        limiter->in_flight += hf__begins(tasks[i].op.type) ? 1 : 0;
        limit->own += hf__begins(tasks[i].op.type) && !arrived ? 1 : 0;
    }
    if (limiter->in_flight > limiter->peak)
        limiter->peak = limiter->in_flight;
}

/*
 * The latency of a batch that changed nothing is not reported, because that batch needed no flush.
 */
void hf__limit_ended(hf__limit *limit, const hf__batch *batch, int64_t now_ns, bool flushed)
{
    for (uint32_t i = 0; limit->adaptive && i < batch->count; i++) {
        const hf__task *task = &batch->tasks[i];
        if (!hf__begins(task->op.type) || hf__txns_own(task))
            continue;
        const int64_t ns = now_ns - task->admitted_ns;
        if (flushed)
            (void)hf_gradient_report(&limit->gradient, &limit->limiter,
                                     ns > 0 ? (uint64_t)ns / 1000 : 0, 0);
        (void)hf_limiter_release(&limit->limiter);
        limit->own -= task->arrived ? 0 : 1;
        (void)atomic_fetch_sub(&limit->guests, task->arrived ? 1 : 0);
    }
    atomic_store(&limit->guests_most, limit->limiter.max);
}
