"""One message on its way out, in the forms in which the shells send it: made once, shared by all."""

from __future__ import annotations

from typing import Any

from metafor.server.hub import byte_length

__all__ = ["Parcel"]


class Parcel:
    """A frame, with its ASGI event and its bytes on the wire, each made when first asked for."""

    __slots__ = ("_event", "_wire", "frame", "size")

    def __init__(self, frame: str | bytes) -> None:
        self.frame = frame
        #: Bytes of the payload.
        self.size = byte_length(frame)
        self._event: dict[str, Any] | None = None
        self._wire: bytes | None = None

    @property
    def event(self) -> dict[str, Any]:
        """The ASGI ``websocket.send``."""
        if self._event is None:
            kind = "bytes" if isinstance(self.frame, bytes) else "text"
            self._event = {"type": "websocket.send", kind: self.frame}
        return self._event

    @property
    def wire(self) -> bytes:
        """The frame of RFC 6455, section 5.2, as a server sends it: whole, unmasked, not compressed."""
        if self._wire is None:
            from websockets.frames import Frame, Opcode

            binary = isinstance(self.frame, bytes)
            data = self.frame if isinstance(self.frame, bytes) else self.frame.encode("utf-8", "replace")
            self._wire = Frame(Opcode.BINARY if binary else Opcode.TEXT, data).serialize(mask=False)
        return self._wire
