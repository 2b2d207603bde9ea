/*
 * init.c - what the functions that set arguments to their defaults have in common.
 */
#include "api/shapes/shapes.h"

#include <string.h>

bool hf__args_init(void *args, uint32_t size)
{
    if (args == NULL)
        return false;
    memset(args, 0, size);
    hf_op_head *head = args;
    head->size = size;
    return true;
}

hf_account_key hf_key_of(uint32_t kind, const char *name, const char *place, const char *unit)
{
    return (hf_account_key){.kind = kind, .name = name, .place = place, .unit = unit};
}

hf_id hf__id_of(const hf_id *id)
{
    return id == NULL ? (hf_id){.bytes = {0}} : *id;
}
