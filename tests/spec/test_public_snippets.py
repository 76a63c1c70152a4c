"""The snippets of the section "Testing with Public WebSocket Servers", run as they stand (ruling 46)."""

from __future__ import annotations

import pytest

from metafor.channels import Channel, ChannelConnectionError
from tests.spec.document import snippet
from tests.spec.page import Page
from tests.spec.servers import LoopbackServer


async def test_echo_test_servers(public: LoopbackServer) -> None:
    page = Page(Channel=Channel)
    await snippet("Testing with Public WebSocket Servers/Echo Test Servers").run(page)
    await page.printed("Echo: Hello, World!")
    await page["channel"].close()


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_websocket_test_servers(public: LoopbackServer, number: int) -> None:
    page = Page(Channel=Channel)
    await snippet("Testing with Public WebSocket Servers/WebSocket Test Servers", number).run(page)
    await page["channel"].connect()
    await page["channel"].close()


async def test_an_untrusted_certificate_is_a_connection_error(
    public: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ChannelConnectionError, match="certificate"):
        await Channel("wss://echo.websocket.org").connect()


def test_quick_test_example(public: LoopbackServer) -> None:
    page = Page()
    snippet("Testing with Public WebSocket Servers/Quick Test Example").run_sync(page)
    assert page.lines == [
        "Connected!",
        "Received: Hello, World!",
        "Received: {'type': 'test', 'data': 'JSON message'}",
    ]
