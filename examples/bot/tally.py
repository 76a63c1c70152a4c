"""A bot that counts votes: whoever writes ``+1 tea`` in its room is told how tea stands."""

from __future__ import annotations

from collections import Counter
from typing import Any

from metafor.channels import Channel

__all__ = ["Tally"]

NAME = "tally"


class Tally:
    """Counts in one room of ``channel``; `start` joins it. ``votes`` is how things stand.

    Messages are dicts with a ``text``; the bot's own carry ``"from": "tally"``.
    """

    def __init__(self, channel: Channel, room: str) -> None:
        self.votes: Counter[str] = Counter()
        self._room = channel.room(room)
        self._room.on_message(self._hear)

    async def start(self) -> None:
        """Join the room, seen by others as what it is."""
        await self._room.join(presence={"name": NAME, "bot": True})

    async def _hear(self, message: Any) -> None:
        text = message.get("text") if isinstance(message, dict) else None
        if not isinstance(text, str) or message.get("from") == NAME:
            return
        if text.startswith("+1 ") and (choice := text[3:].strip()):
            self.votes[choice] += 1
            await self._say(f"{choice}: {self.votes[choice]}")
        elif text.strip() == "?":
            await self._say(
                ", ".join(f"{choice}: {n}" for choice, n in self.votes.most_common()) or "no votes"
            )

    async def _say(self, text: str) -> None:
        await self._room.send({"from": NAME, "text": text})
