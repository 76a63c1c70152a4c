"""A message as it travels. Whatever a stranger sends, only a well-formed message comes out of here."""

from __future__ import annotations

import time
import uuid
from dataclasses import asdict, dataclass

__all__ = ["MAX_NAME", "MAX_TEXT", "Message"]

#: Characters.
MAX_NAME = 24
MAX_TEXT = 2000
_MAX_ID = 64
_MAX_TURN = 2**53
#: Seconds since 1970: the year 2100.
_MAX_AT = 4_102_444_800


@dataclass(frozen=True, slots=True)
class Message:
    """Who says what, and when.

    ``id`` tells a message that comes twice from one that was written twice. ``turn`` is one more than the
    highest that its author had seen in the room: sorted by it, an answer comes after what it answers,
    on every screen and whatever the clocks say (Lamport, 1978). ``at``: seconds since 1970, by the
    author's clock.
    """

    id: str
    turn: int
    at: float
    user: str
    text: str

    @classmethod
    def write(cls, user: str, text: str, turn: int) -> Message:
        """A new message."""
        return cls(uuid.uuid4().hex, turn, time.time(), user, text[:MAX_TEXT])

    @classmethod
    def read(cls, payload: object) -> Message | None:
        """The message in what the channel delivered, or None if that is something else."""
        match payload:
            case {
                "id": str(id),
                "turn": int(turn),
                "at": int() | float() as at,
                "user": str(),
                "text": str(),
            }:
                user, text = payload["user"].strip()[:MAX_NAME], payload["text"].strip()[:MAX_TEXT]
                if user and text and 0 < len(id) <= _MAX_ID and 0 < turn < _MAX_TURN and 0 < at < _MAX_AT:
                    return cls(id, turn, at, user, text)
        return None

    def payload(self) -> dict[str, object]:
        """What to send."""
        return asdict(self)

    @property
    def place(self) -> tuple[int, str]:
        """What messages are sorted by: two of the same turn stand in the same order everywhere."""
        return self.turn, self.id

    @property
    def clock(self) -> str:
        """The local time of day, as ``14:05``."""
        return time.strftime("%H:%M", time.localtime(self.at))
