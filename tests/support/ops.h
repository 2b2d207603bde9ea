/*
 * The operations that there are, for tests that go through all of them.
 */
#ifndef HF_TESTS_SUPPORT_OPS_H
#define HF_TESTS_SUPPORT_OPS_H

#include <holdfast/types.h>

#define HF_TEST_LAST_OP HF_OP_UNIT_GET /* of hf_op_type; they are numbered from 1 without a gap */

#endif
