/*
 * arm.c - the idle handle: while it is active, the loop does not sleep before the pump has run.
 */
#include "loop/host.h"

static void on_idle(uv_idle_t *idle)
{
    const hf__host *host = idle->data;
    if (!host->armed)
        (void)uv_idle_stop(idle);
}

void hf__arm(hf__host *host)
{
    if (host->armed || host->engine == NULL)
        return;
    host->armed = true;
    (void)uv_idle_start(&host->idle, on_idle);
}

bool hf__never_writes(const hf__host *host)
{
    int error = hf__engine_accepts(host->engine);
    return error == HF_E_POISONED || error == HF_E_READ_ONLY;
}
