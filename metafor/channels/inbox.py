"""What arrived, in three shapes fed from one place: the latest, the last few, and the stream."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from metafor.channels.protocol import Message
from metafor.core import Getter, create_memo, create_root, create_signal

if TYPE_CHECKING:
    from metafor.channels.stream import MessageStream

__all__ = ["Inbox"]


class Inbox:
    """The messages of a channel, or of one of its rooms."""

    def __init__(self, history: int, failed: Callable[[Exception], None]) -> None:
        nothing: Any = None
        self._kept: deque[Any] = deque(maxlen=history)
        self.latest, self._set_latest = create_signal(nothing, equals=self._differ, name="channel.message")
        # The list is made when somebody reads it. It lives as long as the inbox, whoever asked for that.
        self.recent: Getter[list[Any]] = create_root(
            lambda _: create_memo(self._list, equals=False, name="channel.messages")
        )
        self._failed = failed
        self._stream: MessageStream | None = None
        #: Whether somebody has asked for the stream.
        self.is_streaming = False
        self._complete = False

    @property
    def stream(self) -> MessageStream:
        """The stream; ``reactivex`` is loaded when it is first asked for."""
        if self._stream is None:
            from metafor.channels.stream import MessageStream

            self._stream = MessageStream(self._failed)
            self.is_streaming = True
            if self._complete:
                self._stream.complete()
        return self._stream

    def keep(self, messages: Sequence[Message]) -> None:
        """Put messages into the signals; they notify once for all of them."""
        self._kept.extend([message.data for message in messages])
        self._set_latest(messages[-1].data)

    def _differ(self, old: Any, new: Any) -> bool:
        """Equal messages are messages too. And whoever holds the signal holds the inbox, through this."""
        return False

    def _list(self) -> list[Any]:
        self.latest()  # when it changes, so does this
        return list(self._kept)

    def publish(self, message: Message) -> None:
        """Put one message into the stream."""
        if self._stream is not None:
            self._stream.emit(message)

    def complete(self) -> None:
        """End the stream."""
        self._complete = True
        if self._stream is not None:
            self._stream.complete()
