/*
 * space.c - state and functions of space.h, one of each test program.
 */
#include "support/space.h"

hf_test_small_state small;
hf__files files;
uint32_t durability = HF_DURABILITY_JOURNAL;

int run_one(uint32_t type, hf_op_head *args)
{
    static uint32_t ids;
    hf__batch_reset(&batch);
    hf__task *task = &batch.tasks[batch.count++];
    memset(task, 0, sizeof *task);
    task->op.type = type;
    task->op.args = args;
    task->op.actor = &task->actor;
    task->op.id_given = true;
    task->op.id = (hf_id){.bytes = {[0] = 1, [6] = 0x70, [8] = 0x80}};
    ids++;
    memcpy(task->op.id.bytes + 12, &ids, sizeof ids);
    const uint16_t process = (uint16_t)getpid(); /* a child has ids of its own */
    memcpy(task->op.id.bytes + 10, &process, sizeof process);
    hf__engine_run(engine, &batch);
    return task->done.status;
}

int receive_one(uint32_t bytes)
{
    static char meta[8192];
    hf_move_args args;
    hf_item_receive_init(&args, "tea", 1);
    args.head.meta = meta;
    args.head.meta_bytes = bytes;
    return run_one(HF_OP_ITEM_RECEIVE, &args.head);
}
