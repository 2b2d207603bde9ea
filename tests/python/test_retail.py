"""The Online Retail data, replayed through Python, ends with the digest of the replay in C.

Usage: test_retail.py TOOL [ROWS]      ROWS: how many lines of the file; 0 = all
"""
import asyncio
import json
import lzma
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple, Union
from uuid import UUID

import tap

import holdfast
from holdfast import Key, Kind, _arguments, _names, _operations
from holdfast import _shapes as s

TOOL = sys.argv[1]
ROWS = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
DATA = Path(os.environ.get("HOLDFAST_RETAIL_DATA", Path(__file__).resolve().parents[3] / "shared"
                           / "data" / "online-retail.csv.xz"))
Json = Dict[str, Any]  # one object
IN_FLIGHT = 2000  # lines that are submitted together


def key_of(value: Optional[Json], item: bool) -> Key:
    """An account's key; of an item kind and unit may be left out."""
    if value is None:
        return holdfast.WORLD
    kind = value.get("kind", "ITEM" if item else "WORLD")
    return Key(Kind[kind], value.get("name", ""), value.get("place", ""),
               value.get("unit", "pcs" if item else ""))


def value_of(field: s.Field, value: Any, item: bool) -> Any:
    """One value of a line, as the package takes it."""
    if field.kind in s.IDS:
        return UUID(value)
    if field.kind in s.KEYS:
        return key_of(value, item)
    if field.kind == s.ENUM:
        return field.names.index(value)
    if field.kind == s.FLAGS:
        return sum(1 << field.names.index(name) for name in value)
    if field.kind == s.TIME:
        return holdfast.values.from_ms(value)
    if field.kind == s.ARRAY:
        assert field.element is not None
        make = _operations.ELEMENTS[_names.element_class(field.element.name)]
        return [make(**arguments(field.element, one, item)) for one in value]
    return value.encode() if field.kind == s.BYTES else value


def arguments(shape: s.Shape, given: Json, item: bool) -> Json:
    """The arguments of an operation or of an element."""
    found = {}
    for field in shape.fields:
        if field.name in given:
            timed = field.kind == s.TIME
            name = _arguments.time_name(field.name, shape) if timed else field.name
            name = _names.python_name(name)
            found[name] = value_of(field, given[field.name], item)
    assert len(found) == len(given), given
    return found


def operation_of(text: str) -> Tuple[holdfast.Op, bool]:
    """The operation of a JSON line."""
    line = json.loads(text)
    one = _operations.OPERATIONS[line["op"]]
    given = arguments(one.shape, line.get("args", {}), line["op"].startswith("item_"))
    if "id" in line:
        given["id"] = UUID(line["id"])
    for name in ("expected_version", "actor"):
        given.update({name: line[name]} if name in line else {})
    if "meta" in line:
        given["meta"] = line["meta"].encode()
    owner = getattr(holdfast, one.family) if one.family else holdfast
    return getattr(owner, one.method)(**given), line.get("linked", False)


def jobs(lines: Sequence[str]) -> Iterator[Union[holdfast.Op, holdfast.Chain]]:
    """Operations, and chains of those that are linked."""
    chain: List[holdfast.Op] = []
    for text in lines:
        op, linked = operation_of(text)
        chain.append(op)
        if not linked:
            yield chain[0] if len(chain) == 1 else holdfast.chain(*chain)
            chain = []


async def replay(lines: Sequence[str], store: str, driver: str) -> Tuple[str, Dict[str, int]]:
    """Replays in the order of the lines; the digest and the names of the refusals."""
    async with holdfast.open(store, driver) as hf:
        made = list(jobs(lines))
        refused: Dict[str, int] = {}
        for at in range(0, len(made), IN_FLIGHT):
            for one in await hf.submit_many(made[at:at + IN_FLIGHT]):
                if one.error is not None:
                    refused[one.error.name] = refused.get(one.error.name, 0) + 1
        verified = await hf.verify()
        assert verified.findings == ()
        return verified.digest.hex(), refused


def by_tool(*words: str, text: Optional[str] = None) -> str:
    """What the command-line tool prints."""
    return subprocess.run([TOOL, *words], input=text, text=True, capture_output=True,
                          timeout=1700).stdout


def test_same_digest() -> None:
    """A replay through Python ends with the digest of the replay in C, and refuses the same."""
    if not DATA.exists():
        raise tap.Skip("the Online Retail data is not there; HOLDFAST_RETAIL_DATA names it")
    with lzma.open(DATA, "rt", encoding="utf-8", newline="") as file:
        rows = [row for _, row in zip(range(ROWS + 1 if ROWS else sys.maxsize), file)]
    operations = by_tool("import-retail", "-", text="".join(rows))
    answers = by_tool("--store", "memory:", "replay", "--verify", "--json", "-", text=operations)
    answers, _, verified = answers.partition('{\n   "verify"')
    wanted = json.loads('{"verify"' + verified)["verify"][0]["digest"]
    status = [json.loads(line).get("status") for line in answers.splitlines()[:-1]]
    for driver, store in (("queue", "memory:"), ("loop", "sqlite:retail.db")):
        digest, refused = asyncio.run(replay(operations.splitlines(), store, driver))
        assert digest == wanted, (driver, digest, wanted)
        assert refused == {name: status.count(name) for name in set(status) - {"HF_OK"}}, refused


if __name__ == "__main__":
    tap.run(__name__)
