"""pip builds the library into a wheel, which works by itself, without a variable or a build tree."""
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import tap

PACKAGE = Path(__file__).resolve().parents[2] / "bindings" / "python"
ORDER = (PACKAGE / "examples" / "order.py").read_text()


def pip(*arguments: str) -> None:
    """Runs pip; it needs nothing from the network here."""
    env = {name: value for name, value in os.environ.items() if name != "HOLDFAST_LIBRARY"}
    env["PIP_NO_INDEX"] = env["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    done = subprocess.run([sys.executable, "-m", "pip", *arguments], env=env, text=True,
                          capture_output=True, timeout=900)
    if "No module named pip" in done.stderr:
        raise tap.Skip("pip is not installed")
    assert done.returncode == 0, done.stdout + done.stderr


def python(folder: str, *arguments: str) -> str:
    """Runs Python with what was installed into a folder, and nothing else."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": os.path.abspath(folder)}
    done = subprocess.run([sys.executable, "-B", "-W", "error", *arguments], env=env, text=True,
                          capture_output=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_wheel() -> None:
    """The wheel is for any Python 3 of the platform, has everything, and places an order."""
    pip("wheel", "--no-deps", "-w", "dist", str(PACKAGE))
    (wheel,) = os.listdir("dist")
    assert wheel.startswith("holdfast-0.") and "-py3-none-linux_" in wheel, wheel
    with zipfile.ZipFile(f"dist/{wheel}") as archive:
        names = set(archive.namelist())
    for path in (PACKAGE / "holdfast").iterdir():
        assert path.is_dir() or f"holdfast/{path.name}" in names or ".so" in path.name, path
    assert {"holdfast/py.typed", "holdfast/libholdfast.so.0"} <= names
    pip("install", "--no-deps", "--target", "site", f"dist/{wheel}")
    assert "order 1: paid 2100 cents" in python("site", "-c", ORDER, "sqlite:shop.db")
    told = python("site", "-m", "holdfast", "doctor")
    assert "site/holdfast/libholdfast.so.0 (beside the package: loaded)" in told, told
    assert told.count("works") == 3, told
    manual = python("site", "-c", "import holdfast; print(holdfast.orders.place.__doc__)")
    assert "Places an order: holds every leg" in manual


def test_editable() -> None:
    """An editable installation points to the source tree, where the package finds what is built."""
    sys.path.insert(0, str(PACKAGE))
    import build_wheel

    os.mkdir("dist")
    with zipfile.ZipFile(Path("dist") / build_wheel.build_editable("dist")) as archive:
        assert archive.read("holdfast.pth").decode().strip() == str(PACKAGE)
        assert "Name: holdfast" in archive.read(
            f"holdfast-{build_wheel.version()}.dist-info/METADATA").decode()


if __name__ == "__main__":
    tap.run(__name__)
