"""Builds the wheel (PEP 517 and PEP 660): the library with Meson, then the package around it.

pip needs nothing from elsewhere for it. The library is built in a folder of its own, from the
source tree that this file is in; Meson, Ninja, a C compiler and the development packages of the
library must be installed. The wheel is for any Python 3 on this platform (py3-none-PLATFORM).
"""
from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sysconfig
import tempfile
import zipfile
from pathlib import Path
from typing import Any, Dict, List, Optional

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACKAGE = HERE / "holdfast"
SONAME = "libholdfast.so.0"
OPTIONS = ["--buildtype=release", "-Ddefault_library=shared", "-Dtests=disabled",
           "-Dexamples=disabled", "-Dbench=disabled"]


def version() -> str:
    """The version of the project, as meson.build has it."""
    text = (ROOT / "meson.build").read_text(encoding="utf-8")
    found = re.search(r"version: '([^']+)'", text)
    assert found, "meson.build has no version"
    return found[1]


def metadata() -> str:
    """The text of METADATA, out of pyproject.toml and README.md."""
    text = (HERE / "pyproject.toml").read_text(encoding="utf-8")
    project = dict(re.findall(r'^([\w-]+) = "([^"]*)"$', text, re.MULTILINE))
    classifiers = re.findall(r'^    "(.+ :: .+)",$', text, re.MULTILINE)
    lines = ["Metadata-Version: 2.1", "Name: holdfast", f"Version: {version()}",
             f"Summary: {project['description']}", "License: Apache-2.0",
             f"Requires-Python: {project['requires-python']}",
             *(f"Classifier: {one}" for one in classifiers),
             "Description-Content-Type: text/markdown", ""]
    return "\n".join(lines) + "\n" + (HERE / "README.md").read_text(encoding="utf-8")


def tag() -> str:
    """The tag of the wheel: any Python 3, no ABI of it, this platform."""
    return "py3-none-" + re.sub(r"[-.]", "_", sysconfig.get_platform())


def run(*command: str) -> None:
    """Runs a tool; its output goes to pip, which shows it when it fails.

    Meson is a Python program, often of the same interpreter: what pip sets to hide installed
    packages from the backend would hide Meson's own from it.
    """
    if shutil.which(command[0]) is None:
        raise SystemExit(f"{command[0]} is not installed; see {ROOT / '.ci' / 'packages'}")
    hidden = ("PYTHONPATH", "PYTHONHOME", "PYTHONNOUSERSITE")
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    subprocess.run(command, check=True, env=env)


def build_library(folder: str) -> Path:
    """Builds the shared library from the source tree; returns the file."""
    if not (ROOT / "lib").is_dir():
        raise SystemExit(f"{ROOT} is not the source tree of holdfast")
    run("meson", "setup", folder, str(ROOT), *OPTIONS)
    run("ninja", "-C", folder)
    return (Path(folder) / SONAME).resolve()


class Wheel:
    """A wheel that is being written."""

    def __init__(self, directory: str) -> None:
        self.info = f"holdfast-{version()}.dist-info"
        self.name = f"holdfast-{version()}-{tag()}.whl"
        self.archive = zipfile.ZipFile(Path(directory) / self.name, "w", zipfile.ZIP_DEFLATED)
        self.record: List[str] = []

    def add(self, name: str, data: bytes) -> None:
        """Adds a file. Equal contents give equal wheels: files have no time of their own."""
        entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        entry.external_attr = 0o644 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        self.archive.writestr(entry, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self.record.append(f"{name},sha256={digest},{len(data)}")

    def finish(self) -> str:
        """Adds what a wheel says of itself; returns its name."""
        about = f"Wheel-Version: 1.0\nGenerator: holdfast\nRoot-Is-Purelib: false\nTag: {tag()}\n"
        self.add(f"{self.info}/METADATA", metadata().encode())
        self.add(f"{self.info}/WHEEL", about.encode())
        self.add(f"{self.info}/LICENSE", (ROOT / "LICENSE").read_bytes())
        self.record.append(f"{self.info}/RECORD,,\n")
        self.archive.writestr(f"{self.info}/RECORD", "\n".join(self.record))
        self.archive.close()
        return self.name


def build_wheel(wheel_directory: str, config_settings: Optional[Dict[str, Any]] = None,
                metadata_directory: Optional[str] = None) -> str:
    """The package with the library."""
    with tempfile.TemporaryDirectory() as folder:
        library = build_library(folder)
        wheel = Wheel(wheel_directory)
        for path in sorted(PACKAGE.iterdir()):
            if path.suffix in (".py", ".pyi", ".typed") or path.name == "py.typed":
                wheel.add(f"holdfast/{path.name}", path.read_bytes())
        wheel.add(f"holdfast/{SONAME}", library.read_bytes())
        return wheel.finish()


def build_editable(wheel_directory: str, config_settings: Optional[Dict[str, Any]] = None,
                   metadata_directory: Optional[str] = None) -> str:
    """A pointer to this folder; the library is found in the build folders of the source tree."""
    wheel = Wheel(wheel_directory)
    wheel.add("holdfast.pth", f"{HERE}{os.linesep}".encode())
    return wheel.finish()


def build_sdist(sdist_directory: str, config_settings: Optional[Dict[str, Any]] = None) -> str:
    """There is none: the sources of the library are outside of this folder."""
    raise SystemExit("install from the source tree: pip install ./bindings/python")
