/*
 * marks.c - passes on to Check few of the places where an assertion held.
 *
 * Check writes each of them to a file and reads them all when the test has ended, to say of a test
 * that crashed where it was last. A test with a hundred thousand assertions spends more than half
 * of its time on that. The linker puts this function in place of Check's: the first places of a
 * test are exact, later ones are as near as the number says. A failed assertion names its own
 * place.
 */
#include <check.h>

enum { EXACT = 256, THEN_EACH = 1024 };

void __real__mark_point(const char *file, int line);
void __wrap__mark_point(const char *file, int line);

void __wrap__mark_point(const char *file, int line)
{
    static _Atomic unsigned held; /* of this process, which is one test's */
    const unsigned before = held++;
    if (before < EXACT || before % THEN_EACH == 0)
        __real__mark_point(file, line);
}
