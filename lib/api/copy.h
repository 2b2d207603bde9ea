/*
 * copy.h - checked arguments into the queue's memory, and their fingerprint.
 */
#ifndef HF_API_COPY_H
#define HF_API_COPY_H

#include "base/structures/arena.h"

#include <holdfast/types.h>
#include <stdbool.h>

/*
 * A deep copy of checked arguments, everything they point to included: sizes are this library's,
 * absent texts are "", absent arrays NULL. `read`: meta is left out. `fingerprint` receives that of
 * the request (see fingerprint.h); NULL: none. NULL when the arena is full; what was used of it is
 * then the caller's to release.
 */
hf_op_head *hf__copy_args(uint32_t type, const void *args, bool read, hf__arena *arena,
                          uint8_t fingerprint[16]);

#endif
