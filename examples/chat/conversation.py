"""What one person sees of all rooms, and what they send. No markup and no browser: plain signals."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from messages import Message

from metafor.channels import Channel, ChannelMessageError, Receipt
from metafor.core import create_memo, create_signal

__all__ = ["Conversation", "Entry", "Room"]

#: Messages that a room keeps, and how many of them it tells to somebody who comes (back).
HISTORY = 500
RETOLD = 50
#: Seconds: the longest wait before telling, so that one tells, and not everybody at once.
POLITENESS = 0.4
#: Seconds of silence after which a message names its author again.
PAUSE = 5 * 60


@dataclass(frozen=True, slots=True)
class Entry:
    """A message as it is shown.

    ``state``: ``"delivered"`` (the room has it), ``"waiting"`` (on its way), or ``"failed"`` (it could
    not be sent, or the connection ended before the server sent it back). ``follows``: the message above
    is by the same person, and not long ago.
    """

    message: Message
    state: str
    follows: bool

    @property
    def id(self) -> str:
        """The message's id."""
        return self.message.id


class Room:
    """One room: its messages, how many of them nobody has looked at, and what is being typed."""

    def __init__(self, name: str, topic: str) -> None:
        self.name = name
        self.topic = topic
        no_messages: list[Message] = []
        no_fates: dict[str, str] = {}
        self.messages, self._set_messages = create_signal(no_messages)
        #: Ids of messages that the room does not have yet, and their state.
        self.fates, self._set_fates = create_signal(no_fates)
        self.unread, self.set_unread = create_signal(0)
        self.draft, self.set_draft = create_signal("")
        self._shown: dict[str, Entry] = {}
        self.entries = create_memo(self._entries)

    @property
    def next_turn(self) -> int:
        """The turn of a message that is written now."""
        messages = self.messages.peek()
        return messages[-1].turn + 1 if messages else 1

    def add(self, messages: Iterable[Message]) -> list[Message]:
        """Put messages where they belong. Gives those that are new."""
        known = self.messages.peek()
        ids = {message.id for message in known}
        new = list({message.id: message for message in messages if message.id not in ids}.values())
        if new:
            self._set_messages(sorted([*known, *new], key=lambda message: message.place)[-HISTORY:])
        return new

    def mark(self, ids: Iterable[str], state: str) -> None:
        """Set the state of messages."""
        fates = {id: fate for id, fate in self.fates.peek().items() if id not in (ids := set(ids))}
        if state != "delivered":
            fates |= dict.fromkeys(ids, state)
        self._set_fates(fates)

    def _entries(self) -> list[Entry]:
        fates, shown, above = self.fates(), {}, None
        for message in self.messages():
            follows = above is not None and above.user == message.user and message.at - above.at < PAUSE
            entry = Entry(message, fates.get(message.id, "delivered"), follows)
            # A row whose entry is the same object has nothing to do.
            shown[message.id] = old if (old := self._shown.get(message.id)) == entry else entry
            above = message
        self._shown = shown
        return list(shown.values())


class Conversation:
    """Keeps what is said in ``rooms`` on ``channel``, and says what ``user`` says.

    A message of one's own is shown at once, and is delivered when the server sends it back to the room.
    Without a connection the channel keeps it, and sends it when it has joined the rooms again.

    The server keeps nothing. Whoever comes, or comes back, asks the room what was said, and somebody in
    it tells: so nobody misses what was sent while their own connection was still down.
    """

    def __init__(self, channel: Channel, user: str, rooms: list[Room]) -> None:
        self.rooms = rooms
        self.current, self._set_current = create_signal(rooms[0])
        self._channel = channel
        self._user = user
        self._entered = time.time()
        self._receipts: dict[str, Receipt] = {}
        #: Questions that nobody has answered yet: one's own, and those of others.
        self._asked: set[str] = set()
        self._heard: set[str] = set()
        for room in rooms:
            channel.on_room_message(room.name, lambda payload, room=room: self._receive(room, payload))
        channel.on_open(self._ask)
        channel.on_close(self._forget_unanswered)

    async def join(self) -> None:
        """Join all rooms, now or as soon as there is a connection."""
        for room in self.rooms:
            await self._channel.join(room.name)

    def open(self, room: Room) -> None:
        """Look at a room: what is in it counts as read."""
        room.set_unread(0)
        self._set_current(room)

    async def say(self, room: Room, text: str) -> None:
        """Send ``text`` to ``room``, unless there is nothing but white space."""
        if text.strip():
            await self.send(room, Message.write(self._user, text.strip(), room.next_turn))

    async def send(self, room: Room, message: Message) -> None:
        """Send a message, or send it again: who has it already sees it once."""
        room.add([message])
        room.mark([message.id], "waiting")
        try:
            self._receipts[message.id] = await self._channel.send_to(room.name, message.payload())
        except ChannelMessageError:  # too much waits already
            room.mark([message.id], "failed")

    # -- what comes -----------------------------------------------------------------------------------

    async def _receive(self, room: Room, payload: object) -> None:
        match payload:
            case {"type": "ask", "ask": str(ask)}:
                await self._tell(room, ask)
            case {"type": "tell", "ask": str(ask), "messages": list(payloads)}:
                self._heard.discard(ask)
                self._deliver(room, map(Message.read, payloads))
            case _:
                self._deliver(room, [Message.read(payload)])

    def _deliver(self, room: Room, messages: Iterable[Message | None]) -> None:
        arrived = [message for message in messages if message is not None]
        new = room.add(arrived)
        room.mark([message.id for message in arrived], "delivered")
        for message in arrived:
            self._receipts.pop(message.id, None)
        if room is not self.current.peek():
            unread = sum(message.at > self._entered for message in new)
            room.set_unread.update(lambda count: count + unread)

    def _forget_unanswered(self) -> None:
        """A connection ended: whether what was sent on it arrived, nobody knows."""
        for room in self.rooms:
            waiting = [id for id, fate in room.fates.peek().items() if fate == "waiting"]
            room.mark([id for id in waiting if not self._is_queued(id)], "failed")

    def _is_queued(self, id: str) -> bool:
        receipt = self._receipts.get(id)
        return receipt is not None and receipt.status.peek() == "queued"

    # -- what was missed ------------------------------------------------------------------------------

    async def _ask(self) -> None:
        for room in self.rooms:
            ask = uuid.uuid4().hex
            self._asked.add(ask)
            await self._channel.send_to(room.name, {"type": "ask", "ask": ask})

    async def _tell(self, room: Room, ask: str) -> None:
        if ask in self._asked:  # one's own question, on its way round
            self._asked.remove(ask)
            return
        self._heard.add(ask)
        await asyncio.sleep(random.uniform(0, POLITENESS))
        if ask not in self._heard or not self._channel.is_connected:
            return
        self._heard.remove(ask)
        fates = room.fates.peek()
        known = [message for message in room.messages.peek() if message.id not in fates][-RETOLD:]
        if known:
            told = {"type": "tell", "ask": ask, "messages": [message.payload() for message in known]}
            await self._channel.send_to(room.name, told)
