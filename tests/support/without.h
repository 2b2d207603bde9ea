/*
 * Decisions without memory or without a range. A decision whose arena ends too early is HF_E_NOMEM,
 * and one whose store cannot be read has the store's error, whichever piece of memory or range it
 * does not get: never another refusal, half a result, or an end that was chosen because of it.
 */
#ifndef HF_TESTS_SUPPORT_WITHOUT_H
#define HF_TESTS_SUPPORT_WITHOUT_H

#include "support/view.h"

/*
 * Decides the operation again in arenas of several sizes up to what it needs, and with single
 * ranges that fail: each decision has that error, or the status that it has otherwise, or leaves
 * what is due to the engine. The fixture is as before.
 */
void hf_test_without(hf_test_fixture *fixture, const hf__operation *op, const hf__view *view,
                     int status);

#endif
