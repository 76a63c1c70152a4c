"""Which pages may open a socket."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metafor.server.errors import OriginError
from metafor.server.origins import Origins

LISTED = ["https://example.org", "http://localhost:8000", "https://*.example.com"]


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://example.org", True),
        ("HTTPS://Example.org", True),
        ("http://localhost:8000", True),
        ("https://a.example.com", True),
        ("https://a.b.example.com", True),
        ("http://example.org", False),
        ("https://example.org:8443", False),
        ("https://sub.example.org", False),
        ("https://example.org.evil.example", False),
        ("https://evilexample.com", False),
        ("https://example.com", False),
        ("https://.example.com", False),
        ("https://evil.example/.example.com", False),
        ("http://a.example.com", False),
        ("http://localhost", False),
        ("null", False),
        ("", False),
        ("https://rooms.example.net", False),
    ],
)
def test_an_allow_list(origin: str, allowed: bool) -> None:
    assert Origins(LISTED).allow([origin], "rooms.example.net") is allowed


def test_the_own_origin_goes_by_the_host() -> None:
    own = Origins(["self"])
    assert own.allow(["https://example.org"], "Example.org")
    assert own.allow(["http://localhost:8000"], "localhost:8000")
    for origin, host in (
        ("http://localhost:8001", "localhost:8000"),
        ("null", "null"),
        ("https://evil.example", None),
        ("https://", ""),
        ("http://[", "["),
    ):
        assert not own.allow([origin], host)


def test_who_names_no_origin_is_no_page_and_two_are_too_many() -> None:
    assert Origins([]).allow([], "h")
    assert not Origins(LISTED).allow(["https://example.org", "https://example.org"], "h")
    assert Origins(None).allow(["https://evil.example"], "h")
    assert Origins(["null"]).allow(["null"], "h")


@pytest.mark.parametrize(
    "entry", ["example.org", "https://example.org/", "https://example.org/chat", "*", "https://*", "", None,
              5, "https://a.*.example.org", "https://user@example.org", "https://exa mple.org"],
)  # fmt: skip
def test_what_is_no_origin_is_refused(entry: object) -> None:
    with pytest.raises(OriginError, match="origin"):
        Origins([entry])  # type: ignore[list-item]


def test_one_string_is_no_list() -> None:
    with pytest.raises(OriginError, match="one string"):
        Origins("https://example.org")


@given(origin=st.text() | st.from_regex(r"https?://[\w.\[\]:@/*]*"), host=st.none() | st.text())
def test_no_origin_breaks_it(origin: str, host: str | None) -> None:
    assert Origins([*LISTED, "self"]).allow([origin], host) in (True, False)
