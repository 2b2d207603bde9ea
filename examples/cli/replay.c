/*
 * replay.c - executes operations from a file or standard input, many in flight.
 *
 * Happy path: lines are read into a group (one operation, or a linked chain), the group is
 * submitted whole; answers are taken as they come. The engine keeps the order of submission, so
 * the number in flight changes the speed, never the result. Reads see what has been answered,
 * so everything before a read is waited for; a read is waited for too, so that it sees nothing that
 * comes behind it.
 *
 * With --clock the engine's clock is virtual and follows the lines: before a line of a later time
 * everything that is in flight is waited for, then the clock advances to it.
 *
 * A group that ends with a RETRYABLE error is submitted once more, with fewer in flight, before
 * the next new line. Lines that were in flight beside such a group may be done before it.
 *
 * SIGINT and SIGTERM stop the reading between two groups; a chain that is not whole is not
 * submitted. A second signal ends the program at once.
 *
 * Failure modes: a wrong line ends the reading; what was submitted before it is still answered and
 * printed. A full queue is waited out. An engine that cannot continue ends it, and so does an
 * engine that answers nothing but RETRYABLE errors for a minute.
 */
#include "common/memory.h"
#include "common/ops_json.h"
#include "line_groups.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TAKE_MAX = 256, POKE_EVERY = 32 };

enum {
    PAUSE_FIRST_MS = 1,
    PAUSE_MAX_MS = 1000,
    PAUSE_TURN_MS = 10,     /* between two turns of the loop */
    PATIENCE_MS = 60 * 1000 /* without a single answer that ends a line */
};

typedef struct replay {
    session session;
    const options *opt;
    FILE *in;
    uint64_t line;
    uint64_t bytes_read;
    uint64_t bytes_all; /* 0: not known */
    uint64_t in_flight;
    uint64_t window; /* at most so many are in flight; less than --window after a repeat */
    uint64_t groups;
    uint64_t line_done; /* the last line of what was submitted, or of empty lines behind it */
    hf_op group[HF_CHAIN_MAX];
    line_group *line_group; /* the same group; NULL: it is empty */
    int64_t group_ms;       /* the latest time of its lines; 0: none has one */
    int64_t now_ms;         /* --clock: of the engine's clock */
    uint32_t group_count;
    ops_memory memory;
    ops_memory repeat_memory; /* of a group that is submitted once more */
    line_groups line_groups;
    answers answers;
} replay;

/* ---- Interruption ---------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;

static pthread_t reader; /* the thread that reads the lines */

static void on_wake(int number)
{
    (void)number;
}

/*
 * The first signal of either kind makes both kinds the default ones. Any thread may get it, also
 * one of the engine; the reading thread is woken up when it waits for input.
 */
static void on_interrupt(int number)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    (void)number;
    interrupted = 1;
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    if (!pthread_equal(pthread_self(), reader))
        (void)pthread_kill(reader, SIGUSR1);
}

/* Without SA_RESTART: a reading that waits for input ends. */
static void watch_interrupts(void)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    struct sigaction wake = {.sa_handler = on_wake};
    reader = pthread_self();
    (void)sigaction(SIGUSR1, &wake, NULL);
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

static int open_session(replay *r)
{
    watch_interrupts();
    int result = session_open(&r->session, r->opt);
    if (result == EXIT_DONE && r->opt->clock)
        r->now_ms = store_time(r);
    return result;
}

/* ---- Answers --------------------------------------------------------------------------------- */

/* Takes what is there, and waits for the first answer when none is. */
static void take_answers(replay *r)
{
    hf_completion done[TAKE_MAX];
    int count = hf_wait(r->session.engine, done, TAKE_MAX);
    for (int i = 0; i < count; i++)
        line_groups_answer(&r->line_groups, &done[i]);
    r->in_flight -= count > 0 ? (uint64_t)count : r->in_flight;
    if (count < 0 && r->answers.fatal == 0)
        r->answers.fatal = count;
    progress_show(&r->answers.bar, r->bytes_read, r->bytes_all);
}

static void wait_for(replay *r, uint64_t in_flight_max)
{
    while (r->in_flight > in_flight_max)
        take_answers(r);
}

/* ---- Submitting ------------------------------------------------------------------------------ */

