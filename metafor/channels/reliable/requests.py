"""Questions and answers over a reliable channel."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

from metafor.channels.errors import ChannelMessageError, RequestFailedError, RequestTimeoutError
from metafor.channels.protocol import encode
from metafor.channels.receipts import ReceiptStatus
from metafor.channels.reliable.events import Replied, Requested
from metafor.channels.reliable.outbox import AddressedReceipt, ReliableOutbox
from metafor.channels.transports.base import Frame

__all__ = ["Requests"]


class Requests:
    """Requests that this client made and waits for, and the answers that it gives."""

    def __init__(self, outbox: ReliableOutbox) -> None:
        self._outbox = outbox
        self._last = 0
        self._open: dict[str, tuple[asyncio.Future[Any], AddressedReceipt]] = {}

    async def ask(self, payload: object, to: str | None, seconds: float) -> Any:
        """See `Channel.request`."""
        self._last += 1
        name = f"r{self._last}"
        head = f',"_request":"{name}"' + _to(to)
        waiter: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        receipt = self._outbox.send_addressed(_frame(payload), head)
        self._open[name] = (waiter, receipt)
        try:
            async with asyncio.timeout(seconds):
                return await waiter
        except TimeoutError:
            whom = "the server" if to is None else f"the member {to!r}"
            raise RequestTimeoutError(
                f"{whom} did not answer within {seconds:g} s; the request itself is {receipt._now}",
                next_step="check that a handler of on_request is registered there",
            ) from None
        finally:
            del self._open[name]

    def replied(self, reply: Replied) -> None:
        """An answer came, perhaps to a question that nobody waits for any more."""
        waiter, _ = self._open.get(reply.request, (None, None))
        if waiter is None or waiter.done() or waiter.get_loop().is_closed():
            return
        if reply.failed:
            waiter.set_exception(RequestFailedError(str(reply.message.data)))
        else:
            waiter.set_result(reply.message.data)

    def settled(self, receipt: AddressedReceipt, why: str) -> None:
        """A request that will have no answer: it was refused, or is lost with its session."""
        if receipt._now is ReceiptStatus.ACKED:
            return
        for waiter, of in self._open.values():
            if of is receipt and not waiter.done() and not waiter.get_loop().is_closed():
                waiter.set_exception(RequestFailedError(why))

    async def answer(self, request: Requested, handler: Callable[..., Any]) -> None:
        """Answer with what ``handler`` gives; an exception of it is told to the asker, and raised here."""
        head = f',"_reply":{encode(request.request)}' + _to(request.asker)
        try:
            answer = handler(request.message.data)
            if inspect.isawaitable(answer):
                answer = await answer
            frame = _frame(answer)
        except Exception as error:
            self._outbox.send_addressed(f"{type(error).__name__}: {error}", head + ',"_failed":true')
            raise
        self._outbox.send_addressed(frame, head)

    def fail_all(self, why: ChannelMessageError) -> None:
        """No request can be answered any more."""
        for waiter, _ in self._open.values():
            if not waiter.done() and not waiter.get_loop().is_closed():
                waiter.set_exception(why)


def _to(member: str | None) -> str:
    return "" if member is None else f',"_to":{encode(member)}'


def _frame(value: object) -> Frame:
    """The value as JSON, text too, so that it arrives as what it is; bytes as they are."""
    return bytes(value) if isinstance(value, (bytes, bytearray, memoryview)) else encode(value)
