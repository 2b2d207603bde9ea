/*
 * structure.c - whether a file declares what this version expects.
 *
 * The texts in sqlite_schema must be those that declare.c makes, letter for letter: a table that
 * lacks a check, an index with another order or a trigger would break what the rows promise.
 * Nothing is written here.
 */
#include "store/sqlite/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int hf__sqlite_ask(hf__sqlite_connection *connection, const char *sql, char *out, size_t bytes)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(connection->db, sql, -1, &statement, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    const void *text = result == SQLITE_ROW ? sqlite3_column_text(statement, 0) : NULL;
    (void)snprintf(out, bytes, "%s", text != NULL ? (const char *)text : "");
    const int error = hf__sqlite_error(connection, result, sql);
    (void)sqlite3_finalize(statement);
    return error;
}

int hf__sqlite_stored(hf__sqlite_connection *connection, const char *type, const char *name,
                      const char *expected, bool *found, bool *same)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(connection->db,
                                    "SELECT sql FROM sqlite_schema WHERE type = ?1 AND name = ?2",
                                    -1, &statement, NULL);
    *found = false;
    *same = false;
    if (result == SQLITE_OK)
        result = sqlite3_bind_text(statement, 1, type, -1, SQLITE_STATIC);
    if (result == SQLITE_OK)
        result = sqlite3_bind_text(statement, 2, name, -1, SQLITE_STATIC);
    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    if (result == SQLITE_ROW) {
        const void *text = sqlite3_column_text(statement, 0);
        *found = true;
        *same = text != NULL && strcmp(text, expected) == 0;
    }
    const int error = hf__sqlite_error(connection, result, "reading the declarations");
    (void)sqlite3_finalize(statement);
    return error;
}

static int differs(hf__sqlite_connection *connection, const hf__sqlite_object *object,
                   const char *how)
{
    return hf__store_fail(connection->error, HF_E_CORRUPT, 0, "%.120s: %s %s %s",
                          connection->store->path, object->type, object->name, how);
}

static int check_object(hf__sqlite_connection *connection, const hf__sqlite_object *object,
                        const char *sql)
{
    bool found = false;
    bool same = false;
    const int error = hf__sqlite_stored(connection, object->type, object->name, sql, &found, &same);
    if (error != 0)
        return error;
    if (!found)
        return differs(connection, object, "is missing");
    return same ? 0 : differs(connection, object, "is declared otherwise");
}

int hf__sqlite_declared(hf__sqlite_connection *connection)
{
    hf__sqlite_object object;
    hf__sqlite_text sql;
    int64_t count = 0;
    int64_t expected = 0;
    int error = 0;
    hf__sqlite_text_init(&sql, connection->sql, HF__SQLITE_SQL_MAX);
    for (uint32_t n = 0;
         error == 0 && hf__sqlite_object_at(connection->store->schema, n, &object, &sql); n++) {
        error = check_object(connection, &object, sql.start);
        expected++;
    }
    if (error == 0)
        error = hf__sqlite_number(connection,
                                  "SELECT count(*) FROM sqlite_schema "
                                  "WHERE substr(name, 1, 7) <> 'sqlite_'",
                                  0, &count);
    if (error == 0 && count != expected)
        return hf__store_fail(connection->error, HF_E_CORRUPT, 0,
                              "%.120s: declares more than this version made (%" PRId64
                              " things, expected %" PRId64 ")",
                              connection->store->path, count, expected);
    return error;
}

/* The bookkeeping alone: what every layout has. */
static int check_book(hf__sqlite_connection *connection)
{
    hf__sqlite_object object;
    hf__sqlite_text sql;
    hf__sqlite_text_init(&sql, connection->sql, HF__SQLITE_SQL_MAX);
    int error = 0;
    for (uint32_t n = 0; error == 0; n++) {
        if (!hf__sqlite_object_at(connection->store->schema, n, &object, &sql) ||
            object.table != UINT32_MAX || object.optional)
            break;
        error = check_object(connection, &object, sql.start);
    }
    return error;
}

int hf__sqlite_structure(hf__sqlite_connection *connection, bool *older)
{
    const hf__sqlite_store *store = connection->store;
    hf_store_mark mark;
    uint32_t schema = 0;
    uint32_t layout = 0;
    int64_t version = 0;
    int error = hf__sqlite_number(connection, "PRAGMA user_version", 0, &version);
    if (error == 0 && version > store->schema->version)
        return hf__store_fail(connection->error, HF_E_SCHEMA, 0,
                              "%.120s: was written by a newer version (schema %" PRId64
                              ", this one knows %u); open it with a library that knows it",
                              store->path, version, store->schema->version);
    if (error == 0)
        error = check_book(connection);
    if (error == 0)
        error = hf__sqlite_mark_get(connection, &mark, &schema, &layout);
    if (error != 0)
        return error;
    if (layout > HF__SQLITE_LAYOUT)
        return hf__store_fail(connection->error, HF_E_SCHEMA, 0,
                              "%.120s: was written by a newer version (layout %u); open it with a "
                              "library that knows it",
                              store->path, layout);
    if (schema != version)
        return hf__store_fail(connection->error, HF_E_CORRUPT, 0,
                              "%.120s: says it is of schema %" PRId64 " and of schema %u",
                              store->path, version, schema);
    *older = schema < store->schema->version || layout < HF__SQLITE_LAYOUT;
    return *older ? 0 : hf__sqlite_declared(connection);
}
