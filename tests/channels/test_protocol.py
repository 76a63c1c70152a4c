"""The wire protocol: what a payload becomes, and what a stranger's text cannot do."""

from __future__ import annotations

import json
import math
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metafor.channels import protocol
from metafor.channels.errors import ChannelMessageError, DecodeError, EncodeError

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
text = st.text(st.characters(codec="utf-8"))
values = st.recursive(
    scalars | text, lambda inner: st.lists(inner) | st.dictionaries(text, inner), max_leaves=20
)


def nested(depth: int, opening: str = "[", closing: str = "]") -> str:
    return opening * depth + closing * depth


@settings(deadline=None)
@given(values)
def test_what_is_encoded_decodes_to_the_same(value: Any) -> None:
    assert protocol.decode(protocol.encode(value)) == value


@settings(deadline=None)
@given(st.text() | st.binary())
def test_reading_never_raises(frame: str | bytes) -> None:
    message = protocol.from_wire(frame)
    assert message.binary == isinstance(frame, bytes)


@pytest.mark.parametrize(
    ("frame", "data"),
    [
        ('{"a": 1}', {"a": 1}),
        ("[1, 2]", [1, 2]),
        ("Hello", "Hello"),
        ("3", 3),
        ("true", True),
        ("null", None),
        ('"quoted"', "quoted"),
        ("", ""),
        ("{", "{"),
        ("NaN", "NaN"),  # Python's json takes it; JSON does not have it
        ("-Infinity", "-Infinity"),
        ("\ufeff{}", "\ufeff{}"),
        ("1" * 5000, "1" * 5000),
        (b"\x00\xff", b"\x00\xff"),
        (b"{}", b"{}"),
    ],
)
def test_a_message_is_parsed_if_it_is_json_else_raw(frame: str | bytes, data: object) -> None:
    message = protocol.from_wire(frame)
    assert message.data == data
    assert type(message.data) is type(data)


ordinary = st.dictionaries(st.sampled_from(["a", "_room", "room", "_b64", "data"]), scalars | text | values)
endings = st.sampled_from(["", " ", "\n", "}", "{}", "x"])


@settings(deadline=None)
@given(
    st.lists(st.tuples(ordinary, endings).map(lambda it: json.dumps(it[0]) + it[1]) | st.text() | st.binary())
)
def test_the_messages_of_a_turn_are_read_as_one_by_one(frames: list[str | bytes]) -> None:
    frames += [
        '{"a":NaN}',
        '{"a":' * 600 + "1" + "}" * 600,
        '{"n":' + "1" * 450 + "}",
        '{"a":1',
        '{"_room":1}',
    ]
    one_by_one = [protocol.from_wire(frame) for frame in frames]
    messages = protocol.messages_of(frames)
    assert messages == one_by_one
    assert {type(message) for message in messages} == {protocol.Message}


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_json_nested_deeper_than_allowed_is_text(opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    for depth in (protocol.MAX_DEPTH + 1, 20_000, 200_000):
        hostile = opening * depth + "1" + closing * depth
        assert protocol.from_wire(hostile).data == hostile
    allowed = opening * protocol.MAX_DEPTH + "1" + closing * protocol.MAX_DEPTH
    assert protocol.from_wire(allowed).data != allowed


def test_brackets_in_strings_and_side_by_side_are_not_depth() -> None:
    assert protocol.decode(json.dumps(["[" * 10_000, '"{{{' * 1000])) == ["[" * 10_000, '"{{{' * 1000]
    assert len(protocol.decode("[" + ",".join(["[]"] * 5000) + "]")) == 5000


def test_unbalanced_text_does_not_take_quadratic_time() -> None:
    started = time.perf_counter()
    for hostile in ('\\"' * 500_000 + "[" * 600, '"' + "[" * 1_000_000, "[" * 1_000_000, "]" * 1_000_000):
        assert protocol.from_wire(hostile).data == hostile
    assert time.perf_counter() - started < 5


def test_decode_raises_one_error_only() -> None:
    for hostile in ("", "{", "1" * 5000, nested(600), "NaN"):
        with pytest.raises(DecodeError) as caught:
            protocol.decode(hostile)
        assert isinstance(caught.value, ChannelMessageError)
        assert isinstance(caught.value, ValueError)


def circular() -> list[Any]:
    loop: list[Any] = []
    loop.extend([loop, {"again": loop}])
    return loop


def deep(levels: int) -> list[Any]:
    outermost: list[Any] = []
    level = outermost
    for _ in range(levels):
        level.append([])
        level = level[0]
    return outermost


@pytest.mark.parametrize(
    "payload",
    [{"a": {1, 2}}, {"a": object()}, [math.nan], {"a": math.inf}, circular(), deep(100_000), {(1, 2): 3}],
    ids=["set", "object", "nan", "infinity", "circular", "deep", "tuple key"],
)
def test_ruling_8_a_payload_that_cannot_be_serialised_raises(payload: Any) -> None:
    with pytest.raises(ChannelMessageError) as caught:
        protocol.to_wire(payload)
    assert isinstance(caught.value, EncodeError)


def test_a_payload_may_nest_as_deep_as_may_be_read() -> None:
    deepest = deep(protocol.MAX_DEPTH - 1)
    assert protocol.decode(protocol.encode(deepest)) == deepest
    for payload in (deep(protocol.MAX_DEPTH), circular()):
        with pytest.raises(EncodeError, match="contains itself, or nests deeper than 500"):
            protocol.encode(payload)


class Shouting:
    def __str__(self) -> str:
        return "AAH"


class Mute:
    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    ("payload", "frame"),
    [
        ({"text": "Hällo"}, '{"text":"Hällo"}'),
        ([1, None], "[1,null]"),
        ("plain", "plain"),
        ('{"not": "touched"}', '{"not": "touched"}'),
        (b"\x00\x01", b"\x00\x01"),
        (bytearray(b"ab"), b"ab"),
        (memoryview(b"abc")[1:], b"bc"),
        (3.5, "3.5"),
        (None, "None"),
        (True, "True"),
        ((1, 2), "(1, 2)"),
        (Shouting(), "AAH"),
    ],
)
def test_ruling_8_what_each_type_travels_as(payload: object, frame: str | bytes) -> None:
    assert protocol.to_wire(payload) == frame


