/*
 * openapi.c - the description of all resources, written from the table of routes.
 */
#include "openapi.h"
#include "common/result.h"
#include "route.h"
#include "schema.h"
#include "server.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
#define OBJECT(properties, required) "{\"type\":\"object\",\"properties\":{" properties "},\"required\":[" required "]}"
#define TEXT    "{\"type\":\"string\"}"
#define INTEGER "{\"type\":\"integer\"}"

#define BRANCH  OBJECT("\"txn\":" TEXT ",\"branch\":" INTEGER ",\"state\":" TEXT ",\"repeated\":{\"type\":\"boolean\"}" \
                       ",\"local\":" TEXT, "\"txn\",\"branch\",\"state\",\"repeated\",\"local\"")
#define CALL    "\"caller\":{\"type\":\"string\",\"maxLength\":39},\"epoch\":{\"type\":\"integer\",\"minimum\":1},\"attempt\":{\"type\":\"integer\",\"minimum\":1}"
#define NAMES   "\"txn\":" TEXT ",\"branch\":" INTEGER
#define CALLS(more, required) OBJECT("\"calls\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":64,\"items\":" \
                                     OBJECT(NAMES "," CALL more, "\"txn\",\"branch\",\"epoch\",\"attempt\"" required) "}", "\"calls\"")
#define ANSWERS OBJECT("\"answers\":{\"type\":\"array\",\"items\":{\"anyOf\":[" BRANCH ",{\"$ref\":\"#/components/schemas/problem\"}]}}", "\"answers\"")
#define MOVES   ",\"moves\":{\"type\":\"array\",\"minItems\":1,\"items\":" MOVE "}"
#define MOVE    OBJECT("\"from\":{\"$ref\":\"#/components/schemas/account\"},\"to\":{\"$ref\":\"#/components/schemas/account\"}" \
                       ",\"amount\":{\"type\":\"integer\",\"minimum\":1}", "\"from\",\"amount\"")

/* Schemas that no table of the library says. */
static const struct {
    const char *name;
    const char *schema;
} own[] = {
    { "problem", OBJECT("\"type\":" TEXT ",\"title\":" TEXT ",\"status\":" INTEGER ",\"detail\":" TEXT ",\"code\":" TEXT
                        ",\"class\":{\"enum\":[\"REJECTED\",\"RETRYABLE\",\"UNKNOWN\",\"FATAL\",\"MISUSE\"]}"
                        ",\"retryable\":{\"type\":\"boolean\"},\"culprit\":" TEXT ",\"pointer\":" TEXT ",\"trace_id\":" TEXT,
                        "\"type\",\"title\",\"status\",\"code\",\"class\",\"retryable\",\"trace_id\"") },
    { "account", OBJECT("\"kind\":" TEXT ",\"name\":" TEXT ",\"place\":" TEXT ",\"unit\":" TEXT, "") },
    { "event", OBJECT("\"specversion\":{\"const\":\"1.0\"},\"id\":" TEXT ",\"source\":" TEXT ",\"type\":" TEXT ",\"subject\":" TEXT
                      ",\"time\":{\"type\":\"string\",\"format\":\"date-time\"},\"sequence\":" TEXT ",\"data\":{\"type\":\"object\"}",
                      "\"specversion\",\"id\",\"source\",\"type\",\"sequence\",\"data\"") },
    { "endpoint", OBJECT("\"name\":" TEXT ",\"state\":{\"enum\":[\"STARTING\",\"ACTIVE\",\"WAITING\",\"STOPPED\"]}"
                         ",\"last\":{\"type\":[\"string\",\"null\"]},\"position\":" INTEGER ",\"lag\":" INTEGER ",\"delivered\":" INTEGER
                         ",\"failed\":" INTEGER ",\"attempts\":" INTEGER ",\"dead\":" INTEGER,
                         "\"name\",\"state\",\"last\",\"position\",\"lag\",\"delivered\",\"failed\",\"attempts\",\"dead\"") },
    { "letter", OBJECT("\"endpoint\":" TEXT ",\"event\":" INTEGER ",\"id\":" TEXT ",\"reason\":" TEXT
                       ",\"time\":{\"type\":\"string\",\"format\":\"date-time\"},\"queued\":{\"type\":\"boolean\"}",
                       "\"endpoint\",\"event\",\"id\",\"reason\",\"time\",\"queued\"") },
};

