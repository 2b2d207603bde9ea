/*
 * completion.c - prints the tables of commands and options for a shell, or for the manual page.
 *
 * Happy path: a writer walks the tables and prints text in the syntax of bash, zsh, fish or scdoc.
 * What a command takes first is read out of its usage: words in lower case are offered as they are,
 * FILE and PATH mean files. Failure modes: a syntax that is not known is EXIT_USAGE.
 */
#include "commands.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define WORDS_BYTES 512u

/* ---- What is offered ------------------------------------------------------------------------- */

/* Adds a word to a list with spaces, unless the list has it. */
static void add_word(char words[WORDS_BYTES], const char *word, size_t length)
{
    size_t used = strlen(words);
    for (const char *at = words; (at = strstr(at, word)) != NULL && length > 0; at++)
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0') &&
            word[length] == '\0')
            return;
    if (used + length + 2 > WORDS_BYTES)
        return;
    (void)snprintf(words + used, WORDS_BYTES - used, "%s%.*s", used == 0 ? "" : " ", (int)length,
                   word);
}

/* The names of the states that --state may have, as the library names them. */
static void add_states(char words[WORDS_BYTES])
{
    static const uint32_t lists[] = {HF_OP_ORDER_LIST, HF_OP_PAYMENT_LIST, HF_OP_TXN_LIST};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        const hf_shape *shape = hf_op_shape(lists[i]);
        for (uint32_t f = 0; f < shape->field_count; f++) {
            const hf_field *field = &shape->fields[f];
            for (size_t n = 1; strcmp(field->name, "state") == 0 && field->names[n] != NULL; n++)
                add_word(words, field->names[n], strlen(field->names[n]));
        }
    }
}

/* The values of an option; "" when a shell cannot know them. */
static void values_of(const option_row *row, char words[WORDS_BYTES])
{
    words[0] = '\0';
    if (row->values != NULL && strcmp(row->values, "STATES") == 0)
        add_states(words);
    else if (row->values != NULL && strcmp(row->values, "FILE") != 0)
        (void)snprintf(words, WORDS_BYTES, "%s", row->values);
}

static bool is_file(const option_row *row)
{
    return row->values != NULL && strcmp(row->values, "FILE") == 0;
}

/* What the first argument of a command may be: its words, and whether it may be a file. */
static bool arguments_of(const command *cmd, char words[WORDS_BYTES])
{
    bool files = false;
    words[0] = '\0';
    for (const char *at = cmd->usage; *at != '\0';) {
        size_t length = strcspn(at, " |.");
        if (length > 0 && islower((unsigned char)at[0]))
            add_word(words, at, length);
        files =
            files || (length >= 4 && (strncmp(at, "FILE", 4) == 0 || strncmp(at, "PATH", 4) == 0));
        at += length + (at[length] != '\0');
    }
    return files;
}

/* Prints a text with a prefix before each of some letters; a quote leaves and enters the quotes. */
static void print_escaped(const char *text, const char *letters, const char *prefix)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'' && strchr(letters, '\'') != NULL)
            (void)fputs("'\\'", stdout);
        else if (strchr(letters, *text) != NULL)
            (void)fputs(prefix, stdout);
        (void)putchar(*text);
    }
}

/* ---- bash ------------------------------------------------------------------------------------ */

static void bash_options(uint64_t takes)
{
    (void)fputs("options='", stdout);
    for (size_t i = 0; i < option_row_count; i++)
        if ((takes >> i & 1) != 0)
            printf("--%s ", option_rows[i].name);
    (void)fputs("'", stdout);
}

static void bash_values(void)
{
    char words[WORDS_BYTES];
    puts("    case $prev in");
    for (size_t i = 0; i < option_row_count; i++) {
        const option_row *row = &option_rows[i];
        if (row->kind == SWITCH)
            continue;
        values_of(row, words);
        printf("    --%s%s%c) ", row->name, row->letter != 0 ? "|-" : "",
               row->letter != 0 ? row->letter : ' ');
        if (is_file(row))
            puts("mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;");
        else
            printf("mapfile -t COMPREPLY < <(compgen -W '%s' -- \"$cur\"); return ;;\n", words);
    }
    puts("    :) mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;\n    esac");
}

