/*
 * maintenance.c - verify and backup, while other requests continue.
 *
 * A request waits until the work has ended. One of them runs at a time; a second one is refused
 * with BUSY and may be repeated. A backup is named by its file alone: it is written into the folder
 * that the settings name, and nothing outside of it.
 */
#include "maintenance.h"
#include "operation.h"
#include "problem.h"
#include "server.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 100 };

static void write_findings(json_text *out, const hf_verify_result *result)
{
    json_text_name(out, "findings");
    json_text_open(out, '[');
    for (uint32_t i = 0; i < result->finding_count; i++) {
        json_text_open(out, '{');
        json_text_number(out, "clause", result->findings[i].clause);
        json_text_member(out, "text", result->findings[i].text);
        json_text_close(out, '}');
    }
    json_text_close(out, ']');
}

static void on_verified(void *data, int status, const hf_verify_result *result)
{
    exchange *x = data;
    char digest[2 * sizeof(result->digest) + 1];
    json_text *out = &x->out;
    x->outstanding--;
    if (status != 0) {
        problem_error(x, status, "");
        return;
    }
    json_text_open(out, '{');
    json_text_number(out, "findings_total", (int64_t)result->findings_total);
    json_text_number(out, "rows", (int64_t)result->rows);
    json_text_number(out, "events", (int64_t)result->events);
    json_text_number(out, "orders", (int64_t)result->orders);
    json_text_number(out, "accounts", (int64_t)result->accounts);
    json_text_member(
        out, "digest",
        sodium_bin2hex(digest, sizeof(digest), result->digest, sizeof(result->digest)));
    write_findings(out, result);
    json_text_close(out, '}');
    exchange_answer(x, 200, TYPE_JSON);
}

/* Work that the engine has taken, or refused at once. */
static void begun(exchange *x, int error)
{
    if (error == 0)
        x->outstanding++;
    else
        problem_error(x, error, hf_engine_detail(x->server->engine));
}

void maintenance_verify(exchange *x)
{
    begun(x, hf_verify(x->server->engine, NULL, on_verified, x));
}

/* ---- Backup ---------------------------------------------------------------------------------- */

static void on_copied(void *data, int status, const char *detail)
{
    exchange *x = data;
    x->outstanding--;
    if (status != 0) {
        problem_error(x, status, detail);
        return;
    }
    exchange_answer(x, 201, TYPE_JSON);
}

static bool is_file_name(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    return name != NULL && name[0] != '\0' && name[0] != '.' && strlen(name) <= NAME_MAX_BYTES &&
           strspn(name, allowed) == strlen(name);
}

void maintenance_backup(exchange *x)
{
    char path[1024];
    const char *folder = x->server->settings.backups;
    json_t *body = operation_body(x);
    if (body == NULL)
        return;
    const char *name = json_string_value(json_object_get(body, "name"));
    if (folder == NULL) {
        problem_answer(x, PROBLEM_NO_BACKUPS, NULL, "the setting \"backups\" names no folder");
    } else if (!is_file_name(name) || json_object_size(body) != 1) {
        problem_answer(x, PROBLEM_VALUE, "/name",
                       "must be a file name of letters, digits, '-', '_' and '.', alone");
    } else {
        const int bytes = snprintf(path, sizeof(path), "%s/%s", folder, name);
        json_text_open(&x->out, '{');
        json_text_member(&x->out, "name", name);
        json_text_close(&x->out, '}');
        begun(x, bytes < (int)sizeof(path) ? hf_backup(x->server->engine, path, NULL, on_copied, x)
                                           : HF_E_PATH);
    }
    json_decref(body);
}
