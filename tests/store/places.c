/*
 * places.c - the state of places.h, one of each test program.
 */
#include "places.h"

hf_test_subject subjects[2 + HF_TEST_JOURNALS];
int store_count;
int subject_count;
