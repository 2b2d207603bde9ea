/*
 * cursors.c - what operators do to the cursors of consumers: resetting and removing them.
 *
 * Happy path: each consumer is one operation, and its cursor is printed as it is then; of a removed
 * one as it was. Failure modes: a cursor that is not there, or a number that no event has yet, is
 * printed as an error, and the operation is executed for the other consumers.
 */
#include "cli.h"
#include "record.h"

#include <string.h>

static int act(session *s, const options *opt, uint32_t type, const char *consumer, table *t)
{
    union {
        hf_op_head head;
        hf_cursor_reset_args reset;
        hf_cursor_remove_args remove;
    } args;
    if (type == HF_OP_CURSOR_RESET)
        hf_cursor_reset_init(&args.reset, consumer, (uint64_t)opt->seq);
    else
        hf_cursor_remove_init(&args.remove, consumer);
    args.head.actor = opt->actor;
    hf_completion done;
    session_call(s, type, &args, &done);
    if (hf_error_class(done.status) == HF_CLASS_REJECTED)
        return fail(EXIT_REFUSED, "%s", done.detail);
    if (done.status != 0)
        return fail_with(consumer, done.status, done.detail);
    record_row(t, &view_cursors, done.result, NULL, NULL);
    return EXIT_DONE;
}

int command_cursor(const options *opt)
{
    bool reset = strcmp(opt->names[0], "reset") == 0;
    if (!reset && strcmp(opt->names[0], "remove") != 0)
        return fail(EXIT_USAGE, "'%s' is none of reset, remove", opt->names[0]);
    if (opt->actor == NULL)
        return fail(EXIT_USAGE, "give --actor: the event keeps who did it");
    if (reset != (opt->seq >= 0))
        return fail(EXIT_USAGE, reset ? "give --seq: the last event that counts as handled"
                                      : "--seq does not belong to remove");
    return for_each_name(opt, reset ? HF_OP_CURSOR_RESET : HF_OP_CURSOR_REMOVE, act,
                         record_table(&view_cursors));
}
