"""The two connections to Redis: one that runs commands, in order and many at once, and one that listens."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, cast

from redis.asyncio import Connection, Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from metafor.server.brokers.redis import scripts
from metafor.server.errors import BrokerUnavailableError
from metafor.server.logs import write

__all__ = ["Caller", "Listener", "client", "end"]

#: What means that Redis is away for a while, and back later (it also refuses while it loads its data).
AWAY: Final = (RedisConnectionError, RedisTimeoutError, OSError)
_ANSWER_SECONDS: Final = 5.0
_RETRY_SECONDS: Final = 0.1
_LONGEST_RETRY: Final = 2.0
_QUIET_SECONDS: Final = 5.0
_BATCH: Final = 512


def client(url: str, prefix: bytes) -> Redis:
    """A client whose every connection begins by loading the scripts and telling the generation."""

    async def greet(connection: Connection) -> None:
        await connection.on_connect()
        for script in scripts.ALL:
            await _command(connection, "SCRIPT", "LOAD", script.source)
        generation = await _generation(connection)
        await _command(connection, "EVALSHA", scripts.GENERATION.sha, 1, prefix + b"generation", generation)

    return Redis.from_url(
        url,
        protocol=2,
        decode_responses=False,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_ANSWER_SECONDS,
        redis_connect_func=greet,
    )


async def _command(connection: Connection, *words: Any) -> Any:
    await connection.send_command(*words)
    return await connection.read_response()


async def _generation(connection: Connection) -> str:
    """A text that changes when Redis may have lost what it had said it had taken (ruling 48).

    With ``appendonly yes`` and ``appendfsync always`` a restart loses nothing; a replica that was made
    the master may lack something all the same. Where it cannot be known (managed services hide their
    configuration), every restart counts.
    """
    info: dict[str, str] = {}
    for section in ("server", "replication"):
        answer = await _command(connection, "INFO", section)
        info.update(line.split(":", 1) for line in answer.decode().splitlines() if ":" in line)
    try:
        answer = await _command(connection, "CONFIG", "GET", "append*")
    except ResponseError:
        return str(info["run_id"])
    pairs = answer.items() if isinstance(answer, dict) else zip(answer[::2], answer[1::2], strict=True)
    config = dict(pairs)
    if config.get(b"appendonly") == b"yes" and config.get(b"appendfsync") == b"always":
        return f"kept:{info.get('master_replid2', '')}"
    return str(info["run_id"])


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
        delay = _RETRY_SECONDS
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
                delay = _RETRY_SECONDS
                continue
            now = asyncio.get_running_loop().time()
            unavailable = BrokerUnavailableError(f"Redis cannot be reached: {away}")
            late = [call for call in batch if not call.again or now + delay > call.until]
            for call in late:
                call.fail(unavailable)
            self._waiting.extendleft(reversed([call for call in batch if call not in late]))
            await asyncio.sleep(delay)
            delay = min(2 * delay, _LONGEST_RETRY)

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
        if any(isinstance(answer, (NoScriptError, *AWAY)) for answer in answers):
            # Somebody flushed the scripts, or Redis is loading: none of those calls did anything, but
            # others of the batch did. Another connection loads the scripts.
            await self._redis.connection_pool.disconnect()
        for call, answer in zip(batch, answers, strict=True):
            if isinstance(answer, (NoScriptError, *AWAY)):
                call.fail(BrokerUnavailableError(f"Redis did not take it: {answer}"))
            elif isinstance(answer, Exception):
                call.fail(BrokerUnavailableError(f"Redis refused it: {answer}"))
            else:
                call.succeed(answer)
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
            async with asyncio.timeout(_ANSWER_SECONDS):
                while missing:
                    message = await pubsub.get_message(timeout=_ANSWER_SECONDS)
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
        delay = _RETRY_SECONDS
        while True:
            await asyncio.sleep(delay)
            with contextlib.suppress(BrokerUnavailableError):
                return await self._connect()
            delay = min(2 * delay, _LONGEST_RETRY)

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


async def end(task: asyncio.Task[None] | None) -> None:
    """Cancel ``task`` until it is done: the client library sometimes takes a cancellation for a timeout."""
    while task is not None and not task.done():
        task.cancel()
        await asyncio.wait((task,), timeout=0.1)


async def _discard(pubsub: PubSub) -> None:
    with contextlib.suppress(Exception):
        await pubsub.aclose()  # type: ignore[no-untyped-call]
