/*
 * common.c - meta, subjects, notes and refusals, once.
 */
#include "domain/core/common.h"

#include "base/id.h"
#include "domain/core/body.h"

#include <holdfast/error.h>
#include <string.h>

int hf__meta_set(hf__draft *draft, const hf_op_head *head, const void **meta, uint64_t *bytes)
{
    if (head->meta_bytes == 0)
        return 0;
    void *copy = hf__arena_copy(draft->arena, head->meta, head->meta_bytes);
    if (copy == NULL)
        return HF_E_NOMEM;
    *meta = copy;
    *bytes = head->meta_bytes;
    return 0;
}

void hf__subject_set(hf__draft *draft, uint32_t kind, const hf_id *id, uint64_t version)
{
    static const hf_id none;
    draft->subject_kind = kind;
    draft->subject = id == NULL ? none : *id;
    draft->subject_version = version;
}

bool hf__is_refusal(int error)
{
    const int of = hf_error_class(error);
    return of == HF_CLASS_REJECTED || of == HF_CLASS_MISUSE;
}

int hf__account_answer(hf__draft *draft, const hf_op_head *head, hf_account *account)
{
    hf__subject_set(draft, HF_SUBJECT_ACCOUNT, NULL, account->version);
    draft->result = account;
    return hf__meta_set(draft, head, &account->meta, &account->meta_bytes);
}

int hf__note(hf__draft *draft, const hf_id *id, const hf_account_ref *account, const char *text)
{
    static const hf_account_ref world;
    hf_name name;
    hf__name_set(&name, text);
    return hf__body_add(draft, &(hf__change){.type = HF_CHANGE_NOTE,
                                             .subject_kind = draft->subject_kind,
                                             .id = id,
                                             .from = account != NULL ? account : &world,
                                             .text = &name});
}

int hf__refuse_id(const hf__draft *draft, int error, const char *what, const hf_id *id,
                  const char *why)
{
    char text[37];
    return hf__refuse(draft->detail, error, "%s %s: %s", what, hf_id_format(id, text), why);
}
