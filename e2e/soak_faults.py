"""The channel of a page under a network that fails, at length: ``make soak`` prints the figures."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from e2e.conftest import MakeApp, Open, Serve
from e2e.support.faults import APP, ask
from e2e.support.watching import LOST_SOCKET, Watch
from e2e.test_faults import quiet_echo, reset_when_spoken_to
from metafor.testing.faults import FaultProxy, black_hole, in_turn, reset_after
from tests.background import Background
from tests.channels.faults.exchange import counting_server, judge
from tests.channels.faults.reconnecting import is_flat
from tests.channels.loopback import free_port, server


@pytest.fixture
def page(serve: Serve, make_app: MakeApp, open_page: Open, watch: Watch) -> Page:
    watch.expect(*LOST_SOCKET)
    page = open_page(serve(make_app(APP)).url)
    page.set_default_timeout(900_000)
    return page


@pytest.fixture
def echoing(background: Background) -> str:
    return background.enter(server(quiet_echo, close_timeout=0.1))


def show(engine: str, title: str, figures: Any) -> None:
    print(f"\n{engine}: {title}: {json.dumps(figures, indent=2)}")


def test_resets_every_150_ms(page: Page, background: Background, engine: str) -> None:
    """10,000 messages each way (ruling 47). Firefox itself lets attempts wait: the mean outage shows it."""
    url, counting = background.enter(counting_server(10_000, rate=250))
    proxy = background.enter(FaultProxy(url, reset_after(0.15)))
    told = ask(page, "exchange", url=proxy.url, count=10_000, rate=250)
    figures = judge(counting, told) | {"mean outage, 0.05 s of it ours": told["mean outage"]}
    show(engine, "TCP reset every 150 ms", figures)
    assert counting.connections > 30


def test_half_open(page: Page, background: Background, echoing: str, engine: str) -> None:
    figures: dict[str, Any] = {}
    for direction in ("up", "down", "both"):
        script = in_turn(black_hole(0, direction), None)  # type: ignore[arg-type]
        proxy = background.enter(FaultProxy(echoing, script))
        found = ask(page, "heartbeat", url=proxy.url, interval=2, timeout=2)
        proxy = background.enter(FaultProxy(echoing, black_hole(0, direction)))  # type: ignore[arg-type]
        closed = ask(page, "close", url=proxy.url, close_timeout=2)
        figures[direction] = found | closed
        assert found["found after"] < 6
        assert closed["closed after"] < 4
    show(engine, "half-open links, heartbeat 2 s + 2 s, close_timeout 2 s", figures)


def test_ruling_42_a_link_that_takes_nothing(page: Page, background: Background, engine: str) -> None:
    """Without heartbeat, and without ping of the server: by a buffer that stands still."""
    silent = background.enter(server(quiet_echo, ping_interval=None, close_timeout=0.1))
    proxy = background.enter(FaultProxy(silent, black_hole(0, "up")))
    told = ask(page, "takes_nothing", url=proxy.url, size=100_000, most=1 << 26, seconds=220)
    show(engine, "a link that takes nothing", told)
    assert 179 < told["lost after the last byte"] < 202
    assert "nothing left for the network within 180 s" in told["error"]


def test_a_refused_port(page: Page, engine: str) -> None:
    """The first attempt (ruling 47): browsers let those that follow wait, wherever they lead."""
    took = [round(ask(page, "refused", url=f"ws://127.0.0.1:{free_port()}/") * 1000, 1) for _ in range(30)]
    figures = {"first": took[0], "median of 30": sorted(took)[15], "slowest": max(took)}
    show(engine, "refused port, ms until connect() raises", figures)
    assert took[0] < 100


def test_1000_reconnects(page: Page, background: Background, echoing: str, engine: str) -> None:
    """To 20 ports in turn, because Firefox lets a port where a connection failed wait."""
    proxies = [background.enter(FaultProxy(echoing, reset_when_spoken_to)) for _ in range(20)]
    urls = [proxy.url for proxy in proxies]
    sizes = ask(page, "reconnects", urls=urls, times=1000, settle=21)
    show(engine, "1,000 reconnects, before and after", sizes)
    assert is_flat(sizes, 1000)
