/*
 * open.h - opening and closing an engine.
 */
#ifndef HF_ENGINE_OPEN_OPEN_H
#define HF_ENGINE_OPEN_OPEN_H

#include "engine/run/run.h"

/* journaled.c: the store as the options ask for it, with a journal or without. */
int hf__engine_open_store(hf__engine *engine, const hf__engine_config *config);

/* stored_time.c: what if the clock is behind the stored time. */
int hf__stored_time_open(hf__engine *engine, const hf__engine_config *config);

#endif
