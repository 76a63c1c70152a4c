"""Finding the Pyodide runtime on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs

import metafor
from metafor.cli.errors import RuntimeNotFound
from metafor.cli.runtime.release import SHA256, VERSION

__all__ = ["Runtime", "cache_folder", "find_runtime", "nearest_runtime", "runtime_at"]

_PACKAGE = Path(metafor.__file__).parent

INSTALL = f"npm install pyodide@{VERSION}"


@dataclass(frozen=True, slots=True)
class Runtime:
    """A complete Pyodide of the right version in ``folder``."""

    folder: Path
    version: str = VERSION


def cache_folder() -> Path:
    """Where ``--cdn`` puts the runtime, for all projects of this user."""
    return platformdirs.user_cache_path("metafor") / f"pyodide-{VERSION}"


def nearest_runtime(
    app: Path, *, cwd: Path | None = None, cache: Path | None = None, package: Path = _PACKAGE
) -> Runtime | None:
    """The nearest runtime: an npm install at or above ``app``, ``cwd`` or metafor itself, else ``cache``.

    None when there is none. Raises `RuntimeNotFound` when the nearest is of another version: a
    project that pins one shall not silently run with another.
    """
    starts = (app, cwd if cwd is not None else Path.cwd(), package)
    for folder in (*_npm_installs(starts), cache if cache is not None else cache_folder()):
        if folder.is_dir():
            return runtime_at(folder)
    return None


def find_runtime(
    app: Path, *, cwd: Path | None = None, cache: Path | None = None, package: Path = _PACKAGE
) -> Runtime:
    """`nearest_runtime`, but raises `RuntimeNotFound` also when there is none."""
    found = nearest_runtime(app, cwd=cwd, cache=cache, package=package)
    if found is not None:
        return found
    raise RuntimeNotFound(
        f"the Pyodide runtime {VERSION} is not on this machine: there is no node_modules/pyodide at or"
        f" above {app}, and nothing in {cache if cache is not None else cache_folder()}",
        next_step=f"run `{INSTALL}` beside the app, or add --cdn to download it once",
    )


def runtime_at(folder: Path) -> Runtime:
    """The runtime in ``folder``. Raises `RuntimeNotFound` when it is of another version or incomplete."""
    if (folder / "node_modules" / "pyodide").is_dir():
        folder = folder / "node_modules" / "pyodide"
    try:
        version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, KeyError, TypeError):
        raise RuntimeNotFound(
            f"{folder} holds no Pyodide: its package.json is missing or says no version",
            next_step=f"run `{INSTALL}`, or name a directory that has it with --runtime",
        ) from None
    if version != VERSION:
        raise RuntimeNotFound(
            f"{folder} holds Pyodide {version}, but this metafor needs {VERSION}",
            next_step=f"run `{INSTALL}` there, or name another directory with --runtime",
        )
    missing = [name for name in SHA256 if not (folder / name).is_file()]
    if missing:
        raise RuntimeNotFound(
            f"{folder} is not a complete Pyodide: it lacks {', '.join(missing)}",
            next_step=f"run `{INSTALL}` again",
        )
    return Runtime(folder.resolve())


def _npm_installs(starts: Iterable[Path]) -> Iterator[Path]:
    for start in starts:
        start = start.resolve()
        for folder in (start, *start.parents):
            yield folder / "node_modules" / "pyodide"
