"""Logs and metrics: nothing that a stranger writes can forge a line."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from metafor.server import Client, JsonFormatter, Refuse, RoomServer
from metafor.server.logs import LONGEST, log, write
from tests.server.asgi_driver import Peer, peers, settle

EVIL = 'x\r\n{"level": "critical"}\n\x1b[2J\u2028\u202e"}, "event": "forged'


class Logged:
    def __init__(self, formatter: logging.Formatter) -> None:
        self._stream = io.StringIO()
        self.handler = logging.StreamHandler(self._stream)
        self.handler.setFormatter(formatter)

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def clear(self) -> None:
        self._stream.seek(0)
        self._stream.truncate()


@pytest.fixture(params=["json", "text"])
def logged(request: pytest.FixtureRequest) -> Iterator[Logged]:
    formatter = JsonFormatter() if request.param == "json" else logging.Formatter("%(levelname)s %(message)s")
    logged = Logged(formatter)
    level = log.level
    log.setLevel(logging.DEBUG)
    log.addHandler(logged.handler)
    yield logged
    log.removeHandler(logged.handler)
    log.setLevel(level)


@given(name=st.text(), value=st.text() | st.binary() | st.none() | st.integers())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_one_event_is_one_line_of_printable_ascii(logged: Logged, name: str, value: object) -> None:
    logged.clear()
    write(logging.WARNING, "happened", room=name, other=value)
    assert logged.text.endswith("\n")
    line = logged.text[:-1]
    assert line.isascii()
    assert line.isprintable()


def test_a_json_line_holds_what_was_said() -> None:
    logged = Logged(JsonFormatter())
    log.addHandler(logged.handler)
    try:
        try:
            raise ValueError(EVIL)
        except ValueError as error:
            write(logging.ERROR, "happened", error=error, room=EVIL, level="forged", long="y" * 1000)
    finally:
        log.removeHandler(logged.handler)
    (line,) = logged.text.splitlines()
    record = json.loads(line)
    assert record["time"].endswith("Z")
    assert (record["level"], record["logger"], record["event"]) == ("error", "metafor.server", "happened")
    assert record["room"] == EVIL
    assert len(record["long"]) == LONGEST
    assert EVIL in record["exception"]


def test_a_traceback_cannot_forge_a_line_either() -> None:
    logged = Logged(logging.Formatter("%(levelname)s %(message)s"))
    log.addHandler(logged.handler)
    try:
        write(logging.ERROR, "happened", error=KeyError(EVIL))
        write(logging.ERROR, "happened", error=ValueError(EVIL))
    finally:
        log.removeHandler(logged.handler)
    lines = logged.text.split("\n")[:-1]
    assert len(lines) > 4
    assert all(line.isascii() and line.isprintable() for line in lines)
    assert {line[:4] for line in lines} == {"ERRO", "  | "}


async def test_strangers_cannot_write_lines(logged: Logged) -> None:
    def on_join(client: Client, room: str) -> None:
        raise Refuse(f"no {room}")

    rooms = RoomServer(
        origins=["https://example.org"], on_connect=lambda h: h.headers["x-who"], on_join=on_join
    )
    refused = Peer(rooms, headers=[("Origin", EVIL), ("Host", EVIL)])
    assert (await refused.open())["type"] == "websocket.close"
    peer = Peer(rooms, headers=[("X-Who", EVIL)])
    await peer.open()
    peer.send(json.dumps({"type": "_join", "room": EVIL}))
    await peer.receive()
    peer.send("x" * 2_000_000)
    assert (await peer.closed())[0] == 1009
    lines = logged.text.splitlines()
    assert len(lines) >= 4
    for line in lines:
        assert line.isascii()
        assert line.isprintable()
        assert "forged" not in line or '\\"event\\": \\"forged' in line


async def test_metrics_are_well_formed_and_name_no_room() -> None:
    rooms = RoomServer()
    async with peers(rooms, 2) as (alice, bob):
        alice.send(json.dumps({"type": "_join", "room": EVIL}))
        await settle()
        bob.send(json.dumps({"_room": EVIL, "text": "hello"}))
        bob.send('{"type": "_join"}')
        await settle()
        text = rooms.metrics().decode()
        rooms_text = "forged" in text
        families = {family.name: family for family in text_string_to_metric_families(text)}
    values = {name: [sample.value for sample in family.samples] for name, family in families.items()}
    assert not rooms_text
    assert values["metafor_connections"] == [2]
    assert values["metafor_rooms"] == [1]
    assert values["metafor_broker_up"] == [1]
    assert values["metafor_messages_received"] == [3]
    assert values["metafor_messages_delivered"] == [2]  # the message, and the error
    (error,) = families["metafor_errors"].samples
    assert (error.labels, error.value) == ({"code": "bad-room"}, 1)
