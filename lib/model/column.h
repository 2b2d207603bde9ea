/*
 * column.h - the few macros in which the const tables of the records are written.
 */
#ifndef HF_MODEL_COLUMN_H
#define HF_MODEL_COLUMN_H

#include "model/records.h"
#include "model/tables.h"

#define HF__COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

/* How many names a list has: without the NULL at its end. */
#define HF__NAMES(list) (HF__COUNT(list) - 1)

/* COLUMN(struct, field, "sql_name", TYPE) */
#define COLUMN(record, field, sql, kind)                                                           \
    {                                                                                              \
        .name = (sql), .type = HF_COLUMN_##kind, .offset = offsetof(record, field)                 \
    }

/* The same, filled in by the engine's clock. */
#define CLOCK_COLUMN(record, field, sql)                                                           \
    {                                                                                              \
        .name = (sql), .type = HF_COLUMN_TIME, .offset = offsetof(record, field),                  \
        .flags = HF_COLUMN_ENGINE_TIME                                                             \
    }

/* What an epoch is called depends on how often the store was opened. */
#define EPOCH_COLUMN(record, field, sql)                                                           \
    {                                                                                              \
        .name = (sql), .type = HF_COLUMN_U64, .offset = offsetof(record, field),                   \
        .flags = HF_COLUMN_ENGINE_TIME                                                             \
    }

/* Which engine it was differs from one run to the next, too. */
#define OWN_COLUMN(record, field, sql, kind)                                                       \
    {                                                                                              \
        .name = (sql), .type = HF_COLUMN_##kind, .offset = offsetof(record, field),                \
        .flags = HF_COLUMN_ENGINE_TIME                                                             \
    }

/* A column that tables of an older schema do not have: at the end of its table. */
#define COLUMN_SINCE(version, record, field, sql, kind)                                            \
    {                                                                                              \
        .name = (sql), .type = HF_COLUMN_##kind, .offset = offsetof(record, field),                \
        .since = (version)                                                                         \
    }

#define ENUM_COLUMN(record, field, sql, values)                                                    \
    {                                                                                              \
        .name = (sql), .type = HF_COLUMN_ENUM, .offset = offsetof(record, field),                  \
        .name_count = HF__NAMES(values), .names = (values)                                         \
    }

/*
 * Columns that schemas before `version` declared otherwise: under the name `before`, with the enum
 * names `before`, and as a number without names.
 */
#define COLUMN_RENAMED(version, record, field, sql, kind, before)                                  \
    {                                                                                              \
        .name = (sql), .type = HF_COLUMN_##kind, .offset = offsetof(record, field),                \
        .renamed = (version), .was = &(const hf_column)COLUMN(record, field, before, kind)         \
    }
#define ENUM_COLUMN_RENAMED(version, record, field, sql, values, before)                           \
    {                                                                                              \
        .name = (sql), .type = HF_COLUMN_ENUM, .offset = offsetof(record, field),                  \
        .name_count = HF__NAMES(values), .names = (values), .renamed = (version),                  \
        .was = &(const hf_column)ENUM_COLUMN(record, field, sql, before)                           \
    }
#define NAMED_COLUMN_SINCE(version, record, field, sql, values)                                    \
    {                                                                                              \
        .name = (sql), .type = HF_COLUMN_U32, .offset = offsetof(record, field),                   \
        .name_count = HF__NAMES(values), .names = (values), .renamed = (version),                  \
        .was = &(const hf_column)COLUMN(record, field, sql, U32)                                   \
    }

/*
 * The columns of a table are one list of X(ordinal, column), where the column is written by one of
 * the macros above. COLUMNS makes of it the array NAME_columns and the ordinals, which its key and
 * indexes name.
 */
#define COLUMN_ENTRY(ordinal, ...)   __VA_ARGS__,
#define COLUMN_ORDINAL(ordinal, ...) ordinal,
#define COLUMNS(name, LIST)                                                                        \
    static const hf_column name##_columns[] = {LIST(COLUMN_ENTRY)};                                \
    enum { LIST(COLUMN_ORDINAL) }

/*
 * In such a list: the four columns of an account named inside a record, each name with a prefix.
 * The ordinals begin with `first`.
 */
/* NOLINTBEGIN(bugprone-macro-parentheses): the prefix is pasted to a string literal */
#define ACCOUNT_COLUMNS(X, first, record, field, prefix)                                           \
    X(first##_KIND, ENUM_COLUMN(record, field.kind, prefix "kind", hf__kind_names))                \
    X(first##_NAME, COLUMN(record, field.name, prefix "name", NAME))                               \
    X(first##_PLACE, COLUMN(record, field.place, prefix "place", NAME))                            \
    X(first##_UNIT, COLUMN(record, field.unit, prefix "unit", NAME))
/* NOLINTEND(bugprone-macro-parentheses) */

/* INDEX("name", columns): every row. INDEX_WHERE: rows where a column is set or in a state mask. */
#define INDEX(sql, cols)                                                                           \
    {                                                                                              \
        .name = (sql), .columns = (cols), .column_count = HF__COUNT(cols), .where_column = -1      \
    }
#define INDEX_WHERE(sql, cols, where, mask)                                                        \
    {                                                                                              \
        .name = (sql), .columns = (cols), .column_count = HF__COUNT(cols),                         \
        .where_column = (where), .where_mask = (mask)                                              \
    }

#define BIT(value) (1u << (value))

/* Names of enum values, by value, NULL at the end. Shared with the shapes of lib/api. */
extern const char *const hf__kind_names[5];
extern const char *const hf__order_state_names[8];
extern const char *const hf__hold_state_names[7];
extern const char *const hf__hold_state_names_3[7]; /* up to schema 3 */
extern const char *const hf__payment_state_names[7];
extern const char *const hf__settle_names[4];
extern const char *const hf__method_names[3];
extern const char *const hf__adjustment_names[7];
extern const char *const hf__fact_names[9];
extern const char *const hf__subject_names[11];
extern const char *const hf__purge_names[4];
extern const char *const hf__txn_kind_names[4];
extern const char *const hf__txn_state_names[7];
extern const char *const hf__branch_state_names[10];
extern const char *const hf__phase_names[5];
extern const char *const hf__answer_names[9];
extern const char *const hf__command_names[6];
extern const char *const hf__event_type_names[208]; /* by hf_op_type and HF_EVENT_*, with gaps */

#endif
