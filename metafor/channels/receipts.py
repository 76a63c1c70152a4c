"""What became of a message that was sent."""

from __future__ import annotations

from enum import StrEnum

from metafor.core import Getter, Setter, create_signal

__all__ = ["Receipt", "ReceiptStatus"]


class ReceiptStatus(StrEnum):
    """Where a message is."""

    #: It waits for the connection.
    QUEUED = "queued"
    #: It was handed to an open WebSocket. That it arrived only the receiver could say.
    SENT = "sent"
    #: It was not sent and never will be.
    DROPPED = "dropped"


class Receipt:
    """What ``send()`` returns. ``status`` is a signal: ``receipt.status()`` reads it, in a hole it is live.

    Example::

        receipt = await channel.send("Hello")
        if receipt.status() == "queued":
            ...
    """

    __slots__ = ("_getter", "_setter", "_value")

    def __init__(self, status: ReceiptStatus) -> None:
        self._value = status
        # Most receipts are never looked at, so that the signal is made when the first one is.
        self._getter: Getter[ReceiptStatus] | None = None
        self._setter: Setter[ReceiptStatus] | None = None

    @property
    def status(self) -> Getter[ReceiptStatus]:
        """The signal of the message's status."""
        if self._getter is None:
            self._getter, self._setter = create_signal(self._value, name="receipt.status")
        return self._getter

    def _become(self, status: ReceiptStatus) -> None:
        self._value = status
        if self._setter is not None:
            self._setter(status)

    def __repr__(self) -> str:
        return f"<Receipt {self._value}>"
