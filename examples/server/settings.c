/*
 * settings.c - one table behind the configuration file, the environment, the flags and --help.
 *
 * Happy path: the defaults, then the file line by line ("name = value", '#' begins a comment), the
 * environment and the flags, each through the same reader. Failure modes: a name that is unknown or
 * given twice in the file, a number outside of its range, a word that is none of the choices, a
 * file that cannot be read; the reason names the place.
 */
#include "settings.h"
#include "common/memory.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Flags of a setting. */
#define RELOADED 1u /* a new value holds after SIGHUP; every other one after a restart */
#define FLAG     2u /* on the command line only */

typedef struct setting {
    const char *name;
    const char *text;           /* the default as it would be given; NULL: none */
    const char *const *choices; /* words by value; NULL: a number, or a text */
    int64_t min, max;           /* of a number; both 0: a text */
    size_t offset;
    unsigned flags;
    const char *help;
} setting;

static const char *const durabilities[] = {"store", "none", "journal", NULL};
static const char *const roles[] = {"all", "payment", "inventory", "order", NULL};
static const char *const balances[] = {"round_robin", "least", "hash", NULL}; /* hf_balance */
static const char *const levels[] = {"error", "warn", "info", "debug", NULL};
static const char *const switches[] = {"false", "true", NULL};

_Static_assert(sizeof(char *) == sizeof(int64_t), "a setting of either kind is moved as 8 bytes");

#define AT(member) offsetof(settings, member)

