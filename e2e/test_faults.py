"""The channel of a page under a network that fails: the small form of ``e2e/soak_faults.py``."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from playwright.sync_api import Page
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from e2e.conftest import MakeApp, Open, Serve
from e2e.support.faults import APP, ask
from e2e.support.watching import LOST_SOCKET, Watch
from metafor.testing.faults import Cable, FaultProxy, black_hole, in_turn, reset_after
from tests.background import Background
from tests.channels.faults.exchange import counting_server, judge
from tests.channels.faults.reconnecting import is_flat
from tests.channels.loopback import echo, free_port, server

#: How late a page may be, in seconds, on a machine that has other things to do.
LATE = 2.0


@pytest.fixture
def page(serve: Serve, make_app: MakeApp, open_page: Open, watch: Watch) -> Page:
    watch.expect(*LOST_SOCKET)
    return open_page(serve(make_app(APP)).url)


async def quiet_echo(websocket: ServerConnection) -> None:
    with suppress(ConnectionClosed):
        await echo(websocket)


async def reset_when_spoken_to(cable: Cable) -> None:
    await cable.opened()
    handshake = cable.up.passed
    while cable.up.passed == handshake:
        await asyncio.sleep(0.002)
    cable.reset()


def test_a_page_on_a_network_that_fails(page: Page, background: Background) -> None:
    echoing = background.enter(server(quiet_echo, close_timeout=0.1))

    # The first attempt: Firefox lets later ones wait.
    assert ask(page, "refused", url=f"ws://127.0.0.1:{free_port()}/") < 0.1 * (1 + LATE)

    # A link that died without a word is found by a heartbeat, and close() does not wait for it.
    proxy = background.enter(FaultProxy(echoing, in_turn(black_hole(), None)))
    told = ask(page, "heartbeat", url=proxy.url, interval=0.2, timeout=0.2)
    assert told["found after"] < 0.4 + LATE
    proxy = background.enter(FaultProxy(echoing, black_hole()))
    told = ask(page, "close", url=proxy.url, close_timeout=0.3)
    assert told["closed after"] < 0.3 + LATE
    assert (told["state"], told["fate"]) == ("closed", "unconfirmed")

    # Nothing stays behind when a connection is made again.
    times = 20
    proxies = [background.enter(FaultProxy(echoing, reset_when_spoken_to)) for _ in range(12)]
    sizes = ask(page, "reconnects", urls=[proxy.url for proxy in proxies], times=times, settle=0.1)
    del sizes["objects"]  # a page's event loop keeps timers that were cancelled until they would be due
    assert is_flat(sizes, times), sizes

    # A connection that is cut again and again loses nothing in silence.
    url, counting = background.enter(counting_server(600, rate=400))
    proxy = background.enter(FaultProxy(url, reset_after(0.15)))
    told = ask(page, "exchange", url=proxy.url, count=600, rate=400)
    judge(counting, told)
    assert counting.connections > 2
