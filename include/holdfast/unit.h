/*
 * unit.h - units: what amounts are counted in, and how many decimal places they are shown with.
 *
 * A unit is a code ("EUR", "pcs", "kg") and a scale. All amounts of the unit are integers of its
 * smallest part: with scale 2 an amount of 1999 is 19.99. The scale is for people and for other
 * programs; holdfast computes with the integers alone.
 *
 * A unit must be declared before it is used. Opening an account declares its unit
 * (hf_account_put_args.unit_scale). hf_unit_put declares a unit without an account: a currency in
 * which only providers pay has none. A declaration is for ever: a unit is neither changed nor
 * removed.
 */
#ifndef HOLDFAST_UNIT_H
#define HOLDFAST_UNIT_H

#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HF_UNIT_SCALE_MAX 18 /* the largest scale of a unit */

/* A unit as stored. It never changes, so its version is always 1. */
typedef struct hf_unit {
    hf_name code;
    uint32_t scale; /* decimal places: 0..HF_UNIT_SCALE_MAX */
    uint32_t reserved;
} hf_unit;

/* Arguments of hf_unit_put. */
typedef struct hf_unit_put_args {
    hf_op_head head;
    const char *code; /* 1..63 bytes, e.g. "EUR" */
    uint32_t scale;   /* decimal places: 0..HF_UNIT_SCALE_MAX */
    uint32_t reserved;
} hf_unit_put_args;

/* Arguments of hf_unit_get. */
typedef struct hf_unit_get_args {
    hf_op_head head;
    const char *code; /* 1..63 bytes */
} hf_unit_get_args;

/* Arguments of hf_unit_list: in order of their codes, starting after `after`. */
typedef struct hf_unit_list_args {
    hf_op_head head;
    const char *after; /* 0..63 bytes: the last code of the page before; NULL or "": the first */
    uint32_t limit;    /* 1..256 */
    uint32_t reserved;
} hf_unit_list_args;

/* Result of hf_unit_list: rows in order of their codes; fewer than `limit` means the end. */
typedef struct hf_unit_page {
    const hf_unit *const *rows;
    uint32_t count;
    uint32_t reserved;
} hf_unit_page;

/*
 * Defaults: code and scale as given. The text is borrowed until the call that takes the struct
 * returns.
 * Thread: any. Since 0.1.
 */
HF_API void hf_unit_put_init(hf_unit_put_args *args, const char *code, uint32_t scale);

/*
 * Defaults: code as given. The text is borrowed until the call that takes the struct returns.
 * Thread: any. Since 0.1.
 */
HF_API void hf_unit_get_init(hf_unit_get_args *args, const char *code);

/*
 * Defaults: from the first, limit 100.
 * Thread: any. Since 0.1.
 */
HF_API void hf_unit_list_init(hf_unit_list_args *args);

/*
 * Declares a unit. Result: hf_unit. Declaring a unit again with the same scale succeeds and changes
 * nothing: there is no event and the id stays unused. The event's body has one change of type
 * HF_CHANGE_UNIT. A unit keeps no meta; head.meta only distinguishes this request from another one
 * with the same id.
 * Completes with HF_E_UNIT_SCALE when the unit was declared with another scale (the detail has
 * both), HF_E_NOT_FOUND when a version is expected and the unit has not been declared,
 * HF_E_VERSION_MOVED when the expected version is not 1, HF_E_ID_REUSED, HF_E_ID_TOO_OLD.
 * Returns 0 when accepted, else at once as hf_account_put; HF_E_ARGUMENT for a scale above
 * HF_UNIT_SCALE_MAX.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_unit_put(hf_engine *engine, hf_req *req, const hf_unit_put_args *args, hf_done_cb cb);

/*
 * Reads a unit. Result: hf_unit. Completes with HF_E_NOT_FOUND.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_unit_get(hf_engine *engine, hf_req *req, const hf_unit_get_args *args, hf_done_cb cb);

/*
 * Reads a page of units in bytewise order of their codes. Result: hf_unit_page.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_unit_list(hf_engine *engine, hf_req *req, const hf_unit_list_args *args,
                        hf_done_cb cb);

#ifdef __cplusplus
}
#endif

#endif