/* clang-format off */
static const setting table[] = {
    { "config", NULL, NULL, 0, 0, AT(config), FLAG, "path of a file with lines \"name = value\"" },
    { "store", "memory:", NULL, 0, 0, AT(store), 0, "lmdb:PATH, sqlite:PATH or memory:" },
    { "listen", "127.0.0.1:8080", NULL, 0, 0, AT(listen), 0, "address and port; port 0: any. Another address than a loopback one needs tokens" },
    { "role", "all", roles, 0, 0, AT(role), 0, "all: orders, payments and stock in one store; payment: the accounts of customers, inventory: the stock, each as a service that takes part in transactions of others; order: takes orders, and coordinates a transaction of these services for each" },
    { "node", NULL, NULL, 0, 0, AT(node), 0, "name of this instance in /v1/nodes, its own among those of a store" },
    { "address", NULL, NULL, 0, 0, AT(address), 0, "where others reach this instance, for /v1/nodes; without it: the value of \"listen\"" },
    { "durability", "journal", durabilities, 0, 0, AT(durability), 0, "when an operation is acknowledged, see hf_durability" },
    { "threads", "1", NULL, 0, 1, AT(threads), 0, "1: the store has threads of its own; 0: it is called on the loop" },
    { "queue_ops_max", "16384", NULL, 2, 1 << 20, AT(queue_ops_max), 0, "operations that wait; new work (an order, a hold, a transaction) is refused with 503 and Retry-After when half as many wait, everything else when so many do" },
    { "inventory", NULL, NULL, 0, 0, AT(inventory), 0, "order: instances of the role inventory, as \"ADDRESS:PORT,ADDRESS:PORT\"" },
    { "payment", NULL, NULL, 0, 0, AT(payment), 0, "order: instances of the role payment, likewise" },
    { "service_token", NULL, NULL, 0, 0, AT(service_token), RELOADED, "order: path of a file with the token of the role service that these instances know" },
    { "balance", "least", balances, 0, 0, AT(balance), 0, "order: which instance takes the next order: round_robin, the one with the least under way, or the same for a customer (hash)" },
    { "txn_ms", "10000", NULL, 100, 3600000, AT(txn_ms), RELOADED, "order: after that time a transaction that is not decided is cancelled" },
    { "call_ms", "2000", NULL, 10, 600000, AT(call_ms), 0, "order: how long a call of another instance may take" },
    { "health_ms", "500", NULL, 10, 600000, AT(health_ms), 0, "order: how often each instance is asked for /readyz, and how long that may take" },
    { "txn_keep_ms", "604800000", NULL, 60000, INT64_C(31536000000), AT(txn_keep_ms), 0, "for how long transactions that have ended are kept, and with them what distinguishes a repeated call of a branch from a new one" },
    { "branch_ms", "604800000", NULL, 60000, INT64_C(31536000000), AT(branch_ms), RELOADED, "inventory and payment: for how long the try of a branch holds without a confirm or cancel; then it is cancelled" },
    { "tokens", NULL, NULL, 0, 0, AT(tokens), RELOADED, "path of a file with lines \"ROLE[,ROLE] NAME SHA-256-OF-TOKEN\"; without it requests to a name of this machine are allowed everything" },
    { "webhooks", NULL, NULL, 0, 0, AT(webhooks), RELOADED, "path of a file with lines \"PROVIDER whsec_BASE64\": who signs webhooks" },
    { "endpoints", NULL, NULL, 0, 0, AT(endpoints), RELOADED, "path of a file with lines \"NAME URL SECRETS [TYPES [SUBJECTS]]\": where events are posted as signed webhooks; SECRETS is the path of a file like that of webhooks, TYPES a list like ORDER_PLACE,ORDER_CANCEL or *, SUBJECTS one like ORDER,PAYMENT" },
    { "endpoint_ms", "10000", NULL, 100, 600000, AT(endpoint_ms), RELOADED, "for how long an endpoint may take to answer" },
    { "endpoint_attempts", "10", NULL, 1, 1000000, AT(endpoint_attempts), RELOADED, "how often a message is posted before it is set aside as a dead letter and the next one is posted" },
    { "endpoint_retry_ms", "1000", NULL, 1, 3600000, AT(endpoint_retry_ms), RELOADED, "the longest time until the second attempt; it doubles with each further one" },
    { "endpoint_retry_max_ms", "300000", NULL, 1, 86400000, AT(endpoint_retry_max_ms), RELOADED, "the longest time between two attempts" },
    { "backups", NULL, NULL, 0, 0, AT(backups), RELOADED, "folder into which operators have backups written" },
    { "header_bytes_max", "8192", NULL, 1024, 1 << 20, AT(header_bytes_max), 0, "bytes of a request's head" },
    { "body_bytes_max", "262144", NULL, 1, 1 << 28, AT(body_bytes_max), RELOADED, "bytes of a request's body" },
    { "json_depth_max", "16", NULL, 1, 1000, AT(json_depth_max), RELOADED, "levels of objects and arrays in a body" },
    { "request_ms", "10000", NULL, 100, 3600000, AT(request_ms), RELOADED, "from a connection, or the head of a request, to the end of the request" },
    { "idle_ms", "60000", NULL, 100, 3600000, AT(idle_ms), RELOADED, "from a response to the end of the next request, and for the client to take a response" },
    { "connections_max", "1024", NULL, 1, 100000, AT(connections_max), 0, "open connections; further ones wait in the system's queue" },
    { "client_connections_max", "0", NULL, 0, 100000, AT(client_connections_max), 0, "open connections of one address; further ones are closed; 0: no limit" },
    { "drain_ms", "0", NULL, 0, 3600000, AT(drain_ms), RELOADED, "after SIGTERM, for how long /readyz fails before the server stops to listen" },
    { "drain_max_ms", "10000", NULL, 0, 3600000, AT(drain_max_ms), RELOADED, "for how long requests that run may continue then" },
    { "log_level", "info", levels, 0, 0, AT(log_level), RELOADED, "error, warn, info or debug" },
    { "log_requests", "true", switches, 0, 0, AT(log_requests), RELOADED, "a line for each request" },
    { "manual", "false", switches, 0, 0, AT(manual), FLAG, "print the settings as a part of a manual page, for scdoc" },
    { "check", "false", switches, 0, 0, AT(check), FLAG, "read the settings, report what is wrong with them, and end" },
    { "help", "false", switches, 0, 0, AT(help), FLAG, "print this help" },
};
/* clang-format on */

static bool is_text(const setting *s)
{
    return s->choices == NULL && s->min == s->max;
}

/* The same name as a flag: dashes; as a variable: upper case behind the prefix. */
static void flag_name(const setting *s, char out[48])
{
    (void)snprintf(out, 48, "%s", s->name);
    for (char *c = out; *c != '\0'; c++)
        *c = (char)(*c == '_' ? '-' : *c);
}

static void variable_name(const setting *s, char out[64])
{
    (void)snprintf(out, 64, "HOLDFAST_SERVER_%s", s->name);
    for (char *c = out; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
}

/* ---- Values ---------------------------------------------------------------------------------- */

static bool read_choice(const setting *s, const char *text, int64_t *at)
{
    for (size_t i = 0; s->choices[i] != NULL; i++)
        if (strcmp(text, s->choices[i]) == 0) {
            *at = (int64_t)i;
            return true;
        }
    return false;
}

static bool read_number(const setting *s, const char *text, int64_t *at)
{
    char *end;
    errno = 0;
    const long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < s->min || value > s->max)
        return false;
    *at = value;
    return true;
}

