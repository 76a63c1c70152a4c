"""The packages that a page needs beside the app: metafor's own part, RxPY, and the app's wheels."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import metafor
from metafor.cli.errors import BuildError

__all__ = ["metafor_files", "stream_files"]

#: What a page runs. Never the compiler, the server, this command or the test utilities.
ALWAYS = ("__init__.py", "errors.py", "core", "dom", "page")
WITH_CHANNELS = ("channels", "rx.py")
#: Needs the `websockets` library, which a page has no use for.
NOT_IN_A_PAGE = frozenset({"channels/transports/cpython.py"})
#: RxPY and what it depends on.
STREAMS = ("reactivex", "typing_extensions")


def metafor_files(*, channels: bool) -> dict[str, bytes]:
    """The Python files of metafor that a page needs, by path; ``channels`` only if it asks for them."""
    root = Path(metafor.__file__).parent
    files: dict[str, bytes] = {}
    for name in (*ALWAYS, *(WITH_CHANNELS if channels else ())):
        start = root / name
        for path in sorted(start.rglob("*.py")) if start.is_dir() else [start]:
            inside = path.relative_to(root).as_posix()
            if inside not in NOT_IN_A_PAGE and path.is_file():
                files[f"metafor/{inside}"] = path.read_bytes()
    return files


def stream_files() -> dict[str, bytes]:
    """The Python files of RxPY as installed here. Raises `BuildError` if it is not."""
    files: dict[str, bytes] = {}
    for name in STREAMS:
        try:
            listed = distribution(name).files or []
        except PackageNotFoundError:
            raise BuildError([f"{name} is not installed here\n  -> pip install {name}"]) from None
        for entry in listed:
            if entry.suffix == ".py" and ".." not in entry.parts:
                files[entry.as_posix()] = Path(str(entry.locate())).read_bytes()
    return files
