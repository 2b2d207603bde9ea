/*
 * inside.h - which loops a thread runs.
 */
#ifndef HF_LOOP_UV_INSIDE_H
#define HF_LOOP_UV_INSIDE_H

#include <stdbool.h>
#include <uv.h>

/* A loop that a thread is inside of: in a callback of the library, or turning it. */
typedef struct hf__inside {
    const uv_loop_t *loop;
    const struct hf__inside *outer;
} hf__inside;

/* Frames on the stack: a frame that was entered is left. */
void hf__inside_enter(hf__inside *frame, const uv_loop_t *loop);
void hf__inside_leave(const hf__inside *frame);

/* Whether the calling thread is inside of the loop. */
bool hf__inside_of(const uv_loop_t *loop);

#endif
