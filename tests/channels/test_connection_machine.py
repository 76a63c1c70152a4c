"""The state machine against every order of events that Hypothesis can think of, in virtual time."""

from __future__ import annotations

import os
import random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from metafor.channels import Backoff, ChannelConnectionError, ChannelState, Fixed
from metafor.channels.connection import (
    Action,
    Closed,
    CloseSocket,
    Connection,
    DropSocket,
    Ended,
    Opened,
    OpenSocket,
    Settled,
    StartTimer,
    StopTimer,
    Timer,
)
from metafor.channels.transports.base import Close

#: From a state to another, as a user's effect may see it. RECONNECTING to OPEN and the like: what happens
#: within one event is one batch, of which only the end is seen.
LEGAL = {
    ("closed", "connecting"),
    ("connecting", "open"),
    ("connecting", "reconnecting"),
    ("connecting", "closed"),
    ("open", "closing"),
    ("open", "reconnecting"),
    ("open", "closed"),
    ("closing", "closed"),
    ("closing", "connecting"),  # closed and connected again, in one event
    ("reconnecting", "connecting"),
    ("reconnecting", "closed"),
}

closes = st.builds(
    Close,
    code=st.sampled_from([1000, 1001, 1006, 1008, 1011, 4000]),
    reason=st.sampled_from(["", "retry-after=3"]),
    clean=st.booleans(),
    received=st.booleans(),
)


class ConnectionMachine(RuleBasedStateMachine):
    """Carries out actions the way a link does, and checks what it sees."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.timers: dict[Timer, float] = {}
        self.live: int | None = None  # the socket that the machine has
        self.stale: list[int] = []  # sockets that ended or were dropped
        self.sockets = 0
        self.ended = 0
        self.waiting = 0  # callers in connect()
        self.closing = 0  # callers in close()
        self.connection = Connection()
        self.seen = ChannelState.CLOSED

    @rule(
        policy=st.sampled_from(["none", "backoff", "fixed", "no wait"]),
        attempts=st.sampled_from([None, 0, 1, 3]),
    )
    @precondition(lambda self: self.sockets == 0)
    def configure(self, policy: str, attempts: int | None) -> None:
        policies = {  # made anew with the same seed, so that Hypothesis can repeat a run
            "none": None,
            "backoff": Backoff(rng=random.Random(0)),
            "fixed": Fixed(0.05, rng=random.Random(0)),
            "no wait": Fixed(0),
        }
        self.connection = Connection(policies[policy], max_attempts=attempts)

    def carry_out(self, actions: list[Action]) -> None:
        state = self.connection.state
        assert state is self.seen or (self.seen, state) in LEGAL, (self.seen, state)
        self.seen = state
        for action in actions:
            match action:
                case OpenSocket(generation):
                    assert self.live is None, "two sockets"
                    assert generation not in self.stale
                    self.live = generation
                    self.sockets += 1
                case CloseSocket():
                    assert self.live is not None
                case DropSocket():
                    assert self.live is not None
                    self.stale.append(self.live)
                    self.live = None
                case StartTimer(timer, seconds):
                    assert timer not in self.timers
                    assert seconds >= 0
                    self.timers[timer] = self.now + seconds
                case StopTimer(timer):
                    self.timers.pop(timer, None)
                case Settled(error):
                    assert error is None or isinstance(error, ChannelConnectionError)
                    self.waiting = 0
                case Ended():
                    self.ended += 1
                case Opened():
                    assert state is ChannelState.OPEN
                case Closed():
                    self.closing = 0

    @rule()
    def connect(self) -> None:
        self.waiting += 1
        self.carry_out(self.connection.connect())

    @rule()
    def close(self) -> None:
        self.closing += 1
        self.carry_out(self.connection.close(1000, ""))
        assert self.connection.state in (ChannelState.CLOSED, ChannelState.CLOSING)
        assert self.waiting == 0

    @rule()
    def reconnect_now(self) -> None:
        waited = self.connection.state is ChannelState.RECONNECTING
        self.carry_out(self.connection.reconnect_now())
        if waited:
            assert self.connection.state is ChannelState.CONNECTING

    @rule()
    def network_back(self) -> None:
        self.carry_out(self.connection.network_back(self.now))

    @rule()
    def network_lost(self) -> None:
        self.carry_out(self.connection.network_lost(self.now, "lost"))
        assert self.connection.state is not ChannelState.OPEN

    @precondition(lambda self: self.live is not None and self.connection.state is ChannelState.CONNECTING)
    @rule()
    def server_accepts(self) -> None:
        assert self.live is not None
        self.carry_out(self.connection.socket_opened(self.live, self.now))
        assert self.connection.state is ChannelState.OPEN
        assert self.waiting == 0

    @precondition(lambda self: self.live is not None)
    @rule(close=closes)
    def socket_ends(self, close: Close) -> None:
        generation, self.live = self.live, None
        assert generation is not None
        self.stale.append(generation)
        self.carry_out(self.connection.socket_closed(generation, close, self.now))

    @precondition(lambda self: self.stale)
    @rule(data=st.data(), close=closes)
    def stale_socket_speaks(self, data: st.DataObject, close: Close) -> None:
        generation = data.draw(st.sampled_from(self.stale))
        before = self.connection.state
        assert not self.connection.listens_to(generation)
        assert self.connection.socket_opened(generation, self.now) == []
        assert self.connection.socket_closed(generation, close, self.now) == []
        assert self.connection.state is before

    @rule(seconds=st.floats(0, 30))
    def time_passes(self, seconds: float) -> None:
        until = self.now + seconds
        while self.timers:
            timer, due = min(self.timers.items(), key=lambda item: item[1])
            if due > until or self.sockets > 200:
                break
            self.now = max(self.now, due)
            del self.timers[timer]
            self.carry_out(self.connection.timer_fired(timer, self.now))
        self.now = until

    @invariant()
    def the_socket_belongs_to_the_state(self) -> None:
        state = self.connection.state
        has_socket = state in (ChannelState.CONNECTING, ChannelState.OPEN, ChannelState.CLOSING)
        assert (self.live is not None) == has_socket
        assert self.live is None or self.connection.listens_to(self.live)

    @invariant()
    def every_timer_belongs_to_the_state(self) -> None:
        wanted = {
            ChannelState.CLOSED: set(),
            ChannelState.CONNECTING: {Timer.CONNECT},
            ChannelState.OPEN: set(),
            ChannelState.CLOSING: {Timer.CLOSE},
            ChannelState.RECONNECTING: {Timer.RETRY},
        }
        assert set(self.timers) == wanted[self.connection.state]

    @invariant()
    def ruling_5_every_socket_ends_once(self) -> None:
        assert self.ended == self.sockets - (self.live is not None)

    @invariant()
    def nobody_waits_in_vain(self) -> None:
        if self.connection.state is ChannelState.CLOSED:
            assert self.waiting == self.closing == 0
        if self.connection.state is ChannelState.OPEN:
            assert self.waiting == 0

    @invariant()
    def retry_in_is_set_while_waiting(self) -> None:
        waiting = self.connection.state is ChannelState.RECONNECTING
        assert (self.connection.retry_in is not None) == waiting


TestConnection = ConnectionMachine.TestCase
TestConnection.settings = settings(
    max_examples=int(os.environ.get("METAFOR_EXAMPLES", "100")),
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
