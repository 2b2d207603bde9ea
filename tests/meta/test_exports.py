"""The shared library exports exactly what the headers declare.

Arguments: root folder, shared library, C compiler command.
"""
import os
import re
import subprocess
import sys
import tempfile

from harness import Control, run
from source import code_only, files

DECLARATION = re.compile(r"^HF_API\b[^;]*?(\w+)\s*(?:\(|;|\[)", re.MULTILINE)
LINKER_MADE = "A"  # nm's letter of the version node


def declared(root):
    names = set()
    for _, text in files(root, ["include"], (".h",)):
        names.update(DECLARATION.findall(code_only(text)))
    return names


def exported(library):
    command = ["nm", "-D", "--defined-only", "--format=posix", library]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in output.splitlines()]
    return {row[0].split("@")[0] for row in rows if row[1] != LINKER_MADE}


def compare(root, library):
    in_headers, in_library = declared(root), exported(library)
    problems = [f"{name}: declared, not exported" for name in sorted(in_headers - in_library)]
    return problems + [f"{name}: exported, not declared" for name in sorted(in_library - in_headers)]


def check(root):
    if root == sys.argv[1]:
        return compare(root, sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:  # a control: build its library first
        library = os.path.join(folder, "lib.so")
        source = os.path.join(root, "lib", "a.c")
        subprocess.run(sys.argv[3:] + ["-shared", "-fPIC", "-o", library, source], check=True)
        return compare(root, library)


HEADER = "HF_API int hf_a(int x);\nHF_API const char *\nhf_b(void);\n"
BOTH = "int hf_a(int x) { return x; }\nconst char *hf_b(void) { return 0; }\n"


def control(title, code, expected):
    return Control(title, {"include/holdfast/a.h": HEADER, "lib/a.c": code}, expected)


CONTROLS = [
    control("a function that is missing", "int hf_a(int x) { return x; }\n", "hf_b: declared"),
    control("an export nobody declared", BOTH + "int hf_c;\n", "hf_c: exported"),
    control("an internal that leaks", BOTH + "int hf__d(void) { return 0; }\n", "hf__d: exported"),
    control("the very set", BOTH, ""),
]

if __name__ == "__main__":
    run("exports are what the headers declare", check, CONTROLS)
