/*
 * plan.h - the rows that the arguments of orders name, so that they are loaded in one go.
 */
#ifndef HF_DOMAIN_PLAN_H
#define HF_DOMAIN_PLAN_H

#include "domain/core/draft.h"
#include "domain/core/operation.h"

/* Each touches rows and ignores what they say: misses are counted in draft->wanted. */
void hf__plan_payment_add(const hf__operation *op, hf__draft *draft);
void hf__plan_report(const hf__operation *op, hf__draft *draft);

#endif
