"""The diagrams of lib/domain/README.md show the state tables, arrow for arrow."""
import os
import re

from harness import Control, run

README = "lib/domain/README.md"
# title of the section: file, list of rows, macro that names the events of a row
MACHINES = {
    "Order": ("lib/domain/order/state.c", "ORDER_ROWS", "ORDER_ROW"),
    "Payment": ("lib/domain/order/payment_state.c", "PAYMENT_ROWS", "PAYMENT_ROW"),
    "Hold": ("lib/domain/ledger/hold_state.c", "ROWS", "TABLE_ROW"),
    "Transaction": ("lib/domain/txn/state.c", "TXN_ROWS", "TXN_ROW"),
    "Branch": ("lib/domain/txn/state.c", "BRANCH_ROWS", "BRANCH_ROW"),
}
# A hold's table says how a pair is treated; the counters choose among these states.
TREATMENTS = {
    "REFUSE": [],
    "BEGIN": ["HELD"],
    "SPEND": ["PARTIAL", "DONE", "VOID"],
    "KEEP": [None],
    "LAPSE": ["EXPIRED", "DONE"],
}
ARROW = re.compile(r"^\s*(\[\*\]|\w+) --> (\w+): (.+)$", re.MULTILINE)


def macro(text, name):
    """The lines of a macro, without the backslashes; "" when there is none."""
    found = re.search(rf"^#define {name}\(([^)]*)\)((?:.*\\\n)*.*)$", text, re.MULTILINE)
    return (found.group(1), found.group(2)) if found else ("", "")


def events_of(text, row):
    """Event names in the order of the row's cells: HF__ON_PLACE gives PLACE."""
    parameters, body = macro(text, row)
    parameters = [word.strip() for word in parameters.replace("\\", "").split(",")][1:]
    pairs = re.findall(r"\[HF__([A-Z_]+)\] = [^,}]*?(\w+)\)?(?=,)", body)
    event_of = {cell: event.split("_", 1)[1] for event, cell in pairs}
    return [event_of.get(cell, "?") for cell in parameters]


def arrows_of_table(text, rows, row):
    """(state, event, next state) of every pair that the table allows."""
    events = events_of(text, row)
    arrows = set()
    for cells in re.findall(r"\bROW\(([^()]+)\)", macro(text, rows)[1]):
        state, *cells = [cell.strip().removeprefix("HF_HOLD_") for cell in cells.split(",")]
        for event, cell in zip(events, cells):
            targets = TREATMENTS.get(cell, [cell] if cell != "NONE" else [])
            arrows |= {(state, event, target or state) for target in targets}
    return arrows


def arrows_of_diagram(text, title):
    found = re.search(rf"^### {title}\n.*?```mermaid\n(.*?)```", text, re.MULTILINE | re.DOTALL)
    arrows = set()
    for start, end, events in ARROW.findall(found.group(1) if found else ""):
        state = "NONE" if start == "[*]" else start
        arrows |= {(state, event.strip(), end) for event in events.split(",")}
    return arrows


def read(root, path):
    full = os.path.join(root, path)
    if not os.path.exists(full):
        return ""
    with open(full, encoding="utf-8") as source:
        return source.read()


def check(root):
    readme = read(root, README)
    problems = []
    for title, (path, rows, row) in MACHINES.items():
        text = read(root, path)
        if text == "":
            problems += [f"{path}: is not there"] if f"### {title}\n" in readme else []
            continue
        table = arrows_of_table(text, rows, row)
        diagram = arrows_of_diagram(readme, title)
        if not table:
            problems.append(f"{path}: {rows} has no row that is understood")
        for state, event, target in sorted(table - diagram):
            problems.append(f"{README}: {title}: lacks {state} --> {target}: {event}")
        for state, event, target in sorted(diagram - table):
            problems.append(f"{README}: {title}: {state} --> {target}: {event} is not in {path}")
    return problems


TABLE = """#define TXN_ROWS(ROW) \\
    ROW(NONE,   TRYING, NONE) \\
    ROW(TRYING, NONE,   CONFIRMED)

#define TXN_ROW(state, begin, end) \\
    [HF_TXN_##state] = { \\
        [HF__TXN_BEGIN] = HF_TXN_##begin, [HF__TXN_END] = HF_TXN_##end, \\
    },
#define BRANCH_ROWS(ROW) \\
    ROW(NONE, TRYING)
#define BRANCH_ROW(state, add) \\
    [HF_BRANCH_##state] = { [HF__BRANCH_ADD] = HF_BRANCH_##add, },
"""


def tree(transaction):
    diagram = "### Transaction\n```mermaid\nstateDiagram-v2\n" + transaction + "```\n"
    diagram += "### Branch\n```mermaid\n    [*] --> TRYING: ADD\n```\n"
    return {"lib/domain/txn/state.c": TABLE, README: diagram}


BEGIN, END = "    [*] --> TRYING: BEGIN\n", "    TRYING --> CONFIRMED: END\n"
CONTROLS = [
    Control("a diagram that fits", tree(BEGIN + END), ""),
    Control("a missing arrow", tree(BEGIN), "lacks TRYING --> CONFIRMED: END"),
    Control("an arrow of its own", tree(BEGIN + END + "    TRYING --> TRYING: BEGIN\n"), "is not in"),
    Control("a table that has moved", {README: tree("")[README]}, "state.c: is not there"),
    Control("an arrow elsewhere", tree(BEGIN + "    TRYING --> TRYING: END\n"), "CONFIRMED: END"),
]

if __name__ == "__main__":
    run("state diagrams show the state tables", check, CONTROLS)