/* Answers of resources that are no operation, or answer in their own way. */
static const struct {
    const char *path;
    const char *type;
    const char *schema;
} answers[] = {
    { "/v1/operations/{key}", TYPE_JSON, OBJECT("\"key\":" TEXT ",\"id\":" TEXT ",\"outcome\":" TEXT ",\"result\":{}", "\"key\",\"id\",\"outcome\",\"result\"") },
    { "/v1/problems", TYPE_JSON, OBJECT("\"problems\":{\"type\":\"array\",\"items\":{\"type\":\"object\"}}", "\"problems\"") },
    { "/v1/verify", TYPE_JSON, OBJECT("\"findings_total\":" INTEGER ",\"digest\":" TEXT ",\"findings\":{\"type\":\"array\"}", "\"findings_total\",\"digest\",\"findings\"") },
    { "/v1/backups", TYPE_JSON, OBJECT("\"name\":" TEXT, "\"name\"") },
    { "/v1/events", TYPE_JSON, OBJECT("\"events\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/event\"}},\"next_after\":" INTEGER
                                      ",\"at_end\":{\"type\":\"boolean\"},\"removed\":" INTEGER ",\"store\":" TEXT ",\"incarnation\":" INTEGER,
                                      "\"events\",\"next_after\",\"at_end\",\"removed\",\"store\",\"incarnation\"") },
    { "/v1/events/stream", "text/event-stream", TEXT },
    { "/v1/branches/try", TYPE_JSON, ANSWERS },
    { "/v1/branches/confirm", TYPE_JSON, ANSWERS },
    { "/v1/branches/cancel", TYPE_JSON, ANSWERS },
    { "/v1/branches/{txn}/{branch}/try", TYPE_JSON, BRANCH },
    { "/v1/branches/{txn}/{branch}/confirm", TYPE_JSON, BRANCH },
    { "/v1/branches/{txn}/{branch}/cancel", TYPE_JSON, BRANCH },
    { "/v1/webhooks", TYPE_JSON, OBJECT("\"endpoints\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/endpoint\"}}", "\"endpoints\"") },
    { "/v1/webhooks/dead", TYPE_JSON, OBJECT("\"letters\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/letter\"}}"
                                             ",\"next_cursor\":{\"type\":[\"string\",\"null\"]}", "\"letters\",\"next_cursor\"") },
    { "/v1/webhooks/dead/{endpoint}/{event}/retry", TYPE_JSON, OBJECT("\"state\":{\"enum\":[\"QUEUED\",\"NONE\"]}", "\"state\"") },
    { "/v1/webhooks/dead/{endpoint}/{event}/drop", TYPE_JSON, OBJECT("\"state\":{\"enum\":[\"DROPPED\",\"NONE\"]}", "\"state\"") },
    { "/livez", TYPE_JSON, OBJECT("\"status\":" TEXT ",\"version\":" TEXT, "\"status\",\"version\"") },
    { "/readyz", TYPE_JSON, OBJECT("\"status\":" TEXT ",\"version\":" TEXT, "\"status\",\"version\"") },
    { "/metrics", "text/plain", TEXT },
    { "/console", "text/html", TEXT },
    { "/openapi.json", TYPE_JSON, "{\"type\":\"object\"}" },
    { "/webhooks/{provider}", TYPE_JSON, "{\"type\":\"object\"}" },
};

