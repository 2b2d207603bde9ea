/*
 * role.c - what an instance of the server is there for.
 *
 * An engine drives deadlines and removes what has ended only when somebody is registered. A service
 * whose branches are transactions of its own store therefore registers a participant that nobody
 * calls.
 */
#include "role.h"
#include "coordinator.h"
#include "server.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct role {
    bool (*open)(server *s);
    uint32_t kind; /* of the accounts that branches move */
} role;

static void refuse(void *data, const hf_call *call)
{
    const server *s = data;
    hf_call_answer answer;
    hf_call_answer_init(&answer, HF_ANSWER_REJECTED);
    answer.detail = "this participant takes part in nothing";
    (void)hf_call_done(s->engine, call->ticket, &answer);
}

static bool open_service(server *s)
{
    hf_participant nobody;
    hf_participant_init(&nobody, "nobody");
    nobody.flags = HF_PARTICIPANT_READONLY;
    nobody.attempt = refuse;
    nobody.data = s;
    const int error = hf_participant_register(s->engine, &nobody);
    if (error != 0)
        (void)fprintf(stderr, "holdfast-server: %s\n", hf_engine_detail(s->engine));
    return error == 0;
}

/* clang-format off */
static const role roles[] = { /* by the setting "role" */
    { NULL, HF_KIND_WORLD },
    { open_service, HF_KIND_MONEY },
    { open_service, HF_KIND_ITEM },
    { coordinator_open, HF_KIND_WORLD },
};
/* clang-format on */

bool role_open(server *s)
{
    const role *r = &roles[s->settings.role];
    return r->open == NULL || r->open(s);
}

void role_close(server *s)
{
    coordinator_close(s);
}

void role_fini(server *s)
{
    free(s->coordinator);
    s->coordinator = NULL;
}

uint32_t role_kind(const server *s)
{
    return roles[s->settings.role].kind;
}
