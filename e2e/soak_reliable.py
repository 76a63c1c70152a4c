"""A page's reliable channel under cuts, at length: ``make soak`` prints the figures."""

from __future__ import annotations

import json

from playwright.sync_api import Page

from e2e.conftest import MakeApp, Open, Serve
from e2e.support.faults import APP, ask
from e2e.support.watching import LOST_SOCKET, Watch
from metafor.testing.faults import FaultProxy, reset_after
from tests.background import Background
from tests.channels.reliable.exchange import judge, reliable_server


def test_resets_every_150_ms(
    serve: Serve, make_app: MakeApp, open_page: Open, watch: Watch, background: Background, engine: str
) -> None:
    """10,000 messages each way (ruling 47). Firefox itself lets attempts wait."""
    watch.expect(*LOST_SOCKET)
    page: Page = open_page(serve(make_app(APP)).url)
    page.set_default_timeout(900_000)
    url, exchange = background.enter(reliable_server(10_000, rate=200))
    proxy = background.enter(FaultProxy(url, reset_after(0.15)))
    told = ask(page, "exchange", url=proxy.url, count=10_000, rate=200, reliable=True)
    figures = judge(exchange, told, proxy.accepted)
    print(f"\n{engine}: reliable, TCP reset every 150 ms: {json.dumps(figures, indent=2)}")
    assert proxy.accepted > 50
