/*
 * The operations that there are, for tests that go through all of them.
 */
#ifndef HF_TESTS_SUPPORT_OPS_H
#define HF_TESTS_SUPPORT_OPS_H

#include <holdfast/types.h>

/* One for each operation, from 1 on, and how many that makes. */
#define HF__WRITE(NAME, ...) HF_TEST_OP_##NAME,
#define HF__READ(NAME, ...)  HF_TEST_OP_##NAME,
enum {
    HF_TEST_OP_NONE = 0,
#include "model/operations.def"
    HF_TEST_OPS_END
};

#define HF_TEST_LAST_OP (HF_TEST_OPS_END - 1) /* of hf_op_type, which has no gap */

#endif
