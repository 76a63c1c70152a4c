"""``[tool.metafor] requires``: pure wheels, resolved by pip at build time and bundled (ruling 34)."""

from __future__ import annotations

import email.parser
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from metafor.cli.errors import BuildError

__all__ = ["resolve_wheels", "top_level_modules"]

#: The Python of the page, and the tags of a wheel that runs on any machine.
TARGET = (
    "--only-binary=:all:",
    "--implementation=py",
    "--abi=none",
    "--platform=any",
    "--python-version=3.14",
)
SECONDS = 300


def resolve_wheels(requires: Sequence[str]) -> dict[str, bytes]:
    """The files of the wheels that satisfy ``requires`` and their dependencies, by path.

    pip answers environment markers for the Python that runs it, not for the page's.
    Raises `BuildError` when pip finds no pure wheel, cannot reach its index, or is not there.
    """
    if not requires:
        return {}
    with tempfile.TemporaryDirectory(prefix="metafor-wheels-") as folder:
        _download(requires, folder)
        files: dict[str, bytes] = {}
        for wheel in sorted(Path(folder).iterdir()):
            files |= _unpack(wheel)
    return files


def top_level_modules(files: dict[str, bytes]) -> frozenset[str]:
    """The modules and packages that ``files`` make importable."""
    tops = (PurePosixPath(path) for path in files)
    return frozenset(path.parts[0].removesuffix(".py") for path in tops)


def _download(requires: Sequence[str], folder: str) -> None:
    for requirement in requires:
        if requirement.startswith("-"):
            raise BuildError([f"requires: {requirement!r} is an option, not a requirement"])
    command = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "download",
        "--quiet",
        "--no-input",
    ]
    try:
        done = subprocess.run(
            [*command, *TARGET, "--dest", folder, "--", *requires],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BuildError([f"pip did not resolve {', '.join(requires)} within {SECONDS} seconds"]) from None
    if done.returncode == 0:
        return
    reason = done.stderr.strip() or f"pip ended with exit code {done.returncode}"
    wanted = ", ".join(requires)
    if "No module named pip" in reason:
        raise BuildError([f"requires needs pip, which {sys.executable} does not have\n  -> install pip"])
    raise BuildError(
        [
            f"requires: pip finds no pure wheels (…-none-any.whl, all that a page takes) for {wanted}\n"
            f"{_indented(reason)}\n"
            "  -> look for another package, or one of the versions that has such a wheel"
        ]
    )


def _unpack(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        about = next((name for name in names if name.endswith(".dist-info/WHEEL")), None)
        headers = email.parser.Parser().parsestr(archive.read(about).decode() if about else "")
        if headers.get("Root-Is-Purelib", "").lower() != "true":
            raise BuildError([f"{wheel.name} is not a pure wheel\n  -> take it out of requires"])
        return {path: archive.read(name) for name in names if (path := _installed_path(name)) is not None}


def _installed_path(name: str) -> str | None:
    """Where a wheel's file goes among the packages; None for scripts, headers and records."""
    parts = PurePosixPath(name).parts
    if ".." in parts or name.startswith("/"):
        return None
    if parts[0].endswith(".data"):
        return "/".join(parts[2:]) if parts[1] in ("purelib", "platlib") else None
    if parts[0].endswith(".dist-info"):
        # importlib.metadata finds versions and entry points there; the rest is for installers.
        return name if parts[-1] in ("METADATA", "entry_points.txt") else None
    return name


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
