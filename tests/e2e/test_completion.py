"""What shells complete and what the manual page names: the commands and options that --help names."""
import os
import re
import shutil
import subprocess
import sys

from harness import TOOL, Skip, contains, equal, holdfast, run

PAGES = sys.argv[3]  # the folder with the manual pages; "" when they were not built
BASH = """
complete() { :; }
. ./completion
while IFS= read -r line; do
    eval "COMP_WORDS=($line)"
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    _holdfast
    echo "${COMPREPLY[*]}"
done
"""


def options_of(*arguments):
    """The long options that a help names."""
    return set(re.findall(r"^ +(?:-\w, )?--([\w-]+)", holdfast(*arguments, "--help").out, re.M))


def commands():
    """Every command with its options, as the helps say."""
    found = re.findall(r"^  ([\w-]+) ", holdfast("--help").out, re.MULTILINE)
    equal(len(found) > 15, True, found)
    return {name: options_of(name) for name in found}


def script(shell):
    answer = holdfast("completion", shell)
    equal((answer.code, answer.err), (0, ""), shell)
    return answer.out


def shell(name):
    """The path of a shell, or Skip."""
    found = shutil.which(name)
    if found is None:
        raise Skip(f"{name} is not installed")
    return found


def bash(text, *lines):
    """What bash offers at the end of each line."""
    with open("completion", "w", encoding="utf-8") as out:
        out.write(text)
    done = subprocess.run([shell("bash"), "-c", BASH], input="".join(f"{one}\n" for one in lines),
                          capture_output=True, text=True, timeout=600, check=False)
    equal((done.returncode, done.stderr), (0, ""), lines)
    return [set(line.split()) for line in done.stdout.splitlines()]


def differences(text):
    """The commands of which bash offers other options than the help of the command names."""
    helps = commands()
    offered = bash(text, *(f"holdfast {name} --" for name in helps))
    return [name for (name, options), words in zip(helps.items(), offered)
            if words != {f"--{one}" for one in options}]


def bash_options():
    """bash completes every command, and the options of each as its help names them."""
    text = script("bash")
    equal(bash(text, "holdfast ''")[0], set(commands()))
    equal(differences(text), [])
    missing = text.replace("--rounds ' words", "' words")  # as if the table had no such row
    equal(differences(missing), ["top"], "an option that is missing is noticed")


def bash_words():
    """bash completes what a command takes first, the values of options, and files."""
    os.makedirs("folder", exist_ok=True)
    with open("folder/orders.jsonl", "w", encoding="utf-8"):
        pass
    wanted = {
        "holdfast sh": {"show"}, "holdfast show ''": {"order", "item", "account", "payment", "hold",
                                                      "txn"},
        "holdfast show order ''": set(), "holdfast --json list pay": {"payments"},
        "holdfast list --state CLO": {"CLOSED"}, "holdfast --log d": {"debug"},
        "holdfast -s sq": {"sqlite:"}, "holdfast -s lmdb : folder/o": {"folder/orders.jsonl"},
        "holdfast -s lmdb : folder stat": {"status"}, "holdfast replay folder/o":
        {"folder/orders.jsonl"}, "holdfast transactions --which P": {"PARKED"},
        "holdfast list --customer ''": set(), "holdfast status --metrics folder/":
        {"folder/orders.jsonl"}, "holdfast completion z": {"zsh"},
    }
    for (line, words), offered in zip(wanted.items(), bash(script("bash"), *wanted)):
        equal(offered, words, line)


def zsh_options():
    """The script for zsh is one, and has every command with its options."""
    text = script("zsh")
    with open("_holdfast", "w", encoding="utf-8") as out:
        out.write(text)
    for name, options in commands().items():
        part = re.search(rf"^        {name}\) _arguments(.*?) ;;$", text, re.M | re.S)
        equal(part is not None, True, name)
        named = re.findall(r"^ +(?:'\(-\w --[\w-]+\)'\{-\w,)?--([\w-]+)", part[1], re.M)
        equal(set(named), options, name)
        contains(text, f"        '{name}:")
    done = subprocess.run([shell("zsh"), "-n", "_holdfast"], capture_output=True, check=False)
    equal((done.returncode, done.stderr), (0, b""))


