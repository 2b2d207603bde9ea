/*
 * one_shop.c - the state of one_shop.h, one of each test program.
 */
#include "support/one_shop.h"

hf_test_shop_state shop;
