"""A whole `Channel` against every order of events: user, server and clock, in virtual time."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from metafor.channels import (
    Channel,
    ChannelError,
    ChannelState,
    Fixed,
    Heartbeat,
    QueueFullError,
    Receipt,
    ReceiptStatus,
)
from metafor.channels.transports.base import NetworkEvent, SocketListener
from metafor.channels.transports.memory import MemoryPeer, MemorySocket, MemoryTransport
from metafor.core import create_effect, create_root, create_signal
from metafor.testing.virtual_time import VirtualTimeLoop
from tests.channels.test_connection_machine import LEGAL

ways = [
    *("accept", "accept", "refuse", "cut", "close", "fatal"),
    *("silent", "serve", "serve pong", "hold", "release"),
]
rooms = st.sampled_from(["a", "b"])
heartbeats = st.sampled_from(
    [None, Heartbeat({"type": "ping"}, answer={"type": "pong"}, interval=3, timeout=1)]
)
#: Bounds of the queue, in messages and bytes: each message has 7 bytes or more.
queues = st.sampled_from([(1000, 1 << 20), (0, 1 << 20), (1, 1 << 20), (2, 1 << 20), (1000, 17)])
policies = st.sampled_from(["error", "drop_oldest", "drop_newest"])


class Network(MemoryTransport):
    """``friendly``: every connection is accepted at once, so that more is tried on open ones."""

    friendly = False

    def open(self, url: str, protocols: Sequence[str], listener: SocketListener) -> MemorySocket:
        socket = super().open(url, protocols, listener)
        if self.friendly:
            self.peers[-1].accept()
        return socket


class ChannelMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualTimeLoop()
        self.transport = Network()
        self.channel: Channel | None = None
        self.tasks: list[asyncio.Task[Any]] = []
        self.sent: list[tuple[int, Receipt]] = []
        #: Messages that say themselves when they may be dropped, and those that have waited.
        self.special: set[int] = set()
        self.waited: set[int] = set()
        self.number = 0
        self.opens = 0
        self.closes = 0
        self.served: list[Any] = []
        self.got: list[Any] = []
        self.disposed = False
        self.bound, self.set_bound = create_signal([])
        self.let_go: list[Callable[[], None]] = []
        self.states: list[ChannelState] = []

    # -- driving ----------------------------------------------------------------------------------

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(coroutine)

    def attempt(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Await it, and take the errors of channels for an answer."""

        async def answer() -> Any:
            try:
                return await coroutine
            except ChannelError as error:
                return error

        return self.run(answer())

    def begin(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Start it and let it go as far as it can without time passing."""
        self.tasks.append(self.loop.create_task(coroutine))
        self.settle()

    def settle(self) -> None:
        async def turns() -> None:
            for _ in range(6):
                await asyncio.sleep(0)

        self.run(turns())

    @property
    def it(self) -> Channel:
        assert self.channel is not None
        return self.channel

    @property
    def peer(self) -> MemoryPeer | None:
        live = [peer for peer in self.transport.peers if not peer.ended]
        assert len(live) <= 1, "two live sockets"
        return live[0] if live else None

    @initialize(
        auto=st.booleans(),
        attempts=st.sampled_from([None, 2]),
        heartbeat=heartbeats,
        friendly=st.booleans(),
        connect=st.booleans(),
        queue=queues,
        policy=policies,
    )
    def make(
        self,
        auto: bool,
        attempts: int | None,
        heartbeat: Heartbeat | None,
        friendly: bool,
        connect: bool,
        queue: tuple[int, int],
        policy: Any,
    ) -> None:
        self.keep = auto
        self.queue, self.policy = queue, policy
        self.heartbeat = heartbeat
        self.transport.friendly = friendly
        self.channel = channel = Channel(
            "ws://test",
            auto_reconnect=auto,
            max_reconnect_attempts=attempts,
            reconnect_policy=Fixed(1, jitter=0),  # what is random Hypothesis cannot repeat
            close_timeout=2,
            buffer_high=100,
            buffer_low=20,
            queue_messages=queue[0],
            queue_bytes=queue[1],
            queue_policy=policy,
            heartbeat=heartbeat,
            transport=self.transport,
        )
        create_root(lambda _: create_effect(lambda: self.states.append(channel.state_signal())))
        channel.on_open(lambda: setattr(self, "opens", self.opens + 1))
        channel.on_close(lambda: setattr(self, "closes", self.closes + 1))
        channel.on_error(lambda error: None)
        channel.on_message(self.got.append)
        if connect:
            self.connect()

    # -- the user -------------------------------------------------------------------------------------

    @rule()
    def connect(self) -> None:
        self.begin(self.it.connect())

    @rule()
    def close(self) -> None:
        started = self.loop.time()
        self.run(self.it.close())
        assert self.loop.time() - started <= 2
        assert self.it.state is ChannelState.CLOSED

    @rule(data=st.data())
    def cancel_somebody(self, data: st.DataObject) -> None:
        pending = [task for task in self.tasks if not task.done()]
        if pending:
            data.draw(st.sampled_from(pending)).cancel()
            self.settle()

    @rule()
    def send(self) -> None:
        self.send_it()

    def send_it(self, **options: Any) -> None:
        self.number = number = self.number + 1
        if options.get("key") or options.get("volatile"):
            self.special.add(number)

        async def send() -> None:
            try:
                receipt = await self.it.send({"n": number}, **options)
            except QueueFullError:
                assert self.keep
                assert not self.it.is_connected
                assert self.policy == "error" or not self.queue[0]
                assert self.queued() or not self.queue[0]
            except ChannelError:
                assert self.disposed or not self.keep
            else:
                self.sent.append((number, receipt))
                if receipt.status() == "queued":
                    self.waited.add(number)

        self.begin(send())  # it waits where the network is slower

    def queued(self) -> list[int]:
        """The messages that wait."""
        return [number for number, receipt in self.sent if receipt.status() == "queued"]

    @rule(number=st.integers(2, 4))
    def send_several(self, number: int) -> None:
        for _ in range(number):
            self.send()

    @rule()
    def drain(self) -> None:
        async def drain() -> None:
            await self.it.drain()
            assert not self.it.queued_signal()
            assert not self.it._session.link.buffered

        self.begin(drain())

    @rule(names=st.lists(rooms, unique=True))
    def bind_or_change_rooms(self, names: list[str]) -> None:
        async def change() -> None:
            if not self.let_go:
                self.let_go.append(self.it.bind_rooms(self.bound))
            self.set_bound(names)

        self.run(change())

    @rule()
    def let_go_of_rooms(self) -> None:
        async def let_go() -> None:
            if self.let_go:
                self.let_go.pop()()

        self.run(let_go())

    @rule(
        ttl=st.sampled_from([None, 1, 5]),
        key=st.sampled_from([None, "k"]),
        volatile=st.sampled_from([False, True]),
    )
    def send_with(self, ttl: float | None, key: str | None, volatile: bool) -> None:
        self.send_it(ttl=ttl, key=key, volatile=volatile)

    @rule()
    def reconnect_now(self) -> None:
        async def now() -> None:
            self.it.reconnect_now()

        self.run(now())

    @rule(event=st.sampled_from(NetworkEvent))
    def network(self, event: NetworkEvent) -> None:
        self.loop.call_soon(self.transport.network, event)
        self.settle()

    @rule(room=rooms)
    def join(self, room: str) -> None:
        if self.attempt(self.it.join(room)) is None:
            assert self.it.is_in_room(room)

    @rule(room=rooms)
    def leave(self, room: str) -> None:
        if self.attempt(self.it.leave(room)) is None:
            assert not self.it.is_in_room(room)
            self.set_bound([name for name in self.bound.peek() if name != room])

    @rule(really=st.integers(0, 9))
    def dispose(self, really: int) -> None:
        if really == 0:
            self.it.dispose()
            self.disposed = True
            self.settle()

    # -- the server -----------------------------------------------------------------------------------

    @rule(how=st.sampled_from(ways))
    def server(self, how: str) -> None:
        peer = self.peer
        if peer is None or peer.silent:
            return
        match how:
            case "accept" if not peer.accepted:
                peer.accept()
            case "refuse" if not peer.accepted:
                peer.refuse()
            case "serve" if peer.accepted and peer.client_closed is None:
                message = {"n": len(self.served)}
                self.served.append(message)
                self.run(peer.send(json.dumps(message)))
            case "serve pong" if self.heartbeat and peer.accepted and peer.client_closed is None:
                self.run(peer.send('{"type": "pong"}'))
            case "hold":
                peer.hold()
            case "release" if peer.accepted:
                peer.release()
            case "cut" if peer.accepted:
                peer.cut()
            case "close" if peer.accepted:
                self.run(peer.close(1001))
            case "fatal" if peer.accepted:
                self.run(peer.close(1008))
            case "silent":
                peer.silent = True
        self.settle()

    @rule(how=st.sampled_from(["cut", "close", "fatal", "silent", "release"]))
    def something_is_still_in_the_buffer(self, how: str) -> None:
        self.server("hold")
        self.send()
        self.server(how)

    @rule(seconds=st.sampled_from([0.5, 1, 3, 12]))
    def time_passes(self, seconds: float) -> None:
        self.run(asyncio.sleep(seconds))
        self.settle()

    # -- what always holds ------------------------------------------------------------------------------

    @invariant()
    def one_socket_and_it_fits_the_state(self) -> None:
        has_socket = self.it.state in (ChannelState.CONNECTING, ChannelState.OPEN, ChannelState.CLOSING)
        assert (self.peer is not None) == has_socket

    @invariant()
    def ruling_5_every_socket_closes_once(self) -> None:
        if not self.disposed:
            assert self.closes == sum(peer.ended for peer in self.transport.peers)

    @invariant()
    def receipts_tell_the_truth(self) -> None:
        arrived = [
            json.loads(str(frame))["n"]
            for peer in self.transport.peers
            for frame in peer.received
            if "n" in json.loads(str(frame))
        ]
        assert arrived == sorted(set(arrived))  # in order, none twice
        status = {number: receipt.status() for number, receipt in self.sent}
        # What is told as sent arrived, or is in the buffer of the socket that is open; what arrived is told
        # as sent, or as not to be known.
        held = [json.loads(str(frame)).get("n") for frame in (self.peer and self.peer._held) or ()]
        assert {number for number, told in status.items() if told == "sent"} <= {*arrived, *held}
        assert all(status[number] in ("sent", "unconfirmed") for number in arrived)
        queued = self.queued()
        assert len(queued) == self.it.queued_signal()
        if self.it.is_connected or self.disposed:
            assert not queued

    @invariant()
    def the_queue_is_bounded_and_drops_what_its_policy_says(self) -> None:
        messages, size = self.queue
        queued = self.queued()
        assert len(queued) <= messages
        assert sum(len(f'{{"n":{number}}}') for number in queued) <= size
        if self.disposed:
            return
        dropped = [
            number
            for number, receipt in self.sent
            if receipt.status() is ReceiptStatus.DROPPED and number not in self.special
        ]
        match self.policy:
            case "error":
                assert not dropped
            case "drop_oldest":
                assert self.waited.issuperset(dropped)
                assert not queued or not dropped or max(dropped) < min(queued)
            case "drop_newest":
                assert self.waited.isdisjoint(dropped)

    @invariant()
    def every_message_once_and_in_order(self) -> None:
        assert self.got == self.served[: len(self.got)]
        if not self.disposed and all(not peer.silent for peer in self.transport.peers):
            assert self.got == self.served

    @invariant()
    def no_illegal_transition(self) -> None:
        steps = list(zip(self.states, self.states[1:], strict=False))
        assert set(steps) <= LEGAL, steps

    @invariant()
    def bound_rooms_are_wanted(self) -> None:
        if self.let_go and not self.disposed and (self.keep or self.it.is_connected):
            assert set(self.bound.peek()) <= set(self.it.get_rooms())

    @invariant()
    def the_server_knows_our_rooms(self) -> None:
        peer = self.peer
        if self.it.is_connected and peer is not None:
            members: dict[str, None] = {}
            for frame in (*peer.received, *(peer._held or ())):
                message = json.loads(str(frame))
                if message.get("type") == "_join":
                    assert message["room"] not in members
                    members[message["room"]] = None
                elif message.get("type") == "_leave":
                    del members[message["room"]]
            assert set(members) == set(self.it.get_rooms())
        assert self.it.rooms_signal() == tuple(self.it.get_rooms())

    @invariant()
    def signals_agree(self) -> None:
        assert self.it.state_signal() is self.it.state
        assert self.it.ready_state_signal() == self.it.ready_state
        assert (self.it.retry_in_signal() is not None) == (self.it.state is ChannelState.RECONNECTING)

    @invariant()
    def nothing_stays_behind_when_it_is_closed(self) -> None:
        if self.it.state is ChannelState.CLOSED:
            assert [handle for handle in self.loop._scheduled if not handle.cancelled()] == []  # type: ignore[attr-defined]
            assert all(task.done() for task in self.tasks)
            assert self.transport.watchers == []
            assert not self.it.congested_signal()

    def teardown(self) -> None:
        if self.channel is not None:
            self.run(self.it.close())
        for task in self.tasks:
            assert task.done()
            if not task.cancelled():
                assert task.exception() is None or isinstance(task.exception(), ChannelError)
        assert asyncio.all_tasks(self.loop) == set()
        self.loop.close()


TestChannel = ChannelMachine.TestCase
TestChannel.settings = settings(
    max_examples=int(os.environ.get("METAFOR_EXAMPLES", "100")),
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
