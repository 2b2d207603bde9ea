/*
 * event.c - arguments of the event, cursor, statement and maintenance operations.
 */
#include "api/shapes/shapes.h"

/* clang-format off */
static const hf_field expect_fields[] = {
    HEAD(hf_expect_args),
    ENUM(hf_expect_args, subject, HF_SUBJECT_ACCOUNT, HF_SUBJECT_HOLD, hf__arg_subjects),
    NUMBER(hf_expect_args, state, U32, 0, 6, HF_E_ENUM),
    ID_OPT(hf_expect_args, id),
    KEY_OPT(hf_expect_args, key),
    NUMBER(hf_expect_args, available_min, I64, INT64_MIN, INT64_MAX, HF_E_AMOUNT),
};

static const hf_field retention_fields[] = {
    HEAD(hf_retention_args),
    TIME(hf_retention_args, before_ms, HF_E_ARGUMENT),
    LIMIT(hf_retention_args, 4096),
};

static const hf_field events_read_fields[] = {
    HEAD(hf_events_read_args),
    SEQ(hf_events_read_args, after_seq),
    ID_OPT(hf_events_read_args, subject),
    NUMBER(hf_events_read_args, type, U32, 0, UINT32_MAX, HF_E_ENUM),
    LIMIT(hf_events_read_args, 256),
};

static const hf_field cursor_put_fields[] = {
    HEAD(hf_cursor_put_args),
    NAME(hf_cursor_put_args, consumer),
    SEQ(hf_cursor_put_args, seq),
};

static const hf_field cursor_get_fields[] = {
    HEAD(hf_cursor_get_args),
    NAME(hf_cursor_get_args, consumer),
};

static const hf_field cursor_list_fields[] = {
    HEAD(hf_cursor_list_args),
    NAME_OPT(hf_cursor_list_args, after),
    LIMIT(hf_cursor_list_args, 256),
};

static const hf_field cursor_reset_fields[] = {
    HEAD(hf_cursor_reset_args),
    NAME(hf_cursor_reset_args, consumer),
    SEQ(hf_cursor_reset_args, seq),
};

static const hf_field cursor_remove_fields[] = {
    HEAD(hf_cursor_remove_args),
    NAME(hf_cursor_remove_args, consumer),
};

static const hf_field statement_fields[] = {
    HEAD(hf_statement_args),
    KEY(hf_statement_args, account),
    SEQ(hf_statement_args, after_seq),
    LIMIT(hf_statement_args, 256),
    NUMBER(hf_statement_args, after_no, U32, 0, UINT32_MAX, HF_E_ARGUMENT),
};
/* clang-format on */

void hf_expect_init(hf_expect_args *args)
{
    if (hf__args_init(args, sizeof *args))
        args->available_min = INT64_MIN;
}

void hf_retention_init(hf_retention_args *args)
{
    if (hf__args_init(args, sizeof *args))
        args->limit = 256;
}

void hf_events_read_init(hf_events_read_args *args)
{
    if (hf__args_init(args, sizeof *args))
        args->limit = 256;
}

void hf_cursor_put_init(hf_cursor_put_args *args, const char *consumer, uint64_t seq)
{
    if (!hf__args_init(args, sizeof *args))
        return;
    args->consumer = consumer;
    args->seq = seq;
}

void hf_cursor_get_init(hf_cursor_get_args *args, const char *consumer)
{
    if (hf__args_init(args, sizeof *args))
        args->consumer = consumer;
}

void hf_cursor_list_init(hf_cursor_list_args *args)
{
    if (hf__args_init(args, sizeof *args))
        args->limit = 100;
}

void hf_cursor_reset_init(hf_cursor_reset_args *args, const char *consumer, uint64_t seq)
{
    if (!hf__args_init(args, sizeof *args))
        return;
    args->consumer = consumer;
    args->seq = seq;
}

void hf_cursor_remove_init(hf_cursor_remove_args *args, const char *consumer)
{
    if (hf__args_init(args, sizeof *args))
        args->consumer = consumer;
}

void hf_statement_init(hf_statement_args *args, uint32_t kind, const char *name, const char *unit)
{
    if (!hf__args_init(args, sizeof *args))
        return;
    args->account = hf_key_of(kind, name, "", unit);
    args->limit = 256;
}

static void init_expect(void *args)
{
    hf_expect_init(args);
}

static void init_retention(void *args)
{
    hf_retention_init(args);
}

static void init_events_read(void *args)
{
    hf_events_read_init(args);
}

static void init_cursor_put(void *args)
{
    hf_cursor_put_init(args, NULL, 0);
}

static void init_cursor_get(void *args)
{
    hf_cursor_get_init(args, NULL);
}

static void init_cursor_list(void *args)
{
    hf_cursor_list_init(args);
}

static void init_cursor_reset(void *args)
{
    hf_cursor_reset_init(args, NULL, 0);
}

static void init_cursor_remove(void *args)
{
    hf_cursor_remove_init(args, NULL);
}

static void init_statement(void *args)
{
    hf_statement_init(args, HF_KIND_MONEY, NULL, NULL);
}

/* clang-format off */
const hf_shape hf__shape_expect = SHAPE("expect", hf_expect_args, expect_fields, init_expect);
const hf_shape hf__shape_retention =
    SHAPE("retention", hf_retention_args, retention_fields, init_retention);
const hf_shape hf__shape_events_read =
    SHAPE("events_read", hf_events_read_args, events_read_fields, init_events_read);
const hf_shape hf__shape_cursor_put =
    SHAPE("cursor_put", hf_cursor_put_args, cursor_put_fields, init_cursor_put);
const hf_shape hf__shape_cursor_get =
    SHAPE("cursor_get", hf_cursor_get_args, cursor_get_fields, init_cursor_get);
const hf_shape hf__shape_cursor_list =
    SHAPE("cursor_list", hf_cursor_list_args, cursor_list_fields, init_cursor_list);
const hf_shape hf__shape_cursor_reset =
    SHAPE("cursor_reset", hf_cursor_reset_args, cursor_reset_fields, init_cursor_reset);
const hf_shape hf__shape_cursor_remove =
    SHAPE("cursor_remove", hf_cursor_remove_args, cursor_remove_fields, init_cursor_remove);
const hf_shape hf__shape_statement =
    SHAPE("statement", hf_statement_args, statement_fields, init_statement);
/* clang-format on */
