"""Every example runs: the stories print what the C programs print, README has the first of them."""
import os
import re
import subprocess
import sys
from pathlib import Path

import tap

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "bindings" / "python" / "examples"
C_EXAMPLES = Path(os.environ.get("HOLDFAST_EXAMPLES", ROOT / "build" / "dev" / "examples"))
STORIES = ("shop", "appointments", "trading")


def run(name: str, *arguments: str) -> str:
    """What an example prints; it must end well and without a warning."""
    env = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent)}
    done = subprocess.run([sys.executable, "-B", "-W", "error", str(EXAMPLES / name), *arguments],
                          env=env, text=True, capture_output=True, timeout=600)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout


def test_all_named() -> None:
    """Every example has a test here, in test_web.py or in test_django.py."""
    assert {path.name for path in EXAMPLES.iterdir()} - {"__pycache__"} == {
        "order.py", "web_shop.py", "django_site", *(f"{name}.py" for name in STORIES)}


def test_order() -> None:
    """The first example places an order and shows a refusal, on every store."""
    for store in ("memory:", "sqlite:shop.db", "lmdb:shop.lmdb"):
        lines = run("order.py", store).split("\n")
        assert lines[0] == "order 1: paid 2100 cents"
        assert lines[1].startswith("HF_E_STOCK_SHORT: line 1: ITEM tea [pcs]: 2000 wanted")


def test_stories() -> None:
    """The shop, the appointments and the trading print the same lines as the programs in C."""
    for name in STORIES:
        program = C_EXAMPLES / name
        if not program.exists():
            raise tap.Skip("the examples in C are not built")
        wanted = subprocess.run([str(program)], text=True, capture_output=True, timeout=600).stdout
        for store in ("memory:", f"sqlite:{name}.db"):
            assert run(f"{name}.py", store) == wanted, name
        assert "verify: 0 findings" in wanted


def test_shorter() -> None:
    """The stories are shorter in Python than in C."""
    for name in STORIES:
        python = (EXAMPLES / f"{name}.py").read_text().count("\n")
        assert python < (ROOT / "examples" / f"{name}.c").read_text().count("\n"), name


def test_readme() -> None:
    """README shows the first example as it is."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    example = (EXAMPLES / "order.py").read_text()
    assert blocks and blocks[0].strip() in example, "README and order.py differ"


if __name__ == "__main__":
    tap.run(__name__)
