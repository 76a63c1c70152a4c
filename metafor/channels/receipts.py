"""What became of a message that was sent."""

from __future__ import annotations

from enum import StrEnum
from weakref import WeakSet

from metafor.core import Getter, Setter, create_signal

__all__ = ["Handover", "Receipt", "ReceiptStatus"]


class ReceiptStatus(StrEnum):
    """Where a message is."""

    #: It waits for the connection.
    QUEUED = "queued"
    #: It was handed to a WebSocket that is open, or that we closed and the server confirmed.
    SENT = "sent"
    #: It was not sent and never will be: no room in the queue, replaced by its key, volatile, disposed.
    DROPPED = "dropped"
    #: It was not sent and never will be: its ``ttl`` passed while it waited.
    EXPIRED = "expired"
    #: It was handed to a WebSocket that did not end by our own close: it may have arrived or not.
    UNCONFIRMED = "unconfirmed"
    #: The server has it (``reliable=True``), and will not lose it.
    ACKED = "acked"
    #: The server has it, and refused it: it went to nobody (``reliable=True``).
    REFUSED = "refused"


class Handover:
    """What one socket was given, all of it: sent, until it turns out that nobody can know.

    Receipts point to it, so that it costs the same for one message and a million, and nothing for
    receipts that nobody kept.
    """

    __slots__ = ("_watched", "status")

    def __init__(self) -> None:
        self.status = ReceiptStatus.SENT
        self._watched: WeakSet[Receipt] | None = None

    def watch(self, receipt: Receipt) -> None:
        """Remember a receipt whose signal somebody has."""
        if self._watched is None:
            self._watched = WeakSet()
        self._watched.add(receipt)

    def lose(self) -> None:
        """The socket ended, and nobody can know what arrived."""
        self.status = ReceiptStatus.UNCONFIRMED
        watched, self._watched = self._watched, None
        for receipt in watched or ():
            receipt._become(ReceiptStatus.UNCONFIRMED)


class Receipt:
    """What ``send()`` returns. ``status`` is a signal: ``receipt.status()`` reads it, in a hole it is live.

    Of every message that did not arrive the status is, in the end, something else than ``sent``. In the
    other direction it is careful: an ``unconfirmed`` message may well have arrived.

    Example::

        receipt = await channel.send("Hello")
        if receipt.status() == "queued":
            ...
    """

    __slots__ = ("__weakref__", "_getter", "_handover", "_setter", "_value")

    def __init__(self, status: ReceiptStatus) -> None:
        self._value = status
        self._handover: Handover | None = None
        # Most receipts are never looked at, so that the signal is made when the first one is.
        self._getter: Getter[ReceiptStatus] | None = None
        self._setter: Setter[ReceiptStatus] | None = None

    @property
    def status(self) -> Getter[ReceiptStatus]:
        """The signal of the message's status, a `ReceiptStatus` (a str)."""
        if self._getter is None:
            self._getter, self._setter = create_signal(self._now, name="receipt.status")
            self._watch()
        return self._getter

    @property
    def _now(self) -> ReceiptStatus:
        return self._value if self._handover is None else self._handover.status

    def _watch(self) -> None:
        if self._handover is not None and self._handover.status is ReceiptStatus.SENT:
            self._handover.watch(self)

    def _sent(self, handover: Handover) -> None:
        self._handover = handover
        if self._setter is not None:
            self._setter(handover.status)
            self._watch()

    def _become(self, status: ReceiptStatus) -> None:
        self._value = status
        if self._setter is not None:
            self._setter(status)

    def __repr__(self) -> str:
        return f"<Receipt {self._now}>"
