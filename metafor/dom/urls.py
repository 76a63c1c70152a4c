"""Addresses that would run code where a page follows them (ruling 31)."""

from __future__ import annotations

import re

__all__ = ["runs_code"]

# Browsers ignore control characters and white space in front of and inside the scheme. An animation's
# `values` are a list, divided by semicolons.
_INVISIBLE = re.compile(r"[\x00-\x20]+")
_DANGEROUS = re.compile(
    r"(?:^|;)(?:javascript:|vbscript:|data:(?:text/html|text/xml|application/(?:xhtml\+)?xml))", re.IGNORECASE
)


def runs_code(address: str) -> bool:
    """Whether ``address``, or one of several divided by semicolons, is a script or a document of its own.

    ``javascript:``, ``vbscript:`` and ``data:`` with HTML or XML are; pictures in ``data:`` are not.
    """
    return _DANGEROUS.search(_INVISIBLE.sub("", address)) is not None
