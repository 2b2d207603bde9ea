/*
 * bare.c - the state of bare.h, one of each test program.
 */
#include "support/bare.h"

hf_env env;
hf_env store_env;
hf__fault fault;
hf__engine *engine;
hf__batch batch;
hf_store_error error;
int64_t wall;
int64_t boot;
uint64_t ids;
