"""Each public header compiles alone, as C11 and as C++17, under strict warnings.

Arguments: root folder, C compiler, C++ compiler (either as one text).
"""
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

from harness import Control, Skip, run
from source import files

COMMON = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wshadow", "-Wconversion", "-Wundef"]
LANGUAGES = [
    (2, "a.c", ["-std=c11", "-Wstrict-prototypes", "-Wmissing-prototypes"]),
    (3, "a.cc", ["-std=c++17", "-Wold-style-cast"]),
]


def compile_one(command, path, name):
    result = subprocess.run(command + [path], capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return []
    errors = [line for line in result.stderr.splitlines() if "error" in line]
    return [f"{name}: {' '.join(command[:1])}: {(errors or [result.stderr])[0]}"]


def check(root):
    problems = []
    for argument, source, flags in LANGUAGES:
        compiler = shlex.split(sys.argv[argument])
        if shutil.which(compiler[0]) is None:
            raise Skip(f"{compiler[0]} is not installed")
        command = compiler + flags + COMMON + ["-fsyntax-only", "-I", os.path.join(root, "include")]
        for header, _ in files(root, ["include"], (".h",)):
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, source)
                with open(path, "w", encoding="utf-8") as out:
                    out.write(f"#include <{os.path.relpath(header, 'include')}>\n")
                problems += compile_one(command, path, header)
    return problems


def control(title, text, expected):
    return Control(title, {"include/holdfast/a.h": text}, expected)


CONTROLS = [
    control("a header that needs another", "int hf_a(uint32_t x);\n", "uint32_t"),
    control("a word reserved in C++", "struct hf_a {\n    int class;\n};\n", "error"),
    control("a prototype without types", "int hf_a();\n", "error"),
    control("a macro that is not defined", "#if HF_A\n#endif\n", "HF_A"),
    control("a good header", "#include <stdint.h>\nint hf_a(uint32_t x);\n", ""),
]

if __name__ == "__main__":
    run("public headers compile alone", check, CONTROLS)
