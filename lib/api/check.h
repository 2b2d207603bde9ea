/*
 * check.h - the check of arguments against their shape, before anything is queued.
 */
#ifndef HF_API_CHECK_H
#define HF_API_CHECK_H

#include "base/text.h"

#include <holdfast/types.h>

/* How arguments are checked. */
typedef enum hf__check_how {
    HF__CHECK_READ = 1,            /* a read: id and meta, which reads ignore, are not looked at */
    HF__CHECK_NO_CARD_NUMBERS = 2, /* HF_E_CARD_NUMBER for meta with what looks like one */
} hf__check_how;

/*
 * Checks the arguments of an operation. 0, or HF_E_ARGUMENT, HF_E_ABI, HF_E_TEXT_*, HF_E_ID,
 * HF_E_QUANTITY, HF_E_AMOUNT, HF_E_TOO_MANY, HF_E_ENUM, HF_E_CARD_NUMBER, HF_E_DEADLINE,
 * HF_E_LINE_UNKNOWN, HF_E_UNSUPPORTED: the first field in the header's order that is wrong, named
 * in the detail ("lines[3].quantity: -1 is not in 1..9223372036854775807").
 * `how`: bits of hf__check_how.
 */
int hf__check_args(uint32_t type, const void *args, uint32_t how, hf__detail *detail);

#endif
