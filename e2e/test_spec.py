"""What the specification of channels shows, word for word, in a real page."""

from __future__ import annotations

from playwright.sync_api import expect

from e2e.conftest import EXAMPLES, Open, Serve


def test_chat_component(serve: Serve, open_page: Open) -> None:
    url = serve(EXAMPLES / "component").url
    first, second = open_page(url), open_page(url)
    first.get_by_role("textbox").fill("hello from the first")
    first.get_by_role("button", name="Send").click()
    for page in (first, second):
        expect(page.get_by_role("paragraph")).to_have_text(["{'text': 'hello from the first'}"])
    expect(first.get_by_role("textbox")).to_have_value("")