/* Bodies of resources that are no operation. */
static const struct {
    const char *path;
    const char *schema;
} bodies[] = {
    { "/v1/branches/try", CALLS(MOVES, ",\"moves\"") },
    { "/v1/branches/confirm", CALLS("", "") },
    { "/v1/branches/cancel", CALLS("", "") },
    { "/v1/branches/{txn}/{branch}/try", OBJECT(CALL MOVES, "\"epoch\",\"attempt\",\"moves\"") },
    { "/v1/branches/{txn}/{branch}/confirm", OBJECT(CALL, "\"epoch\",\"attempt\"") },
    { "/v1/branches/{txn}/{branch}/cancel", OBJECT(CALL, "\"epoch\",\"attempt\"") },
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void put_raw(json_text *out, const char *json)
{
    json_text_raw(out, json, strlen(json));
}

static void put_flag(json_text *out, const char *name, bool value)
{
    json_text_name(out, name);
    json_text_bool(out, value);
}

static void put_ref(json_text *out, const char *name)
{
    char text[100];
    (void)snprintf(text, sizeof(text), "{\"$ref\":\"#/components/schemas/%s\"}", name);
    put_raw(out, text);
}

/* ---- Parameters ------------------------------------------------------------------------------ */

static const hf_field *field_of(const route *r, const char *name)
{
    const hf_shape *shape = hf_op_shape(r->op);
    for (uint32_t i = 0; shape != NULL && i < shape->field_count; i++)
        if (strcmp(shape->fields[i].name, name) == 0)
            return &shape->fields[i];
    return NULL;
}

static void put_parameter(json_text *out, const char *name, const char *in, bool required,
                          const hf_field *field)
{
    json_text_open(out, '{');
    json_text_member(out, "name", name);
    json_text_member(out, "in", in);
    put_flag(out, "required", required);
    json_text_name(out, "schema");
    schema_field(out, field);
    json_text_close(out, '}');
}

static void put_parameters(json_text *out, const route *r)
{
    char name[40];
    json_text_name(out, "parameters");
    json_text_open(out, '[');
    for (size_t i = 0; route_param(r, i, name); i++)
        put_parameter(out, name, "path", true, field_of(r, name));
    for (const query_name *q = r->query; q != NULL && q->name != NULL; q++)
        put_parameter(out, q->name, "query", false, field_of(r, q->field));
    if (r->page != NULL)
        put_parameter(out, "cursor", "query", false, NULL);
    if ((r->flags & ROUTE_KEY) != 0)
        put_parameter(out, "Idempotency-Key", "header", true, NULL);
    if ((r->flags & ROUTE_MATCH) != 0)
        put_parameter(out, "If-Match", "header", true, NULL);
    json_text_close(out, ']');
}

/* ---- Answers --------------------------------------------------------------------------------- */

/* The object that an operation returns: its records, and the cursor of a list. */
static void put_result(json_text *out, const route *r)
{
    result_member members[RESULT_MEMBERS];
    const uint32_t count = result_members(r->op, members);
    json_text_open(out, '{');
    json_text_member(out, "type", "object");
    json_text_name(out, "properties");
    json_text_open(out, '{');
    for (uint32_t i = 0; i < count; i++) {
        json_text_name(out, members[i].name);
        if (members[i].list)
            put_raw(out, "{\"type\":\"array\",\"items\":");
        put_ref(out, members[i].table);
        if (members[i].list)
            json_text_close(out, '}');
    }
    if (r->page != NULL) {
        json_text_name(out, "next_cursor");
        put_raw(out, "{\"type\":[\"string\",\"null\"]}");
    }
    json_text_close(out, '}');
    json_text_close(out, '}');
}

static void put_answer(json_text *out, const route *r)
{
    size_t at = 0;
    while (at < COUNT(answers) && strcmp(answers[at].path, r->path) != 0)
        at++;
    json_text_name(out, "content");
    json_text_open(out, '{');
    json_text_name(out, at < COUNT(answers) ? answers[at].type : TYPE_JSON);
    json_text_open(out, '{');
    json_text_name(out, "schema");
    if (at < COUNT(answers))
        put_raw(out, answers[at].schema);
    else
        put_result(out, r);
    json_text_close(out, '}');
    json_text_close(out, '}');
}

static void put_responses(json_text *out, const route *r)
{
    char status[12];
    (void)snprintf(status, sizeof(status), "%u", r->status);
    json_text_name(out, "responses");
    json_text_open(out, '{');
    json_text_name(out, status);
    json_text_open(out, '{');
    json_text_member(out, "description", r->summary);
    put_answer(out, r);
    json_text_close(out, '}');
    json_text_name(out, "default");
    put_raw(out, "{\"description\":\"A problem, named by its code\",\"content\":{"
                 "\"application/problem+json\":{\"schema\":"
                 "{\"$ref\":\"#/components/schemas/problem\"}}}}");
    json_text_close(out, '}');
}

/* ---- Resources ------------------------------------------------------------------------------- */

/* "get_v1_orders_order": a name for each method and path. */
static void put_name(json_text *out, const route *r)
{
    char text[160];
    size_t used = (size_t)snprintf(text, sizeof(text), "%s", r->method);
    for (const char *c = r->path; *c != '\0' && used + 1 < sizeof(text); c++)
        if (strchr("{}", *c) == NULL)
            text[used++] = (char)(strchr("/.-", *c) != NULL ? '_' : *c);
    text[used] = '\0';
    for (char *c = text; *c >= 'A' && *c <= 'Z'; c++)
        *c = (char)(*c - 'A' + 'a');
    json_text_member(out, "operationId", text);
}

/* The schema of a body that no operation has; NULL: there is none. */
static const char *own_body(const route *r)
{
    for (size_t i = 0; i < COUNT(bodies); i++)
        if (strcmp(bodies[i].path, r->path) == 0)
            return bodies[i].schema;
    return NULL;
}

static void put_body(json_text *out, const route *r)
{
    const char *schema = own_body(r);
    const bool operation =
        strcmp(r->method, "POST") == 0 && r->op != HF_OP_NONE && r->roles != ROLES_SIGNED;
    if (schema == NULL && !operation)
        return;
    json_text_name(out, "requestBody");
    put_raw(out, "{\"content\":{\"application/json\":{\"schema\":");
    if (schema != NULL)
        put_raw(out, schema);
    else
        schema_body(out, r);
    json_text_close(out, '}');
    json_text_close(out, '}');
    json_text_close(out, '}');
}

static void put_operation(json_text *out, const route *r)
{
    char method[8] = "";
    for (size_t i = 0; r->method[i] != '\0' && i + 1 < sizeof(method); i++)
        method[i] = (char)(r->method[i] - 'A' + 'a');
    json_text_name(out, method);
    json_text_open(out, '{');
    json_text_member(out, "summary", r->summary);
    put_name(out, r);
    put_parameters(out, r);
    put_body(out, r);
    put_responses(out, r);
    if (r->roles == ROLES_ANYONE || r->roles == ROLES_SIGNED) {
        json_text_name(out, "security");
        put_raw(out, "[]");
    }
    json_text_close(out, '}');
}

/* Whether a row before this one, of the same server, has its path. */
static bool is_again(size_t at, int64_t role)
{
    for (size_t i = 0; i < at; i++)
        if (route_is_served(route_at(i), role) &&
            strcmp(route_at(i)->path, route_at(at)->path) == 0)
            return true;
    return false;
}

static void put_paths(json_text *out, int64_t role)
{
    json_text_name(out, "paths");
    json_text_open(out, '{');
    for (size_t i = 0; route_at(i) != NULL; i++) {
        if (!route_is_served(route_at(i), role) || is_again(i, role))
            continue;
        json_text_name(out, route_at(i)->path);
        json_text_open(out, '{');
        for (size_t k = i; route_at(k) != NULL; k++)
            if (route_is_served(route_at(k), role) &&
                strcmp(route_at(k)->path, route_at(i)->path) == 0)
                put_operation(out, route_at(k));
        json_text_close(out, '}');
    }
    json_text_close(out, '}');
}

static void put_components(json_text *out)
{
    const hf_schema *schema = hf_store_schema();
    json_text_name(out, "components");
    json_text_open(out, '{');
    json_text_name(out, "securitySchemes");
    put_raw(out, "{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}}");
    json_text_name(out, "schemas");
    json_text_open(out, '{');
    for (size_t i = 0; i < COUNT(own); i++) {
        json_text_name(out, own[i].name);
        put_raw(out, own[i].schema);
    }
    for (uint32_t i = 0; i < schema->table_count; i++) {
        json_text_name(out, schema->tables[i]->name);
        schema_record(out, schema->tables[i]);
    }
    schema_elements(out);
    json_text_close(out, '}');
    json_text_close(out, '}');
}

void openapi_answer(exchange *x)
{
    json_text *out = &x->out;
    json_text_open(out, '{');
    json_text_member(out, "openapi", "3.1.0");
    json_text_name(out, "info");
    json_text_open(out, '{');
    json_text_member(out, "title", "holdfast-server");
    json_text_member(out, "version", hf_version());
    json_text_member(out, "description",
                     "Orders, payments and stock. Amounts and quantities are integers in minor "
                     "units. A POST with the same Idempotency-Key acts once.");
    json_text_close(out, '}');
    json_text_name(out, "security");
    put_raw(out, "[{\"token\":[]}]");
    put_paths(out, x->server->settings.role);
    put_components(out);
    json_text_close(out, '}');
    exchange_answer(x, 200, TYPE_JSON);
}