/* What a value must be, for people. */
static void describe(const setting *s, char *out, size_t bytes)
{
    if (s->choices == NULL) {
        (void)snprintf(out, bytes, "a number of %" PRId64 "..%" PRId64, s->min, s->max);
        return;
    }
    size_t used = 0;
    for (size_t i = 0; s->choices[i] != NULL && used < bytes; i++)
        used +=
            (size_t)snprintf(out + used, bytes - used, "%s%s", i == 0 ? "" : ", ", s->choices[i]);
}

/* `where` names the place for the error. */
static bool set_value(settings *out, const setting *s, const char *text, const char *where,
                      char *error)
{
    void *at = (char *)out + s->offset;
    if (is_text(s)) {
        char **old = at;
        free(*old);
        *old = text[0] == '\0' ? NULL : copy_text(text);
        return true;
    }
    if (s->choices != NULL ? read_choice(s, text, at) : read_number(s, text, at))
        return true;
    char expected[80];
    describe(s, expected, sizeof(expected));
    (void)snprintf(error, LINES_ERROR, "%s: %s: '%.40s' is not %s", where, s->name, text, expected);
    return false;
}

static bool set_defaults(settings *out, char *error)
{
    *out = (settings){.config = NULL};
    for (size_t i = 0; i < COUNT(table); i++)
        if (table[i].text != NULL && !set_value(out, &table[i], table[i].text, "default", error))
            return false;
    return true;
}

/* ---- The file -------------------------------------------------------------------------------- */

static char *trim(char *text)
{
    text += strspn(text, " \t\r\n");
    size_t end = strlen(text);
    while (end > 0 && strchr(" \t\r\n", text[end - 1]) != NULL)
        text[--end] = '\0';
    return text;
}

