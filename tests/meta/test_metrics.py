"""The fields of metrics.h have the texts of the table of metrics as their comments.

Arguments: root folder, shared library.
"""
import ctypes
import os
import re
import sys

from harness import Control, run

HEADER = os.path.join("include", "holdfast", "metrics.h")
STRUCTS = ["hf_metrics_info", "hf_operation_figures", "hf_callee_figures"]
STRUCT = re.compile(r"typedef struct (hf_\w+) \{\n(.*?)\n\} \1;", re.DOTALL)
FIELD = re.compile(r"\b(\w+);\s*/\*(.*?)\*/", re.DOTALL)


class Metric(ctypes.Structure):
    _fields_ = [(name, ctypes.c_char_p) for name in ("field", "name", "help", "label", "value")]
    _fields_ += [(name, ctypes.c_uint32) for name in ("kind", "unit", "of", "offset", "bytes",
                                                      "reserved")]


def table(library):
    lib = ctypes.CDLL(library)
    lib.hf_metric_at.restype = ctypes.POINTER(Metric)
    index = 0
    while one := lib.hf_metric_at(index):
        yield one.contents
        index += 1


def expected(library):
    """What the comment of each field must be: the help where a metric begins, then the label."""
    last = b""
    for metric in table(library):
        which = f"{metric.label.decode()} {metric.value.decode()}" if metric.value else ""
        text = metric.help.decode() if metric.name != last else ""
        last = metric.name
        yield (STRUCTS[metric.of], metric.field.decode(),
               f"{text}: {which}" if text and which else text or which)


def comments(text):
    """The comment of each field by struct and field, on one line."""
    found = {}
    for struct, body in STRUCT.findall(text):
        for field, comment in FIELD.findall(body):
            found[struct, field] = " ".join(comment.split())
    return found


def check(root):
    with open(os.path.join(root, HEADER), encoding="utf-8") as source:
        found = comments(source.read())
    problems = []
    for struct, field, text in expected(sys.argv[2]):
        if found.get((struct, field)) != text:
            problems.append(f"{struct}.{field}: '{found.get((struct, field))}', not '{text}'")
    return problems


def header(change, to):
    with open(os.path.join(sys.argv[1], HEADER), encoding="utf-8") as source:
        text = source.read()
    assert change in text
    return {HEADER: text.replace(change, to, 1)}


CONTROLS = [
    Control("another comment", header("batches committed since open", "batches"), "info.batches"),
    Control("another label", header("/* class FATAL */", "/* class fatal */"), "errors_fatal"),
    Control("a field without a comment", header("uint64_t queued;", "uint64_t line;"), "queued"),
    Control("the same header", header("#ifndef", "#ifndef"), ""),
]

if __name__ == "__main__":
    run("metrics are documented by their table", check, CONTROLS)
