"""The queue of messages that wait."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from metafor.channels import QueueFullError
from metafor.channels.queue import Overflow, SendQueue


def size(item: str | bytes) -> int:
    return len(item.encode() if isinstance(item, str) else item)


class QueueMachine(RuleBasedStateMachine):
    """Against a plain list, which says what is meant."""

    def __init__(self) -> None:
        super().__init__()
        self.queue: SendQueue[int] = SendQueue(max_messages=4, max_bytes=20)
        self.model: list[tuple[str | bytes, int, str | None, float | None]] = []
        self.tickets = 0
        self.now = 0.0

    @rule(overflow=st.sampled_from(Overflow))
    def configure(self, overflow: Overflow) -> None:
        self.queue.overflow = overflow

    @rule(
        frame=st.text(st.characters(codec="utf-8"), max_size=8) | st.binary(max_size=22),
        key=st.sampled_from([None, None, "a", "b"]),
        ttl=st.sampled_from([None, None, 1.0, 2.0]),
    )
    def push(self, frame: str | bytes, key: str | None, ttl: float | None) -> None:
        self.tickets += 1
        deadline = None if ttl is None else self.now + ttl
        kept = [item for item in self.model if key is None or item[2] != key]
        gone = [item[1] for item in self.model if item not in kept]

        def fits() -> bool:
            return len(kept) < 4 and sum(size(item[0]) for item in kept) + size(frame) <= 20

        match self.queue.overflow:
            case Overflow.DROP_NEWEST if not fits():
                assert self.queue.push(frame, self.tickets, key=key, deadline=deadline) == [self.tickets]
                return
            case Overflow.DROP_OLDEST if size(frame) <= 20:
                while not fits():
                    gone.append(kept.pop(0)[1])
            case _ if not fits():
                with pytest.raises(QueueFullError):
                    self.queue.push(frame, self.tickets, key=key, deadline=deadline)
                return
        assert self.queue.push(frame, self.tickets, key=key, deadline=deadline) == gone
        self.model = [*kept, (frame, self.tickets, key, deadline)]

    @precondition(lambda self: self.model)
    @rule()
    def pop(self) -> None:
        assert self.queue.peek() == self.model[0][:2]
        assert self.queue.pop() == self.model.pop(0)[:2]

    @rule(seconds=st.sampled_from([0.5, 1.0, 3.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        late = [item for item in self.model if item[3] is not None and item[3] <= self.now]
        late.sort(key=lambda item: (item[3], item[1]))
        assert self.queue.expire(self.now) == [item[1] for item in late]
        self.model = [item for item in self.model if item not in late]

    @invariant()
    def counts(self) -> None:
        assert len(self.queue) == len(self.model)
        assert self.queue.bytes == sum(size(item[0]) for item in self.model)
        deadlines = [item[3] for item in self.model if item[3] is not None]
        assert self.queue.next_deadline == min(deadlines, default=None)


TestQueue = QueueMachine.TestCase
TestQueue.settings = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_the_limits_are_a_thousand_messages_and_a_mebibyte() -> None:
    queue: SendQueue[None] = SendQueue()
    for _ in range(1000):
        queue.push("x", None)
    with pytest.raises(QueueFullError, match="1000 messages") as caught:
        queue.push("x", None)
    assert caught.value.next_step
    queue = SendQueue()
    queue.push(b"x" * (1 << 20), None)
    with pytest.raises(QueueFullError):
        queue.push(b"x", None)


def test_an_empty_queue_gives_nothing() -> None:
    queue: SendQueue[None] = SendQueue()
    with pytest.raises(IndexError):
        queue.peek()
    with pytest.raises(IndexError):
        queue.pop()
