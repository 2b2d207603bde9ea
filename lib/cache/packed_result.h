/*
 * packed_result.h - results of reads in one piece of memory, which can be copied elsewhere.
 */
#ifndef HF_CACHE_PACKED_RESULT_H
#define HF_CACHE_PACKED_RESULT_H

#include "model/tables.h"

#include <holdfast.h>

/*
 * A result is that of reading one record of `table`: an hf_order_view of HF__ORDERS, the row of
 * HF__ACCOUNTS, HF__HOLDS and HF__PAYMENTS. Memory is aligned to 8 bytes.
 */

/* The bytes that the result needs in one piece, a multiple of 8. */
size_t hf__result_bytes(uint32_t table, const void *result);

/* Copies the result and everything it points to into `memory` of hf__result_bytes. */
void hf__result_pack(uint32_t table, const void *result, void *memory);

/* Copies `bytes` of a packed result to `memory`, where its pointers are adjusted. */
void hf__result_move(uint32_t table, const void *packed, size_t bytes, void *memory);

/* Overwrites what hf_erase removes of a record: meta, and of an order customer and external_ref. */
void hf__result_erase(uint32_t table, void *packed);

#endif
