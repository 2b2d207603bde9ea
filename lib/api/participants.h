/*
 * participants.h - what the arguments of transactions and payments leave to the registry.
 */
#ifndef HF_API_PARTICIPANTS_H
#define HF_API_PARTICIPANTS_H

#include "loop/loop.h"

/*
 * Sets op->participants to what the registry says of the participants and providers that op->args
 * (a copy) names, in memory of `arena`: the core stores it with each branch and payment. It is no
 * part of the fingerprint, so the same request is a repeat whatever was registered since. False
 * when the arena is full.
 */
bool hf__name_participants(hf__host *host, hf__arena *arena, hf__operation *op);

#endif
