"""Every snippet of the README: run as it stands there, its output compared with what is printed."""
import glob
import os
import re
import shutil
import sqlite3
import subprocess

from harness import ROOT, TOOL, contains, equal, free_port, holdfast, replay, run

with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as readme:
    README = readme.read()
BUILD = os.path.dirname(os.path.dirname(os.path.dirname(TOOL)))
EXAMPLES = os.path.join(BUILD, "examples")


def snippets(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.S)


def shell(text, **environment):
    return subprocess.run(["sh", "-ec", text], capture_output=True, text=True, timeout=600,
                          check=False, env={**os.environ, **environment})


def quickstart(store="sqlite:shop.db"):
    if os.path.exists("shop.db"):
        return ""
    return subprocess.run([os.path.join(EXAMPLES, "quickstart"), store], capture_output=True,
                          text=True, timeout=600, check=True).stdout


def two_commands_exist():
    """The two commands are scripts that can be run."""
    for command in ("examples/run.sh", "tests/run.sh"):
        contains("".join(snippets("sh")), command + "\n")
        equal(os.access(os.path.join(ROOT, command), os.X_OK), True, command)


def first_output():
    """The first output is what quickstart and the killed seller print."""
    shown = snippets("text")[0]
    for line in quickstart().splitlines():
        contains(shown, line + "\n")
    seller = shell(f"'{EXAMPLES}/survive' sqlite:survive.db 2000")
    equal(seller.returncode, 0, seller.stderr)
    numbers = re.compile(r"\d+")
    shapes = {numbers.sub("N", line) for line in seller.stdout.splitlines()}
    for line in shown.splitlines()[shown.splitlines().index("...") + 2:]:
        equal(numbers.sub("N", line) in shapes, True, line)


def program_compiles():
    """The quickstart compiles as the README says."""
    command = next(s for s in snippets("sh") if s.startswith("cc "))
    shutil.copy(os.path.join(ROOT, "examples", "quickstart.c"), "quickstart.c")
    built = shell(command, PKG_CONFIG_PATH=os.path.join(BUILD, "meson-uninstalled"))
    equal(built.returncode, 0, built.stderr)
    equal(glob.glob("quickstart"), ["quickstart"])


def refusal_reads_so():
    """A refusal names the culprit as the README shows it."""
    quickstart()
    answer = replay("sqlite:shop.db", {"op": "order_place", "args": {
        "currency": "EUR", "total": 0, "policy": ["PAY_LATER"],
        "lines": [{"sku": "tea", "quantity": 2000, "unit_price": 0}]}})
    contains(answer.out + answer.err, snippets("text")[1].strip())


def sql_answers():
    """The three questions are answered by plain SQL."""
    quickstart()
    database = sqlite3.connect("file:shop.db?mode=ro", uri=True)
    queries = [q.strip() for q in snippets("sql")[0].split(";") if q.strip()]
    wanted = [
        [(1, "CLOSED", "tea", 2, 900), (1, "CLOSED", "cup", 1, 1200)],
        [("", 998, 0)],
        [(1, "ada", 2100)],
    ]
    for query, rows in zip(queries, wanted):
        equal(database.execute(query).fetchall(), rows, query)
    equal(len(queries), len(wanted))


def tool_works():
    """The tool's commands work in a row."""
    quickstart()
    commands = next(s for s in snippets("sh") if "HOLDFAST_STORE" in s)
    done = shell(commands, PATH=os.path.dirname(TOOL) + ":" + os.environ["PATH"])
    equal(done.returncode, 0, done.stderr)
    contains(done.stdout, "CLOSED")
    equal(os.path.exists("shop-copy.db"), True)
    equal(holdfast("verify", store="sqlite:shop-copy.db").code, 0)


def bench_measures():
    """The command that measures a store prints what it measured."""
    command = next(s for s in snippets("sh") if "holdfast bench" in s)
    done = shell(command.strip() + " --orders 200",
                 PATH=os.path.dirname(TOOL) + ":" + os.environ["PATH"])
    equal(done.returncode, 0, done.stderr)
    contains(done.stdout, "a_second")


def server_answers():
    """The server's lines work as printed, and its refusal reads as shown."""
    commands = next(s for s in snippets("sh") if "holdfast-server" in s)
    folders = [os.path.join(EXAMPLES, "server"), os.path.dirname(TOOL), os.environ["PATH"]]
    # Another port than the one that is printed, because something else may use that one here.
    address = f"127.0.0.1:{free_port()}"
    done = shell("trap 'kill $! 2>/dev/null || :' EXIT\n" +
                 commands.replace("127.0.0.1:8080", address) + "wait", PATH=":".join(folders))
    equal(done.returncode, 0, done.stderr)
    shown = next(s for s in snippets("text") if "STOCK_SHORT" in s and "/v1/problems" in s)
    contains(done.stdout, re.sub(r",\n ", ",", shown.strip()).split(", ...")[0])
    contains(done.stdout, '{"order":{"id":')
    contains(done.stdout, '"outcome":"DONE"')
    contains(done.stdout, '"next_cursor":null')
    contains(done.stdout, "holdfast_server_requests_total")


if __name__ == "__main__":
    run([two_commands_exist, first_output, program_compiles, sql_answers, tool_works,
         bench_measures, refusal_reads_so,
         server_answers])
