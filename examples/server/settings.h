/*
 * settings.h - the settings of the server: one table behind the configuration file, the
 * environment, the flags and --help.
 *
 * A value comes from the last of these that names it: the default, the file, the environment
 * (HOLDFAST_SERVER_NAME in upper case), the flag (--name with dashes). Texts belong to the settings
 * until settings_fini.
 */
#ifndef SERVER_SETTINGS_H
#define SERVER_SETTINGS_H

#include "lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct settings {
    char *config;       /* path of the file; NULL: none */
    char *store;        /* URL of hf_options.store */
    char *listen;       /* ADDRESS:PORT */
    char *tokens;       /* path; NULL: requests need no token */
    char *webhooks;     /* path; NULL: no webhook is accepted */
    char *endpoints;    /* path; NULL: events are posted nowhere */
    char *backups;      /* folder; NULL: no backup is made */
    int64_t role;       /* position of the bit IN_*, see route.h */
    char *node;         /* name in /v1/nodes; NULL: none */
    char *address;      /* in /v1/nodes; NULL: that of `listen` */
    int64_t durability; /* hf_durability */
    int64_t threads;
    int64_t queue_ops_max;
    char *inventory;     /* "ADDRESS:PORT,..."; of the role order */
    char *payment;       /* the same */
    char *service_token; /* path; NULL: calls of services have no token */
    int64_t balance;     /* hf_balance */
    int64_t txn_ms;
    int64_t call_ms;
    int64_t health_ms;
    int64_t txn_keep_ms;
    int64_t branch_ms;
    int64_t header_bytes_max;
    int64_t body_bytes_max;
    int64_t json_depth_max;
    int64_t request_ms;
    int64_t idle_ms;
    int64_t connections_max;
    int64_t client_connections_max; /* 0: no limit of its own */
    int64_t drain_ms;
    int64_t drain_max_ms;
    int64_t endpoint_ms;
    int64_t endpoint_attempts;
    int64_t endpoint_retry_ms;
    int64_t endpoint_retry_max_ms;
    int64_t log_level; /* hf_log_level */
    int64_t log_requests;
    int64_t help;
    int64_t manual;
    int64_t check;
} settings;

/* Reads everything; false, with the reason in `error`, when something is wrong. */
bool settings_read(settings *out, int argc, char **argv, char error[LINES_ERROR]);

/*
 * Takes over from `fresh` what may change while the server runs; `report` is called with the name
 * of each other setting that differs. `fresh` can be given to settings_fini afterwards.
 */
void settings_reload(settings *now, settings *fresh, void (*report)(void *data, const char *name),
                     void *data);

void settings_fini(settings *s);

/* The word of the setting "role". */
const char *settings_role(const settings *s);

/* Prints all settings with their meaning and default. */
void settings_help(FILE *out);

/* The same as the body of a section of a manual page, in the syntax of scdoc. */
void settings_manual(FILE *out);

#endif
