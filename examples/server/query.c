/*
 * query.c - the query of a request: filters, the size of a page, and its cursor.
 *
 * A cursor is the key of the last record of a page, as JSON in base64url, behind a hash of the
 * route and the other names of the query: a cursor of another list, or of another filter, is
 * refused.
 */
#include "query.h"
#include "common/columns.h"
#include "common/json_read.h"
#include "problem.h"
#include "route.h"

#include <errno.h>
#include <microhttpd.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_BYTES = 512, CURSOR_BYTES = 700, BIND_BYTES = 8 };

/* ---- Arguments ------------------------------------------------------------------------------- */

bool args_set(json_t *args, const char *path, json_t *value)
{
    char part[40];
    size_t bytes;
    while (bytes = strcspn(path, "."), path[bytes] == '.' && bytes < sizeof(part)) {
        memcpy(part, path, bytes);
        part[bytes] = '\0';
        if (json_object_get(args, part) == NULL)
            (void)json_object_set_new(args, part, json_object());
        args = json_object_get(args, part);
        path += bytes + 1;
    }
    if (!json_is_object(args) || json_object_get(args, path) != NULL) {
        json_decref(value);
        return false;
    }
    return json_object_set_new(args, path, value) == 0;
}

static const hf_field *field_of(const route *r, const char *path)
{
    const hf_shape *shape = hf_op_shape(r->op);
    for (uint32_t i = 0; i < shape->field_count; i++)
        if (strcmp(shape->fields[i].name, path) == 0)
            return &shape->fields[i];
    return NULL; /* a part of an account: a text */
}

/* A text of the query as the kind of its argument; NULL: it is none. */
static json_t *value_of(const hf_field *field, const char *text)
{
    const uint32_t kind = field == NULL ? HF_FIELD_NAME : field->kind;
    const bool numeric = kind == HF_FIELD_I64 || kind == HF_FIELD_I32 || kind == HF_FIELD_U32 ||
                         kind == HF_FIELD_U64 || kind == HF_FIELD_TIME;
    if (!numeric)
        return json_string(text);
    if (kind == HF_FIELD_U32 && field->min == 0 && field->max == 1)
        return strcmp(text, "true") == 0    ? json_true()
               : strcmp(text, "false") == 0 ? json_false()
                                            : NULL;
    const char *digits = text + (text[0] == '-' ? 1 : 0);
    if (digits[0] == '\0' || strspn(digits, "0123456789") != strlen(digits))
        return NULL;
    errno = 0;
    const long long value = strtoll(text, NULL, 10);
    return errno != 0 ? NULL : json_integer(value);
}

/* ---- Names ----------------------------------------------------------------------------------- */

/* The query as it was sent. */
typedef struct sent {
    const char *names[QUERY_NAMES], *values[QUERY_NAMES];
    size_t count;
    bool too_many;
} sent;

static enum MHD_Result take(void *data, enum MHD_ValueKind kind, const char *name,
                            const char *value)
{
    sent *all = data;
    (void)kind;
    if (all->count == QUERY_NAMES) {
        all->too_many = true;
        return MHD_NO;
    }
    all->names[all->count] = name;
    all->values[all->count++] = value == NULL ? "" : value;
    return MHD_YES;
}

static bool is_known(const exchange *x, const char *name)
{
    if (x->route->page != NULL && strcmp(name, "cursor") == 0)
        return true;
    for (const query_name *q = x->route->query; q != NULL && q->name != NULL; q++)
        if (strcmp(name, q->name) == 0)
            return true;
    return false;
}

static bool check_names(exchange *x, const sent *all)
{
    if (all->too_many) {
        problem_answer(x, PROBLEM_QUERY, NULL, "there are too many names");
        return false;
    }
    for (size_t i = 0; i < all->count; i++) {
        if (!is_known(x, all->names[i])) {
            problem_answer(x, PROBLEM_QUERY, NULL, "'%.60s' is not known", all->names[i]);
            return false;
        }
        for (size_t k = 0; k < i; k++)
            if (strcmp(all->names[i], all->names[k]) == 0) {
                problem_answer(x, PROBLEM_QUERY, NULL, "'%.60s' is given twice", all->names[i]);
                return false;
            }
    }
    return true;
}

static const char *find_value(const sent *all, const char *name)
{
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->names[i], name) == 0)
            return all->values[i];
    return NULL;
}

static bool read_name(exchange *x, const query_name *q, const char *raw, json_t *args)
{
    char text[VALUE_BYTES];
    json_t *value = NULL;
    if (percent_decode(raw, strlen(raw), text, sizeof(text)))
        value = value_of(field_of(x->route, q->field), text);
    if (value == NULL) {
        problem_answer(x, PROBLEM_QUERY, NULL, "'%s' is malformed", q->name);
        return false;
    }
    if (!args_set(args, q->field, value)) {
        problem_answer(x, PROBLEM_QUERY, NULL, "'%s' cannot be combined with another name",
                       q->name);
        return false;
    }
    if (q->also != NULL)
        (void)args_set(args, q->also, json_string(q->value));
    return true;
}

/* ---- Cursors --------------------------------------------------------------------------------- */

