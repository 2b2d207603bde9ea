/*
 * main.c - the holdfast tool: finds the command, reads its options, prints help.
 *
 * Happy path: find the command, read its options by the tables of commands.c, run it; its result is
 * the exit code. Failure modes: an unknown command or option, one that the command does not take,
 * or a number outside its range is EXIT_USAGE and changes nothing.
 */
#include "commands.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int print_help(void)
{
    printf("holdfast %s - orders, payments, stock and accounts that add up\n\n", hf_version());
    puts("usage: holdfast [--store URL] COMMAND [OPTIONS] ...\n");
    for (size_t i = 0; i < command_count; i++)
        printf("  %-14s %s\n", commands[i].name, commands[i].about);
    puts("\n`holdfast COMMAND --help` says what a command takes.");
    printf("%s", exit_codes);
    return finish_output(EXIT_DONE);
}

static int print_command_help(const command *cmd)
{
    printf("usage: holdfast %s [OPTIONS] %s\n\n%s\n\n", cmd->name, cmd->usage, cmd->about);
    for (size_t i = 0; i < option_row_count; i++) {
        if (!command_takes(cmd, i))
            continue;
        char left[40], letter[8] = "";
        if (option_rows[i].letter != 0)
            (void)snprintf(letter, sizeof(letter), "-%c, ", option_rows[i].letter);
        (void)snprintf(left, sizeof(left), "%4s--%s%s%s", letter, option_rows[i].name,
                       option_rows[i].value == NULL ? "" : " ",
                       option_rows[i].value == NULL ? "" : option_rows[i].value);
        printf("  %-24s %s\n", left, option_rows[i].help);
    }
    printf("%s", exit_codes);
    return finish_output(EXIT_DONE);
}

static int read_number(const option_row *row, const char *text, int64_t *out)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < row->min || value > row->max)
        return fail(EXIT_USAGE, "--%s: '%s' is not a number of %" PRId64 "..%" PRId64, row->name,
                    text, row->min, row->max);
    *out = value;
    return EXIT_DONE;
}

static int read_option(const option_row *row, const char *text, options *opt)
{
    void *at = (char *)opt + row->offset;
    if (row->kind == NUMBER)
        return read_number(row, text, at);
    if (row->kind == SWITCH)
        *(int64_t *)at = 1;
    else
        *(const char **)at = text;
    return EXIT_DONE;
}

static const option_row *row_of(int code, const struct option *long_options)
{
    for (size_t i = 0; i < option_row_count; i++)
        if (code == long_options[i].val)
            return &option_rows[i];
    return NULL;
}

enum { LONG_MAX_COUNT = 64 }; /* options that a set of 64 bits can name */

/* Reads options; `takes` says which are allowed. `stop` '+': up to the first other argument. */
static int read_options(int argc, char **argv, uint64_t takes, const char *letters, options *opt)
{
    struct option long_options[LONG_MAX_COUNT + 1] = {{NULL, 0, NULL, 0}};
    for (size_t i = 0; i < option_row_count; i++)
        long_options[i] = (struct option){
            .name = option_rows[i].name,
            .has_arg = option_rows[i].kind == SWITCH ? no_argument : required_argument,
            .val = option_rows[i].letter != 0 ? option_rows[i].letter : 256 + (int)i,
        };
    optind = 0; /* a second reading starts afresh: glibc and musl */
    for (;;) {
        int code = getopt_long(argc, argv, letters, long_options, NULL);
        if (code == -1)
            return EXIT_DONE;
        const option_row *row = row_of(code, long_options);
        if (row == NULL)
            return EXIT_USAGE; /* getopt has reported it */
        if ((takes >> (row - option_rows) & 1) == 0)
            return fail(EXIT_USAGE, "--%s does not belong here", row->name);
        int result = read_option(row, optarg, opt);
        if (result != EXIT_DONE)
            return result;
    }
}

static int run_command(const command *cmd, int argc, char **argv, options *opt)
{
    int result = read_options(argc, argv, cmd->takes | 1, "hs:jv", opt);
    if (result != EXIT_DONE)
        return result;
    if (opt->help)
        return print_command_help(cmd);
    opt->names = argv + optind;
    opt->name_count = argc - optind;
    if (opt->name_count < cmd->names_min || opt->name_count > cmd->names_max)
        return fail(EXIT_USAGE, "usage: holdfast %s [OPTIONS] %s", cmd->name, cmd->usage);
    return cmd->run(opt);
}

int main(int argc, char **argv)
{
    (void)setlocale(LC_CTYPE, "");
    options opt = {.store = getenv("HOLDFAST_STORE"),
                   .limit = 100,
                   .seq = -1,
                   .window = 1024,
                   .stock_percent = 98,
                   .seconds = 5,
                   .spread = "uniform",
                   .form = "checkout",
                   .durability = "default"};
    int result = read_options(argc, argv, options_before_command, "+hs:j", &opt);
    if (result != EXIT_DONE)
        return result;
    if (opt.help)
        return print_help();
    if (optind == argc)
        return fail(EXIT_USAGE, "no command; `holdfast --help` lists them");
    int at = optind;
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(argv[at], commands[i].name) == 0)
            return run_command(&commands[i], argc - at, argv + at, &opt);
    return fail(EXIT_USAGE, "no command '%s'; `holdfast --help` lists them", argv[at]);
}
