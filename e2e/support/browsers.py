"""Debian's Chromium and Firefox, driven by Playwright."""

from __future__ import annotations

import os
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Playwright

__all__ = ["CHROMIUM_FLAGS", "ENGINES", "launch", "new_context"]

ENGINES = ("chromium", "firefox")

#: What keeps Chromium from talking to others by itself, and from failing where root runs it.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Firefox is driven by WebDriver BiDi, which has no words for these.
_NOT_IN_BIDI = {"color_scheme": "null", "reduced_motion": "null", "forced_colors": "null", "contrast": "null"}


def launch(playwright: Playwright, engine: str, proxy: str) -> Browser:
    """Start a browser that reaches loopback by itself and everything else through ``proxy``."""
    if engine == "chromium":
        return playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            # Not Playwright's own option: that would send loopback through the proxy, too.
            args=[*CHROMIUM_FLAGS, f"--proxy-server={proxy}"],
        )
    host, port = proxy.removeprefix("http://").split(":")
    return playwright.firefox.launch(
        channel="moz-firefox",
        executable_path=os.environ.get("FIREFOX", "/usr/bin/firefox-esr"),
        firefox_user_prefs={
            "network.proxy.type": 1,
            "network.proxy.http": host,
            "network.proxy.http_port": int(port),
            "network.proxy.ssl": host,
            "network.proxy.ssl_port": int(port),
            "network.proxy.no_proxies_on": "",
        },
    )


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """A context of its own: no cookies, no cache, nothing stored."""
    if browser.browser_type.name == "firefox":
        options = {**_NOT_IN_BIDI, **options}
    return browser.new_context(ignore_https_errors=True, **options)
