/*
 * replay.c - executes operations from a file or standard input, many in flight.
 *
 * Happy path: lines are read into a group (one operation, or a linked chain), the group is
 * submitted whole; answers are taken as they come. The engine keeps the order of submission, so
 * the number in flight changes the speed, never the result. Reads see what has been answered, so
 * everything before a read is waited for; a read is waited for too, so that it sees nothing that
 * comes behind it.
 *
 * With --clock the engine's clock is virtual and follows the lines: before a line of a later time
 * everything that is in flight is waited for, then the clock goes on to it.
 *
 * SIGINT and SIGTERM stop the reading between two groups; a chain that is not whole is not
 * submitted. A second one ends the program at once.
 *
 * Failure modes: a wrong line ends the reading; what was submitted before it is still answered and
 * told. A full queue is waited out. An engine that cannot go on ends it.
 */
#include "answers.h"
#include "memory.h"
#include "ops_json.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TAKE_MAX = 256, POKE_EVERY = 32 };

typedef struct replay {
    session session;
    const options *opt;
    FILE *in;
    uint64_t line;
    uint64_t bytes_read;
    uint64_t bytes_all; /* 0: not known */
    uint64_t in_flight;
    uint64_t groups;
    uint64_t line_done; /* the last line of what was submitted, or of empty lines behind it */
    hf_op group[HF_CHAIN_MAX];
    int64_t group_ms; /* the latest time of its lines; 0: none has one */
    int64_t now_ms;   /* --clock: of the engine's clock */
    uint32_t group_count;
    ops_memory memory;
    answers answers;
} replay;

