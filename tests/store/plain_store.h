/*
 * A store as simple as it can be, written against the public headers alone: what a host's own
 * store may look like, and the model that the others are compared with. Not durable. It keeps
 * counts but no checksums: what they are made of is not public.
 */
#ifndef HF_TESTS_STORE_PLAIN_STORE_H
#define HF_TESTS_STORE_PLAIN_STORE_H

#include <holdfast/store.h>

extern const hf_store_driver hf_test_plain_driver;

#endif
