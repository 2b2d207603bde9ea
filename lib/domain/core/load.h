/*
 * load.h - the loads of operations, declared from operations.def.
 *
 * A load names every row that it can know of with what is there (draft.h), and is called again when
 * what was missing has come: a hold first, then its accounts. It changes nothing. It says what the
 * operation takes of accounts, so that what is due of one that is short expires first
 * (ledger/shortage.h).
 */
#ifndef HF_DOMAIN_CORE_LOAD_H
#define HF_DOMAIN_CORE_LOAD_H

#include "domain/core/draft.h"
#include "domain/core/operation.h"

/* Declares a load, and nothing for NULL: a macro argument that is pasted is not expanded before. */
#define HF__DECLARE_LOAD(load) void load(const hf__operation *op, hf__draft *draft);
#define HF__DECLARE_NOTHING(load)
#define HF__LOAD_IS_NULL               ~, HF__DECLARE_NOTHING
#define HF__SECOND(first, second, ...) second
#define HF__DECLARE(...)               HF__SECOND(__VA_ARGS__, HF__DECLARE_LOAD, ~)

#define HF__WRITE(NAME, name, args, last, result, handler, plan, load, ...)                        \
    HF__DECLARE(HF__LOAD_IS_##load)(load)
#include "model/operations.def"

#endif
