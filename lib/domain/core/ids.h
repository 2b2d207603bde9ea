/*
 * ids.h - one id, one effect: which record, or which operation, has an id.
 *
 * Orders, payments, holds and operation keys share one space of ids: an id that one of them has is
 * not given to another.
 */
#ifndef HF_DOMAIN_CORE_IDS_H
#define HF_DOMAIN_CORE_IDS_H

#include "domain/core/draft.h"

/* What has an id. */
typedef struct hf__id_user {
    const void *row; /* NULL: nothing has it */
    const uint8_t *fingerprint;
    uint32_t table;
    uint32_t reserved;
} hf__id_user;

/*
 * Finds what has an id; `table` is looked at first. Rows that this draft added are seen only when
 * the view does not know that the store has none. 0, HF__MISSING (everything that is missing has
 * been noted), HF_E_NOMEM.
 */
int hf__id_find(hf__draft *draft, uint32_t table, const hf_id *id, hf__id_user *out);

/* HF_E_ID_REUSED: "what 018f...: used before by an order". */
int hf__id_refuse_used(const hf__draft *draft, const char *what, const hf_id *id,
                       const hf__id_user *user);

/* HF_E_ID_TOO_OLD when retention may have removed what had the id; else 0. */
int hf__id_check_age(const hf__draft *draft, const char *what, const hf_id *id);

#endif
