"""What the chat takes from strangers."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples.conftest import Load

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
nearly = st.fixed_dictionaries(
    {
        "id": anything | st.text(min_size=1),
        "turn": anything | st.integers(1, 100),
        "at": anything | st.floats(0, 2e9),
        "user": anything | st.text(min_size=1),
        "text": anything | st.text(min_size=1),
    }
)
# The fixture only makes modules importable.
examples = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@examples
@given(anything | nearly)
def test_only_well_formed_messages_come_through(chat: Load, payload: object) -> None:
    messages = chat("messages")
    message = messages.Message.read(payload)
    if message is not None:
        assert 0 < len(message.user) <= messages.MAX_NAME
        assert 0 < len(message.text) <= messages.MAX_TEXT
        assert len(message.clock) == 5
        assert messages.Message.read(json.loads(json.dumps(message.payload()))) == message


@examples
@given(st.text(min_size=1).filter(str.strip), st.integers(1, 2**52))
def test_what_is_written_is_read(chat: Load, text: str, turn: int) -> None:
    Message = chat("messages").Message
    written = Message.write("Ada", text.strip(), turn)
    assert Message.read(json.loads(json.dumps(written.payload()))) == written
    assert Message.write("Ada", text, turn).id != written.id


def test_no_stranger_gets_past_these(chat: Load) -> None:
    read = chat("messages").Message.read
    good = {"id": "1", "turn": 1, "at": 1.0, "user": "Ada", "text": "hello"}
    assert read(good) is not None
    for change in (
        {"id": ""}, {"id": "x" * 65}, {"turn": 0}, {"turn": 2**60}, {"turn": "1"}, {"at": 1e300},
        {"at": float("nan")}, {"user": "  "}, {"text": "\n"}, {"text": ["hello"]},
    ):  # fmt: skip
        assert read({**good, **change}) is None, change
    assert read({"turn": 1}) is None
    assert len(read({**good, "user": "a" * 99}).user) == 24
