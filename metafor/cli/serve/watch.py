"""Rebuilding when a file of the app changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

from metafor.cli.serve.live import LiveSite

__all__ = ["watch"]

QUIET_MS = 50


class _Filter(DefaultFilter):
    """Everything of the app but hidden files, caches, and built sites."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = root

    def __call__(self, change: Change, path: str) -> bool:
        inside = Path(path).relative_to(self._root)
        if any(part.startswith(".") for part in inside.parts):
            return False
        if any(
            (self._root / folder / "metafor" / "manifest.json").exists() for folder in inside.parents[:-1]
        ):
            return False
        return super().__call__(change, path)


async def watch(
    root: Path, live: LiveSite, stop: asyncio.Event, report: Callable[[list[str]], object]
) -> None:
    """Rebuild ``live`` after each change under ``root`` until ``stop`` is set.

    ``report`` gets the changed paths, relative to ``root``, after each rebuild that made a
    difference. Raises OSError when the system cannot watch files.
    """
    async for changes in awatch(root, watch_filter=_Filter(root), stop_event=stop, step=QUIET_MS):
        if await live.rebuild():
            report(sorted({Path(path).relative_to(root).as_posix() for _, path in changes}))
