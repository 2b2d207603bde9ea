"""Prints a manual page in the syntax of scdoc.

    page.py tool PAGE PROGRAM ...   the page, with what the program prints of itself for @TABLES@
    page.py format FORMAT.md        holdfast-operations(5), made of the description of the format

scdoc makes the pages of it. Only what FORMAT.md uses of Markdown is understood: headings, paragraphs,
fenced text, lists, tables, and words between back quotes; anything else is an error.
"""
import re
import subprocess
import sys

NAME = """holdfast-operations(5)

# NAME

holdfast-operations - operations as JSON lines, as holdfast replay reads them
"""


def escaped(text):
    """Text in which scdoc finds no markup."""
    return re.sub(r"[\\*_`~<>\[\]#]", r"\\\g<0>", text)


def inline(text):
    """A paragraph: names between back quotes are bold, of a link the words are left."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    parts = text.split("`")
    assert len(parts) % 2 == 1, f"a back quote has no other one: {text}"
    bold = [f"*{escaped(part)}*" if n % 2 else escaped(part) for n, part in enumerate(parts)]
    return re.sub(r"\*\*([^*]+)\*\*", r"*\1*", "".join(bold))


def table(lines):
    """A table: `|` begins a row, `:` a cell behind the first."""
    rows = [re.split(r"(?<!\\) *\| *", line.strip().strip("|").strip()) for line in lines]
    width = max(len(row) for row in rows)
    made = []
    for row in rows:
        if all(set(cell) <= {"-", ":"} and cell for cell in row):
            continue
        cells = row + [""] * (width - len(row))
        align = " " if made else "["
        made += [f"{':' if n else '|'}{align}" + (f" {inline(cell)}" if cell else "")
                 for n, cell in enumerate(cells)]
    return made


def block(lines):
    """The paragraph, list or table of some lines that follow each other."""
    first = lines[0]
    if first.startswith("#"):
        level, _, title = first.partition(" ")
        assert len(lines) == 1, first
        return ["#" * max(len(level) - 1, 1) + " " + title.upper().replace("`", "")]
    if first.startswith("|"):
        return table(lines)
    if first.startswith("- "):
        items = re.split(r"\n- ", "\n" + "\n".join(lines))[1:]
        return ["- " + inline(" ".join(item.split())) for item in items]
    return [inline(" ".join(" ".join(lines).split()))]


def page(text):
    """FORMAT.md without its title as a page."""
    made = [NAME, "# DESCRIPTION", ""]
    waiting, fenced = [], False
    for line in text.split("\n")[1:] + [""]:
        if line.startswith("```"):
            made += [*block(waiting), ""] if waiting else []
            waiting = []
            fenced = not fenced
            made.append("```")
        elif fenced:
            made.append(line)
        elif waiting and (line == "" or waiting[0].startswith("#")):
            made += [*block(waiting), ""]
            waiting = [line] if line else []
        elif line != "":
            waiting.append(line)
        elif made[-1] != "":
            made.append("")
    return "\n".join(made) + "\n# SEE ALSO\n\nholdfast(1)\n"


def main():
    """The command line."""
    kind, name, *program = sys.argv[1:]
    with open(name, encoding="utf-8") as found:
        text = found.read()
    if kind == "format":
        print(page(text), end="")
        return
    tables = subprocess.run(program, check=True, capture_output=True, text=True).stdout
    print(text.replace("@TABLES@\n", tables.rstrip("\n") + "\n"), end="")


if __name__ == "__main__":
    main()
