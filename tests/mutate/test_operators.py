"""The operators of the mutator: what they change, what they leave alone, and what a seed chooses."""
import sys
import tempfile
from pathlib import Path

from mutate import sample_of
from operators import mutants_of, mutants_under, operators_of
from related import tests_of

SOURCE = """/* if (comment) return HF_E_IO; */
int first(int count, const char *text)
{
    int error = 0;
    if (count < 10 &&
        text[0] == '<')
        return HF_E_IO;
    while (count > 0)
        count--;
    log_it("if (a < b) HF_E_IO");
    error = files->sync(text + 1);
    return error;
}
"""
EXPECTED = [
    (5, "negated condition", "count < 10 && text[0] == '<'", "!(count < 10 && text[0] == '<')"),
    (5, "off by one", "<", "<="),
    (7, "swapped error", "HF_E_IO", "HF_E_LAST"),
    (8, "negated condition", "count > 0", "!(count > 0)"),
    (8, "off by one", ">", ">="),
    (9, "dropped statement", "count--;", ";"),
    (10, "dropped statement", 'log_it("if (a < b) HF_E_IO");', ";"),
    (11, "dropped statement", "error = files->sync(text + 1);", ";"),
    (11, "removed flush", "files->sync(text + 1)", "0"),
    (11, "off by one", "+ 1", ""),
]
ERRORS = '#define X_TABLE(X) \\\n    X(HF_E_IO, -1, A, "x") \\\n    X(HF_E_LAST, -2, A, "x")\n'


def words(text):
    return " ".join(text.split())


def make_project(folder):
    for path, text in {"lib/a/a.c": SOURCE, "lib/a/b.c": SOURCE,
                       "include/holdfast/error.h": ERRORS}.items():
        at = Path(folder) / path
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(text, "utf-8")


def check_operators(folder):
    found = [(m.line(SOURCE), m.operator, words(SOURCE[m.start:m.end]), words(m.text))
             for m in mutants_of("lib/a/a.c", SOURCE, operators_of(folder))]
    return [f"{place}: found {found.count(place)} times" for place in EXPECTED
            if found.count(place) != 1] + [f"{place}: too many" for place in found
                                           if place not in EXPECTED]


def check_application(folder):
    """Each mutant changes its span and nothing else."""
    problems = []
    for mutant in mutants_of("lib/a/a.c", SOURCE, operators_of(folder)):
        changed = mutant.apply(SOURCE)
        same = SOURCE[:mutant.start] + SOURCE[mutant.end:]
        rest = changed[:mutant.start] + changed[mutant.start + len(mutant.text):]
        if rest != same or changed == SOURCE:
            problems.append(mutant.describe(SOURCE))
    return problems


def check_sample(folder):
    found = mutants_under(folder, ["lib"])
    once, again, other = (sample_of(found, 10, seed) for seed in (1, 1, 2))
    every = sample_of(found, 1000, 1)
    problems = [] if once == again else ["one seed chooses different mutants"]
    problems += [] if once != other else ["two seeds choose the same mutants"]
    problems += [] if len({m.operator for m in once}) == 5 else ["not every operator is chosen"]
    problems += [] if len(set(every)) == 2 * len(EXPECTED) else [f"{len(set(every))} mutants"]
    return problems


def check_related(_):
    """Every file of the library has tests that are related to it, and every test exists."""
    root = Path(sys.argv[1])
    described = "".join(file.read_text("utf-8") for file in root.glob("tests/**/meson.build"))
    files = [file.relative_to(root).as_posix() for file in sorted(root.glob("lib/**/*.c"))]
    problems = [f"{path}: no test" for path in files if not tests_of(path)]
    for name in sorted({name for path in files for name in tests_of(path)}):
        end = name.split("_", 1)[-1]
        if not name.startswith("suite ") and not any(
                f"'{text}'" in described for text in (name, end)):
            problems.append(f"{name}: no such test")
    return problems


CASES = [
    ("each operator finds its places, outside of comments and texts", check_operators),
    ("a mutant changes nothing but its place", check_application),
    ("a seed chooses the same mutants, of every operator", check_sample),
    ("every file of the library has tests that are related to it", check_related),
]


def main():
    print(f"1..{len(CASES)}")
    failed = False
    for number, (title, case) in enumerate(CASES, 1):
        with tempfile.TemporaryDirectory() as folder:
            make_project(folder)
            problems = case(folder)
        for problem in problems:
            print(problem, file=sys.stderr)
        print(f"{'not ok' if problems else 'ok'} {number} {title}")
        failed = failed or bool(problems)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
