/*
 * cli.h - what the commands of the holdfast tool share: options, exit codes, one open engine.
 *
 * The tool uses the public headers only, and the completion queue, so that it needs no event loop
 * of its own.
 */
#ifndef CLI_H
#define CLI_H

#include <holdfast.h>
#include <stdbool.h>
#include <stdint.h>

/* Exit codes; documented in `holdfast --help` and FORMAT.md. */
enum {
    EXIT_DONE = 0,          /* everything was done, nothing was found */
    EXIT_REFUSED = 1,       /* operations refused, records not found, findings, a damaged journal */
    EXIT_USAGE = 2,         /* the command line is wrong */
    EXIT_INPUT = 3,         /* the input is wrong; the message names its line and column */
    EXIT_STORE = 4,         /* the store or the engine failed */
    EXIT_OUTPUT = 5,        /* the output could not be written */
    EXIT_INTERRUPTED = 130, /* by Ctrl-C; what was in flight has ended */
};

/* Options and arguments of a command. */
typedef struct options {
    const char *store; /* NULL: not given */
    const char *customer;
    const char *state;
    const char *reference;
    const char *after;
    const char *provider;
    const char *order;
    const char *from;
    const char *until;
    const char *kind;
    const char *place;
    const char *unit;
    const char *which;
    const char *participant;
    const char *actor;
    const char *reason;
    const char *answer;
    const char *spread; /* bench */
    const char *form;
    const char *durability;
    const char *replacement;    /* erase */
    const char *log;            /* a level; NULL: warn */
    const char *clock_set_back; /* who sets the stored time back; NULL: nobody */
    const char *metrics;        /* the file of figures; NULL: not given */
    int64_t seconds;
    int64_t orders;
    int64_t rate;
    int64_t entries; /* cache-sim; 0: not given */
    int64_t rounds;  /* top; 0: without end */
    int64_t branch;
    int64_t older_than;
    int64_t version;
    int64_t seq; /* -1: not given */
    int64_t limit;
    int64_t window;
    int64_t stock_percent;
    int64_t json; /* switches: 0 or 1 */
    int64_t verbose;
    int64_t stop_on_refusal;
    int64_t newest;
    int64_t verify;
    int64_t clock;
    int64_t clock_continue;
    int64_t without_journal;
    int64_t with_ref;
    int64_t follow; /* events */
    int64_t help;
    char **names; /* what follows the options */
    int name_count;
} options;

/* An open engine and what was asked of it. */
typedef struct session {
    struct uv_loop_s *loop;
    hf_engine *engine;
} session;

/* A command's function; its result is an exit code. */
typedef int (*command_run)(const options *opt);

int command_replay(const options *opt);
int command_import_retail(const options *opt);
int command_show(const options *opt);
int command_list(const options *opt);
int command_events(const options *opt);
int command_transactions(const options *opt);
int command_cursor(const options *opt);
int command_erase(const options *opt);
int command_nodes(const options *opt);
int command_verify(const options *opt);
int command_backup(const options *opt);
int command_restore(const options *opt);
int command_bench(const options *opt);
int command_journal(const options *opt);
int command_cache_sim(const options *opt);
int command_status(const options *opt);
int command_top(const options *opt);
int command_completion(const options *opt);

/* The value behind an upper-case name of a field of an operation; EXIT_USAGE: there is no such. */
int read_name(uint32_t type, const char *field, const char *text, uint32_t *out);

/* The number of an event behind --after; EXIT_USAGE: it is none. */
int read_seq(const char *text, uint64_t *out);

/* The same for transactions; names[0] is what is listed or shown. */
int command_list_txns(const options *opt);
int command_show_txns(const options *opt);

/* Prints "holdfast: ..." and a newline to standard error; gives `code` back. */
int fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* fail() for an error of the library: "what: NAME: text (detail)", with EXIT_STORE. */
int fail_with(const char *what, int error, const char *detail);

/* What a command does for one name; adds a row to the table. EXIT_DONE, EXIT_REFUSED or worse. */
struct table;
typedef int (*name_act)(session *s, const options *opt, uint32_t kind, const char *name,
                        struct table *t);

/*
 * Executes `act` for each name behind the first, prints the table as the options say, and destroys
 * it. `kind` is passed on. The exit code; names.c.
 */
int for_each_name(const options *opt, uint32_t kind, name_act act, struct table *t);

/* Receives the engine's log lines and prints them to standard error. */
void log_line(void *data, uint32_t level, const char *text);

/* The hf_log_level behind --log; NULL: that of warnings. EXIT_USAGE: there is no such level. */
int read_log_level(const char *text, uint32_t *out);

/* Opens opt->store, or makes it; EXIT_DONE, or the code of a failure that has been reported. */
int session_open(session *s, const options *opt);

/* Whether the URL names a file that is not there; what else is wrong with it, the engine
   reports. */
bool session_absent(const char *url);

/* session_open for commands that need a store: a mistyped path must not become an empty one. */
int session_look(session *s, const options *opt);

/*
 * The same for commands that only read: nothing is written, and no right to write is needed. A
 * store of an older version is opened for writing all the same, which migrates it, and so is one
 * with an option that writes (--without-journal, --clock-continue, --clock-set-back).
 */
int session_read(session *s, const options *opt);

/*
 * The same for who looks again and again: when another program changes the store faster than it
 * can be opened, *busy is true, EXIT_DONE is returned and nothing is open.
 */
int session_read_or_busy(session *s, const options *opt, bool *busy);

/* EXIT_DONE when a store is named and there, as far as can be seen; else the failure was
   reported. */
int look_for_store(const options *opt);

/* Closes what session_open opened; takes a session that was never opened. */
void session_close(session *s);

/* Runs the loop until something has happened. */
void session_wait(session *s);

/*
 * One operation, waited for. Its status is done->status also when it was not accepted; what *done
 * points to lives until the next call on the session.
 */
void session_call(session *s, uint32_t type, const void *args, hf_completion *done);

/* Checks the store and prints what was found: EXIT_DONE, EXIT_REFUSED for findings, or a failure.
 */
int session_verify(session *s, bool json);

/* Writes out what is buffered; EXIT_OUTPUT when that fails, else `code`. */
int finish_output(int code);

#endif
