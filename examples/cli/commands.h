/*
 * commands.h - which commands and options the tool has: one table for parsing, help, completion,
 * man.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli.h"

#include <stddef.h>

typedef enum option_kind { TEXT, NUMBER, SWITCH } option_kind;

typedef struct option_row {
    const char *name;
    const char *value; /* what help calls its value; NULL: it has none */
    const char *help;
    size_t offset;    /* in options */
    int64_t min, max; /* NUMBER */
    option_kind kind;
    int letter; /* short form; 0: none */
    const char
        *values; /* TEXT: what a shell offers, with spaces; "FILE", "STATES"; NULL: nothing */
} option_row;

typedef struct command {
    const char *name;
    const char *usage; /* behind the name */
    const char *about;
    command_run run;
    uint64_t takes; /* bits of the rows in option_rows; every command takes --help, row 0 */
    int names_min, names_max;
} command;

extern const option_row option_rows[];
extern const size_t option_row_count;
extern const command commands[];
extern const size_t command_count;

/* What may stand before the command; as command.takes. */
extern const uint64_t options_before_command;

/* The text about exit codes at the end of each help. */
extern const char exit_codes[];

/* Whether a command takes an option, by its row. */
bool command_takes(const command *cmd, size_t row);

#endif
