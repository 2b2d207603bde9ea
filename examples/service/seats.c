/*
 * seats.c - a service with a database of its own that takes part in transactions of holdfast.
 *
 *     table       what it keeps
 *     shows       seats in all, reserved by tries, sold by confirms
 *     bookings    what each try reserved
 *     barriers    one row for each transaction and branch, see hf_barrier_decide
 *
 * It reads one call a line from standard input and answers one line each:
 *
 *     PHASE TXN BRANCH ATTEMPT EPOCH SHOW SEATS      try 018f... 1 1 1 hamlet 2
 *     OK | REJECTED why | UNKNOWN why
 *
 * How calls come (HTTP, a queue, a pipe) is a service's own affair. What is not: the barrier's row
 * and the work are one database transaction, so calls may come twice, late, in any order, and from
 * an engine that was replaced.
 *
 * usage: seats DATABASE [SHOW=SEATS ...]
 */
#include <holdfast.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 256 };

/* One call, as it was read. */
typedef struct call {
    uint32_t phase;
    hf_id txn;
    uint64_t branch;
    uint64_t attempt;
    uint64_t epoch;
    char show[64];
    uint64_t seats;
} call;

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS shows (name TEXT PRIMARY KEY, seats INTEGER NOT NULL,"
    " reserved INTEGER NOT NULL DEFAULT 0, sold INTEGER NOT NULL DEFAULT 0,"
    " CHECK (reserved >= 0 AND reserved + sold <= seats)) STRICT;"
    "CREATE TABLE IF NOT EXISTS bookings (txn BLOB, branch INTEGER, show TEXT NOT NULL,"
    " seats INTEGER NOT NULL, PRIMARY KEY (txn, branch)) STRICT;"
    "CREATE TABLE IF NOT EXISTS barriers (txn BLOB NOT NULL, branch INTEGER NOT NULL,"
    " state INTEGER NOT NULL, attempt INTEGER NOT NULL, epoch INTEGER NOT NULL,"
    " PRIMARY KEY (txn, branch)) STRICT;";

static void stop_on(sqlite3 *db, int code)
{
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW)
        return;
    fprintf(stderr, "seats: %s\n", sqlite3_errmsg(db));
    exit(EXIT_FAILURE);
}

/* A statement with the call's transaction and branch as its first two parameters. */
static sqlite3_stmt *prepare(sqlite3 *db, const char *sql, const call *c)
{
    sqlite3_stmt *statement;
    stop_on(db, sqlite3_prepare_v2(db, sql, -1, &statement, NULL));
    stop_on(db, sqlite3_bind_blob(statement, 1, c->txn.bytes, sizeof c->txn.bytes, SQLITE_STATIC));
    stop_on(db, sqlite3_bind_int64(statement, 2, (int64_t)c->branch));
    return statement;
}

static int finish(sqlite3 *db, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    if (code != SQLITE_CONSTRAINT)
        stop_on(db, code);
    return code;
}

/* ---- The barrier ----------------------------------------------------------------------------- */

static hf_barrier load_barrier(sqlite3 *db, const call *c)
{
    hf_barrier row = {.state = HF_BARRIER_NONE};
    sqlite3_stmt *read =
        prepare(db, "SELECT state, attempt, epoch FROM barriers WHERE txn = ? AND branch = ?", c);
    if (sqlite3_step(read) == SQLITE_ROW) {
        row.state = (uint32_t)sqlite3_column_int(read, 0);
        row.attempt = (uint32_t)sqlite3_column_int(read, 1);
        row.epoch = (uint64_t)sqlite3_column_int64(read, 2);
    }
    sqlite3_finalize(read);
    return row;
}

static void store_barrier(sqlite3 *db, const call *c, const hf_barrier *row)
{
    sqlite3_stmt *write =
        prepare(db,
                "INSERT INTO barriers VALUES (?, ?, ?, ?, ?) ON CONFLICT (txn, branch) DO UPDATE"
                " SET state = excluded.state, attempt = excluded.attempt, epoch = excluded.epoch",
                c);
    stop_on(db, sqlite3_bind_int64(write, 3, row->state));
    stop_on(db, sqlite3_bind_int64(write, 4, row->attempt));
    stop_on(db, sqlite3_bind_int64(write, 5, (int64_t)row->epoch));
    (void)finish(db, write);
}

/* ---- The work -------------------------------------------------------------------------------- */

