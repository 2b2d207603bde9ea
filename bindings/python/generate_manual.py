"""Writes holdfast/_manual.py: the docstrings of what the package makes of the library's tables.

    python3 bindings/python/generate_manual.py            writes the file
    python3 bindings/python/generate_manual.py --check    exit code 1 when it is not up to date

What operations, arguments and records mean is written down once, in the C headers. Here their
comments become pages in Python's words (words.py): what it does, its arguments with types and
ranges, what it returns, and what it raises. A text in which something is left that is only true in
C is an error.
"""
from __future__ import annotations

import os
import re
import sys
import textwrap
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import headers  # noqa: E402
import words  # noqa: E402
from generate_types import argument_type  # noqa: E402
from holdfast import _operations, _options, _records  # noqa: E402
from holdfast import _shapes as s  # noqa: E402
from holdfast._arguments import Parameter  # noqa: E402
from holdfast._metrics import table  # noqa: E402
from holdfast._names import record_class  # noqa: E402
from holdfast.enums import MetricOf  # noqa: E402
from written import written  # noqa: E402

HERE = Path(__file__).resolve().parent / "holdfast"
WIDTH = 92
HEAD = '''"""The docstrings of operations, arguments and records. Written by generate_manual.py."""
from __future__ import annotations

from inspect import cleandoc
from typing import Any, Callable, Dict, TypeVar

Documented = TypeVar("Documented", bound=Callable[..., Any])

TEXTS: Dict[str, str] = {
'''
TAIL = '''}


def text(key: str) -> str:
    """The page of an operation ("order_place"), an argument or a record ("hf_order"), a family."""
    return TEXTS.get(key, "")


def continued(key: str) -> Callable[[Documented], Documented]:
    """Puts a text behind the docstring of a class or function."""
    def add(documented: Documented) -> Documented:
        documented.__doc__ = f"{cleandoc(documented.__doc__ or '')}\\n\\n{text(key)}"
        return documented
    return add
'''
#: The end of a sentence: a full stop before a capital, a quoted name or the end.
SENTENCE = re.compile(r"(?<=[^.][.])\s+(?=[A-Z`(])")
RESULT = re.compile(r"^Result(?: and errors)?:? ")
ERRORS = re.compile(r"^(?:Completes|Misuse:) ?(?:with, |with |as |)")
AT_ONCE = re.compile(r"^Returns 0 when accepted[,;] (?:else at once as |or )?")


class Page(NamedTuple):
    """The parts of the comment of a function."""

    text: List[str]
    returns: List[str]
    raises: List[str]


def wrapped(text: str, indent: str = "", hang: str = "") -> List[str]:
    """A paragraph over as many lines as it needs."""
    return textwrap.wrap(" ".join(text.split()), WIDTH, initial_indent=indent,
                         subsequent_indent=indent + hang, break_long_words=False,
                         break_on_hyphens=False)


def raised(sentence: str) -> str:
    """What a sentence about errors says, as a list of exceptions."""
    whole = "also as " if sentence.startswith("Completes as ") else ""
    found = whole + ERRORS.sub("", sentence)
    if found.startswith("0 when"):
        found = "no error when" + found[len("0 when"):]
    return found


def split_page(doc: str) -> Page:
    """Sorts the sentences of a function's comment into what it does, returns and raises."""
    page = Page([], [], [])
    for paragraph in doc.split("\n\n"):
        told = []
        for sentence in SENTENCE.split(" ".join(paragraph.split())):
            if sentence.startswith(("Thread:", "Since 0.", "Source:")):
                continue
            if sentence == "No result struct.":
                continue
            if RESULT.match(sentence):
                page.returns.append(RESULT.sub("", sentence))
                if sentence.startswith("Result and errors"):
                    page.raises.append(RESULT.sub("", sentence))
            elif AT_ONCE.match(sentence):
                page.raises.append("before anything is done: " + at_once(sentence))
            elif ERRORS.match(sentence):
                page.raises.append(raised(sentence))
            else:
                told.append(sentence)
        if told:
            page.text.append(" ".join(told))
    return page


