"""``index.html``, generated and the author's own."""

from __future__ import annotations

import pytest

from metafor.cli.build.page import generate_page, insert_boot

SCRIPT = '<script src="metafor/boot.js?v=7"></script>\n'


def test_the_generated_page_escapes_what_it_is_given() -> None:
    page = generate_page(title="<Q&A>", lang='e"n', icon=None, version="7")
    assert "<title>&lt;Q&amp;A&gt;</title>" in page
    assert '<html lang="e&quot;n">' in page
    assert '<link rel="icon" href="data:,">' in page
    assert '<div id="app"></div>' in page
    assert page.count("<script") == 1
    assert SCRIPT.strip() in page


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<body><p>x</p></body></html>", f"<body><p>x</p>{SCRIPT}</body></html>"),
        ("<p>é</p>\n  </BODY >\n", f"<p>é</p>\n  {SCRIPT}</BODY >\n"),
        ("<!-- </body> --><p>x</p>\n", f"<!-- </body> --><p>x</p>\n{SCRIPT}"),
        ("<script>'</body>'</script></body>", f"<script>'</body>'</script>{SCRIPT}</body>"),
        ("<p>x", f"<p>x\n{SCRIPT}"),
        ("", f"\n{SCRIPT}"),
        ("a\r\nb\r\n</body>", f"a\r\nb\r\n{SCRIPT}</body>"),
    ],
)
def test_the_script_goes_to_the_end_of_body(page: str, expected: str) -> None:
    assert insert_boot(page, "7") == expected


@pytest.mark.parametrize("source", ["metafor/boot.js", "./metafor/boot.js", "/metafor/boot.js?v=1"])
def test_a_page_that_has_the_script_is_left_alone(source: str) -> None:
    page = f'<body><script src="{source}"></script></body>'
    assert insert_boot(page, "7") == page


def test_a_script_in_a_comment_does_not_count() -> None:
    assert SCRIPT in insert_boot('<body><!-- <script src="metafor/boot.js"></script> --></body>', "7")
