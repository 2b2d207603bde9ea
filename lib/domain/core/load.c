/*
 * load.c - a decision that begins anew, for example because an account refuses what would follow.
 */
#include "domain/core/load.h"

int hf__load_again(const hf__operation *op, hf__draft *draft, hf__load_fn load)
{
    hf__draft_restart(draft);
    load(op, draft);
    draft->deciding = 1;
    return draft->load_error;
}