def at_once(sentence: str) -> str:
    """What is raised without that the engine looks at anything."""
    as_other = sentence.startswith("Returns 0 when accepted, else at once as ")
    found = AT_ONCE.sub("", sentence)
    found = re.sub(r"\bmisuse(?= at once)", "any Misuse", found)
    found = re.sub(r" at once: then there is no callback", "", found)
    found = re.sub(r"^(\w+), and with ", r"\1, and ", found)
    return ("as " if as_other else "") + found


def metric_helps() -> Dict[Tuple[str, str], str]:
    """What the library's table of metrics says of the fields of the records."""
    structs = {MetricOf.ENGINE: "hf_metrics_info", MetricOf.OPERATION: "hf_operation_figures",
               MetricOf.CALLEE: "hf_callee_figures"}
    return {(structs[one.of], one.field):
            one.help + (f" ({one.label} {one.value})" if one.value else "") for one in table()}


class Manual:
    """Makes the pages."""

    def __init__(self) -> None:
        where = headers.folder()
        self.where, self.found = where, headers.read(where)
        self.words = words.Words(where, self.found)
        self.problems: List[str] = []
        self.helps = metric_helps()
        for shape in list(s._known.values()):
            self.words.times |= {field.name for field in shape.fields if field.kind == s.TIME}

    def say(self, key: str, text: str) -> str:
        """A text in Python's words; what is left of C is a problem."""
        said = self.words.say(text)
        for match in words.ONLY_C.finditer(said):
            near = said[max(0, match.start() - 60):match.end() + 40].replace("\n", " ")
            self.problems.append(f"{key}: {match[0]} is left in: {near}")
        return said

    # ---- Arguments ---------------------------------------------------------------------------

    def field(self, struct: str, name: str) -> str:
        """The comment of a field."""
        for one in self.found.structs[struct].fields:
            if one.name.split("[")[0] == name:
                return one.doc
        return ""

    def argument(self, struct: str, one: Parameter, shape: s.Shape) -> List[str]:
        """One argument: its name, its type and what it says."""
        owner, _, name = one.field.rpartition(".")
        doc = self.field("hf_op_head" if owner == "head" else struct, name)
        field = shape.offsets().get(one.field)
        kind = argument_type(one, shape)
        if field is not None and field.kind in (s.ARRAY, s.NAMES, s.BYTES):
            doc = self.array(struct if owner != "head" else "hf_op_head", name, doc)
        elif one.field == "head.meta":
            doc = self.array("hf_op_head", name, doc)
        elif field is not None and field.kind == s.TIME:
            doc = re.sub(r"\b0( =|:)", r"None\1", doc)
        said = self.say(f"{struct}.{one.name}", doc)
        said = re.sub(rf"^{kind}(?: bits)?\b[;:,]? ?", "", said)
        said = "" if said == "0 or 1" else said
        return wrapped(f"{one.name}: {kind}" + (f". {sentence(said)}" if said else ""), "    ",
                       "    ")

    def array(self, struct: str, name: str, doc: str) -> str:
        """The comment of an array, with what its count may be."""
        stem = re.sub(r"s$", "", name)
        counts = (f"{stem}_count", f"{name}_count", f"{name}_bytes")
        count = next((text for text in (self.field(struct, one) for one in counts) if text), "")
        fields = self.found.structs[struct].fields
        what = " bytes" if f"{name}_bytes" in (one.name for one in fields) else " of them"
        count = re.sub(r"^(\S+\.\.[\w,-]+)(?=;|$)", r"\1" + what, self.words.say(count))
        parts = [part for part in (self.words.say(doc), count) if part]
        return "; ".join(parts)

    def arguments(self, struct: str, found: List[Parameter], shape: s.Shape) -> List[str]:
        """The section about arguments."""
        lines = [line for one in found for line in self.argument(struct, one, shape)]
        return ["", "Arguments:", *lines] if lines else []

    # ---- Pages -------------------------------------------------------------------------------

    def operation(self, one: _operations.Operation) -> str:
        """The page of an operation."""
        page = split_page(self.found.functions[f"hf_{one.name}"])
        lines = [line for text in page.text for line in [*wrapped(self.say(one.name, text)), ""]]
        lines += self.argument_notes(one)
        lines += self.arguments(self.args_struct(one), one.plan.parameters, one.shape)
        lines += self.returns(one, page) + self.raises(one, page)
        return "\n".join(lines)

    def args_struct(self, one: _operations.Operation) -> str:
        """The struct of the arguments of an operation."""
        text = (self.where / self.header_of(one.name)).read_text(encoding="utf-8")
        declared = re.search(rf"HF_API int hf_{one.name}\(.*?const (hf_\w+) \*args", text, re.DOTALL)
        assert declared is not None, one.name
        return declared[1]

    def argument_notes(self, one: _operations.Operation) -> List[str]:
        """What is said of the arguments as a whole."""
        text = " ".join(self.found.structs[self.args_struct(one)].doc.split())
        text = re.sub(r"^Arguments of [^.:]*[.:] ?", "", text)
        text = re.sub(r"\bhead\.id is [^.]*\.", "", text).strip()
        said = self.say(one.name, text)
        return wrapped(sentence(said)) + [""] if said else []

    def returns(self, one: _operations.Operation, page: Page) -> List[str]:
        """The section about the result."""
        if one.result is None:
            return []
        cls = record_class(one.result.name)
        told = self.say(one.name, " ".join(page.returns)) or cls
        if not told.startswith(cls):
            told = f"{cls}: {told}"
        if one.limit >= 0:
            told += " As an asynchronous iterator: one row after the other, over all pages."
        return ["", "Returns:", *wrapped(sentence(told), "    ")]

    def raises(self, one: _operations.Operation, page: Page) -> List[str]:
        """The section about exceptions."""
        lines: List[str] = []
        for told in page.raises:
            lines += wrapped(sentence(self.say(one.name, told)), "    ", "    ")
        return ["", "Raises:", *lines] if lines else []

    def header_of(self, name: str) -> str:
        """The header that declares an operation."""
        for path in sorted(self.where.glob("*.h")):
            if re.search(rf"HF_API int hf_{name}\(", path.read_text(encoding="utf-8")):
                return path.name
        raise KeyError(name)

    def introduction(self, header: str) -> str:
        """What a header says at its top, as it is laid out there."""
        text = (self.where / header).read_text(encoding="utf-8")
        whole = headers.plain(text[text.index("/*") + 2:text.index("*/")])
        said = self.say(header, re.sub(r"^\w+\.h - ", "", whole))
        return said[0].upper() + said[1:]

    def record(self, name: str) -> str:
        """The page of a record."""
        struct = self.found.structs[name]
        about = " ".join(struct.doc.split())
        made = re.match(r"(?:The r|R)esult of (hf_\w+)[.:]? ?", about)
        lines = wrapped(sentence(self.say(name, about))) if about else []
        fields: List[str] = []
        for column in _records.PLANS[name].columns:
            doc = self.helps.get((name, column.field)) or self.field(name, column.field)
            if "datetime" in column.type:
                doc = re.sub(r"\b0( =|:)", r"None\1", doc)
            said = re.sub(rf"^{column.type}(?: bits)?\b[;:,]? ?", "", self.say(name, doc))
            fields += wrapped(f"{column.name}: {column.type}" + (f". {sentence(said)}" if said
                                                                 else ""), "    ", "    ")
        assert made is None or lines
        return "\n".join([*(lines or [f"{record_class(name)}."]), "", "Fields:", *fields])

    def element(self, name: str) -> str:
        """The page of an element of arguments."""
        struct = next(one for one in (f"hf_{name}_args", f"hf_{name}") if one in self.found.structs)
        shape = next(x for x in s._known.values() if x.name == name)
        text = self.say(name, self.found.structs[struct].doc)
        lines = laid_out(text)
        found = _operations.ELEMENT_PLANS[name].parameters
        return "\n".join(lines + self.arguments(struct, found, shape)).lstrip("\n")

    def fields_of(self, struct: str, left_out: str) -> str:
        """The fields of a struct that keyword arguments set, without those of `left_out`."""
        lines: List[str] = []
        shape = s.struct_of(struct)
        for field in shape.fields:
            if field.kind == s.ADDRESS or re.fullmatch(left_out, field.name):
                continue
            said = self.say(f"{struct}.{field.name}", self.field(struct, field.name))
            name = field.name[:-3] if field.kind == s.TIME else field.name
            lines += wrapped(name
                             + (f": {sentence(said)}" if said else ""), "    ", "    ")
        return "\n".join(lines)

    def pages(self) -> Iterator["tuple[str, str]"]:
        """Every page by its key."""
        for one in _operations.OPERATIONS.values():
            yield one.name, self.operation(one)
        _records.add_all()
        for shape in _records.STRUCTS.values():
            yield shape.name, self.record(shape.name)
        for name in _operations.ELEMENT_PLANS:
            yield name, self.element(name)
        for family in filter(None, _operations.FAMILIES):
            header = self.family_header(family)
            if header:
                yield family, self.introduction(header)
        yield "head", "\n".join(laid_out(self.say("head", self.found.structs["hf_op_head"].doc)))
        yield "peek", self.peek()
        left_out = "|".join(sorted(_options.LEFT_OUT))
        yield "options", self.fields_of("hf_options", left_out)
        for kind in ("participant", "provider"):
            yield kind, self.fields_of(f"hf_{kind}", r"size|name|data|flags|retry.*")
        yield "reply", self.fields_of("hf_call_answer", "size|answer")

    def family_header(self, family: str) -> Optional[str]:
        """The header that is about a family; None when it is about others too."""
        return next((f"{header}.h" for header, name in words.HEADERS.items()
                     if name == family and (self.where / f"{header}.h").is_file()), None)

    def peek(self) -> str:
        """What all peeks have in common: a paragraph of their header."""
        text = (self.where / "peek.h").read_text(encoding="utf-8")
        whole = headers.plain(text[:text.index("*/")])
        found = next(one for one in whole.split("\n\n") if one.startswith("A record is cached"))
        return "\n".join(wrapped(self.say("peek", found)))


