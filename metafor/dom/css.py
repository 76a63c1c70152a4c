"""CSS declarations as text, made of values that may be anybody's words (ruling 31).

Where text is put together (a ``style`` given as a dict or as text with holes, a page as a string) no parser
of a browser refuses what is no value: that check is ours. A declaration whose value would end it, open a
comment, or leave a string or a bracket open is left out as a whole, so that none is left with half a
meaning; and so is one with an address that would run code. The tokens are those of CSS Syntax Level 3, §4.
"""

from __future__ import annotations

import re

from metafor.dom.urls import runs_code

__all__ = ["SPACE", "STRING", "declaration", "is_one_value"]

_NAME = re.compile(r"-{0,2}[A-Za-z_][\w-]*|--[\w-]+")
_UPPER = re.compile("[A-Z]")
_PLAIN_VALUE = re.compile(r"[\w\s.,%#+*/-]*")
#: Patterns of white space and of a string.
SPACE = r"[ \t\n\r\f]*"
STRING = r""""(?:[^"\\\n\r\f]|\\[\s\S])*"|'(?:[^'\\\n\r\f]|\\[\s\S])*'"""
# Without quotes an address ends at the first bracket, whatever stands before it. Escapes elsewhere are not
# taken: they could write the name `url`, and nobody needs them.
_VALUE_TOKEN = re.compile(
    rf"""(?P<function>url\({SPACE})?(?P<string>{STRING})"""
    r"""|url\((?P<address>(?:(?!/\*)[^"'()\[\]{}\\]|\\[^\n\r\f])*)\)"""
    rf"""|(?P<bad>url\((?!{SPACE}["'])|/\*|["'\\;{{}}])|(?P<open>[(\[])|(?P<close>[)\]])""",
    re.IGNORECASE,
)
_PAIRS = {")": "(", "]": "["}
_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|([\s\S]))", re.IGNORECASE)


def declaration(name: str, value: object) -> str:
    """``name:value``, or nothing: when ``value`` is None or False, or would break out.

    ``font_size`` and ``fontSize`` are ``font-size``; custom properties (``--size``) stay as they are.
    """
    if value is None or value is False:
        return ""
    if not name.startswith("--"):
        name = _UPPER.sub(lambda found: "-" + found[0].lower(), name.replace("_", "-"))
    text = str(value)
    return f"{name}:{text}" if _NAME.fullmatch(name) and is_one_value(text) else ""


def is_one_value(text: str) -> bool:
    """Whether ``text`` is the value of one declaration, or a part of it that stands by itself."""
    if _PLAIN_VALUE.fullmatch(text) and "/*" not in text:
        return True
    open_brackets: list[str] = []
    for token in _VALUE_TOKEN.finditer(text):
        kind, found = token.lastgroup, token[0]
        if kind == "string":
            if token["function"]:
                open_brackets.append("(")
                if _runs_code(token["string"][1:-1]):
                    return False
        elif kind == "address":
            if _runs_code(token["address"]):
                return False
        elif kind == "open":
            open_brackets.append(found)
        elif kind == "close":
            if not open_brackets or open_brackets.pop() != _PAIRS[found]:
                return False
        elif not (found == ";" and open_brackets):
            # Inside brackets, as in if(media(print): black; else: red), nothing ends but the brackets.
            return False
    return not open_brackets


def _runs_code(address: str) -> bool:
    return runs_code(_ESCAPE.sub(_unescaped, address))


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return escape[2]
    code = int(escape[1], 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"
