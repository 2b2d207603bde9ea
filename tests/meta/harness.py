"""Runs one meta check: over the project, then over small bad trees that it must report.

A check is a function of the root folder that returns a list of problems as text. A control is a
Control: files of a bad tree, and a text that one of the problems must contain. Output is TAP;
problems go to standard error, which meson shows when a test fails.
"""
import os
import sys
import tempfile
from dataclasses import dataclass


@dataclass
class Control:
    title: str
    files: dict
    expected: str  # part of a problem; "" when the tree is good and nothing may be reported


class Skip(Exception):
    """What the check needs is not installed."""


def make_tree(folder, files):
    for path, text in files.items():
        full = os.path.join(folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as out:
            out.write(text)


def check_control(check, control):
    with tempfile.TemporaryDirectory() as folder:
        make_tree(folder, control.files)
        problems = check(folder)
    if control.expected == "":
        return problems
    if any(control.expected in problem for problem in problems):
        return []
    return [f"expected a report of '{control.expected}', got {problems}"]


def check_in_folder(check):
    with tempfile.TemporaryDirectory() as folder:
        return check(folder)


def run(title, check, controls, root=None, more=None):
    """`more`: checks by title that make a tree of their own in the folder that they are given."""
    root = root or sys.argv[1]
    cases = [(title, lambda: check(root))]
    for control in controls:
        verb = "accepts" if control.expected == "" else "reports"
        cases.append((f"{verb} {control.title}", lambda c=control: check_control(check, c)))
    for name, one in (more or {}).items():
        cases.append((f"sees {name}", lambda one=one: check_in_folder(one)))
    print(f"1..{len(cases)}")
    failed = False
    for number, (name, case) in enumerate(cases, 1):
        try:
            problems = case()
        except Skip as reason:
            print(f"ok {number} {name} # SKIP {reason}")
            continue
        for problem in problems:
            print(problem, file=sys.stderr)
        print(f"{'not ok' if problems else 'ok'} {number} {name}")
        failed = failed or bool(problems)
    sys.exit(1 if failed else 0)
