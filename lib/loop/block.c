/*
 * block.c - the memory of batches: four blocks a lane, taken at open and used again and again.
 *
 * Happy path: a free block is emptied and filled from its start. Completions that the host has not
 * taken from the completion queue still point into the block they came from; as long as half of it
 * is left, the next batch is laid behind them, so that a host that takes its completions late, many
 * batches later, does not stop the engine.
 *
 * Failure mode: no block is free; admission answers HF_E_OVERLOADED until one is.
 */
#include "loop/host.h"

/* An operation of the coordinator's with some answers; and room for one with the most. */
#define OWN_BYTES     512u
#define OWN_BYTES_MIN 16384u

int hf__lane_init(hf__lane *lane, hf_env *env, const hf__batch *sizes, uint32_t reserve)
{
    size_t own = (size_t)reserve * OWN_BYTES + OWN_BYTES_MIN;
    lane->reserve = reserve;
    for (uint32_t i = 0; i < HF__BLOCKS; i++) {
        int error = hf__batch_init(&lane->blocks[i].whole, env, sizes->capacity + reserve,
                                   sizes->args.capacity, sizes->work.capacity);
        if (error != 0)
            return error;
        hf__arena_init(&lane->blocks[i].own, hf__alloc_uncleared(env, own), own);
        if (lane->blocks[i].own.memory == NULL)
            return HF_E_NOMEM;
    }
    return 0;
}

void hf__lane_fini(hf__lane *lane, hf_env *env)
{
    for (uint32_t i = 0; i < HF__BLOCKS; i++) {
        if (lane->blocks[i].whole.tasks != NULL)
            hf__batch_fini(&lane->blocks[i].whole, env);
        hf__free(env, lane->blocks[i].own.memory);
    }
}

static bool half_left(size_t used, size_t capacity)
{
    return used <= capacity / 2;
}

static bool usable(const hf__lane *lane, const hf__block *block)
{
    const hf__batch *whole = &block->whole;
    if (block->busy)
        return false;
    return block->held == 0 || (half_left(whole->count, whole->capacity - lane->reserve) &&
                                half_left(whole->args.used, whole->args.capacity) &&
                                half_left(whole->work.used, whole->work.capacity));
}

static void lay_behind(hf__arena *part, const hf__arena *whole)
{
    hf__arena_init(part, whole->memory + whole->used, whole->capacity - whole->used);
}

static void open_block(hf__block *block)
{
    hf__batch *whole = &block->whole;
    if (block->held == 0)
        hf__batch_reset(whole);
    block->batch = *whole;
    block->batch.tasks += whole->count;
    block->batch.capacity -= whole->count;
    block->batch.count = 0;
    lay_behind(&block->batch.args, &whole->args);
    lay_behind(&block->batch.work, &whole->work);
    block->batch.work_capacity = block->batch.work.capacity;
    block->batch.number = 0;
    block->batch.turn = 0;
    hf__arena_reset(&block->own, 0);
    block->own_count = 0;
    block->busy = true;
}

hf__block *hf__lane_filling(hf__lane *lane)
{
    for (uint32_t i = 0; lane->filling == NULL && i < HF__BLOCKS; i++) {
        if (!usable(lane, &lane->blocks[i]))
            continue;
        open_block(&lane->blocks[i]);
        lane->filling = &lane->blocks[i];
    }
    return lane->filling;
}

/*
 * What lies in front stays as long as completions point into it. The run takes memory from both
 * ends of the work arena; what it took at the back lies behind the batch's own capacity, so the
 * next batch must end before it.
 */
void hf__block_retire(hf__block *block)
{
    hf__batch *whole = &block->whole;
    const hf__batch *part = &block->batch;
    block->busy = false;
    if (block->held == 0)
        return;
    whole->count += part->count - block->own_count; /* nobody is told of the coordinator's */
    whole->args.used += part->args.used;
    whole->work.used += part->work.used;
    whole->work.capacity = whole->work.capacity - (part->work_capacity - part->work.capacity);
}
