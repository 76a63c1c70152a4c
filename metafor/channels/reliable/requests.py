"""Questions and answers over a reliable channel."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

from metafor.channels.errors import (
    ChannelMessageError,
    EncodeError,
    RequestFailedError,
    RequestTimeoutError,
)
from metafor.channels.protocol import encode
from metafor.channels.receipts import ReceiptStatus
from metafor.channels.reliable.events import Replied, Requested
from metafor.channels.reliable.outbox import AddressedReceipt, ReliableOutbox
from metafor.channels.transports.base import Frame

__all__ = ["Requests"]


class Requests:
    """Requests that this client made and waits for, and the answers that it gives.

    ``failed`` is told of answers that do not arrive.
    """

    def __init__(self, outbox: ReliableOutbox, failed: Callable[[Exception], None]) -> None:
        self._outbox = outbox
        self._failed = failed
        self._last = 0
        self._ended = False
        #: What ends the waiting, an error too: an exception that nobody comes to fetch would be logged.
        self._open: dict[str, tuple[asyncio.Future[Replied | ChannelMessageError], AddressedReceipt]] = {}

    async def ask(self, payload: object, to: str | None, seconds: float) -> Any:
        """See `Channel.request`."""
        frame = _frame(payload)
        self._last += 1
        name = f"r{self._last}"

        def gone(why: str) -> None:
            self._end(name, RequestFailedError(f"there will be no answer: {why}"))

        receipt = AddressedReceipt(f',"_request":"{name}"' + _to(to), gone)
        waiter = asyncio.get_running_loop().create_future()
        self._open[name] = (waiter, receipt)
        try:
            async with asyncio.timeout(seconds):
                await self._outbox.send_addressed(frame, receipt)
                reply = await waiter
        except TimeoutError:
            raise self._timed_out(to, seconds, receipt) from None
        finally:
            del self._open[name]
            self._outbox.withdraw(receipt)
        if isinstance(reply, Exception):
            raise reply
        if reply.failed:
            raise RequestFailedError(str(reply.message.data))
        return reply.message.data

    def replied(self, reply: Replied) -> None:
        """An answer came, perhaps to a question that nobody waits for any more."""
        self._end(reply.request, reply)

    async def answer(self, request: Requested, handler: Callable[..., Any]) -> None:
        """Answer with what ``handler`` gives; an exception of it is told to the asker, and raised here."""
        head = f',"_reply":{encode(request.request)}' + _to(request.asker)
        try:
            answer = handler(request.message.data)
            if inspect.isawaitable(answer):
                answer = await answer
            frame = _frame(answer)
            if problem := self._outbox.too_big(frame):
                raise RequestFailedError(f"the answer cannot be sent: {problem}")
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            await self._outbox.send_addressed(text, AddressedReceipt(head + ',"_failed":true', _ignore))
            raise

        def gone(why: str) -> None:
            if not self._ended:
                self._failed(RequestFailedError(f"an answer did not reach who asked: {why}"))

        await self._outbox.send_addressed(frame, AddressedReceipt(head, gone))

    def fail_all(self, why: ChannelMessageError) -> None:
        """No request can be answered any more; what was not sent yet never will be."""
        for name, (_, receipt) in list(self._open.items()):
            self._end(name, why)
            self._outbox.withdraw(receipt)

    def end(self, why: ChannelMessageError) -> None:
        """The channel is disposed: nothing is asked and answered any more."""
        self._ended = True
        self.fail_all(why)

    def _end(self, name: str, reply: Replied | ChannelMessageError) -> None:
        waiter, _ = self._open.get(name, (None, None))
        if waiter is not None and not waiter.done() and not waiter.get_loop().is_closed():
            waiter.set_result(reply)

    def _timed_out(self, to: str | None, seconds: float, receipt: AddressedReceipt) -> RequestTimeoutError:
        whom = "the server" if to is None else f"the member {to!r}"
        problem = f"{whom} did not answer within {seconds:g} s"
        if not receipt.has_left:
            return RequestTimeoutError(
                f"{problem}: the request waited for the connection all the time, and is not sent any more",
                next_step="look at channel.state_signal, or give it a longer timeout",
            )
        if receipt._now is ReceiptStatus.ACKED:
            next_step = "check that a handler of on_request is registered there"
        else:
            next_step = "it may still arrive: ask in a way that can be repeated"
        return RequestTimeoutError(f"{problem}; the request itself is {receipt._now}", next_step=next_step)


def _to(member: str | None) -> str:
    return "" if member is None else f',"_to":{encode(_checked(member))}'


def _checked(member: object) -> str:
    if not isinstance(member, str) or not member:
        raise EncodeError(
            f"a member is named by its id, a str that is not empty, not by {member!r}",
            next_step="give to=member.id, of a Member in room.members_signal()",
        )
    return member


def _frame(value: object) -> Frame:
    """The value as JSON, text too, so that it arrives as what it is; bytes as they are."""
    return bytes(value) if isinstance(value, (bytes, bytearray, memoryview)) else encode(value)


def _ignore(why: str) -> None:
    """Nobody has to know."""
