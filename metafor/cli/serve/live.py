"""The site as it is at the moment, and the pages that want to hear when it is another."""

from __future__ import annotations

import asyncio
import json

from metafor.cli.build.site import Builder, Site
from metafor.cli.errors import AppError, BuildError

__all__ = ["LiveSite"]


class LiveSite:
    """Holds the latest site of a `Builder`.

    A build that fails replaces the site by one that shows the problems; the next good one mends it.
    """

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._changed = asyncio.Condition()
        self._closed = False
        self.failure: AppError | BuildError | None = None
        self.site: Site = self._build()

    @property
    def problems(self) -> str | None:
        """What is wrong with the app as it is, as text; None if nothing is."""
        if isinstance(self.failure, BuildError):
            return self.failure.report
        return None if self.failure is None else str(self.failure)

    def _build(self) -> Site:
        try:
            site = self._builder.build()
        except (AppError, BuildError) as error:
            self.failure = error
            return self._builder.broken(self.problems or "")
        self.failure = None
        return site

    @property
    def news(self) -> str:
        """What a page is told: which content there is, and what is wrong with it."""
        return json.dumps({"id": self.site.id, "problems": self.problems})

    async def rebuild(self) -> bool:
        """Build again, in a thread. Gives whether anything came out differently."""
        former = self.site.id
        self.site = await asyncio.to_thread(self._build)
        if self.site.id == former:
            return False
        async with self._changed:
            self._changed.notify_all()
        return True

    async def next_news(self, known: str | None) -> str | None:
        """`news` as soon as it is not ``known`` any more; None when the server stops."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._closed or self.news != known)
        return None if self._closed else self.news

    async def close(self) -> None:
        """Let everybody who waits for news go."""
        self._closed = True
        async with self._changed:
            self._changed.notify_all()