/* Reserves the seats of a try. False when the show has not as many: nothing is changed then. */
static bool reserve(sqlite3 *db, const call *c)
{
    sqlite3_stmt *take =
        prepare(db, "UPDATE shows SET reserved = reserved + ?3 WHERE name = ?4", c);
    stop_on(db, sqlite3_bind_int64(take, 3, (int64_t)c->seats));
    stop_on(db, sqlite3_bind_text(take, 4, c->show, -1, SQLITE_STATIC));
    if (finish(db, take) == SQLITE_CONSTRAINT || sqlite3_changes(db) == 0)
        return false;
    sqlite3_stmt *keep = prepare(db, "INSERT INTO bookings VALUES (?, ?, ?, ?)", c);
    stop_on(db, sqlite3_bind_text(keep, 3, c->show, -1, SQLITE_STATIC));
    stop_on(db, sqlite3_bind_int64(keep, 4, (int64_t)c->seats));
    (void)finish(db, keep);
    return true;
}

/* Sells or releases what the try reserved. */
static void settle(sqlite3 *db, const call *c, int sold)
{
    sqlite3_stmt *move =
        prepare(db,
                "UPDATE shows SET reserved = reserved - b.seats, sold = sold + b.seats * ?3"
                " FROM bookings b WHERE b.txn = ?1 AND b.branch = ?2 AND shows.name = b.show",
                c);
    stop_on(db, sqlite3_bind_int(move, 3, sold));
    (void)finish(db, move);
}

/* One call in one transaction of the database. */
static const char *answer(sqlite3 *db, const call *c)
{
    hf_barrier next;
    stop_on(db, sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL));
    hf_barrier row = load_barrier(db, c);
    const char *said = "OK";
    switch (hf_barrier_decide(&row, c->phase, (uint32_t)c->attempt, c->epoch, &next)) {
    case HF_BARRIER_DO:
        if (c->phase != HF_PHASE_TRY) {
            settle(db, c, c->phase == HF_PHASE_CONFIRM);
        } else if (!reserve(db, c)) {
            next.state = HF_BARRIER_NULL_CANCELLED; /* a copy of this call must not reserve */
            said = "REJECTED no such seats";
        }
        store_barrier(db, c, &next);
        break;
    case HF_BARRIER_SKIP:
        store_barrier(db, c, &next);
        break;
    case HF_BARRIER_REPEAT:
        break;
    default:
        said = "REJECTED too late";
        break;
    }
    stop_on(db, sqlite3_exec(db, "COMMIT", NULL, NULL, NULL));
    return said;
}

/* ---- Lines ----------------------------------------------------------------------------------- */

/* A whole number of 1..most. */
static bool read_number(const char *text, uint64_t most, uint64_t *out)
{
    char *end;
    *out = strtoull(text, &end, 10);
    return *end == '\0' && text[0] != '-' && *out > 0 && *out <= most;
}

static bool read_call(const char *line, call *c)
{
    static const char *const phases[] = {"try", "confirm", "cancel"};
    char phase[16];
    char txn[40];
    char numbers[4][24]; /* branch, attempt, epoch, seats */
    if (sscanf(line, "%15s %39s %23s %23s %23s %63s %23s", phase, txn, numbers[0], numbers[1],
               numbers[2], c->show, numbers[3]) != 7 ||
        hf_id_parse(txn, &c->txn) != 0)
        return false;
    if (!read_number(numbers[0], HF_BRANCHES_MAX, &c->branch) ||
        !read_number(numbers[1], UINT32_MAX, &c->attempt) ||
        !read_number(numbers[2], INT64_MAX, &c->epoch) ||
        !read_number(numbers[3], INT32_MAX, &c->seats))
        return false;
    for (c->phase = HF_PHASE_TRY; c->phase <= HF_PHASE_CANCEL; c->phase++)
        if (strcmp(phase, phases[c->phase]) == 0)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    sqlite3 *db;
    char line[LINE_BYTES];
    call c;
    if (argc < 2) {
        fprintf(stderr, "usage: seats DATABASE [SHOW=SEATS ...]\n");
        return EXIT_FAILURE;
    }
    stop_on(NULL, sqlite3_open(argv[1], &db));
    stop_on(db, sqlite3_exec(db, schema, NULL, NULL, NULL));
    for (int i = 2; i < argc; i++) {
        sqlite3_stmt *open;
        char show[64];
        char number[24];
        uint64_t seats;
        if (sscanf(argv[i], "%63[^=]=%23s", show, number) != 2 ||
            !read_number(number, INT32_MAX, &seats))
            return EXIT_FAILURE;
        stop_on(db,
                sqlite3_prepare_v2(db, "INSERT OR IGNORE INTO shows (name, seats) VALUES (?, ?)",
                                   -1, &open, NULL));
        stop_on(db, sqlite3_bind_text(open, 1, show, -1, SQLITE_STATIC));
        stop_on(db, sqlite3_bind_int64(open, 2, (int64_t)seats));
        (void)finish(db, open);
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        puts(read_call(line, &c) ? answer(db, &c) : "UNKNOWN a line that is no call");
        (void)fflush(stdout);
    }
    return sqlite3_close(db) == SQLITE_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
