"""Which pages may open a socket here (RFC 6455, section 10.2: browsers say where a page is from)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlsplit

from metafor.server.errors import OriginError

__all__ = ["SELF", "Origins"]

#: The origin that the handshake itself was sent to, going by its ``Host``.
SELF: Final = "self"

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\*\.)?[^\s/?#@*]+", re.ASCII)
_LABELS = re.compile(r"[a-z0-9_-][a-z0-9_.-]*", re.ASCII)


class Origins:
    """An allow-list of origins.

    ``allowed`` holds origins as browsers write them (``"https://example.org"``, a port where it is
    not the scheme's own), ``"https://*.example.org"`` for all hosts below one, ``"self"`` for the
    origin that the socket is opened at, or ``"null"`` (sandboxed frames, local files). None allows all.

    A handshake without an ``Origin`` is no page's (a bot, a service) and passes: it could write there
    what it likes, so the list protects visitors of the named pages, never the server. Raises
    `OriginError` for an entry that is no origin. Example::

        Origins(["self", "https://example.org"]).allow(["https://example.org"], "rooms.example.org")
    """

    def __init__(self, allowed: Iterable[str] | None) -> None:
        if isinstance(allowed, str):
            raise OriginError(
                f"the origins are given as one string, {allowed!r}", next_step=f"write [{allowed!r}]"
            )
        self._all = allowed is None
        self._exact: set[str] = set()
        self._below: list[tuple[str, str]] = []
        self._own = False
        for origin in allowed or ():
            self._add(origin)

    def _add(self, origin: object) -> None:
        text = origin.lower() if isinstance(origin, str) else ""
        if text == SELF:
            self._own = True
        elif text == "null":
            self._exact.add(text)
        elif not _ORIGIN.fullmatch(text):
            raise OriginError(
                f"{origin!r} is no origin",
                next_step='an origin is a scheme and a host, such as "https://example.org", without a path',
            )
        elif "://*." in text:
            scheme, _, host = text.partition("*")
            self._below.append((scheme, host))
        else:
            self._exact.add(text)

    def allow(self, origins: Sequence[str], host: str | None) -> bool:
        """Whether a handshake may go on that carried these ``Origin`` headers and this ``Host``.

        More than one ``Origin`` is nothing that a browser does, and refused.
        """
        if self._all or not origins:
            return True
        if len(origins) > 1:
            return False
        origin = origins[0].lower()
        if origin in self._exact:
            return True
        if self._own and host and _authority(origin) == host.lower():
            return True
        return any(
            origin.startswith(scheme)
            and origin.endswith(below)
            and _LABELS.fullmatch(origin, len(scheme), max(len(scheme), len(origin) - len(below)))
            for scheme, below in self._below
        )


def _authority(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # "http://[" and the like
        return ""