def sentence(text: str) -> str:
    """A text that begins with a capital, unless it begins with a name, and ends with a full stop."""
    if not text:
        return ""
    first = re.match(r"[a-z]+(?=[ ,;:]|\.?$|\. )", text)
    begun = text[0].upper() + text[1:] if first else text
    return begun if begun.endswith((".", ":", ")")) and not begun.endswith("e.g.") else begun + "."


def laid_out(text: str) -> List[str]:
    """Paragraphs are wrapped anew; lists and drawings stay as they are."""
    lines: List[str] = []
    for paragraph in text.split("\n\n"):
        if re.search(r"^(?:- |  )", paragraph, re.MULTILINE):
            lines += paragraph.split("\n")
        else:
            lines += wrapped(paragraph)
        lines.append("")
    return lines[:-1]


def manual_text() -> str:
    """The text of _manual.py."""
    manual = Manual()
    pages: Dict[str, str] = dict(manual.pages())
    if manual.problems:
        sys.exit("\n".join(manual.problems))
    lines = []
    for key, page in pages.items():
        tidy = re.sub(r"\n{3,}", "\n\n", page).strip("\n")
        escaped = tidy.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
        end = "\\\n" if tidy.endswith('"') else ""
        lines.append(f'    "{key}": """{escaped}{end}""",')
    return HEAD + "\n".join(lines) + "\n" + TAIL


if __name__ == "__main__":
    sys.exit(written({HERE / "_manual.py": manual_text()}))
