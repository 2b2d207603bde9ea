/*
 * participants.h - what the arguments of a transaction leave to the registry.
 */
#ifndef HF_API_PARTICIPANTS_H
#define HF_API_PARTICIPANTS_H

#include "loop/loop.h"

/*
 * Sets `reserved` of each branch in copied arguments to the HF_PARTICIPANT_* flags of its
 * participant, 0 when nobody is registered: the core stores them with the branch.
 */
void hf__name_participants(hf__host *host, uint32_t type, hf_op_head *args);

#endif
