/*
 * redis.c - the same order as one Lua script in Redis, appendfsync always: a server of its own on a
 * socket in the run's folder, and its protocol written by hand.
 *
 * All in flight are sent at once, then all answers are read: Redis flushes once for what came
 * together. Rows are strings by their encoded keys, without the entries of indexes. The script
 * reads the rows that the order changes and writes all; commands are ARRAY of BULK STRINGS.
 */
#include "baseline.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REDIS        "/usr/bin/redis-server"
#define BUFFER_BYTES ((size_t)32 << 20)
#define WAITS        2000 /* of 5 ms, until it listens */

static const char script[] =
    "for i = 1, tonumber(ARGV[1]) do "
    "if not redis.call('GET', KEYS[i]) then return redis.error_reply('missing row') end end "
    "for i = 1, #KEYS do redis.call('SET', KEYS[i], ARGV[i + 1]) end return 1";

typedef struct loop {
    baseline *baseline;
    replay_store store;
    char *out;
    size_t used;
    FILE *answers;
    char sha[41];
    int socket;
    pid_t server;
} loop;

const char *bench_redis_missing(const char *folder)
{
    (void)folder;
    return access(REDIS, X_OK) == 0 ? NULL : "package redis-server is not installed";
}

static int complain(const char *what)
{
    (void)fprintf(stderr, "redis: %s\n", what);
    return -1;
}

/* ---- Protocol -------------------------------------------------------------------------------- */

static void add_array(loop *l, uint32_t count)
{
    l->used += (size_t)snprintf(l->out + l->used, BUFFER_BYTES - l->used, "*%u\r\n", count);
}

static void add_bulk(loop *l, const void *bytes, size_t count, const char *prefix)
{
    size_t before = strlen(prefix);
    if (l->used + count + before + 64 > BUFFER_BYTES)
        return; /* send() reports it */
    l->used += (size_t)snprintf(l->out + l->used, BUFFER_BYTES - l->used, "$%zu\r\n%s",
                                before + count, prefix);
    memcpy(l->out + l->used, bytes, count);
    memcpy(l->out + l->used + count, "\r\n", 2);
    l->used += count + 2;
}

static void add_text(loop *l, const char *text)
{
    add_bulk(l, text, strlen(text), "");
}

static int send_all(loop *l)
{
    size_t sent = 0;
    if (l->used + 4096 > BUFFER_BYTES)
        return complain("too much for one batch");
    while (sent < l->used) {
        ssize_t count = write(l->socket, l->out + sent, l->used - sent);
        if (count <= 0)
            return complain("the server is gone");
        sent += (size_t)count;
    }
    l->used = 0;
    return 0;
}

/* One line of answer, without its end; an error is printed. */
static int read_line(loop *l, char line[256])
{
    if (fgets(line, 256, l->answers) == NULL)
        return complain("no answer");
    line[strcspn(line, "\r")] = '\0';
    return line[0] == '-' ? complain(line) : 0;
}

/* ---- Server ---------------------------------------------------------------------------------- */

static int start_server(loop *l, const bench_run *run)
{
    const char *sync = bench_durable(run) ? "always" : "no";
    l->server = fork();
    if (l->server == 0) {
        char log[BENCH_PATH_BYTES];
        (void)bench_path(log, run->folder, "redis.log");
        (void)execl(REDIS, REDIS, "--port", "0", "--unixsocket", "redis.sock", "--dir", run->folder,
                    "--appendonly", "yes", "--appendfsync", sync, "--save", "", "--logfile", log,
                    "--auto-aof-rewrite-percentage", "0", (char *)NULL);
        _exit(127);
    }
    return l->server > 0 ? 0 : complain("cannot start it");
}

static int connect_once(loop *l, const bench_run *run)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int length = snprintf(at.sun_path, sizeof(at.sun_path), "%s/redis.sock", run->folder);
    if (length < 0 || (size_t)length >= sizeof(at.sun_path))
        return -1;
    l->socket = socket(AF_UNIX, SOCK_STREAM, 0);
    if (l->socket >= 0 &&
        connect(l->socket, (const struct sockaddr *)(const void *)&at, sizeof(at)) == 0)
        return 0;
    (void)close(l->socket);
    l->socket = -1;
    return -1;
}

static int connect_server(loop *l, const bench_run *run)
{
    for (int i = 0; i < WAITS; i++) {
        const struct timespec pause = {0, 5000000};
        if (connect_once(l, run) == 0) {
            l->answers = fdopen(l->socket, "r");
            return l->answers == NULL ? -1 : 0;
        }
        if (waitpid(l->server, NULL, WNOHANG) != 0)
            break;
        (void)nanosleep(&pause, NULL);
    }
    return complain("the server does not listen");
}