static const setting *find(const char *name)
{
    for (size_t i = 0; i < COUNT(table); i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}

/* A file that is being read. */
typedef struct reading {
    settings *out;
    uint64_t seen; /* bits of the settings that it has named */
} reading;

static bool read_line(void *data, char *line, const char *where, char error[LINES_ERROR])
{
    reading *of = data;
    char *text = trim(line);
    if (text[0] == '\0' || text[0] == '#')
        return true;
    char *equals = strchr(text, '=');
    if (equals == NULL) {
        (void)snprintf(error, LINES_ERROR, "%s: a line is \"name = value\"", where);
        return false;
    }
    *equals = '\0';
    const setting *s = find(trim(text));
    const uint64_t bit = s == NULL ? 0 : UINT64_C(1) << (s - table);
    if (s == NULL || (s->flags & FLAG) != 0 || (of->seen & bit) != 0) {
        (void)snprintf(error, LINES_ERROR, "%s: '%.40s' %s", where, trim(text),
                       (of->seen & bit) != 0 ? "is given twice" : "is no setting of a file");
        return false;
    }
    of->seen |= bit;
    return set_value(of->out, s, trim(equals + 1), where, error);
}

static bool read_file(settings *out, const char *path, char *error)
{
    return lines_read("config", path, read_line, &(reading){.out = out}, error);
}

/* ---- Environment and flags ------------------------------------------------------------------- */

static bool read_environment(settings *out, char *error)
{
    for (size_t i = 0; i < COUNT(table); i++) {
        char name[64];
        variable_name(&table[i], name);
        const char *value = (table[i].flags & FLAG) != 0 ? NULL : getenv(name);
        if (value != NULL && !set_value(out, &table[i], value, name, error))
            return false;
    }
    return true;
}

/* Reads the flags; with `only_config` that one alone, which names the file that comes before. */
static bool read_flags(settings *out, int argc, char **argv, bool only_config, char *error)
{
    struct option options[COUNT(table) + 1] = {{NULL, 0, NULL, 0}};
    char names[COUNT(table)][48];
    for (size_t i = 0; i < COUNT(table); i++) {
        flag_name(&table[i], names[i]);
        const bool alone = (table[i].flags & FLAG) != 0 && table[i].choices == switches;
        options[i] = (struct option){.name = names[i],
                                     .has_arg = alone ? no_argument : required_argument,
                                     .val = 256 + (int)i};
    }
    optind = 0; /* a second reading starts afresh: glibc and musl */
    opterr = 0;
    for (int code; (code = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (code < 256) {
            (void)snprintf(error, LINES_ERROR, "%.60s: no such flag, or its value is missing",
                           argv[optind - 1]);
            return false;
        }
        const setting *s = &table[code - 256];
        const char *value = optarg == NULL ? "true" : optarg;
        if ((!only_config || s->offset == AT(config)) &&
            !set_value(out, s, value, "command line", error))
            return false;
    }
    if (optind < argc)
        (void)snprintf(error, LINES_ERROR, "'%.60s' is no flag", argv[optind]);
    return optind >= argc;
}

bool settings_read(settings *out, int argc, char **argv, char error[LINES_ERROR])
{
    if (set_defaults(out, error) && read_flags(out, argc, argv, true, error) &&
        (out->config == NULL || read_file(out, out->config, error)) &&
        read_environment(out, error) && read_flags(out, argc, argv, false, error))
        return true;
    settings_fini(out);
    return false;
}

/* ---- Changes --------------------------------------------------------------------------------- */

static bool equal_texts(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

void settings_reload(settings *now, settings *fresh, void (*report)(void *data, const char *name),
                     void *data)
{
    for (size_t i = 0; i < COUNT(table); i++) {
        const setting *s = &table[i];
        char *mine = (char *)now + s->offset, *theirs = (char *)fresh + s->offset;
        char *text, *other;
        memcpy(&text, mine, sizeof(text));
        memcpy(&other, theirs, sizeof(other));
        const bool same =
            is_text(s) ? equal_texts(text, other) : memcmp(mine, theirs, sizeof(int64_t)) == 0;
        if (same)
            continue;
        if ((s->flags & RELOADED) == 0) {
            report(data, s->name);
        } else { /* the old text goes with `fresh` */
            int64_t keep;
            memcpy(&keep, mine, sizeof(keep));
            memcpy(mine, theirs, sizeof(keep));
            memcpy(theirs, &keep, sizeof(keep));
        }
    }
}

void settings_fini(settings *s)
{
    for (size_t i = 0; i < COUNT(table); i++)
        if (is_text(&table[i])) {
            char **text = (void *)((char *)s + table[i].offset);
            free(*text);
            *text = NULL;
        }
}

const char *settings_role(const settings *s)
{
    return roles[s->role];
}

void settings_help(FILE *out)
{
    (void)fputs(
        "usage: holdfast-server [FLAGS]\n\n"
        "Each setting is a flag, a variable HOLDFAST_SERVER_NAME and, without those that end\n"
        "the list, a line \"name = value\" of the file named by --config. The flag comes\n"
        "before the variable, and the variable before the file. '*': SIGHUP reads it anew.\n\n",
        out);
    for (size_t i = 0; i < COUNT(table); i++) {
        char name[48];
        flag_name(&table[i], name);
        (void)fprintf(out, "  --%-24s%s %s%s%s%s\n", name,
                      (table[i].flags & RELOADED) != 0 ? "*" : " ", table[i].help,
                      table[i].text == NULL ? "" : " (default: ",
                      table[i].text == NULL ? "" : table[i].text, table[i].text == NULL ? "" : ")");
    }
    (void)fputs(
        "\nExit codes: 0 ended by SIGTERM or SIGINT with everything stored; 2 wrong settings;\n"
        "4 the store or the address could not be opened, or the store did not take everything.\n",
        out);
}

static void put_escaped(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("\\*_`~<>[]#", *text) != NULL)
            (void)fputc('\\', out);
        (void)fputc(*text, out);
    }
}

void settings_manual(FILE *out)
{
    (void)fputs("Each setting is a flag, a variable HOLDFAST\\_SERVER\\_NAME and, but for those "
                "that are only\n"
                "flags, a line of the file that *--config* names. The flag comes before the "
                "variable, and the\n"
                "variable before the file.\n",
                out);
    for (size_t i = 0; i < COUNT(table); i++) {
        char name[48];
        flag_name(&table[i], name);
        (void)fprintf(out, "\n*--%s*\n\t", name);
        put_escaped(out, table[i].help);
        (void)fputs(".", out);
        if (table[i].text != NULL) {
            (void)fputs(" Default: ", out);
            put_escaped(out, table[i].text);
            (void)fputs(".", out);
        }
        (void)fputs((table[i].flags & RELOADED) != 0 ? " SIGHUP reads it anew.\n"
                    : (table[i].flags & FLAG) != 0   ? " Only a flag.\n"
                                                     : "\n",
                    out);
    }
}
