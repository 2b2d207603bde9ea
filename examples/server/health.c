/*
 * health.c - whether the process runs, and whether it takes work.
 *
 * A server that drains reports so before it stops to listen, so that a load balancer sends no more
 * requests while those under way end.
 */
#include "health.h"
#include "problem.h"
#include "server.h"

static const char *const states[] = {"OK", "DEGRADED", "POISONED", "CLOSING"};

static void answer(exchange *x, const char *state)
{
    json_text_open(&x->out, '{');
    json_text_member(&x->out, "status", state);
    json_text_member(&x->out, "version", hf_version());
    json_text_close(&x->out, '}');
    exchange_answer(x, 200, TYPE_JSON);
}

void health_live(exchange *x)
{
    answer(x, "OK");
}

void health_ready(exchange *x)
{
    hf_health_info health = {.size = sizeof(health)};
    const int error = hf_health(x->server->engine, &health);
    if (x->server->draining)
        problem_answer(x, PROBLEM_NOT_READY, NULL, "draining");
    else if (error != 0 || health.state != HF_HEALTH_OK)
        problem_answer(x, PROBLEM_NOT_READY, NULL, "%s: %s",
                       error != 0 ? "CLOSED" : states[health.state],
                       hf_error_text(error != 0 ? error : health.error));
    else
        answer(x, "OK");
}