static void stop_server(loop *l)
{
    if (l->answers != NULL)
        (void)fclose(l->answers);
    if (l->server <= 0)
        return;
    (void)kill(l->server, SIGKILL);
    (void)waitpid(l->server, NULL, 0);
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static void prefix_of(char out[8], uint32_t table)
{
    (void)snprintf(out, 8, "%u:", table);
}

static int load_table(loop *l, MDB_txn *txn, uint32_t table)
{
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val value;
    char prefix[8];
    char line[256];
    uint64_t sent = 0;
    prefix_of(prefix, table);
    int error = mdb_cursor_open(txn, l->store.dbis[table], &cursor);
    if (error != 0)
        return replay_failed("load", error);
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        if (value.mv_size == 0)
            continue;
        add_array(l, 3);
        add_text(l, "SET");
        add_bulk(l, key.mv_data, key.mv_size, prefix);
        add_bulk(l, value.mv_data, value.mv_size, "");
        sent++;
    }
    mdb_cursor_close(cursor);
    error = send_all(l);
    for (uint64_t i = 0; error == 0 && i < sent; i++)
        error = read_line(l, line);
    return error;
}

static int load_rows(loop *l, const bench_run *run)
{
    char path[BENCH_PATH_BYTES];
    MDB_txn *txn;
    int error =
        template_path(path, run->prepared, "lmdb", run->load.form, template_last(run->load.form));
    if (error == 0)
        error = replay_open(&l->store, path);
    if (error != 0 || mdb_txn_begin(l->store.env, NULL, MDB_RDONLY, &txn) != 0)
        return -1;
    for (uint32_t i = 0; error == 0 && i < l->store.named; i++)
        error = load_table(l, txn, i);
    mdb_txn_abort(txn);
    return error;
}

/* "$40", then the name by which the script is called. */
static int load_script(loop *l)
{
    char line[256];
    add_array(l, 3);
    add_text(l, "SCRIPT");
    add_text(l, "LOAD");
    add_text(l, script);
    int error = send_all(l);
    if (error == 0)
        error = read_line(l, line);
    if (error == 0)
        error = read_line(l, line);
    (void)snprintf(l->sha, sizeof(l->sha), "%.40s", line);
    return error;
}

static bool is_written(const replay_entry *e, bool common)
{
    return e->is_row && !e->removes && (e->key_patches != 0 || common);
}

/* Rows that are read come first. */
static void add_order(loop *l, replay_phase *phase, bool common)
{
    replay_entry *rows[REPLAY_ENTRIES_MAX];
    uint32_t count = 0;
    char text[16];
    uint32_t old = 0;
    for (int replaces = 1; replaces >= 0; replaces--) {
        for (uint32_t i = 0; i < phase->count; i++)
            if (phase->entries[i].replaces == (replaces == 1) &&
                is_written(&phase->entries[i], common))
                rows[count++] = &phase->entries[i];
        old = replaces == 1 ? count : old;
    }
    add_array(l, 4 + 2 * count);
    add_text(l, "EVALSHA");
    add_text(l, l->sha);
    (void)snprintf(text, sizeof(text), "%u", count);
    add_text(l, text);
    for (uint32_t i = 0; i < count; i++) {
        replay_apply(rows[i], &l->baseline->now);
        prefix_of(text, rows[i]->table);
        add_bulk(l, rows[i]->key, rows[i]->key_bytes, text);
    }
    (void)snprintf(text, sizeof(text), "%u", old);
    add_text(l, text);
    for (uint32_t i = 0; i < count; i++)
        add_bulk(l, rows[i]->value, rows[i]->value_bytes, "");
}

static int commit(void *context, uint32_t step, uint32_t count)
{
    loop *l = context;
    char line[256];
    for (uint32_t i = 0; i < count; i++) {
        baseline_take(l->baseline, i);
        add_order(l, &l->baseline->steps[step], i + 1 == count);
    }
    int error = send_all(l);
    for (uint32_t i = 0; error == 0 && i < count; i++)
        error = read_line(l, line);
    return error;
}

int bench_redis(const bench_run *run, bench_result *out)
{
    loop l = {.baseline = baseline_begin(run), .socket = -1};
    l.out = malloc(BUFFER_BYTES);
    int error = l.baseline == NULL || l.out == NULL ? -1 : start_server(&l, run);
    if (error == 0)
        error = connect_server(&l, run);
    if (error == 0)
        error = load_rows(&l, run);
    if (error == 0)
        error = load_script(&l);
    if (error == 0)
        error = baseline_drive(l.baseline, out, commit, &l);
    out->load.cpu_s = 0; /* only the client's */
    stop_server(&l);
    replay_close(&l.store);
    free(l.out);
    return error;
}
