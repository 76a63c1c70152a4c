"""What a channel tells when messages are missing."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Gap"]


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages are missing: the server's history does not reach back to where this client had come.

    ``room`` is None for messages to everybody. ``missed`` is how many are missing; None if that is
    unknown, because the server began to count anew. What follows is whole again.
    """

    room: str | None
    missed: int | None
