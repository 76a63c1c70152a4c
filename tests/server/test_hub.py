"""The hub's rules, one by one, and against a model of its own."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from metafor.server.errors import LimitError, UnknownConnectionError
from metafor.server.hub import Close, Hub, Publish, Reply, Subscribe, Unsubscribe
from metafor.server.limits import Limits
from metafor.server.reliable.reliability import Reliability
from metafor.server.rules import Rules


def join(room: object) -> str:
    return json.dumps({"type": "_join", "room": room})


def leave(room: object) -> str:
    return json.dumps({"type": "_leave", "room": room})


def receivers(hub: Hub, sender: int, frame: str | bytes) -> tuple[int, ...]:
    (action,) = hub.receive(sender, frame)
    assert isinstance(action, Publish)
    assert action.envelope.frame == frame
    return hub.route(action.envelope)


def error_code(hub: Hub, sender: int, frame: str) -> str:
    (action,) = hub.receive(sender, frame)
    assert isinstance(action, Reply)
    assert action.connection == sender
    message = json.loads(action.frame)
    assert message["type"] == "_error"
    assert message["message"]
    return str(message["code"])


def test_a_room_message_goes_to_the_room_and_one_without_to_everybody() -> None:
    hub = Hub()
    alice, bob, carol = (hub.connect() for _ in range(3))
    assert hub.receive(alice, join("news")) == [Subscribe("news")]
    assert hub.receive(bob, join("news")) == [Subscribe("news")]
    assert hub.receive(bob, join("news")) == []  # again: nothing
    assert receivers(hub, alice, '{"_room": "news", "text": "hi"}') == (alice, bob)
    assert receivers(hub, carol, '{"_room": "news"}') == (alice, bob)  # a member or not
    assert receivers(hub, alice, '{"text": "hi"}') == (alice, bob, carol)
    assert receivers(hub, alice, '{"_room": "nobody"}') == ()


def test_echo_false_leaves_the_sender_out() -> None:  # ruling 10
    hub = Hub(rules=Rules(echo=False))
    alice, bob = hub.connect(), hub.connect()
    hub.receive(alice, join("news"))
    hub.receive(bob, join("news"))
    assert receivers(hub, alice, '{"_room": "news"}') == (bob,)
    assert receivers(hub, bob, "hello") == (alice,)


def test_the_sender_of_another_node_is_nobody_here() -> None:
    here, there = Hub(node="here", rules=Rules(echo=False)), Hub(node="there")
    first, _ = here.connect(), there.connect()
    (action,) = there.receive(1, "hello")
    assert isinstance(action, Publish)
    assert here.route(action.envelope) == (first,)


@pytest.mark.parametrize(
    "frame",
    ["hello", "", "[1, 2]", "3", '"_room"', "null", "{", '{"a":', b"", b"\x00\xff", '["_room"]', "{NaN}",
     '{"type": "_unknown"}', '{"type": {"_join": 1}}', "[" * 100_000, "9" * 5000],
)  # fmt: skip
def test_what_is_no_room_message_reaches_everybody_as_it_is(frame: str | bytes) -> None:
    hub = Hub()
    alice, bob = hub.connect(), hub.connect()
    assert receivers(hub, alice, frame) == (alice, bob)


@pytest.mark.parametrize("room", [None, 5, "", [], {}, True, 1.5, "x" * 257])
@pytest.mark.parametrize("key", ["_join", "_leave", "_room"])
def test_a_room_that_is_no_room_is_refused_and_the_connection_lives(room: object, key: str) -> None:
    hub = Hub()
    alice, _ = hub.connect(), hub.connect()
    frame = json.dumps({"_room": room} if key == "_room" else {"type": key, "room": room})
    assert error_code(hub, alice, frame) == "server/bad-room"
    assert receivers(hub, alice, "still here") == (1, 2)


@pytest.mark.parametrize("frame", ['{"type": "_join"}', '{"type": "_leave", "_room": "news"}'])
def test_a_control_message_without_a_room_is_refused(frame: str) -> None:
    hub = Hub()
    assert error_code(hub, hub.connect(), frame) == "server/bad-room"


@pytest.mark.parametrize(
    "frame", ['{"_room": "vip", "x": NaN}', ' {"_room": "vip"', '{"_room": "vip", "x": ' + "[" * 9000]
)
def test_a_broken_message_to_a_room_does_not_reach_everybody(frame: str) -> None:
    hub = Hub()
    alice, _ = hub.connect(), hub.connect()
    assert error_code(hub, alice, frame) == "server/bad-json"


def test_limits() -> None:
    hub = Hub(limits=Limits(message_bytes=10))
    alice = hub.connect()
    assert receivers(hub, alice, "x" * 10) == (alice,)
    for frame in ("x" * 11, "é" * 6, b"x" * 11, "\ud800" * 4):
        (action,) = hub.receive(alice, frame)
        assert isinstance(action, Close)
        assert action.code == 1009
    hub = Hub(limits=Limits(rooms=2))
    alice = hub.connect()
    assert hub.receive(alice, join("a")) == [Subscribe("a")]
    assert hub.receive(alice, join("b")) == [Subscribe("b")]
    assert hub.receive(alice, join("a")) == []  # again: nothing, at the limit too
    assert error_code(hub, alice, join("c")) == "server/too-many-rooms"
    assert hub.receive(alice, leave("a")) == [Unsubscribe("a")]
    assert hub.receive(alice, join("c")) == [Subscribe("c")]


@pytest.mark.parametrize("limits", [{"rooms": 0}, {"message_bytes": 1.5}, {"close_seconds": -1},
                                    {"queue_bytes": None}, {"messages_per_second": 0},
                                    {"burst": 0.5}, {"connections_per_identity": 0},
                                    {"connections": True}, {"returns_per_second": float("inf")}])  # fmt: skip
def test_limits_that_make_no_sense_are_refused(limits: dict[str, object]) -> None:
    (name,) = limits
    with pytest.raises(LimitError, match=name):
        Limits(**limits)  # type: ignore[arg-type]


@pytest.mark.parametrize("numbers", [{"window": 257}, {"window": 0}, {"heartbeat": float("inf")},
                                     {"timeout": 0}, {"retry": -1}, {"presence_seconds": "30"}])  # fmt: skip
def test_numbers_of_the_extension_that_make_no_sense_are_refused(numbers: dict[str, object]) -> None:
    (name,) = numbers
    with pytest.raises(LimitError, match=name):
        Reliability(**numbers)  # type: ignore[arg-type]


def test_a_connection_that_is_gone() -> None:
    hub = Hub()
    alice, bob = hub.connect(), hub.connect()
    hub.receive(alice, join("a"))
    hub.receive(alice, join("b"))
    hub.receive(bob, join("b"))
    assert hub.disconnect(alice) == [Unsubscribe("a")]
    assert hub.disconnect(alice) == []
    assert hub.rooms == ("b",)
    assert receivers(hub, bob, "hi") == (bob,)
    assert hub.connect() not in (alice, bob)
    with pytest.raises(UnknownConnectionError, match="no connection 1"):
        hub.receive(alice, "hi")


@given(frame=st.one_of(st.text(), st.binary(), st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["type", "room", "_room", "x"]), inner, max_size=4),
).map(json.dumps)))  # fmt: skip
@settings(deadline=None)
def test_no_frame_breaks_the_hub(frame: str | bytes) -> None:
    hub = Hub()
    alice, bob = hub.connect(), hub.connect()
    for action in hub.receive(alice, frame):
        assert not isinstance(action, Close)
        if isinstance(action, Publish):
            assert set(hub.route(action.envelope)) <= {alice, bob}
    assert hub.receive(bob, join("news")) == [Subscribe("news")]


ROOMS = st.sampled_from(["a", "b", "c"])


class HubMachine(RuleBasedStateMachine):
    """Whatever is joined and left, the hub agrees with a set of pairs."""

    connections: Bundle[int] = Bundle("connections")

    def __init__(self) -> None:
        super().__init__()
        self.hub = Hub(limits=Limits(rooms=2))
        self.alive: list[int] = []
        self.pairs: list[tuple[str, int]] = []
        self.subscribed: set[str] = set()

    def perform(self, actions: list[object]) -> None:
        for action in actions:
            if isinstance(action, Subscribe):
                self.subscribed.add(action.room)
            elif isinstance(action, Unsubscribe):
                self.subscribed.remove(action.room)

    @rule(target=connections)
    def connect(self) -> int:
        self.alive.append(number := self.hub.connect())
        return number

    @rule(connection=connections, room=ROOMS)
    def join(self, connection: int, room: str) -> None:
        self.perform(list(self.hub.receive(connection, join(room))))
        if (room, connection) not in self.pairs and sum(c == connection for _, c in self.pairs) < 2:
            self.pairs.append((room, connection))

    @rule(connection=connections, room=ROOMS)
    def leave(self, connection: int, room: str) -> None:
        self.perform(list(self.hub.receive(connection, leave(room))))
        if (room, connection) in self.pairs:
            self.pairs.remove((room, connection))

    @rule(connection=consumes(connections))
    def disconnect(self, connection: int) -> None:
        self.perform(list(self.hub.disconnect(connection)))
        self.alive.remove(connection)
        self.pairs = [pair for pair in self.pairs if pair[1] != connection]

    @rule(connection=connections, room=ROOMS)
    def send_to_room(self, connection: int, room: str) -> None:
        expected = tuple(c for r, c in self.pairs if r == room)
        assert receivers(self.hub, connection, json.dumps({"_room": room})) == expected

    @rule(connection=connections)
    def send_to_all(self, connection: int) -> None:
        assert receivers(self.hub, connection, "hi") == tuple(self.alive)

    @invariant()
    def agrees(self) -> None:
        assert self.hub.connections == tuple(self.alive)
        assert set(self.hub.rooms) == {room for room, _ in self.pairs} == self.subscribed
        for connection in self.alive:
            assert self.hub.rooms_of(connection) == {r for r, c in self.pairs if c == connection}


TestHubMachine = HubMachine.TestCase
TestHubMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
