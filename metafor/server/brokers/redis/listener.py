"""The connection that listens: a subscription that is made again whenever it is lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, cast

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from metafor.server.brokers.redis.client import ANSWER_SECONDS, AWAY, LONGEST_RETRY, RETRY_SECONDS, end
from metafor.server.errors import BrokerUnavailableError
from metafor.server.logs import write

__all__ = ["Listener"]

_QUIET_SECONDS: Final = 5.0


class Listener:
    """Keeps a subscription to channels up. ``heard(data)`` gets what comes; ``back()`` is called when it
    is up again after it was lost, because something may have been missed.
    """

    def __init__(self, redis: Redis, heard: Callable[[bytes], None], back: Callable[[], None]) -> None:
        self._redis = redis
        self._heard = heard
        self._back = back
        self._channels: dict[bytes, None] = {}
        #: Channels that were asked for: set when Redis has confirmed it, the last time it was asked.
        self._confirmed: dict[bytes, asyncio.Event] = {}
        self._asked: Counter[bytes] = Counter()
        self._pubsub: PubSub | None = None
        self._task: asyncio.Task[None] | None = None
        self._order = asyncio.Lock()
        #: Whether it is up at the moment.
        self.up = False

    async def start(self, channels: Iterable[bytes]) -> None:
        """Listen to ``channels``. Raises `BrokerUnavailableError` when Redis cannot be reached."""
        for channel in channels:
            self._channels[channel] = None
        pubsub = await self._connect()
        self._task = asyncio.create_task(self._run(pubsub))
        self.up = True

    async def stop(self) -> None:
        """Listen no more."""
        task, self._task = self._task, None
        self.up = False
        await end(task)
        self._release()

    async def add(self, channel: bytes) -> None:
        """Listen to ``channel`` too; returns when Redis has confirmed it, or at once while Redis is away."""
        self._channels[channel] = None
        if not self.up:
            return
        if (confirmed := self._confirmed.get(channel)) is None:
            confirmed = self._confirmed[channel] = asyncio.Event()
            self._asked[channel] += 1
            await self._tell(lambda pubsub: pubsub.subscribe(channel))
        await confirmed.wait()

    async def drop(self, channel: bytes) -> None:
        """Listen to ``channel`` no more."""
        self._channels.pop(channel, None)
        if (event := self._confirmed.pop(channel, None)) is not None:
            event.set()
        await self._tell(lambda pubsub: pubsub.unsubscribe(channel))

    async def _tell(self, what: Callable[[PubSub], Awaitable[object]]) -> None:
        async with self._order:
            if self.up and self._pubsub is not None:
                # The reading side notices an error too, and begins anew with all channels.
                with contextlib.suppress(*AWAY):
                    await what(self._pubsub)

    async def _connect(self) -> PubSub:
        pubsub = self._redis.pubsub()
        try:
            names = list(self._channels)
            await pubsub.subscribe(*names)
            missing = set(names)
            async with asyncio.timeout(ANSWER_SECONDS):
                while missing:
                    message = await pubsub.get_message(timeout=ANSWER_SECONDS)
                    if message is not None and message["type"] == "subscribe":
                        missing.discard(message["channel"])
                    elif message is not None:
                        self._take(message)
                    if not missing:  # but more may have been added meanwhile
                        missing = set(self._channels).difference(names)
                        names += missing
                        if missing:
                            await pubsub.subscribe(*missing)
        except BaseException as error:
            await _discard(pubsub)
            if isinstance(error, Exception):
                raise BrokerUnavailableError(
                    f"Redis cannot be reached: {error}", next_step="start it, or correct its URL"
                ) from None
            raise
        self._pubsub = pubsub
        for channel in self._channels:
            self._confirmed[channel] = asyncio.Event()
            self._confirmed[channel].set()
        return pubsub

    async def _run(self, pubsub: PubSub) -> None:
        while True:
            try:
                await self._listen(pubsub)
            except Exception as error:
                reason = str(error) or type(error).__name__
            self.up = False
            self._release()
            await _discard(pubsub)
            write(logging.ERROR, "broker lost", reason=reason)
            pubsub = await self._reconnect()
            self.up = True
            write(logging.WARNING, "broker back")
            self._back()

    async def _reconnect(self) -> PubSub:
        delay = RETRY_SECONDS
        while True:
            await asyncio.sleep(delay)
            with contextlib.suppress(BrokerUnavailableError):
                return await self._connect()
            delay = min(2 * delay, LONGEST_RETRY)

    async def _listen(self, pubsub: PubSub) -> None:
        asked = False
        while True:
            message = await pubsub.get_message(timeout=_QUIET_SECONDS)
            if message is not None:
                asked = False
                self._take(message)
            elif asked:
                raise TimeoutError(f"Redis has not answered a ping for {_QUIET_SECONDS:g} s")
            else:
                asked = True
                await pubsub.ping()

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "message":
            try:
                self._heard(cast(bytes, message["data"]))
            except Exception as error:
                write(logging.ERROR, "failed", step="deliver", error=error)
        elif message["type"] == "subscribe":
            channel = message["channel"]
            self._asked[channel] -= 1
            if self._asked[channel] <= 0:
                del self._asked[channel]
                if (event := self._confirmed.get(channel)) is not None:
                    event.set()

    def _release(self) -> None:
        """Nobody waits for a confirmation that will not come."""
        for event in self._confirmed.values():
            event.set()
        self._confirmed.clear()
        self._asked.clear()


async def _discard(pubsub: PubSub) -> None:
    with contextlib.suppress(Exception):
        await pubsub.aclose()  # type: ignore[no-untyped-call]
