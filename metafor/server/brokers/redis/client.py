"""A connection to Redis, and what it has to say first."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from redis.asyncio import Connection, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from metafor.server.brokers.redis import scripts

__all__ = ["ANSWER_SECONDS", "AWAY", "LONGEST_RETRY", "RETRY_SECONDS", "client", "end"]

#: What means that Redis is away for a while, and back later (it also refuses while it loads its data).
AWAY: Final = (RedisConnectionError, RedisTimeoutError, OSError)
ANSWER_SECONDS: Final = 5.0
#: The first wait before trying again, doubled each time up to the longest.
RETRY_SECONDS: Final = 0.1
LONGEST_RETRY: Final = 2.0


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
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
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


async def end(task: asyncio.Task[None] | None) -> None:
    """Cancel ``task`` until it is done: the client library sometimes takes a cancellation for a timeout."""
    while task is not None and not task.done():
        task.cancel()
        await asyncio.wait((task,), timeout=0.1)
