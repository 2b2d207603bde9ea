/*
 * erase.c - arguments of an erasure and their defaults.
 */
#include "api/shapes/shapes.h"

#define EVERYTHING (HF_ERASE_META | HF_ERASE_CUSTOMER | HF_ERASE_REF | HF_ERASE_TEXTS)

/* clang-format off */
static const hf_field erase_fields[] = {
    HEAD(hf_erase_args),
    ID_OPT(hf_erase_args, record),
    KEY_OPT(hf_erase_args, account),
    NAME_OPT(hf_erase_args, customer),
    NAME_OPT(hf_erase_args, replacement),
    ENUM(hf_erase_args, by, HF_ERASE_BY_ORDER, HF_ERASE_BY_TXN, hf__arg_erase_bys),
    FLAGS(hf_erase_args, what, EVERYTHING, hf__arg_erase_whats),
    LIMIT(hf_erase_args, 256),
};
/* clang-format on */

void hf_erase_init(hf_erase_args *args, const hf_id *record)
{
    if (!hf__args_init(args, sizeof *args))
        return;
    args->record = hf__id_of(record);
    args->what = HF_ERASE_META | HF_ERASE_CUSTOMER | HF_ERASE_TEXTS;
    args->limit = 256;
}

static void init_erase(void *args)
{
    hf_erase_init(args, NULL);
}

const hf_shape hf__shape_erase = SHAPE("erase", hf_erase_args, erase_fields, init_erase);