static void bash_command(void)
{
    puts("    for ((i = 1; i < COMP_CWORD; i++)); do\n        case ${COMP_WORDS[i]} in");
    (void)fputs("        -s", stdout);
    for (size_t i = 0; i < option_row_count; i++)
        if (option_rows[i].kind != SWITCH)
            printf("|--%s", option_rows[i].name);
    puts(") i=$((i + 1)); [ \"${COMP_WORDS[i + 1]}\" = : ] && i=$((i + 2)) ;;\n"
         "        -*) ;;\n"
         "        *) [ -z \"$command\" ] && command=${COMP_WORDS[i]} || given=yes ;;\n"
         "        esac\n    done");
}

static void write_bash(void)
{
    char words[WORDS_BYTES];
    puts("# bash completion of holdfast, written by `holdfast completion bash`\n_holdfast()\n{\n"
         "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
         "    local command='' given='' options='' words='' files='' i\n"
         "    COMPREPLY=()\n"
         "    [ \"$cur\" = : ] && prev=: cur=");
    bash_values();
    bash_command();
    puts("    case $command in");
    (void)fputs("    '') ", stdout);
    bash_options(options_before_command);
    (void)fputs(" words='", stdout);
    for (size_t i = 0; i < command_count; i++)
        printf("%s ", commands[i].name);
    puts("' ;;");
    for (size_t i = 0; i < command_count; i++) {
        bool files = arguments_of(&commands[i], words);
        printf("    %s) ", commands[i].name);
        bash_options(commands[i].takes | 1);
        printf(" words='%s' files='%s' ;;\n", words, files ? "yes" : "");
    }
    puts("    esac\n"
         "    [ -n \"$given\" ] && words=''\n"
         "    case $cur in -*) words=$options ;; esac\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
         "    [ -n \"$files\" ] && [ -z \"$given\" ] && "
         "mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"$cur\")\n"
         "    return 0\n}\ncomplete -o filenames -F _holdfast holdfast");
}

/* ---- zsh ------------------------------------------------------------------------------------- */

static void zsh_options(uint64_t takes)
{
    char words[WORDS_BYTES];
    for (size_t i = 0; i < option_row_count; i++) {
        const option_row *row = &option_rows[i];
        if ((takes >> i & 1) == 0)
            continue;
        (void)fputs(" \\\n            ", stdout);
        if (row->letter != 0)
            printf("'(-%c --%s)'{-%c,--%s}", row->letter, row->name, row->letter, row->name);
        else
            printf("--%s", row->name);
        (void)fputs("'[", stdout);
        print_escaped(row->help, "'[]\\", "\\");
        (void)putchar(']');
        values_of(row, words);
        if (row->kind != SWITCH && is_file(row))
            printf(":%s:_files", row->value);
        else if (row->kind != SWITCH)
            printf(":%s:(%s)", row->value, words);
        (void)putchar('\'');
    }
}

static void zsh_command(const command *cmd)
{
    char words[WORDS_BYTES];
    bool files = arguments_of(cmd, words);
    printf("        %s) _arguments", cmd->name);
    zsh_options(cmd->takes | 1);
    if (words[0] != '\0')
        printf(" \\\n            '1:what:(%s)'", words);
    if (files)
        printf(" \\\n            '%d:file:_files'", 1);
    puts(" ;;");
}

static void write_zsh(void)
{
    puts("#compdef holdfast\n# zsh completion of holdfast, written by `holdfast completion zsh`\n"
         "_holdfast() {\n    local context state line curcontext=\"$curcontext\"\n"
         "    local -a commands=(");
    for (size_t i = 0; i < command_count; i++) {
        printf("        '%s:", commands[i].name);
        print_escaped(commands[i].about, "':\\", "\\");
        puts("'");
    }
    (void)fputs("    )\n    _arguments -C", stdout);
    zsh_options(options_before_command);
    puts(" \\\n        '1:command:->command' '*::argument:->argument'\n    case $state in\n"
         "    command) _describe command commands ;;\n    argument)\n        case $words[1] in");
    for (size_t i = 0; i < command_count; i++)
        zsh_command(&commands[i]);
    puts("        esac ;;\n    esac\n}\n_holdfast \"$@\"");
}

