"""The conversations in docs/protocol/vectors, for the tests of both sides (docs/protocol.md)."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

FILES = sorted((Path(__file__).parent.parent / "docs" / "protocol" / "vectors").glob("*.json"))

_PLACEHOLDER = re.compile(r"(NONCE|SESSION|TOKEN|EPOCH|TIME)\d*")


def vectors(side: str) -> list[dict[str, Any]]:
    """The vectors that concern ``side``, "client" or "server"."""
    everything = [json.loads(path.read_text(encoding="utf-8")) for path in FILES]
    return [vector for vector in everything if vector.get("only", side) == side]


class Bindings:
    """What stands for the placeholders in this run."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def frame(self, step: Any) -> str | bytes:
        """The frame that a step means, with the values of this run."""
        if isinstance(step, str):
            return str(self._filled(step))
        if isinstance(step, dict):
            return json.dumps(self._filled(step))
        head = json.dumps(self._filled(step[0]))
        if len(step) == 1:
            return head
        if isinstance(step[1], dict):
            return head.encode() + b"\n" + base64.b64decode(step[1]["base64"])
        return f"{head}\n{step[1]}"

    def fits(self, step: Any, frame: str | bytes) -> bool:
        """Whether ``frame`` is what the step says; placeholders are bound where they come first."""
        before = dict(self._values)
        if self._same(step, _taken_apart(step, frame)):
            return True
        self._values = before
        return False

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            if _PLACEHOLDER.fullmatch(value):
                return self._bind(value)
            return _PLACEHOLDER.sub(lambda found: str(self._bind(found[0])), value)
        if isinstance(value, dict):
            return {self._filled(key): self._filled(item) for key, item in value.items()}
        return [self._filled(item) for item in value] if isinstance(value, list) else value

    def _bind(self, name: str) -> Any:
        return self._values.setdefault(name, 0.5 if name.startswith("TIME") else name)

    def _same(self, expected: Any, actual: Any) -> bool:
        if isinstance(expected, str) and _PLACEHOLDER.fullmatch(expected):
            return bool(self._values.setdefault(expected, actual) == actual)
        if isinstance(expected, dict) and isinstance(actual, dict):
            filled = {self._values.get(key, key): item for key, item in expected.items()}
            return filled.keys() == actual.keys() and all(
                self._same(item, actual[key]) for key, item in filled.items()
            )
        if isinstance(expected, list) and isinstance(actual, list):
            return len(expected) == len(actual) and all(map(self._same, expected, actual))
        return isinstance(expected, bool) is isinstance(actual, bool) and bool(expected == actual)


def _taken_apart(step: Any, frame: str | bytes) -> Any:
    """The frame in the shape that its step has."""
    if isinstance(step, str):
        return frame
    if isinstance(step, dict):
        return _json(frame)
    if isinstance(frame, bytes):
        head, _, data = frame.partition(b"\n")
        return [_json(head.decode()), {"base64": base64.b64encode(data).decode()}]
    head_text, line_feed, body = frame.partition("\n")
    return [_json(head_text), body] if line_feed else [_json(head_text)]


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
