/*
 * Journals in front of stores, as drivers with an open of their own, for tests of the contract.
 * Memory for changes is small, so that checkpoints are made all the time.
 */
#ifndef HF_TESTS_STORE_JOURNAL_STORE_H
#define HF_TESTS_STORE_JOURNAL_STORE_H

#include <holdfast/store.h>
#include <stdint.h>

#define HF_TEST_JOURNALS 4u

/* The drivers that this build has, by number; NULL: it lacks the store behind it. */
const hf_store_driver *hf_test_journal(uint32_t number);

#endif
