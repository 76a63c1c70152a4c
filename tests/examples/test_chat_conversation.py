"""The chat's model, with a room server in memory and in virtual time."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from metafor.channels import Channel
from metafor.channels.transports.memory import MemoryPeer, MemoryTransport
from metafor.testing import in_virtual_time
from tests.examples.conftest import Load


class Rooms:
    """A room server in memory, which keeps nothing: who is not in the room misses what is said."""

    def __init__(self) -> None:
        self.members: dict[MemoryPeer, set[str]] = {}
        #: Every frame that was sent to a room, in order.
        self.said: list[dict[str, Any]] = []
        #: Take what is said, and tell nobody.
        self.mute = False
        self.transport = MemoryTransport(self.serve)

    async def serve(self, peer: MemoryPeer) -> None:
        rooms = self.members[peer] = set()
        try:
            async for frame in peer:
                message = json.loads(frame)
                if message.get("type") == "_join":
                    rooms.add(message["room"])
                elif not self.mute:
                    self.said.append(message)
                    for other, joined in list(self.members.items()):
                        if message["_room"] in joined:
                            await other.send(frame)
        finally:
            del self.members[peer]


class Person:
    """One page: a channel and the conversation on it."""

    def __init__(self, load: Load, name: str, rooms: Rooms) -> None:
        conversation = load("conversation")
        self.channel = Channel("ws://test", auto_reconnect=True, transport=rooms.transport)
        self.channel.on_error(lambda error: None)
        self.general, self.design = (conversation.Room(room, "") for room in ("general", "design"))
        self.chat = conversation.Conversation(self.channel, name, [self.general, self.design])

    async def enter(self) -> None:
        await self.channel.connect()
        await self.chat.join()
        await settle()

    def shows(self) -> list[tuple[str, str, str]]:
        return [(entry.message.user, entry.message.text, entry.state) for entry in self.general.entries()]

    @property
    def peer(self) -> MemoryPeer:
        return self.channel._session.link._socket._peer


async def settle() -> None:
    """Long enough for everything that is on its way, and for the polite to tell what they know."""
    await asyncio.sleep(1)


def delivered(*texts: str, user: str = "Ada") -> list[tuple[str, str, str]]:
    return [(user, text, "delivered") for text in texts]


def test_a_message_waits_is_delivered_and_counts_as_unread_elsewhere(chat: Load) -> None:
    @in_virtual_time
    async def run() -> None:
        rooms = Rooms()
        ada, bob = Person(chat, "Ada", rooms), Person(chat, "Bob", rooms)
        await ada.enter()
        await bob.enter()
        bob.chat.open(bob.design)
        await ada.chat.say(ada.general, "  hello ")
        await ada.chat.say(ada.general, " \n ")
        assert ada.shows() == [("Ada", "hello", "waiting")]
        await settle()
        assert ada.shows() == bob.shows() == delivered("hello")
        assert (ada.general.unread(), bob.general.unread(), bob.design.unread()) == (0, 1, 0)
        bob.chat.open(bob.general)
        assert bob.general.unread() == 0

    run()


def test_what_is_written_without_a_connection_arrives_once_and_in_order(chat: Load) -> None:
    @in_virtual_time
    async def run() -> None:
        rooms = Rooms()
        ada, bob = Person(chat, "Ada", rooms), Person(chat, "Bob", rooms)
        await ada.enter()
        await bob.enter()
        await ada.chat.say(ada.general, "before")
        await settle()

        # Ada is back first, and says what she has to say while Bob is still away.
        ada.peer.cut()
        bob.peer.cut()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not ada.channel.is_connected
        await ada.chat.say(ada.general, "one")
        await ada.chat.say(ada.general, "two")
        assert ada.shows() == [*delivered("before"), ("Ada", "one", "waiting"), ("Ada", "two", "waiting")]
        await asyncio.sleep(60)
        assert ada.shows() == bob.shows() == delivered("before", "one", "two")

    run()


def test_what_waits_goes_on_waiting_when_an_attempt_fails(chat: Load) -> None:
    @in_virtual_time
    async def run() -> None:
        rooms = Rooms()
        rooms.transport = MemoryTransport()
        ada = Person(chat, "Ada", rooms)
        connecting = asyncio.create_task(ada.channel.connect())
        await ada.chat.say(ada.general, "hello")
        (await rooms.transport.attempt(0)).refuse()
        peer = await rooms.transport.attempt(1)
        assert ada.shows() == [("Ada", "hello", "waiting")]
        peer.accept()
        await connecting
        assert [json.loads(frame)["text"] for frame in peer.received if "hello" in str(frame)] == ["hello"]
        peer.cut()
        await rooms.transport.attempt(2)
        assert ada.shows() == [("Ada", "hello", "failed")]
        await ada.channel.close()

    run()


def test_somebody_who_comes_later_is_told_by_one(chat: Load) -> None:
    @in_virtual_time
    async def run() -> None:
        rooms = Rooms()
        people = [Person(chat, name, rooms) for name in ("Ada", "Bob", "Cleo")]
        for person in people:
            await person.enter()
        await people[0].chat.say(people[0].general, "early")
        await settle()
        rooms.said.clear()
        dan = Person(chat, "Dan", rooms)
        dan.chat.open(dan.design)
        await dan.enter()
        assert dan.shows() == delivered("early")
        assert dan.general.unread() == 0  # it was said before Dan came
        told = [message for message in rooms.said if message.get("type") == "tell"]
        assert len(told) == 1

    run()


def test_a_message_of_unknown_fate_can_be_sent_again_and_shows_once(chat: Load) -> None:
    @in_virtual_time
    async def run() -> None:
        rooms = Rooms()
        ada, bob = Person(chat, "Ada", rooms), Person(chat, "Bob", rooms)
        await ada.enter()
        # The server takes the message, and the connection ends before it sends it back.
        rooms.mute = True
        await ada.chat.say(ada.general, "did this arrive?")
        ada.peer.cut()
        rooms.mute = await asyncio.sleep(0.1, False)
        assert ada.shows() == [("Ada", "did this arrive?", "failed")]

        await asyncio.sleep(60)
        await bob.enter()
        message = ada.general.messages()[0]
        await ada.chat.send(ada.general, message)
        await ada.chat.send(ada.general, message)
        assert ada.shows() == [("Ada", "did this arrive?", "waiting")]
        await settle()
        assert ada.shows() == bob.shows() == delivered("did this arrive?")

    run()


def test_answers_stand_below_what_they_answer_whatever_the_clocks_say(chat: Load) -> None:
    Message, Room = chat("messages").Message, chat("conversation").Room
    room = Room("general", "")
    question = Message("q", 1, 2_000_000_000.0, "Ada", "Tea?")  # Ada's clock is years ahead
    room.add([question])
    answer = Message("a", room.next_turn, 1_700_000_000.0, "Bob", "Yes")
    other = Room("general", "")
    other.add([answer])
    other.add([question, answer])
    assert other.messages() == [question, answer]


def test_entries_keep_their_identity_and_know_who_goes_on_talking(chat: Load) -> None:
    Message, Room = chat("messages").Message, chat("conversation").Room
    room = Room("general", "")
    room.add([Message("1", 1, 1000.0, "Ada", "one"), Message("2", 2, 1010.0, "Ada", "two")])
    first = room.entries()
    assert [entry.follows for entry in first] == [False, True]
    room.add([Message("3", 3, 1020.0, "Bob", "three"), Message("4", 4, 9000.0, "Bob", "after a pause")])
    assert [entry.follows for entry in room.entries()] == [False, True, False, False]
    assert [new is old for new, old in zip(room.entries(), first, strict=False)] == [True, True]
    # Something that belongs between them: the one below it begins anew.
    room.add([Message("1b", 1, 1005.0, "Bob", "between")])
    assert [entry.message.id for entry in room.entries()] == ["1", "1b", "2", "3", "4"]
    assert [entry.follows for entry in room.entries()] == [False, False, False, False, False]
