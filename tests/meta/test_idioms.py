"""Three habits that hide a decision: a choice after "or" in a return, a choice inside a choice, and
work inside the argument of an invariant."""
import re

from harness import Control, run
from source import code_only, files

STATEMENT = re.compile(r"[^;{}]*[;{}]")
RETURN = re.compile(r"\breturn\b([^;{}?]*)\?")
INVARIANT = re.compile(r"\bhf_(?:shared_)?invariant\(")
WORK = re.compile(r"\+\+|--|(?<![=!<>])=(?!=)")
CALL = re.compile(r"\b([A-Za-z_]\w*)\(")
# Functions that only look, so an invariant may ask them.
LOOKS = re.compile(r"^(?:sizeof|is_\w+|has_\w+|fits\w*|hf__\w+_(?:holds|allows|fits)|hf__(?:is|has)_\w+)$")


def has_nested_choice(statement):
    """Whether a ?: stands inside an operand of another one."""
    open_choices = [False]  # one for each level of parentheses
    for letter in statement:
        if letter in "([":
            open_choices.append(False)
        elif letter in ")]" and len(open_choices) > 1:
            open_choices.pop()
        elif letter == ",":
            open_choices[-1] = False
        elif letter == "?":
            if any(open_choices):
                return True
            open_choices[-1] = True
    return False


def argument_at(code, start):
    depth = 1
    for at in range(start, len(code)):
        depth += (code[at] == "(") - (code[at] == ")")
        if depth == 0:
            return code[start:at]
    return code[start:]


def problems_of(code):
    """(offset, problem) of one file without comments and literals."""
    for match in RETURN.finditer(code):
        if "||" in match.group(1) or "&&" in match.group(1):
            yield match.start(), "returns a choice after || or &&: write an if"
    for match in STATEMENT.finditer(code):
        if match.group().count("?") > 1 and has_nested_choice(match.group()):
            yield match.start() + match.group().index("?"), "a choice inside a choice"
    for match in INVARIANT.finditer(code):
        argument = argument_at(code, match.end())
        calls = [name for name in CALL.findall(argument) if not LOOKS.match(name)]
        if WORK.search(argument) or calls:
            yield match.start(), "work inside an invariant's argument"


def check(root):
    problems = []
    for path, text in files(root, ["lib"]):
        code = code_only(text)
        for at, problem in problems_of(code):
            problems.append(f"{path}:{code.count(chr(10), 0, at) + 1}: {problem}")
    return problems


def control(title, body, expected):
    return Control(title, {"lib/base/a.c": f"int f(int a)\n{{\n    {body}\n}}\n"}, expected)


CONTROLS = [
    control("a return that chooses after or", "return a || b ? x : y;", "a.c:3: returns a choice"),
    control("it in parentheses", "return (a &&\n b) ? x : y;", "a.c:3: returns a choice"),
    control("a choice in the last operand", "a = b ? c : d ? e : f;", "inside a choice"),
    control("a choice in the middle", "a = b ? (c ? d : e) : f;", "inside a choice"),
    control("a choice in an argument of one", "a = b ? g(c ? d : e) : f;", "inside a choice"),
    control("a call that works in an invariant", "hf_invariant(take(a) == 0);", "work inside"),
    control("an assignment in an invariant", "hf_shared_invariant((a = b) != 0);", "work inside"),
    control("a count in an invariant", "hf_invariant(a++ < 3);", "work inside"),
    control("a return of a truth", "return a || b;", ""),
    control("a plain choice", "return a != 0 ? x : y;", ""),
    control("two choices side by side", "g(a ? b : c, d ? e : f);", ""),
    control("an invariant that looks", "hf_invariant(hf__order_row_holds(a) && a <= b);", ""),
]

if __name__ == "__main__":
    run("choices and invariants are plain", check, CONTROLS)
