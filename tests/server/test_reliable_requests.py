"""Requests to the server, and what becomes of them (docs/protocol.md, section 8)."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from metafor.channels import RefusedError, RequestFailedError
from metafor.server import Refuse
from metafor.testing import in_virtual_time
from tests.channels.reliable.world import World


@in_virtual_time
async def test_every_value_is_an_answer() -> None:
    world = World(on_request=lambda client, message: message)
    asker = await world.connected()
    for value in (False, True, None, 0, "", [], {}, b"", "x", 1.5):
        answer = await asker.request(value)
        assert (type(answer), answer) == (type(value), value)
    await world.close()


@in_virtual_time
async def test_a_hook_may_refuse_with_an_exception(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(client: Any, what: Any) -> Any:
        raise Refuse(LookupError(f"no {what}"))

    world = World(on_request=refuse, on_join=refuse)
    asker = await world.connected()
    with pytest.raises(RequestFailedError, match="no such thing"):
        await asker.request("such thing")
    with pytest.raises(RefusedError, match="no attic"):
        await asker.join("attic")
    assert asker.is_connected
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    await world.close()
