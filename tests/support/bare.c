/*
 * bare.c - state and functions of bare.h, one of each test program.
 */
#include "support/bare.h"

hf_env env;
hf_env store_env;
hf__fault fault;
hf__engine *engine;
hf__batch batch;
hf_store_error error;
int64_t wall;
int64_t boot;
uint64_t ids;

hf__task *add_item(const char *sku, int64_t opening)
{
    static hf_account_put_args args[8];
    hf_account_put_args *item = &args[batch.count % 8];
    hf_item_put_init(item, sku);
    item->mode = HF_PUT_OPEN_IF_ABSENT;
    item->opening = opening;
    item->key.place = "";
    return add(HF_OP_ITEM_PUT, &item->head);
}

hf__task *add_withdraw(const char *sku, int64_t amount)
{
    static hf_move_args args[8];
    hf_move_args *move = &args[batch.count % 8];
    hf_move_init(move);
    move->from = (hf_account_key){HF_KIND_ITEM, 0, sku, "", "pcs"};
    move->amount = amount;
    return add(HF_OP_ACCOUNT_WITHDRAW, &move->head);
}
