"""The specification of channels on CPython: each scenario of ``tests/spec/sections``."""

from __future__ import annotations

import pytest

from metafor.channels import Channel, ChannelConnectionError
from tests.spec.sections import client, servers  # noqa: F401
from tests.spec.sections.world import SCENARIOS, World


@pytest.mark.parametrize("name", [name for name, one in SCENARIOS.items() if not one.is_script])
async def test_section(name: str, world: World) -> None:
    await SCENARIOS[name].run(world)


@pytest.mark.parametrize("name", [name for name, one in SCENARIOS.items() if one.is_script])
def test_section_as_a_script(name: str, world: World) -> None:
    SCENARIOS[name].run(world)


async def test_an_untrusted_certificate_is_a_connection_error(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ChannelConnectionError, match="certificate"):
        await Channel("wss://echo.websocket.org").connect()
