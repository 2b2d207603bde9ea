/*
 * effects.c - which counters of a payment a fact of each kind is about.
 */
#include "domain/payment/fact.h"

#define AT(member) offsetof(hf_payment, member)

/* clang-format off */
const hf__fact_effect hf__fact_effects[HF__FACT_KINDS] = {
    [HF_FACT_AUTHORIZED] = { AT(pending_authorize), 0, AT(authorized), HF_COMMAND_AUTHORIZE, 0 },
    [HF_FACT_CAPTURED]   = { AT(pending_capture), AT(capture_refused), AT(captured), HF_COMMAND_CAPTURE, 0 },
    [HF_FACT_VOIDED]     = { AT(pending_void), AT(void_refused), AT(voided), HF_COMMAND_VOID, 0 },
    [HF_FACT_REFUNDED]   = { AT(pending_refund), AT(refund_refused), AT(refunded), HF_COMMAND_REFUND, 0 },
    [HF_FACT_CHARGEBACK] = { 0, 0, AT(charged_back), HF_COMMAND_NONE, HF_ATTENTION_CHARGEBACK },
};
/* clang-format on */

uint32_t hf__fact_of(uint32_t command)
{
    uint32_t kind = 0;
    while (kind + 1 < HF__FACT_KINDS && hf__fact_effects[kind].command != command)
        kind++;
    return kind;
}
