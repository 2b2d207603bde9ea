/*
 * names.c - executes a command for each name of the command line, and prints one table.
 *
 * Failure modes: a name that is refused makes the exit code EXIT_REFUSED, after the others have
 * been done. Any other failure ends the command, and what was done before is printed.
 */
#include "cli.h"
#include "table.h"

int for_each_name(const options *opt, uint32_t kind, name_act act, table *t)
{
    session s;
    int result = session_look(&s, opt);
    if (result != EXIT_DONE) {
        table_destroy(t);
        return result;
    }
    for (int i = 1; i < opt->name_count && (result == EXIT_DONE || result == EXIT_REFUSED); i++) {
        int one = act(&s, opt, kind, opt->names[i], t);
        result = one == EXIT_DONE ? result : one;
    }
    session_close(&s);
    if (!tables_print(stdout, &t, 1, opt->json))
        result = fail(EXIT_OUTPUT, "the table could not be printed");
    table_destroy(t);
    return finish_output(result);
}