def test_a_payload_without_words_raises() -> None:
    with pytest.raises(EncodeError, match="no words"):
        protocol.to_wire(Mute())


def test_lone_surrogates_travel_in_json_and_are_refused_in_text() -> None:
    frame = protocol.to_wire({"a": "\ud800"})
    assert isinstance(frame, str)
    frame.encode()
    assert protocol.decode(frame) == {"a": "\ud800"}
    with pytest.raises(EncodeError, match="surrogate"):
        protocol.to_wire("\ud800")


def test_the_payload_is_copied() -> None:
    data = bytearray(b"before")
    frame = protocol.to_wire(data)
    data[:] = b"after!"
    assert frame == b"before"


# -- Rooms -------------------------------------------------------------------------------------------


def test_control_messages_are_those_of_the_specification() -> None:
    assert json.loads(protocol.join_message("room-name")) == {"type": "_join", "room": "room-name"}
    assert json.loads(protocol.leave_message("room-name")) == {"type": "_leave", "room": "room-name"}


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"text": "Hello", "user": "alice"}, {"_room": "r", "text": "Hello", "user": "alice"}),
        ({"_room": "r", "text": "Hello"}, {"_room": "r", "text": "Hello"}),
        ([1], {"_room": "r", "data": [1]}),
        ("Hello", {"_room": "r", "data": "Hello"}),
        (5, {"_room": "r", "data": "5"}),
        (b"\x00\xff", {"_room": "r", "_b64": "AP8="}),
    ],
)
def test_ruling_45_what_a_payload_travels_as_in_a_room(payload: object, message: object) -> None:
    assert json.loads(protocol.to_wire(payload, "r")) == message


@settings(deadline=None)
@given(st.binary(), st.text(st.characters(codec="utf-8"), min_size=1))
def test_ruling_45_bytes_in_a_room_arrive_as_bytes(data: bytes, room: str) -> None:
    assert protocol.from_wire(protocol.to_wire(data, room)) == protocol.Message(data, room, True)


@pytest.mark.parametrize(
    "message",
    [
        {"_room": "r", "_b64": "!!"},
        {"_room": "r", "_b64": 3},
        {"_b64": "AP8="},
        {"_room": "r", "_b64": "", "x": 1},
    ],
)
def test_somebody_elses_b64_is_left_alone(message: dict[str, object]) -> None:
    assert protocol.from_wire(json.dumps(message)).data == message


@pytest.mark.parametrize(
    ("payload", "room"),
    [
        ({"_room": "other"}, "r"),
        ({"_room": "r"}, None),
        ({"_room": None}, "r"),
        ({"type": "_join", "room": "r"}, None),
        ({"type": "_leave"}, "r"),
        ({"text": "x"}, ""),
        ("x", ""),
        (b"x", ""),
    ],
)
def test_ruling_45_contradictions_raise(payload: object, room: str | None) -> None:
    with pytest.raises(ChannelMessageError) as caught:
        protocol.to_wire(payload, room)
    assert caught.value.code == "channels/encode"


def test_ruling_45_text_is_not_inspected() -> None:
    assert protocol.to_wire('{"type": "_join", "room": "r"}') == '{"type": "_join", "room": "r"}'


def test_an_unhashable_type_is_no_control_type() -> None:
    assert protocol.to_wire({"type": ["_join"]}) == '{"type":["_join"]}'


@pytest.mark.parametrize(
    ("message", "room"),
    [
        ({"_room": "a", "room": "b"}, "a"),
        ({"status": "joined", "room": "b"}, "b"),
        ({"_room": 3, "room": "b"}, None),
        ({"room": ["b"]}, None),
        ({}, None),
        ([], None),
        ("_room", None),
    ],
)
def test_ruling_8_the_room_of_a_message(message: object, room: str | None) -> None:
    assert protocol.room_of(message) == room
    assert protocol.from_wire(json.dumps(message)).room == room


def test_control_of() -> None:
    assert protocol.control_of({"type": "_join"}) == "_join"
    assert protocol.control_of({"type": "message"}) is None
    assert protocol.control_of({"type": []}) is None
    assert protocol.control_of("_join") is None


@pytest.mark.parametrize("name", ["", None, 3, b"r", ["r"]])
def test_a_room_is_named_by_text(name: object) -> None:
    with pytest.raises(EncodeError, match="a room is named by"):
        protocol.check_room(name)


# -- Retry hints ---------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.floats(0, 999_999), st.text(st.characters(codec="utf-8")))
def test_a_retry_hint_survives_the_close_reason(seconds: float, words: str) -> None:
    reason = protocol.reason_with_retry(seconds, words)
    assert len(reason.encode()) <= protocol.MAX_REASON
    assert protocol.retry_after(reason) == pytest.approx(seconds, abs=0.001)


@pytest.mark.parametrize(
    "reason", ["", "bye", "retry-after=", "retry-after=soon", "retry-after=1x", "retry-after=-1"]
)
def test_other_reasons_are_no_hint(reason: str) -> None:
    assert protocol.retry_after(reason) is None
