/*
 * card.c - the state of card.h, one of each test program.
 */
#include "support/card.h"

hf_test_fixture fixture;
hf_test_cart cart;
hf_id order;
