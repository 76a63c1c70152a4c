"""The queue of messages that wait."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from metafor.channels import QueueFullError
from metafor.channels.queue import SendQueue


class QueueMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.queue: SendQueue[int] = SendQueue(max_messages=4, max_bytes=20)
        self.model: deque[tuple[str | bytes, int]] = deque()
        self.tickets = 0

    @rule(frame=st.text(st.characters(codec="utf-8"), max_size=8) | st.binary(max_size=12))
    def push(self, frame: str | bytes) -> None:
        def size(item: str | bytes) -> int:
            return len(item.encode() if isinstance(item, str) else item)

        fits = len(self.model) < 4 and sum(size(item) for item, _ in self.model) + size(frame) <= 20
        self.tickets += 1
        if fits:
            self.queue.push(frame, self.tickets)
            self.model.append((frame, self.tickets))
        else:
            with pytest.raises(QueueFullError):
                self.queue.push(frame, self.tickets)

    @precondition(lambda self: self.model)
    @rule()
    def pop(self) -> None:
        assert self.queue.peek() == self.model[0]
        assert self.queue.pop() == self.model.popleft()

    @invariant()
    def counts(self) -> None:
        assert len(self.queue) == len(self.model)
        assert self.queue.bytes == sum(
            len(frame.encode() if isinstance(frame, str) else frame) for frame, _ in self.model
        )


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
