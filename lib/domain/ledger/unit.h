/*
 * unit.h - the declaration of units, by their own operation and by the account that uses one first.
 */
#ifndef HF_DOMAIN_LEDGER_UNIT_H
#define HF_DOMAIN_LEDGER_UNIT_H

#include "domain/core/draft.h"

/*
 * Declares the unit `code`, which load has named (rows.h), with `scale`, or finds it declared with
 * this scale: `*unit` becomes its row, `*fresh` says whether this call declared it. 0,
 * HF_E_UNIT_SCALE with both scales in the detail, HF_E_NOMEM.
 */
int hf__unit_declare(hf__draft *draft, const hf_name *code, uint32_t scale, const hf_unit **unit,
                     bool *fresh);

#endif
