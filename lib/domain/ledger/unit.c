/*
 * unit.c - units are declared once, with a scale that never changes.
 *
 * Happy path: the code is not known, so its row and one change of the event are added. A unit that
 * is known with the same scale is returned as it is. Failure mode: HF_E_UNIT_SCALE.
 */
#include "domain/ledger/unit.h"

#include "domain/core/body.h"
#include "domain/core/common.h"
#include "domain/core/handlers.h"
#include "domain/core/load.h"
#include "domain/core/target.h"
#include "domain/ledger/rows.h"

#include <holdfast/unit.h>

static int add(hf__draft *draft, const hf_name *code, uint32_t scale, const hf_unit **unit)
{
    void *row;
    int error = hf__draft_add(draft, HF__UNITS, &(hf_unit){.code = *code}, &row);
    if (error != 0)
        return error;
    hf_unit *made = row;
    made->scale = scale;
    *unit = made;
    return hf__body_add(draft,
                        &(hf__change){.type = HF_CHANGE_UNIT, .a = scale, .text = &made->code});
}

int hf__unit_declare(hf__draft *draft, const hf_name *code, uint32_t scale, const hf_unit **unit,
                     bool *fresh)
{
    *unit = hf__row(draft, HF__ROW_UNIT);
    *fresh = *unit == NULL;
    if (*fresh)
        return add(draft, code, scale, unit);
    if ((*unit)->scale == scale)
        return 0;
    return hf__refuse(draft->detail, HF_E_UNIT_SCALE, "unit %s: declared with scale %u, not %u",
                      code->text, (*unit)->scale, scale);
}

void hf__load_unit_put(const hf__operation *op, hf__draft *draft)
{
    hf__load_unit(draft, HF__ARGS(op, hf_unit_put_args)->code);
}

int hf__decide_unit_put(const hf__operation *op, hf__draft *draft)
{
    const hf_unit_put_args *args = HF__ARGS(op, hf_unit_put_args);
    hf_name code;
    hf__name_set(&code, args->code);
    const hf_unit *unit;
    bool fresh;
    int error = hf__unit_declare(draft, &code, args->scale, &unit, &fresh);
    if (error != 0)
        return error;
    draft->quiet = !fresh;
    hf__subject_set(draft, HF_SUBJECT_UNIT, NULL, HF__UNIT_VERSION);
    draft->result = hf__arena_copy(draft->arena, unit, sizeof *unit);
    return draft->result == NULL ? HF_E_NOMEM : 0;
}
