"""One CSS declaration as text, made of values that may be anybody's words.

A page hands a value to the browser's own parser, which refuses what is no value. Where text is put
together (a ``style`` given as a dict, a page as a string) that check is ours: a value that would end its
declaration is left out (ruling 31).
"""

from __future__ import annotations

import re
from typing import Any

__all__ = ["declaration"]

_NAME = re.compile(r"-{0,2}[A-Za-z_][\w-]*|--[\w-]+")
_PLAIN_VALUE = re.compile(r"[\w\s.,%#+*/-]*")
# A string with its escapes, a bracket, or what ends a declaration.
_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*')|(?P<open>[(\[])|(?P<close>[)\]])"""
    r"""|(?P<escape>\\[^\n])|(?P<bad>/\*|["'\\;{}])"""
)
_PAIRS = {")": "(", "]": "["}
_UPPER = re.compile("[A-Z]")


def declaration(name: str, value: Any) -> str:
    """``name:value``, or nothing: when ``value`` is None or False, or would break out.

    ``font_size`` and ``fontSize`` are ``font-size``; custom properties (``--size``) stay as they are.
    """
    if value is None or value is False:
        return ""
    if not name.startswith("--"):
        name = _UPPER.sub(lambda found: "-" + found[0].lower(), name.replace("_", "-"))
    text = str(value)
    return f"{name}:{text}" if _NAME.fullmatch(name) and _is_one_value(text) else ""


def _is_one_value(text: str) -> bool:
    if _PLAIN_VALUE.fullmatch(text) and "/*" not in text:
        return True
    open_brackets: list[str] = []
    for token in _TOKEN.finditer(text):
        found = token[0]
        if token.lastgroup == "open":
            open_brackets.append(found)
        elif token.lastgroup == "close":
            if not open_brackets or open_brackets.pop() != _PAIRS[found]:
                return False
        elif token.lastgroup == "bad" and not (found == ";" and open_brackets):
            # Inside brackets, as in url(data:image/png;base64,…), nothing ends but the brackets.
            return False
    return not open_brackets
