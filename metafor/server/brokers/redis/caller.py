"""The connection that runs commands, in order and many at once."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

from metafor.server.brokers.redis.client import AWAY, LONGEST_RETRY, RETRY_SECONDS, end
from metafor.server.errors import BrokerUnavailableError
from metafor.server.logs import write

__all__ = ["Caller"]

_BATCH: Final = 512


class Caller:
    """Runs commands in the order of the calls. Those that come while others run go out together, next.

    When Redis is away, ``again`` calls are repeated until it is back, for ``patience`` seconds at most;
    others fail at once, because nobody knows whether they were carried out.
    """

    def __init__(self, redis: Redis, patience: float) -> None:
        self._redis = redis
        self._patience = patience
        self._waiting: deque[_Call] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End; what still waits fails."""
        task, self._task = self._task, None
        await end(task)
        while self._waiting:
            self._waiting.popleft().fail(BrokerUnavailableError("the broker has been detached"))

    async def call(self, *words: Any, again: bool) -> Any:
        """What the command gives. Raises `BrokerUnavailableError`."""
        self.start()
        loop = asyncio.get_running_loop()
        call = _Call(words, again, loop.time() + self._patience, loop.create_future())
        self._waiting.append(call)
        self._wake.set()
        return await call.answer

    async def _run(self) -> None:
        delay = RETRY_SECONDS
        while True:
            while not self._waiting:
                self._wake.clear()
                await self._wake.wait()
            batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
            try:
                away = await self._send(batch)
            except Exception as error:  # nobody is left waiting, whatever it was
                write(logging.ERROR, "failed", step="call", error=error)
                for call in batch:
                    call.fail(BrokerUnavailableError(f"Redis could not be asked: {error!r}"))
                continue
            except BaseException:
                self._waiting.extendleft(reversed(batch))  # `stop` fails them
                raise
            if away is None:
                delay = RETRY_SECONDS
                continue
            now = asyncio.get_running_loop().time()
            unavailable = BrokerUnavailableError(f"Redis cannot be reached: {away}")
            late = [call for call in batch if not call.again or now + delay > call.until]
            for call in late:
                call.fail(unavailable)
            self._waiting.extendleft(reversed([call for call in batch if call not in late]))
            await asyncio.sleep(delay)
            delay = min(2 * delay, LONGEST_RETRY)

    async def _send(self, batch: list[_Call]) -> Exception | None:
        """Carry out ``batch``. Gives the error if Redis is away."""
        pipeline = self._redis.pipeline(transaction=False)
        for call in batch:
            pipeline.execute_command(*call.words)
        try:
            answers = await pipeline.execute(raise_on_error=False)
        except RedisError as error:  # also what went wrong while the connection was made
            return error
        except OSError as error:
            return error
        not_taken = []
        for call, answer in zip(batch, answers, strict=True):
            if isinstance(answer, (NoScriptError, *AWAY)):
                not_taken.append(call)
            elif isinstance(answer, Exception):
                call.fail(BrokerUnavailableError(f"Redis refused it: {answer}"))
            else:
                call.succeed(answer)
        if not_taken:
            # Somebody flushed the scripts, or Redis is loading: these calls did nothing, whatever they
            # are. Another connection loads the scripts.
            await self._redis.connection_pool.disconnect(inuse_connections=False)
            self._waiting.extendleft(reversed(not_taken))
            await asyncio.sleep(RETRY_SECONDS)
        return None


class _Call:
    __slots__ = ("again", "answer", "until", "words")

    def __init__(
        self, words: tuple[Any, ...], again: bool, until: float, answer: asyncio.Future[Any]
    ) -> None:
        self.words = words
        self.again = again
        self.until = until
        self.answer = answer

    def succeed(self, answer: Any) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)
