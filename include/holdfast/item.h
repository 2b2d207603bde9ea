/*
 * item.h - inventory: accounts of kind ITEM, whose name is a sku.
 *
 * The arguments are those of account.h; the _init functions here set kind ITEM and unit "pcs".
 */
#ifndef HOLDFAST_ITEM_H
#define HOLDFAST_ITEM_H

#include <holdfast/account.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * hf_account_put_init for an item: unit "pcs" with scale 0.
 * Thread: any. Since 0.1.
 */
HF_API void hf_item_put_init(hf_account_put_args *args, const char *sku);

/*
 * A move of `quantity` pieces of a sku from the world into stock.
 * Thread: any. Since 0.1.
 */
HF_API void hf_item_receive_init(hf_move_args *args, const char *sku, int64_t quantity);

/*
 * hf_account_adjust_init for an item in "pcs".
 * Thread: any. Since 0.1.
 */
HF_API void hf_item_adjust_init(hf_account_adjust_args *args, const char *sku);

/*
 * hf_account_get_init for an item in "pcs".
 * Thread: any. Since 0.1.
 */
HF_API void hf_item_get_init(hf_account_get_args *args, const char *sku);

/*
 * Opens an item or changes its limits (also unfreezes it). Key kind must be ITEM, else HF_E_ENUM.
 * Result and errors: as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_item_put(hf_engine *engine, hf_req *req, const hf_account_put_args *args,
                       hf_done_cb cb);

/*
 * Receives goods: a deposit into an item. Waiting orders that can now hold everything they need
 * are promoted. Result and errors: as hf_account_deposit.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_item_receive(hf_engine *engine, hf_req *req, const hf_move_args *args, hf_done_cb cb);

/*
 * Records a stock-take: a fact, never refused for a limit. Key kind must be ITEM, else HF_E_ENUM.
 * Result and errors: as hf_account_adjust.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_item_adjust(hf_engine *engine, hf_req *req, const hf_account_adjust_args *args,
                          hf_done_cb cb);

/*
 * Reads one item. Result: hf_account. Completes with HF_E_NOT_FOUND.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_item_get(hf_engine *engine, hf_req *req, const hf_account_get_args *args,
                       hf_done_cb cb);

/*
 * Reads a page of items in key order (sku, place, unit). Result: hf_account_page.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_item_list(hf_engine *engine, hf_req *req, const hf_account_list_args *args,
                        hf_done_cb cb);

#ifdef __cplusplus
}
#endif

#endif