/* ---- Interruption ---------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* Without SA_RESTART: a reading that waits for input ends. The second signal is the default one. */
static void watch_interrupts(sigset_t *signals)
{
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    (void)sigemptyset(signals);
    (void)sigaddset(signals, SIGINT);
    (void)sigaddset(signals, SIGTERM);
    action.sa_mask = *signals;
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

/* Where a virtual clock begins: at the last time that the store has, 1 for a new one. */
static int64_t store_time(replay *r)
{
    hf_account_list_args args;
    hf_completion done;
    hf_account_list_init(&args);
    args.limit = 1;
    session_call(&r->session, HF_OP_ACCOUNT_LIST, &args, &done);
    return done.at_ms > 1 ? done.at_ms : 1;
}

/* The engine's threads take no such signal, so that it reaches the thread that reads. */
static int open_session(replay *r)
{
    sigset_t signals;
    watch_interrupts(&signals);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    int result = session_open(&r->session, r->opt);
    (void)pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
    if (result == EXIT_DONE && r->opt->clock)
        r->now_ms = store_time(r);
    return result;
}

/* ---- Answers --------------------------------------------------------------------------------- */

static void take_answers(replay *r)
{
    hf_completion done[TAKE_MAX];
    int count;
    do {
        count = hf_completions(r->session.engine, done, TAKE_MAX);
        for (int i = 0; i < count; i++)
            answers_take(&r->answers, &done[i]);
        r->in_flight -= count > 0 ? (uint64_t)count : 0;
    } while (count == TAKE_MAX);
    if (count < 0) {
        r->answers.fatal = count;
        r->in_flight = 0;
    }
    progress_show(&r->answers.bar, r->bytes_read, r->bytes_all);
}

static void wait_for(replay *r, uint64_t in_flight_max)
{
    while (r->in_flight > in_flight_max) {
        session_wait(&r->session);
        take_answers(r);
    }
}

/* ---- Submitting ------------------------------------------------------------------------------ */

/* A group that was not accepted is refused as a whole: the culprit by name, the rest as chain. */
static void refuse_group(replay *r, int error, const int32_t *errors)
{
    char detail[512]; /* a view until the next call on the engine */
    (void)snprintf(detail, sizeof(detail), "%s", hf_engine_detail(r->session.engine));
    wait_for(r, 0); /* answers are told in the order of the lines */
    uint32_t culprit = 0;
    for (uint32_t i = 0; i < r->group_count; i++)
        if (errors[i] != 0)
            culprit = i;
    for (uint32_t i = 0; i < r->group_count; i++) {
        const hf_op_head *head = r->group[i].args;
        hf_completion done = {.user_data = r->group[i].user_data,
                              .type = r->group[i].type,
                              .status = i == culprit ? error : HF_E_CHAIN,
                              .id = head->id,
                              .detail = i == culprit ? detail : ""};
        answers_take(&r->answers, &done);
    }
}

/* clang-format off */
static const bool is_read[] = {
    [HF_OP_ITEM_GET] = true, [HF_OP_ITEM_LIST] = true, [HF_OP_ACCOUNT_GET] = true,
    [HF_OP_ACCOUNT_LIST] = true, [HF_OP_HOLD_GET] = true, [HF_OP_ORDER_GET] = true,
    [HF_OP_ORDER_LIST] = true, [HF_OP_PAYMENT_GET] = true, [HF_OP_PAYMENT_FIND] = true,
    [HF_OP_PAYMENT_LIST] = true, [HF_OP_ATTENTION_LIST] = true, [HF_OP_EVENTS_READ] = true,
    [HF_OP_CURSOR_GET] = true, [HF_OP_STATEMENT] = true, [HF_OP_TXN_GET] = true,
    [HF_OP_TXN_LIST] = true, [HF_OP_TXN_HISTORY] = true, [HF_OP_NODES_LIST] = true,
    [HF_OP_UNIT_LIST] = true,
};
/* clang-format on */

/* Goes on to the time of the group, which is not before the clock's. */
static void follow_clock(replay *r)
{
    if (!r->opt->clock || r->group_ms <= r->now_ms)
        return;
    wait_for(r, 0);
    int error = hf_clock_advance(r->session.engine, r->group_ms - r->now_ms);
    if (error != 0 && r->answers.fatal == 0)
        r->answers.fatal = error;
    r->now_ms = r->group_ms;
}

static void submit_group(replay *r)
{
    follow_clock(r);
    int32_t errors[HF_CHAIN_MAX] = {0};
    uint32_t type = r->group[0].type;
    bool alone =
        r->opt->stop_on_refusal || (type < sizeof(is_read) / sizeof(is_read[0]) && is_read[type]);
    uint64_t window = alone ? 0 : (uint64_t)r->opt->window;
    wait_for(r, window > r->group_count ? window - r->group_count : 0);
    int accepted = hf_submit(r->session.engine, r->group, r->group_count, errors);
    while (accepted == HF_E_OVERLOADED && r->in_flight > 0) {
        wait_for(r, r->in_flight - 1);
        accepted = hf_submit(r->session.engine, r->group, r->group_count, errors);
    }
    if (accepted < 0)
        refuse_group(r, accepted, errors);
    else
        r->in_flight += (uint64_t)accepted;
    if (alone) {
        wait_for(r, 0);
    } else if (++r->groups % POKE_EVERY == 0) {
        (void)hf_loop_run_once(r->session.loop, 0);
        take_answers(r); /* wait_for would wait for more than what came now */
    }
    r->group_count = 0;
    r->group_ms = 0;
    r->line_done = r->line;
    ops_clear(&r->memory);
}

/* ---- Lines ----------------------------------------------------------------------------------- */

static int wrong_line(const replay *r, size_t column, const char *text)
{
    return fail(EXIT_INPUT, "%s:%" PRIu64 ":%zu: %s", r->answers.path, r->line, column, text);
}

/* A time ahead of the real one is refused: no engine could open the store before it has come. */
static int take_time(replay *r, const ops_line *line)
{
    struct timespec wall;
    (void)clock_gettime(CLOCK_REALTIME, &wall);
    if (line->at_ms > (int64_t)wall.tv_sec * 1000 + 999)
        return wrong_line(r, line->at_ms_column, "at_ms: is in the future");
    if (line->at_ms == 0 && r->group_ms == 0 && r->now_ms == 1)
        return wrong_line(r, 1,
                          "at_ms: is missing: with --clock the first line of a new store has it");
    if (line->at_ms > r->group_ms)
        r->group_ms = line->at_ms;
    return EXIT_DONE;
}

static int take_line(replay *r, const char *text, size_t bytes)
{
    if (strspn(text, " \t\r\n") == bytes) {
        r->line_done = r->group_count == 0 ? r->line : r->line_done;
        return EXIT_DONE;
    }
    ops_error error;
    ops_line line = {.op.user_data = r->line};
    if (!ops_read(&r->memory, text, bytes, &line, &error))
        return wrong_line(r, error.column, error.text);
    if (r->opt->clock) {
        int result = take_time(r, &line);
        if (result != EXIT_DONE)
            return result;
    }
    r->group[r->group_count++] = line.op;
    if ((line.op.flags & HF_OP_LINKED) == 0)
        submit_group(r);
    else if (r->group_count == HF_CHAIN_MAX)
        return wrong_line(r, 1, "the chain is longer than 64 operations");
    return EXIT_DONE;
}

static int read_lines(replay *r)
{
    char *text = NULL;
    size_t room = 0;
    int result = EXIT_DONE;
    ssize_t bytes;
    while (result == EXIT_DONE && r->answers.fatal == 0 &&
           !(r->opt->stop_on_refusal && r->answers.refused > 0) && !interrupted &&
           (bytes = getline(&text, &room, r->in)) >= 0 && !interrupted) {
        r->line++;
        r->bytes_read += (uint64_t)bytes;
        if (text[bytes - 1] == '\n')
            text[--bytes] = '\0';
        result = take_line(r, text, (size_t)bytes);
    }
    free(text);
    if (interrupted && result == EXIT_DONE) {
        wait_for(r, 0);
        return EXIT_INTERRUPTED;
    }
    if (result == EXIT_DONE && ferror(r->in))
        result = fail(EXIT_INPUT, "%s: cannot be read", r->answers.path);
    if (result == EXIT_DONE && feof(r->in) && r->group_count > 0)
        result = wrong_line(r, 1, "the chain is not ended: the last operation is linked");
    wait_for(r, 0);
    return result;
}

static void measure(replay *r)
{
    if (fseeko(r->in, 0, SEEK_END) != 0)
        return;
    r->bytes_all = (uint64_t)ftello(r->in);
    (void)fseeko(r->in, 0, SEEK_SET);
}

static int run(replay *r)
{
    int result = open_session(r);
    if (result != EXIT_DONE)
        return result;
    progress_begin(&r->answers.bar, "replay");
    result = read_lines(r);
    progress_end(&r->answers.bar);
    answers_summary(&r->answers);
    if (result == EXIT_DONE && r->answers.fatal == 0 && r->opt->verify)
        result = session_verify(&r->session, r->answers.json);
    session_close(&r->session);
    result = finish_output(result);
    if (result == EXIT_INTERRUPTED && r->answers.fatal == 0)
        return fail(EXIT_INTERRUPTED,
                    "%s: interrupted; %" PRIu64 " lines were read and answered, go on from line "
                    "%" PRIu64,
                    r->answers.path, r->line_done, r->line_done + 1);
    if ((result == EXIT_DONE || result == EXIT_INTERRUPTED) && r->answers.fatal != 0)
        result = fail_with("replay", r->answers.fatal, "");
    if (result == EXIT_DONE && r->answers.refused > 0)
        result = EXIT_REFUSED;
    return result;
}

int command_replay(const options *opt)
{
    const char *path = opt->names[0];
    replay *r = take_memory(1, sizeof(*r));
    r->opt = opt;
    r->answers.path = path;
    r->answers.json = opt->json != 0;
    r->answers.verbose = opt->verbose != 0;
    bool standard = strcmp(path, "-") == 0;
    r->in = standard ? stdin : fopen(path, "rb");
    int result = EXIT_INPUT;
    if (r->in == NULL) {
        (void)fail(EXIT_INPUT, "%s: %s", path, strerror(errno));
    } else {
        if (!standard)
            measure(r);
        result = run(r);
        if (!standard)
            (void)fclose(r->in);
    }
    ops_fini(&r->memory);
    free(r);
    return result;
}
