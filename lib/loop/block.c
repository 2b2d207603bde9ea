/*
 * block.c - the memory of batches: four blocks a lane made at open, and more when completions that
 * the host still looks at keep some of them from being used.
 *
 * Happy path: a free block is emptied and filled from its start. Four blocks are enough while no
 * completion points into one that has been delivered: one is filled, two run, one is delivered.
 *
 * The result of hf_run and the completions that hf_completions has not handed out, or handed out
 * last, point into the block they came from. Such a block is not emptied. When no other block is
 * free, another block is made, up to HF__BLOCKS_MAX; after that the next batch is put behind what
 * completions point to, as long as half of the block is left; until it has an operation, it is put
 * into a whole block as soon as one is free. Blocks stay until the engine closes.
 *
 * Failure mode: no block is free and none can be made; admission answers HF_E_OVERLOADED until one
 * is free.
 */
#include "loop/host.h"

/* An operation of the coordinator's with some answers; and room for one with the most. */
#define OWN_BYTES     512u
#define OWN_BYTES_MIN 16384u

static void free_block(hf__block *block, hf_env *env)
{
    if (block->whole.tasks != NULL)
        hf__batch_fini(&block->whole, env);
    hf__free(env, block->own.memory);
    hf__free(env, block);
}

/* One more block at the end of the lane's; NULL: no memory, or there are HF__BLOCKS_MAX. */
static hf__block *add_block(hf__lane *lane)
{
    const hf__lane_sizes *sizes = &lane->sizes;
    size_t own = (size_t)lane->reserve * OWN_BYTES + OWN_BYTES_MIN;
    if (lane->block_count == HF__BLOCKS_MAX)
        return NULL;
    hf__block *block = hf__alloc(lane->env, sizeof *block);
    if (block == NULL)
        return NULL;
    int error = hf__batch_init(&block->whole, lane->env, sizes->operations + lane->reserve,
                               sizes->args_bytes, sizes->work_bytes);
    if (error == 0)
        hf__arena_init(&block->own, hf__alloc_uncleared(lane->env, own), own);
    if (block->own.memory == NULL) {
        free_block(block, lane->env);
        return NULL;
    }
    lane->blocks[lane->block_count++] = block;
    return block;
}

int hf__lane_init(hf__lane *lane, hf_env *env, const hf__lane_sizes *sizes, uint32_t reserve)
{
    lane->env = env;
    lane->sizes = *sizes;
    lane->reserve = reserve;
    for (uint32_t i = 0; i < HF__BLOCKS; i++)
        if (add_block(lane) == NULL)
            return HF_E_NOMEM;
    return 0;
}

void hf__lane_fini(hf__lane *lane, hf_env *env)
{
    for (uint32_t i = 0; i < lane->block_count; i++)
        free_block(lane->blocks[i], env);
    lane->block_count = 0;
}

static bool half_left(size_t used, size_t capacity)
{
    return used <= capacity / 2;
}

/* Completions point into the block, and a batch still fits behind what they point to. */
static bool has_half(const hf__block *block)
{
    const hf__batch *whole = &block->whole;
    return half_left(whole->args.used, whole->args.capacity) &&
           half_left(whole->work.used, whole->work.capacity);
}

static hf__block *unused_block(const hf__lane *lane)
{
    for (uint32_t i = 0; i < lane->block_count; i++)
        if (!lane->blocks[i]->busy && lane->blocks[i]->held == 0)
            return lane->blocks[i];
    return NULL;
}

static hf__block *half_used_block(const hf__lane *lane)
{
    for (uint32_t i = 0; i < lane->block_count; i++)
        if (!lane->blocks[i]->busy && has_half(lane->blocks[i]))
            return lane->blocks[i];
    return NULL;
}

/* Batches that are filled, run or delivered never need more blocks than there were at open. */
static bool completions_hold_one(const hf__lane *lane)
{
    for (uint32_t i = 0; i < lane->block_count; i++)
        if (lane->blocks[i]->held != 0)
            return true;
    return false;
}

static void lay_behind(hf__arena *part, const hf__arena *whole)
{
    hf__arena_init(part, whole->memory + whole->used, whole->capacity - whole->used);
}

/* Completions are copies that point into the arenas only, so all tasks can be used again. */
static void open_block(hf__block *block)
{
    hf__batch *whole = &block->whole;
    if (block->held == 0)
        hf__batch_reset(whole);
    block->batch = *whole;
    block->batch.count = 0;
    lay_behind(&block->batch.args, &whole->args);
    lay_behind(&block->batch.work, &whole->work);
    block->batch.work_capacity = block->batch.work.capacity;
    block->batch.number = 0;
    block->batch.turn = 0;
    block->batch.begun_ns = 0;
    block->batch.cached = false;
    hf__arena_reset(&block->own, 0);
    block->own_count = 0;
    block->busy = true;
}

/* An empty batch behind what completions point to: another block may be better by now. */
static void leave_part(hf__lane *lane)
{
    hf__block *block = lane->filling;
    bool part = block->batch.args.memory != block->whole.args.memory;
    if (!part || block->batch.count != 0)
        return;
    block->busy = false;
    lane->filling = NULL;
}

hf__block *hf__lane_filling(hf__lane *lane)
{
    if (lane->filling != NULL)
        leave_part(lane);
    if (lane->filling != NULL)
        return lane->filling;
    hf__block *block = unused_block(lane);
    if (block == NULL && completions_hold_one(lane))
        block = add_block(lane);
    if (block == NULL)
        block = half_used_block(lane);
    if (block != NULL)
        open_block(block);
    lane->filling = block;
    return block;
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
    whole->args.used += part->args.used;
    whole->work.used += part->work.used;
    whole->work.capacity = whole->work.capacity - (part->work_capacity - part->work.capacity);
}
