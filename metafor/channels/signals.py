"""The signals of a channel, with the setters that only the channel has."""

from __future__ import annotations

from metafor.channels.connection import ChannelState
from metafor.channels.errors import ChannelError
from metafor.channels.reliable.gap import Gap
from metafor.core import create_signal

__all__ = ["Signals"]


class Signals:
    """Getter and setter of each, beside one another."""

    def __init__(self) -> None:
        no_rooms: tuple[str, ...] = ()
        no_seconds: float | None = None
        no_error: ChannelError | None = None
        no_gap: Gap | None = None
        not_known: bool | None = None
        self.state, self.set_state = create_signal(ChannelState.CLOSED, name="channel.state")
        self.ready_state, self.set_ready_state = create_signal(3, name="channel.ready_state")
        self.rooms, self.set_rooms = create_signal(no_rooms, name="channel.rooms")
        self.queued, self.set_queued = create_signal(0, name="channel.queued")
        self.attempt, self.set_attempt = create_signal(0, name="channel.attempt")
        self.retry_in, self.set_retry_in = create_signal(no_seconds, name="channel.retry_in")
        self.latency, self.set_latency = create_signal(no_seconds, name="channel.latency")
        self.congested, self.set_congested = create_signal(False, name="channel.congested")
        self.error, self.set_error = create_signal(no_error, name="channel.error")
        self.reliable, self.set_reliable = create_signal(not_known, name="channel.reliable")
        # Two gaps alike are two gaps.
        self.gap, self.set_gap = create_signal(no_gap, equals=False, name="channel.gap")
