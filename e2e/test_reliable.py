"""A page's reliable channel on a network that is cut; at length: ``e2e/soak_reliable.py``."""

from __future__ import annotations

from playwright.sync_api import Page

from e2e.conftest import MakeApp, Open, Serve
from e2e.support.faults import APP, ask
from e2e.support.watching import LOST_SOCKET, Watch
from metafor.testing.faults import FaultProxy, reset_after
from tests.background import Background
from tests.channels.reliable.exchange import judge, reliable_server


def test_a_page_loses_nothing(
    serve: Serve, make_app: MakeApp, open_page: Open, watch: Watch, background: Background
) -> None:
    watch.expect(*LOST_SOCKET)
    page: Page = open_page(serve(make_app(APP)).url)
    url, exchange = background.enter(reliable_server(500, rate=250))
    proxy = background.enter(FaultProxy(url, reset_after(0.15)))
    told = ask(page, "exchange", url=proxy.url, count=500, rate=250, reliable=True)
    judge(exchange, told, proxy.accepted)
    assert proxy.accepted > 2