/* A group that was not accepted is refused as a whole: the culprit by name, the rest as chain. */
static void refuse_group(replay *r, const hf_op *ops, uint32_t count, int error,
                         const int32_t *errors)
{
    char detail[512]; /* a view until the next call on the engine */
    (void)snprintf(detail, sizeof(detail), "%s", hf_engine_detail(r->session.engine));
    wait_for(r, 0); /* answers are printed in the order of the lines */
    uint32_t culprit = 0;
    for (uint32_t i = 0; i < count; i++)
        if (errors[i] != 0)
            culprit = i;
    for (uint32_t i = 0; i < count; i++) {
        const hf_op_head *head = ops[i].args;
        hf_completion done = {.user_data = ops[i].user_data,
                              .type = ops[i].type,
                              .status = i == culprit ? error : HF_E_CHAIN,
                              .id = head->id,
                              .detail = i == culprit ? detail : ""};
        line_groups_answer(&r->line_groups, &done);
    }
}

/* Submits a group when so many are in flight at most; a full queue is waited out. */
static void submit(replay *r, const hf_op *ops, uint32_t count, uint64_t window)
{
    int32_t errors[HF_CHAIN_MAX] = {0};
    wait_for(r, window > count ? window - count : 0);
    int accepted = hf_submit(r->session.engine, ops, count, errors);
    while (accepted == HF_E_OVERLOADED && r->in_flight > 0) {
        wait_for(r, r->in_flight - 1);
        accepted = hf_submit(r->session.engine, ops, count, errors);
    }
    if (accepted < 0)
        refuse_group(r, ops, count, accepted, errors);
    else
        r->in_flight += (uint64_t)accepted;
}

/* ---- Repeating ------------------------------------------------------------------------------- */

static void submit_again(replay *r, line_group *g)
{
    hf_op ops[HF_CHAIN_MAX];
    ops_error error;
    const char *text = g->text;
    line_group_reset(g);
    for (uint32_t i = 0; i < g->count; i++) {
        ops_line line = {.op.user_data = (uint64_t)g->index * HF_CHAIN_MAX + i};
        size_t bytes = strlen(text);
        (void)ops_read(&r->repeat_memory, text, bytes, &line, &error); /* as it was read before */
        ops[i] = line.op;
        text += bytes + 1;
    }
    submit(r, ops, g->count, r->window);
    ops_clear(&r->repeat_memory);
}

/* The engine continues meanwhile. */
static void pause_for(const replay *r, int64_t ms)
{
    for (int64_t slept = 0; slept < ms && !interrupted; slept += PAUSE_TURN_MS) {
        const int64_t part = ms - slept < PAUSE_TURN_MS ? ms - slept : PAUSE_TURN_MS;
        const struct timespec time = {.tv_nsec = (long)part * 1000000};
        (void)nanosleep(&time, NULL);
        (void)hf_loop_run_once(r->session.loop, 0);
    }
}

static uint64_t ended(const replay *r)
{
    return r->answers.done + r->answers.refused;
}

/* Gives the groups that are to be repeated their last answers instead. */
static void stop_repeating(replay *r)
{
    for (line_group *g = line_groups_take_again(&r->line_groups), *next; g != NULL; g = next) {
        next = g->next;
        line_groups_end(&r->line_groups, g);
    }
}

/* Waits until everything has ended, and repeats what may be repeated. */
static void wait_for_all(replay *r)
{
    int64_t paused = 0;
    int64_t pause = PAUSE_FIRST_MS;
    uint64_t before = ended(r);
    wait_for(r, 0);
    while (r->line_groups.again != NULL && !interrupted && r->answers.fatal == 0) {
        if (ended(r) == before) {
            pause_for(r, pause);
            paused += pause;
            pause = pause * 2 < PAUSE_MAX_MS ? pause * 2 : PAUSE_MAX_MS;
        } else {
            paused = 0;
            pause = PAUSE_FIRST_MS;
        }
        if (paused >= PATIENCE_MS)
            break;
        before = ended(r);
        r->window = r->window / 2 > 1 ? r->window / 2 : 1;
        for (line_group *g = line_groups_take_again(&r->line_groups), *next; g != NULL; g = next) {
            next = g->next;
            submit_again(r, g);
        }
        wait_for(r, 0);
    }
    if (!interrupted)
        stop_repeating(r);
}

/* ---- Groups ---------------------------------------------------------------------------------- */

