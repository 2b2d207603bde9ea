/*
 * Decisions without memory. A decision whose arena ends too early is HF_E_NOMEM, whichever piece of
 * memory it does not get, and never another refusal or half a result.
 */
#ifndef HF_TESTS_SUPPORT_LITTLE_MEMORY_H
#define HF_TESTS_SUPPORT_LITTLE_MEMORY_H

#include "support/view.h"

/*
 * Decides the operation again in arenas of several sizes up to what it needs: each decision is
 * HF_E_NOMEM, or has the status that it has with enough memory, or leaves what is due to the
 * engine. The fixture is as before.
 */
void hf_test_little_memory(hf_test_fixture *fixture, const hf__operation *op, const hf__view *view,
                           int status);

#endif
