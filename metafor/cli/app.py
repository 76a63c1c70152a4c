"""An app: a directory with a ``main.py``, and what its ``pyproject.toml`` says under ``[tool.metafor]``."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metafor.cli.errors import AppError

__all__ = ["App", "Settings", "load_app"]

ENTRY = "main.py"


@dataclass(frozen=True, slots=True)
class Settings:
    """``[tool.metafor]`` of the app's ``pyproject.toml``; every key may be left out.

    - ``include``: patterns (``"plugins/*.py"``, ``"data"``), relative to the app, of files that ship
      although no import reaches them.
    - ``requires``: requirements (PEP 508) of pure wheels that the page needs.
    - ``title``, ``lang``: for the generated page; by default the directory's name, and ``en``.
    """

    include: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    title: str | None = None
    lang: str = "en"


@dataclass(frozen=True, slots=True)
class App:
    """A directory that holds an app. ``root`` is absolute and free of links."""

    root: Path
    settings: Settings

    @property
    def title(self) -> str:
        """What the page is called when it has no other name."""
        if self.settings.title is not None:
            return self.settings.title
        return self.root.name.replace("_", " ").replace("-", " ").capitalize() or "metafor"


def load_app(directory: Path) -> App:
    """Read the app in ``directory``.

    Raises `AppError` when there is no such directory, it holds no ``main.py``, or the settings
    cannot be read or hold something that they do not know.
    """
    if not directory.exists():
        raise AppError(f"there is no directory {directory}", next_step="name the directory of an app")
    if not directory.is_dir():
        raise AppError(f"{directory} is no directory", next_step="name the directory that holds main.py")
    if not (directory / ENTRY).is_file():
        raise AppError(
            f"{directory} is no app: it has no {ENTRY}",
            next_step=f"name a directory with a {ENTRY}, such as examples/chat, or write one",
        )
    root = directory.resolve()
    return App(root, _read_settings(root / "pyproject.toml"))


def _read_settings(path: Path) -> Settings:
    if not path.is_file():
        return Settings()
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AppError(f"{path} cannot be read: {error}", next_step="mend the file") from None
    table = document.get("tool", {}).get("metafor", {})
    if not isinstance(table, Mapping):
        raise AppError(f"{path}: [tool.metafor] has to be a table")
    return _checked(table, path)


def _checked(table: Mapping[str, Any], path: Path) -> Settings:
    known = {"include": list, "requires": list, "title": str, "lang": str}
    for key, value in table.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            raise AppError(
                f"{path}: [tool.metafor] has no setting {key!r}",
                next_step=f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}",
            )
        wanted = known[key]
        if not isinstance(value, wanted) or (
            wanted is list and not all(isinstance(item, str) for item in value)
        ):
            shape = "a list of strings" if wanted is list else "a string"
            raise AppError(f"{path}: {key} under [tool.metafor] has to be {shape}, not {value!r}")
    return Settings(
        include=tuple(table.get("include", ())),
        requires=tuple(table.get("requires", ())),
        title=table.get("title"),
        lang=table.get("lang", "en"),
    )
