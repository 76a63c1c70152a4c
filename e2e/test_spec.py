"""The components and the examples of the specification, word for word, in real pages."""

from __future__ import annotations

from textwrap import indent

from playwright.sync_api import Page, expect

from e2e.conftest import EXAMPLES, MakeApp, Open, OpenPages, Serve
from e2e.support.watching import LOST_SOCKET, STDERR, Watch
from tests.spec.sections.document import snippet


def write(page: Page, text: str) -> None:
    page.get_by_role("textbox").fill(text)
    page.get_by_role("button", name="Send").click()


def test_chat_component(serve: Serve, open_pages: OpenPages) -> None:
    url = serve(EXAMPLES / "component").url
    first, second = open_pages(2, url)
    for page in (first, second):  # shows a message that came back: it is connected
        write(page, "here I am")
        expect(page.get_by_role("paragraph").first).to_have_text("{'text': 'here I am'}")
    write(first, "hello <b>there</b>")
    expect(second.get_by_role("paragraph").last).to_have_text("{'text': 'hello <b>there</b>'}")
    write(second, "   ")  # nothing
    write(second, "hello back")
    expect(second.get_by_role("textbox")).to_have_value("")
    for page in (first, second):
        expect(page.get_by_role("paragraph").last).to_have_text("{'text': 'hello back'}")
    assert second.get_by_role("paragraph").all_text_contents()[-2:] == [
        "{'text': 'hello <b>there</b>'}",
        "{'text': 'hello back'}",
    ]


def test_room_chat(serve: Serve, open_pages: OpenPages) -> None:
    url = serve(EXAMPLES / "rooms").url
    first, second = open_pages(2, url)
    for page in (first, second):  # shows a message that came back: it has joined
        expect(page.get_by_role("heading")).to_have_text("Room: general")
        write(page, "here I am")
        expect(page.get_by_role("paragraph").first).to_have_text("here I am")
    write(first, "for all in general")
    for page in (first, second):
        expect(page.get_by_role("paragraph").last).to_have_text("for all in general")

    second.get_by_role("button", name="Tech").click()
    expect(second.get_by_role("heading")).to_have_text("Room: tech")
    expect(second.get_by_role("paragraph")).to_have_count(0)
    write(first, "only in general")
    write(second, "only in tech")
    expect(first.get_by_role("paragraph").last).to_have_text("only in general")
    assert "only in tech" not in first.get_by_role("paragraph").all_text_contents()
    expect(second.get_by_role("paragraph")).to_have_text(["only in tech"])


def test_connection_state_in_the_page(serve: Serve, make_app: MakeApp, open_page: Open, watch: Watch) -> None:
    code, markup = snippet("Best Practices/3. Handle Connection State in UI").code.split("# In template\n")
    clean_up = snippet("Best Practices/1. Always Clean Up").code
    view = (
        "import asyncio\n"
        "from metafor.channels import Channel\n"
        "from metafor.core import create_signal, on_dispose, on_mount\n"
        'channel = Channel("/ws", auto_reconnect=True, reconnect_delay=0.2)\n'
        '@component("View") @props {\n' + indent(code + clean_up, "    ") + "}\n"
        "@ptml {\n" + markup + "}\n"
    )
    main = 'from metafor.dom import mount\nfrom view import View\nmount(View, "#app")\n'
    served = serve(make_app({"main.py": main, "view.ptml": view}))
    watch.expect(STDERR, *LOST_SOCKET)  # without on_error the outage is printed
    page = open_page(served.url)
    app = page.locator("#app")
    expect(app).to_have_text("Connected!")
    served.kill()
    expect(app).to_have_text("Connecting...")
    assert app.inner_html() == "<p>Connecting...</p>"
    served.start()
    expect(app).to_have_text("Connected!")
    assert app.inner_html() == "<div>Connected!</div>"
    assert any("ChannelConnectionError" in text for text in watch.console)


def test_basic_channel(serve: Serve, open_page: Open) -> None:
    page = open_page(serve(EXAMPLES / "basic_channel").url)
    expect(page.get_by_role("listitem")).to_have_text(
        [
            "Connected to /ws",
            "Received: Hello, World!",
            "Received: {'type': 'greeting', 'text': 'Hello as JSON'}",
            "Received: b'Hello as bytes'",
            "Closed",
        ]
    )