/* clang-format off */
static const bool is_read[] = {
    [HF_OP_ITEM_GET] = true, [HF_OP_ITEM_LIST] = true, [HF_OP_ACCOUNT_GET] = true,
    [HF_OP_ACCOUNT_LIST] = true, [HF_OP_HOLD_GET] = true, [HF_OP_ORDER_GET] = true,
    [HF_OP_ORDER_LIST] = true, [HF_OP_PAYMENT_GET] = true, [HF_OP_PAYMENT_FIND] = true,
    [HF_OP_PAYMENT_LIST] = true, [HF_OP_ATTENTION_LIST] = true, [HF_OP_EVENTS_READ] = true,
    [HF_OP_CURSOR_GET] = true, [HF_OP_STATEMENT] = true, [HF_OP_TXN_GET] = true,
    [HF_OP_TXN_LIST] = true, [HF_OP_TXN_HISTORY] = true, [HF_OP_NODES_LIST] = true,
    [HF_OP_UNIT_LIST] = true, [HF_OP_CURSOR_LIST] = true, [HF_OP_UNIT_GET] = true,
};
/* clang-format on */

/* Advances to the time of the group, which is not before the clock's. */
static void follow_clock(replay *r)
{
    if (!r->opt->clock || r->group_ms <= r->now_ms)
        return;
    wait_for_all(r);
    int error = hf_clock_advance(r->session.engine, r->group_ms - r->now_ms);
    if (error != 0 && r->answers.fatal == 0)
        r->answers.fatal = error;
    r->now_ms = r->group_ms;
}

static void submit_group(replay *r)
{
    follow_clock(r);
    uint32_t type = r->group[0].type;
    bool alone =
        r->opt->stop_on_refusal || (type < sizeof(is_read) / sizeof(is_read[0]) && is_read[type]);
    if (alone || r->line_groups.again != NULL)
        wait_for_all(r);
    submit(r, r->group, r->group_count, r->window);
    if (r->window < (uint64_t)r->opt->window)
        r->window++;
    if (alone)
        wait_for_all(r);
    else if (++r->groups % POKE_EVERY == 0)
        (void)hf_loop_run_once(r->session.loop, 0);
    r->line_group = NULL;
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
    ops_line line = {.op.user_data = 0};
    if (!ops_read(&r->memory, text, bytes, &line, &error))
        return wrong_line(r, error.column, error.text);
    if (r->opt->clock) {
        int result = take_time(r, &line);
        if (result != EXIT_DONE)
            return result;
    }
    if (r->line_group == NULL)
        r->line_group = line_groups_begin(&r->line_groups);
    line.op.user_data = line_group_add(r->line_group, r->line, text, bytes);
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
    size_t capacity = 0;
    int result = EXIT_DONE;
    ssize_t bytes;
    while (result == EXIT_DONE && r->answers.fatal == 0 &&
           !(r->opt->stop_on_refusal && r->answers.refused > 0) && !interrupted &&
           (bytes = getline(&text, &capacity, r->in)) >= 0 && !interrupted) {
        r->line++;
        r->bytes_read += (uint64_t)bytes;
        if (text[bytes - 1] == '\n')
            text[--bytes] = '\0';
        result = take_line(r, text, (size_t)bytes);
    }
    free(text);
    if (interrupted && result == EXIT_DONE)
        return EXIT_INTERRUPTED;
    if (result == EXIT_DONE && ferror(r->in))
        result = fail(EXIT_INPUT, "%s: cannot be read", r->answers.path);
    if (result == EXIT_DONE && feof(r->in) && r->group_count > 0)
        result = wrong_line(r, 1, "the chain is not ended: the last operation is linked");
    return result;
}

/* Reads all lines and waits until they have ended. */
static int execute(replay *r)
{
    int result = read_lines(r);
    wait_for_all(r);
    uint64_t first = line_groups_first_again(&r->line_groups);
    if (first != 0)
        r->line_done = first - 1;
    return interrupted && result == EXIT_DONE ? EXIT_INTERRUPTED : result;
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
    result = execute(r);
    progress_end(&r->answers.bar);
    answers_summary(&r->answers);
    if (result == EXIT_DONE && r->answers.fatal == 0 && r->opt->verify)
        result = session_verify(&r->session, r->answers.json);
    session_close(&r->session);
    result = finish_output(result);
    if (result == EXIT_INTERRUPTED && r->answers.fatal == 0)
        return fail(EXIT_INTERRUPTED,
                    "%s: interrupted; %" PRIu64 " lines were read and answered, continue from line "
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
    r->line_groups.answers = &r->answers;
    r->window = (uint64_t)opt->window;
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
    ops_fini(&r->repeat_memory);
    line_groups_fini(&r->line_groups);
    free(r);
    return result;
}
