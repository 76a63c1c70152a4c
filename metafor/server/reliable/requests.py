"""Requests to the server: taken on before they are acknowledged, worked on at the same time, answered once.

The broker keeps a request until it is answered. When the process that works on it dies, another begins anew
as soon as the asker has come back to it: so only a death makes the application's handler run twice, and
the asker gets one answer all the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Coroutine
from typing import Any, Final

from metafor.channels.protocol import encode
from metafor.server.brokers.base import Envelope
from metafor.server.errors import BrokerUnavailableError
from metafor.server.hooks import Client, Refuse
from metafor.server.hub import byte_length, meaning
from metafor.server.logs import write
from metafor.server.reliable.host import Host
from metafor.server.reliable.peer import Peer, mailbox

__all__ = ["Requests"]

#: Seconds until the broker is asked again: for requests whose server may have died, or when it was away.
_AGAIN: Final = 1.0
#: Seconds that work which is cancelled has to end.
_CANCELLED: Final = 0.1
#: Bytes that a request in work takes beside its body.
_TASK: Final = 1000


class Requests:
    """The requests that this server works on."""

    def __init__(self, host: Host) -> None:
        self._host = host
        #: By session and number.
        self._work: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        #: Bytes that each session has in work.
        self._bytes: Counter[str] = Counter()

    def too_much(self, peer: Peer, body: str | bytes) -> bool:
        """Whether so much of the peer is being worked on that this would be more than may be."""
        held = self._bytes[peer.session]
        return held > 0 and held + _cost(body) > self._host.hub.limits.request_bytes

    async def take(self, peer: Peer, name: str, body: str | bytes, number: int) -> None:
        """Take on the request that the peer calls ``name``; returns when it is sure to be answered."""
        room, node = mailbox(peer.session), self._host.hub.node
        reply_head = f',"_reply":{encode(name)}'
        request = Envelope(room, body, node, peer.number, peer.session, number, reply_head)
        accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._start(self._accept(request, peer.connection.client, accepted))
        await accepted

    def resume(self, peer: Peer) -> None:
        """The peer came back, and has requests that are not answered: see to those that nobody works on."""
        self._start(self._search(peer))

    async def close(self, seconds: float) -> None:
        """Wait so long for the work at hand, then leave the rest to other servers."""
        if self._work:
            await asyncio.wait(self._work.values(), timeout=seconds)
        tasks = [*self._tasks, *self._work.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_CANCELLED)  # a hook may not let itself be cancelled

    # What the broker has given to this server, it has to work on: nobody else will, as long as it lives. So
    # neither of these two ends with the connection that it began for, or before the broker has told.

    async def _accept(self, request: Envelope, client: Client, accepted: asyncio.Future[None]) -> None:
        while True:
            try:
                mine = await self._host.broker.accept(request)
            except BrokerUnavailableError as error:
                if not accepted.done():
                    accepted.set_exception(error)
                await asyncio.sleep(_AGAIN)
                continue
            except Exception as error:
                if not accepted.done():
                    accepted.set_exception(error)
                return
            if mine:
                self._begin(request, client)
            if not accepted.done():
                accepted.set_result(None)
            return

    async def _search(self, peer: Peer) -> None:
        while True:
            try:
                taken = await self._host.broker.take_over(peer.session, self._host.hub.node)
            except BrokerUnavailableError:
                pass
            else:
                for request in taken.requests:
                    self._begin(request, peer.connection.client)
                if not taken.elsewhere or peer.gone:
                    return
            await asyncio.sleep(_AGAIN)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _begin(self, request: Envelope, client: Client) -> None:
        key = request.session, request.number
        if key not in self._work:
            task = self._work[key] = asyncio.get_running_loop().create_task(self._answer(request, client))
            self._bytes[request.session] += _cost(request.frame)
            task.add_done_callback(lambda _: self._ended(request))

    def _ended(self, request: Envelope) -> None:
        del self._work[request.session, request.number]
        self._bytes[request.session] -= _cost(request.frame)
        if not self._bytes[request.session]:
            del self._bytes[request.session]

    async def _answer(self, request: Envelope, client: Client) -> None:
        head = request.head
        frame: str | bytes
        try:
            answer: Any = await self._host.answer(client, meaning(request.frame))
            frame = bytes(answer) if isinstance(answer, (bytes, bytearray)) else encode(answer)
        except Refuse as refusal:
            head += ',"_failed":true'
            frame = refusal.reason
        except Exception as error:  # in which there may be what is no business of the client's
            write(logging.ERROR, "hook failed", hook="on_request", connection=client.number, error=error)
            head += ',"_failed":true'
            frame = "the server could not answer"
        reply = Envelope(request.room, frame, self._host.hub.node, 0, head=head)
        while True:
            try:
                await self._host.broker.answer(request, reply)
                return
            except BrokerUnavailableError:
                await asyncio.sleep(_AGAIN)  # the work is done, so it is not to be done again
            except Exception as error:
                write(logging.ERROR, "failed", step="answer", connection=client.number, error=error)
                return


def _cost(body: str | bytes) -> int:
    """Bytes of a request in work."""
    return byte_length(body) + _TASK
