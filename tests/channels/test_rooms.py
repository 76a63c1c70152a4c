"""Membership: wishes against what the server was told (ruling 6)."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from metafor.channels.rooms import Membership

rooms = st.sampled_from(["a", "b", "c"])


class MembershipMachine(RuleBasedStateMachine):
    """A server that believes every join and leave must agree with the wish whenever it is connected."""

    def __init__(self) -> None:
        super().__init__()
        self.membership = Membership()
        self.connected = False
        self.server: set[str] = set()

    @rule(room=rooms)
    def join(self, room: str) -> None:
        if self.membership.join(room, connected=self.connected):
            assert self.connected
            assert room not in self.server  # never twice on one connection
            self.server.add(room)
        assert room in self.membership

    @rule(room=rooms)
    def leave(self, room: str) -> None:
        if self.membership.leave(room, connected=self.connected):
            assert self.connected
            self.server.remove(room)
        assert room not in self.membership

    @rule()
    def open(self) -> None:
        if not self.connected:
            self.connected = True
            self.server = set(self.membership.opened())

    @rule(keep=st.booleans())
    def end(self, keep: bool) -> None:
        wanted = self.membership.wanted
        self.connected = False
        self.membership.ended(keep=keep)
        assert self.membership.wanted == (wanted if keep else ())

    @invariant()
    def server_agrees(self) -> None:
        if self.connected:
            assert self.server == set(self.membership.wanted)


TestMembership = MembershipMachine.TestCase
TestMembership.settings = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_rooms_are_joined_again_in_their_order() -> None:
    membership = Membership()
    for room in ("c", "a", "b", "a"):
        membership.join(room, connected=False)
    membership.leave("c", connected=False)
    membership.join("c", connected=False)
    assert membership.opened() == ["a", "b", "c"]
