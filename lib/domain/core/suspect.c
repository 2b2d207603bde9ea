/*
 * suspect.c - which record the engine handles by itself, so that a bug is blamed on that record.
 */
#include "domain/core/suspect.h"

#include "base/invariant.h"

hf__suspect hf__suspect_set(hf__draft *draft, uint32_t kind, const hf_id *id)
{
    hf__suspect before = draft->suspect;
    draft->suspect = (hf__suspect){.kind = kind, .id = *id};
    return before;
}

int hf__suspect_done(hf__draft *draft, const hf__suspect *before, int error)
{
    if (hf__invariant_noted(HF__OF_OPERATION))
        return HF_E_INVARIANT;
    draft->suspect = *before;
    return error;
}

uint32_t hf__aside_name(hf__draft *draft, uint32_t kind, const hf_id *id)
{
    return hf__draft_load(draft, HF__SET_ASIDES, &(hf__set_aside){.kind = kind, .id = *id});
}

int hf__aside_forget(hf__draft *draft, uint32_t kind, const hf_id *id)
{
    const hf__set_aside key = {.kind = kind, .id = *id};
    const void *row;
    int error = hf__draft_get(draft, HF__SET_ASIDES, &key, &row);
    if (error != 0 || row == NULL)
        return error;
    return hf__draft_del(draft, HF__SET_ASIDES, &key);
}
