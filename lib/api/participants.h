/*
 * participants.h - what the arguments of transactions and payments leave to the registry.
 */
#ifndef HF_API_PARTICIPANTS_H
#define HF_API_PARTICIPANTS_H

#include "loop/loop.h"

/*
 * Sets `reserved` of each branch in copied arguments to the HF_PARTICIPANT_* flags of its
 * participant, and `reserved` of each payment to the HF_PAYMENT_* flags that say what its provider
 * cannot do; 0 when nobody is registered. The core stores them with branch and payment. Neither is
 * part of the fingerprint, so the same request is a repeat whatever was registered since.
 */
void hf__name_participants(hf__host *host, uint32_t type, hf_op_head *args);

#endif
