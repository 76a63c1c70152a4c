"""``index.html``: the generated one, or the author's with the boot script put in."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

__all__ = ["BOOT", "generate_page", "insert_boot"]

#: Where the boot script is, seen from the page.
BOOT = "metafor/boot.js"


def generate_page(*, title: str, lang: str, icon: str | None, version: str) -> str:
    """A page for an app that brings none. ``version`` changes when anything on the site does.

    ``icon`` is the address of the app's icon; without one the browser is kept from asking for it.
    """
    return (
        "<!doctype html>\n"
        f'<html lang="{escape(lang)}">\n'
        "  <head>\n"
        '    <meta charset="utf-8">\n'
        '    <meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'    <link rel="icon" href="{escape(icon or "data:,")}">\n'
        f"    <title>{escape(title)}</title>\n"
        "  </head>\n"
        "  <body>\n"
        '    <div id="app"></div>\n'
        "    <noscript>This page needs JavaScript.</noscript>\n"
        f"    {_script(version)}\n"
        "  </body>\n"
        "</html>\n"
    )


def insert_boot(page: str, version: str) -> str:
    """The author's page with the boot script at the end of ``body``, unless it has one (ruling 34)."""
    finder = _Finder()
    finder.feed(page)
    finder.close()
    if finder.has_boot:
        return page
    script = _script(version) + "\n"
    if finder.body_end is None:
        return page + ("" if page.endswith("\n") else "\n") + script
    line, column = finder.body_end
    offset = sum(len(text) for text in page.split("\n")[: line - 1]) + line - 1 + column
    return page[:offset] + script + page[offset:]


def _script(version: str) -> str:
    return f'<script src="{BOOT}?v={version}"></script>'


class _Finder(HTMLParser):
    """Finds the last ``</body>`` and a boot script; neither in a comment nor in another script."""

    def __init__(self) -> None:
        super().__init__()
        self.body_end: tuple[int, int] | None = None
        self.has_boot = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        source = dict(attrs).get("src") or ""
        if tag == "script" and source.partition("?")[0].removeprefix("./").lstrip("/") == BOOT:
            self.has_boot = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "body":
            self.body_end = self.getpos()
