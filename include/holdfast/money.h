/*
 * money.h - computes with amounts, exactly and in integers: products and quotients with a named
 * rounding, splits that add up, the total of an order, amounts as texts.
 *
 * Nothing here needs an engine.
 */
#ifndef HOLDFAST_MONEY_H
#define HOLDFAST_MONEY_H

#include <holdfast/types.h>
#include <holdfast/unit.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hf_order_place_args;

#define HF_AMOUNT_TEXT 24 /* bytes of the text of any amount, with its NUL */

/* How hf_money_muldiv rounds. */
typedef enum hf_rounding {
    HF_ROUND_HALF_UP = 0,   /* ties away from zero; the mode of order lines */
    HF_ROUND_HALF_EVEN = 1, /* ties to the even neighbour */
    HF_ROUND_DOWN = 2,      /* toward zero */
    HF_ROUND_UP = 3,        /* away from zero */
} hf_rounding;

/*
 * a * b / c with a 128-bit product, rounded. c > 0. HF_E_OVERFLOW when the result does not fit
 * int64, HF_E_ARGUMENT for c <= 0 or NULL, HF_E_ENUM for an unknown mode; then *out is untouched.
 * Thread: any. Since 0.1.
 */
HF_API int hf_money_muldiv(int64_t a, int64_t b, int64_t c, uint32_t rounding, int64_t *out);

/*
 * Splits `total` over `count` weights (each >= 0, not all 0, their sum within int64) into `parts`
 * that sum to `total` exactly: each gets its floor, then the largest remainders one more each, on
 * a tie the earlier. A negative total splits as its positive mirror. HF_E_ARGUMENT for NULL,
 * count 0, a negative weight or all 0; HF_E_OVERFLOW.
 * Thread: any. Since 0.1. Source: the largest remainder method (Hamilton).
 */
HF_API int hf_money_split(int64_t total, const int64_t *weights, uint32_t count, int64_t *parts);

/*
 * Computes the total that hf_order_place requires, by the same code: lines rounded half up, the
 * adjustments of lines and of the order added. args->total is not looked at beyond its range; set
 * it to *total then. `line_totals` gets the total of each line, its adjustments included; the
 * caller's array of args->line_count, or NULL. Nothing is stored or kept. Returns 0, or the error
 * with which hf_order_place would refuse the same arguments at once, or HF_E_LINE_UNKNOWN (of an
 * adjustment), HF_E_OVERFLOW, HF_E_AMOUNT (a line's total below zero), HF_E_TOTAL (the total below
 * zero); HF_E_ARGUMENT when `total` is NULL. Then *total is untouched, and `error` (error_bytes of
 * it, may be NULL) names the culprit; it is empty after success. Thread: any. Since 0.1.
 */
HF_API int hf_order_total(const struct hf_order_place_args *args, int64_t *line_totals,
                          int64_t *total, char *error, size_t error_bytes);

/*
 * Writes an amount of a unit with this scale (0..HF_UNIT_SCALE_MAX) as a decimal number, exactly:
 * 1999 with scale 2 is "19.99", -5 is "-0.05"; with scale 0 there is no point. `out` is the
 * caller's, HF_AMOUNT_TEXT bytes. Returns `out`; NULL when it is NULL or the scale is too large.
 * Thread: any. Since 0.1.
 */
HF_API char *hf_amount_format(int64_t amount, uint32_t scale, char out[HF_AMOUNT_TEXT]);

/*
 * Reads a decimal number as an amount of a unit with this scale, exactly: an optional '-', digits,
 * and optionally '.' and further digits, at most `scale` of them. No sign '+', no space, no
 * separator of thousands, no exponent. "19.9" with scale 2 is 1990.
 * HF_E_ARGUMENT (text or out is NULL, scale above HF_UNIT_SCALE_MAX), HF_E_TEXT_MISSING (the text
 * is empty), HF_E_AMOUNT (not such a number, or more decimal places than the unit has),
 * HF_E_OVERFLOW (it does not fit int64). Then *out is untouched, and `error` (error_bytes of it,
 * may be NULL) names the character or the number of places; it is empty after success. Thread: any.
 * Since 0.1.
 */
HF_API int hf_amount_parse(const char *text, uint32_t scale, int64_t *out, char *error,
                           size_t error_bytes);

#ifdef __cplusplus
}
#endif

#endif
