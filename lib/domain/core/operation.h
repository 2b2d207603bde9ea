/*
 * operation.h - one operation as the core gets it: type, checked arguments, who and when.
 */
#ifndef HF_DOMAIN_CORE_OPERATION_H
#define HF_DOMAIN_CORE_OPERATION_H

#include <holdfast/types.h>
#include <stdbool.h>

typedef struct hf__operation {
    uint32_t type;   /* hf_op_type or HF_EVENT_* for the engine's own */
    uint32_t linked; /* 1: all or nothing with the next */
    hf_id id;        /* given or made */
    bool id_given;   /* by the caller: a repeat must be recognised */
    bool own;        /* submitted by the engine's own runtime, not by a caller */
    bool aside;      /* PAYMENT_REPORT: recorded without effect, as that broke an invariant */
    uint8_t reserved[5];
    uint8_t fingerprint[16]; /* of the whole request without its id */
    const hf_op_head
        *args;            /* the argument struct of that type; texts and arrays checked, in place */
    const hf_name *actor; /* never NULL; may be empty */
    /*
     * Flags of the participants and providers that the arguments name, by the position of each
     * branch (HF_PARTICIPANT_* and HF__PARTICIPANT_FINAL) or payment (HF_PAYMENT_* of what its
     * provider cannot do); NULL: none of them is registered.
     */
    const uint32_t *participants;
} hf__operation;

static inline uint32_t hf__participant_flags(const hf__operation *op, uint32_t at)
{
    return op->participants == NULL ? 0 : op->participants[at];
}

#endif
