"""Every exported declaration has a comment right above it that says what must be said."""
import re

from harness import Control, run
from source import files

# word that the comment must contain: what it tells
REQUIRED = {
    "Thread": "which thread may call it",
    "Since": "the version it appeared in",
}

COMMENT_ABOVE = re.compile(r"/\*(?:(?!\*/).)*\*/\n\Z", re.DOTALL)
EXPORT = re.compile(r"^HF_API\b[^;]*?(\w+)\s*(?:\(|;|\[)", re.MULTILINE)


def check(root):
    problems = []
    for path, text in files(root, ["include"], (".h",)):
        for match in EXPORT.finditer(text):
            where = f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {match.group(1)}"
            comment = COMMENT_ABOVE.search(text, 0, match.start())
            if comment is None:
                problems.append(f"{where}: no comment right above")
                continue
            for word, meaning in REQUIRED.items():
                if not re.search(rf"\b{word}\b", comment.group()):
                    problems.append(f"{where}: its comment lacks '{word}': {meaning}")
    return problems


def control(title, comment, expected):
    header = f"/* A header. Thread: any. Since 0.1. */\n\n{comment}HF_API int hf_x(int a);\n"
    return Control(title, {"include/holdfast/a.h": header}, expected)


CONTROLS = [
    control("a bare declaration", "", "hf_x: no comment"),
    control("a comment that is not right above", "/* Thread, Since */\n\n", "hf_x: no comment"),
    control("no thread", "/* Does x. Since 0.1. */\n", "'Thread'"),
    control("no version", "/*\n * Does x.\n * Thread: any.\n */\n", "'Since'"),
    control("a full comment", "/*\n * Does x.\n * Thread: any. Since 0.1.\n */\n", ""),
]

if __name__ == "__main__":
    run("exports are documented", check, CONTROLS)