/* ---- fish ------------------------------------------------------------------------------------ */

/* The commands that take an option, for a condition of fish. */
static void fish_takers(size_t row)
{
    (void)fputs("'__fish_seen_subcommand_from", stdout);
    for (size_t i = 0; i < command_count; i++)
        if (command_takes(&commands[i], row))
            printf(" %s", commands[i].name);
    if ((options_before_command >> row & 1) != 0)
        (void)fputs("; or __fish_use_subcommand", stdout);
    (void)putchar('\'');
}

static void write_fish(void)
{
    char words[WORDS_BYTES];
    puts("# fish completion of holdfast, written by `holdfast completion fish`\n"
         "complete -c holdfast -f");
    for (size_t i = 0; i < command_count; i++) {
        const command *cmd = &commands[i];
        printf("complete -c holdfast -n __fish_use_subcommand -a %s -d '", cmd->name);
        print_escaped(cmd->about, "'\\", "\\");
        bool files = arguments_of(cmd, words);
        puts("'");
        if (words[0] != '\0')
            printf("complete -c holdfast -n '__fish_seen_subcommand_from %s' -a '%s'\n", cmd->name,
                   words);
        if (files)
            printf("complete -c holdfast -n '__fish_seen_subcommand_from %s' -F\n", cmd->name);
    }
    for (size_t i = 0; i < option_row_count; i++) {
        const option_row *row = &option_rows[i];
        (void)fputs("complete -c holdfast -n ", stdout);
        fish_takers(i);
        printf(" -l %s", row->name);
        if (row->letter != 0)
            printf(" -s %c", row->letter);
        values_of(row, words);
        if (row->kind != SWITCH)
            (void)fputs(is_file(row) ? " -r -F" : " -x", stdout);
        if (words[0] != '\0')
            printf(" -a '%s'", words);
        (void)fputs(" -d '", stdout);
        print_escaped(row->help, "'\\", "\\");
        puts("'");
    }
}

/* ---- The manual page ------------------------------------------------------------------------- */

static void scdoc_text(const char *text)
{
    print_escaped(text, "\\*_`~<>[]#", "\\");
}

static void scdoc_command(const command *cmd)
{
    printf("*%s* \\[OPTIONS\\] ", cmd->name);
    scdoc_text(cmd->usage);
    (void)fputs("\n\t", stdout);
    scdoc_text(cmd->about);
    (void)fputs(". Options:", stdout);
    for (size_t i = 0; i < option_row_count; i++)
        if (command_takes(cmd, i))
            printf("%s *--%s*", i == 0 ? "" : ",", option_rows[i].name);
    puts("\n");
}

static void write_scdoc(void)
{
    puts("# COMMANDS\n");
    for (size_t i = 0; i < command_count; i++)
        scdoc_command(&commands[i]);
    puts("# OPTIONS\n");
    for (size_t i = 0; i < option_row_count; i++) {
        const option_row *row = &option_rows[i];
        if (row->letter != 0)
            printf("*-%c*, ", row->letter);
        printf("*--%s*", row->name);
        if (row->value != NULL)
            printf(" _%s_", row->value);
        (void)fputs("\n\t", stdout);
        scdoc_text(row->help);
        puts("\n");
    }
}

/* ---- The command ----------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*write)(void);
} syntaxes[] = {
    {"bash", write_bash}, {"zsh", write_zsh}, {"fish", write_fish}, {"scdoc", write_scdoc}};

int command_completion(const options *opt)
{
    for (size_t i = 0; i < sizeof(syntaxes) / sizeof(syntaxes[0]); i++)
        if (strcmp(opt->names[0], syntaxes[i].name) == 0) {
            syntaxes[i].write();
            return finish_output(EXIT_DONE);
        }
    return fail(EXIT_USAGE, "'%s' is none of bash, zsh, fish, scdoc", opt->names[0]);
}
