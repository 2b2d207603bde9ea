/*
 * inside.c - which loops a thread is inside of, so that none is run from its own callbacks.
 */
#include "loop/uv/inside.h"

#include <stddef.h>

/* The loops this thread is inside of; the frames lie on its stack. */
static _Thread_local const hf__inside *innermost;

void hf__inside_enter(hf__inside *frame, const uv_loop_t *loop)
{
    *frame = (hf__inside){.loop = loop, .outer = innermost};
    innermost = frame;
}

void hf__inside_leave(const hf__inside *frame)
{
    innermost = frame->outer;
}

bool hf__inside_of(const uv_loop_t *loop)
{
    const hf__inside *frame = innermost;
    while (frame != NULL && frame->loop != loop)
        frame = frame->outer;
    return frame != NULL;
}