/* The hash of what a cursor belongs to: the path, and the query without the page. */
static void bind_cursor(const exchange *x, const sent *all, unsigned char out[BIND_BYTES])
{
    unsigned char hash[crypto_generichash_BYTES];
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, sizeof(hash));
    (void)crypto_generichash_update(&state, (const unsigned char *)x->path, strlen(x->path) + 1);
    for (const query_name *q = x->route->query; q != NULL && q->name != NULL; q++) {
        const char *value = strcmp(q->name, "limit") == 0 ? NULL : find_value(all, q->name);
        if (value == NULL)
            continue;
        (void)crypto_generichash_update(&state, (const unsigned char *)q->name,
                                        strlen(q->name) + 1);
        (void)crypto_generichash_update(&state, (const unsigned char *)value, strlen(value) + 1);
    }
    (void)crypto_generichash_final(&state, hash, sizeof(hash));
    memcpy(out, hash, BIND_BYTES);
}

static bool open_cursor(const exchange *x, const sent *all, const char *text, json_t *args)
{
    unsigned char bytes[CURSOR_BYTES], expected[BIND_BYTES];
    size_t count = 0;
    bind_cursor(x, all, expected);
    if (sodium_base642bin(bytes, sizeof(bytes), text, strlen(text), NULL, &count, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        count < BIND_BYTES || memcmp(bytes, expected, BIND_BYTES) != 0)
        return false;
    json_t *keys =
        json_read((const char *)bytes + BIND_BYTES, count - BIND_BYTES, JSON_READ_DEPTH, NULL);
    bool good = json_is_object(keys);
    for (const page_key *key = x->route->page->keys; good && key->column != NULL; key++) {
        json_t *value = json_object_get(keys, key->column);
        good = json_is_string(value) || json_is_integer(value);
        if (good)
            good = args_set(args, key->field, json_incref(value));
    }
    json_decref(keys);
    return good;
}

static json_t *key_value(const paging *page, const char *name, const char *record)
{
    const hf_table *in = record_table_of(page->table);
    for (uint32_t i = 0; i < in->column_count; i++) {
        const hf_column *column = &in->columns[i];
        const char *at = record + column->offset;
        if (strcmp(column->name, name) != 0)
            continue;
        if (column->type == HF_COLUMN_ID) {
            hf_id id;
            char text[37];
            memcpy(&id, at, sizeof(id));
            return json_string(hf_id_format(&id, text));
        }
        if (column->type == HF_COLUMN_NAME)
            return json_string(((const hf_name *)(const void *)at)->text);
        if (column->type == HF_COLUMN_ENUM) {
            uint32_t value;
            memcpy(&value, at, sizeof(value));
            return json_string(value < column->name_count ? column->names[value] : "");
        }
        int64_t number;
        memcpy(&number, at, sizeof(number));
        return json_integer(number);
    }
    return NULL;
}

/* How every page of records begins. */
typedef struct page_head {
    const char *const *rows;
    uint32_t count;
} page_head;

/* The number of records that was asked for. */
static uint32_t limit_of(const exchange *x)
{
    const hf_field *field = field_of(x->route, "limit");
    uint32_t limit;
    memcpy(&limit, (const char *)x->args + field->offset, sizeof(limit));
    return limit;
}

bool cursor_make(const exchange *x, const hf_completion *done, char out[CURSOR_TEXT])
{
    page_head page;
    sent all = {.count = 0};
    unsigned char plain[CURSOR_BYTES];
    memcpy(&page, done->result, sizeof(page));
    const paging *how = x->route->page;
    const bool ended = done->type == HF_OP_TXN_LIST
                           ? ((const hf_txn_page *)done->result)->at_end != 0
                           : page.count < limit_of(x);
    if (page.count == 0 || ended)
        return false;
    json_t *keys = json_object();
    for (const page_key *key = how->keys; key->column != NULL; key++)
        (void)json_object_set_new(keys, key->column,
                                  key_value(how, key->column, page.rows[page.count - 1]));
    (void)MHD_get_connection_values(x->connection, MHD_GET_ARGUMENT_KIND, take, &all);
    bind_cursor(x, &all, plain);
    const size_t used =
        json_dumpb(keys, (char *)plain + BIND_BYTES, sizeof(plain) - BIND_BYTES, JSON_COMPACT);
    json_decref(keys);
    if (used > sizeof(plain) - BIND_BYTES)
        return false;
    return sodium_bin2base64(out, CURSOR_TEXT, plain, BIND_BYTES + used,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) != NULL;
}

bool query_has(const exchange *x, const char *name)
{
    sent all = {.count = 0};
    (void)MHD_get_connection_values(x->connection, MHD_GET_ARGUMENT_KIND, take, &all);
    return find_value(&all, name) != NULL;
}

bool query_read(exchange *x, json_t *args)
{
    sent all = {.count = 0};
    (void)MHD_get_connection_values(x->connection, MHD_GET_ARGUMENT_KIND, take, &all);
    if (all.count == 0)
        return true;
    if (!check_names(x, &all))
        return false;
    for (const query_name *q = x->route->query; q != NULL && q->name != NULL; q++) {
        const char *value = find_value(&all, q->name);
        if (value != NULL && !read_name(x, q, value, args))
            return false;
    }
    const char *cursor = find_value(&all, "cursor");
    if (cursor != NULL && !open_cursor(x, &all, cursor, args)) {
        problem_answer(x, PROBLEM_CURSOR, NULL, "begin again without it");
        return false;
    }
    return true;
}