def fish_options():
    """fish completes every command, and the options of each."""
    text = script("fish")
    with open("holdfast.fish", "w", encoding="utf-8") as out:
        out.write(text)
    for name, options in commands().items():
        contains(text, f"-n __fish_use_subcommand -a {name} -d ")
        named = {match[2] for match in re.finditer(
            r"-n '__fish_seen_subcommand_from ([^';]*)[^']*' -l ([\w-]+)", text)
            if name in match[1].split()}
        equal(named, options, name)
    program = shell("fish")
    for line, words in (("holdfast sta", {"status"}), ("holdfast list units --lim", {"--limit"}),
                        ("holdfast bench --spread z", {"zipf"})):
        done = subprocess.run([program, "-c", f"source holdfast.fish; complete -C '{line}'"],
                              capture_output=True, text=True, timeout=600, check=False,
                              env={**os.environ, "HOME": os.getcwd()})
        equal({one.split("\t")[0] for one in done.stdout.splitlines()}, words, line)


def page(name):
    """A manual page without the marks of its fonts, or Skip."""
    if not PAGES:
        raise Skip("scdoc was not there to make the manual pages")
    with open(os.path.join(PAGES, name), encoding="utf-8") as found:
        return re.sub(r"\\f[BIR]", "", found.read().replace("\\-", "-").replace("\\&", ""))


def section(text, name):
    return re.search(rf"^\.SH {name}\n(.*?)(?=^\.SH |\Z)", text, re.M | re.S)[1]


def manual():
    """The manual page names the commands, the options of each, and all options, as --help does."""
    text, helps = page("holdfast.1"), commands()
    listed = dict(re.findall(r"^([\w-]+) \[OPTIONS\].*?Options: ([^\n]*)",
                             section(text, "COMMANDS"), re.M | re.S))
    equal(set(listed), set(helps))
    for name, options in helps.items():
        equal(set(re.findall(r"--([\w-]+)", listed[name])), options, name)
    named = re.findall(r"^(?:-\w, )?--([\w-]+)", section(text, "OPTIONS"), re.M)
    equal(set(named), set().union(*helps.values()) | options_of())
    equal(len(named), len(set(named)), "each option once")
    codes = re.findall(r"^(\d+)$", section(text, "EXIT STATUS"), re.M)
    equal(codes, re.findall(r"\b(\d+) (?:done|op|wrong|the|inter)", holdfast("--help").out))


def pages_render():
    """The manual pages are rendered without a warning, the one of the format with its examples."""
    pages = {name: page(name) for name in ("holdfast.1", "holdfast-operations.5")}
    contains(pages["holdfast-operations.5"], '{"op": "item_put", ')
    program = shell("man")
    for name in pages:
        done = subprocess.run([program, "--warnings", "-l", os.path.join(PAGES, name)], text=True,
                              capture_output=True, timeout=600, check=False,
                              env={**os.environ, "MANWIDTH": "120", "LC_ALL": "C.UTF-8"})
        equal((done.returncode, done.stderr), (0, ""), name)
        contains(done.stdout, "SEE ALSO")


def unknown():
    """A shell that the tool does not know is wrong usage and named with those it knows."""
    answer = holdfast("completion", "tcsh")
    equal(answer.code, 2)
    contains(answer.err, "'tcsh' is none of bash, zsh, fish, scdoc")


if __name__ == "__main__":
    equal(os.access(TOOL, os.X_OK), True, TOOL)
    run([bash_options, bash_words, zsh_options, fish_options, manual, pages_render, unknown])
