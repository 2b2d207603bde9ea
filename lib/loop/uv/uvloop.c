/*
 * uvloop.c - a loop for hosts without libuv: poll its descriptor, then run it once.
 *
 * Failure modes: HF_E_NOMEM and HF_E_IO at creation, HF_E_BUSY when an engine is still open.
 */
#include "base/env.h"

#include <uv.h>

int hf_loop_create(struct uv_loop_s **out)
{
    if (out == NULL)
        return HF_E_ARGUMENT;
    hf_env env;
    hf__env_init(&env);
    uv_loop_t *loop = hf__alloc(&env, sizeof *loop);
    if (loop == NULL)
        return HF_E_NOMEM;
    int result = uv_loop_init(loop);
    if (result != 0) {
        hf__free(&env, loop);
        return result == UV_ENOMEM ? HF_E_NOMEM : HF_E_IO;
    }
    *out = loop;
    return 0;
}

int hf_loop_fd(struct uv_loop_s *loop)
{
    return loop == NULL ? HF_E_ARGUMENT : uv_backend_fd(loop);
}

int hf_loop_timeout(struct uv_loop_s *loop)
{
    if (loop == NULL)
        return HF_E_ARGUMENT;
    uv_update_time(loop); /* the time it keeps is that of its last iteration */
    return uv_backend_timeout(loop);
}

int hf_loop_run_once(struct uv_loop_s *loop, int wait)
{
    if (loop == NULL)
        return HF_E_ARGUMENT;
    return uv_run(loop, wait != 0 ? UV_RUN_ONCE : UV_RUN_NOWAIT) != 0;
}

int hf_loop_destroy(struct uv_loop_s *loop)
{
    if (loop == NULL)
        return 0;
    if (uv_loop_close(loop) != 0)
        return HF_E_BUSY;
    hf_env env;
    hf__env_init(&env);
    hf__free(&env, loop);
    return 0;
}
