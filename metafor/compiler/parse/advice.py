"""What to do about Python that does not parse: the next step behind Python's own complaint.

Python says where it stumbled, seldom what was meant. Who comes from JavaScript, or from another template
language, stumbles at the same few places, and those are told apart here.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["FALLBACKS", "advise"]

#: What is said where nothing better is known.
FALLBACKS: Final = (
    "a hole takes one expression: an operator, a comma or an operand is missing here",
    "an operator, a comma, a colon or a bracket is missing here or right before",
)

_WORD: Final = re.compile(r"@?[^\W\d]\w*")
_STATEMENTS: Final = frozenset(
    [
        "assert",
        "break",
        "class",
        "continue",
        "def",
        "del",
        "from",
        "global",
        "import",
        "nonlocal",
        "pass",
        "raise",
        "return",
        "try",
        "while",
        "with",
    ]
)
_BLOCK: Final = "a block in Python begins with `:`, and its lines are indented"
#: What stands at the mistake, or around it, and what Python has instead. The first that fits counts.
_WRITTEN: Final = (
    (r"&&", "Python writes `and`"),
    (r"\|\|", "Python writes `or`"),
    (r"===|!==", "Python compares with `==` and `!=`"),
    (r"=>", "a function is `lambda x: …`, or a `def` of its own"),
    (r"!(?!=)", "Python writes `not x`"),
    (r"\?\?", "Python writes `a if a is not None else b`"),
    (r"\?", "Python writes `a if condition else b`"),
    (r"`", 'text with values in it is `f"… {value} …"`'),
    (r"/\*|<!--", "a comment in Python begins with `#`"),
    (r"\$\{", 'text with values in it is `f"… {value} …"`'),
    ("[\N{LEFT SINGLE QUOTATION MARK}-\N{DOUBLE LOW-9 QUOTATION MARK}]", "write straight quotes"),
    ("\N{NO-BREAK SPACE}", "write a plain space"),
)
_AT: Final = tuple((re.compile(pattern), hint) for pattern, hint in _WRITTEN)
#: How a line of JavaScript or TypeScript begins.
_FOREIGN_WORDS: Final = {
    "const": "a variable needs no word before it: `x = 1`",
    "let": "a variable needs no word before it: `x = 1`",
    "var": "a variable needs no word before it: `x = 1`",
    "function": "a function is `def name():`, or `lambda x: …`",
    "new": "Python makes an object by a call, without `new`",
    "typeof": "Python asks with `isinstance(x, str)`",
    "prop": "a declaration is `@prop name: type = default`",
    "@props": "a declaration is `@prop name: type = default`",
    "switch": "Python has `match` and `case`",
    "interface": "Python has classes",
}
_GENERIC: Final = re.compile(r"\b(\w++)<[\w., \[\]|]{1,80}>")
_MARKUP_IN_STRING: Final = re.compile(r"\{\s*<[^\W\d]|[^<\w\s)\]]\s*<[^\W\d][\w.]*\s*/?>")


def advise(text: str, start: int, end: int, at: int, message: str, *, hole: bool) -> str:
    """The next step for a mistake at the offset ``at`` of the Python from ``start`` to ``end``.

    ``message`` is Python's own. ``hole`` says whether one expression is due, not statements.
    """
    first = text.rfind("\n", start, at) + 1 or start
    last = text.find("\n", at, end)
    line = text[first : end if last < 0 else last]
    if line.lstrip().startswith("//"):
        return "a comment in Python begins with `#`"
    if message.startswith("f-string"):
        if _MARKUP_IN_STRING.search(text[at:end]):
            return "markup cannot stand in an f-string: write `<>… @{value} …</>` instead"
        return "look at its braces; in them stand one expression and other quotes than around it"
    for pattern, hint in _AT:
        # Python marks the second half of an operator that it does not have.
        if any(pattern.match(text, max(at - back, start), end) for back in (0, 1, 2)):
            return hint
    if text.startswith("@{", at):
        return "this is Python already: write the expression without `@{` and `}`"
    if re.search(r"\+\+|--", text[max(at - 2, start) : at + 2]):
        return "Python has neither `++` nor `--`: write `x + 1`, or set a signal"
    if (found := _GENERIC.search(line)) and "invalid syntax" in message:
        return f"the parts of a type stand in brackets: `{found[1]}[…]`"
    if "Maybe you meant '=='" in message and text[start:first].rstrip().endswith("{"):
        return _BLOCK
    return _by_words(text[start:end], line, text[at : at + 1], message, hole)


def _by_words(code: str, line: str, character: str, message: str, hole: bool) -> str:
    first = match[0] if (match := _WORD.match(line.lstrip())) else ""
    if first in _FOREIGN_WORDS and "expected" not in message:
        return _FOREIGN_WORDS[first]
    if "indent" in message:
        return "give every line of a block the same indentation, in spaces"
    if message.startswith("import *"):
        return "import it beside the components, at the top of the file"
    if "outside" in message and "function" in message:
        return "move it into a function of your own, `async def` for `await`"
    if "comma" in message:
        return "a comma or an operator is missing between the two"
    if hole:
        word = match[0] if (match := _WORD.match(code.lstrip())) else ""
        if word == "if" or "expected 'else'" in message:
            return "write `a if condition else b`, or `<Show when=@{condition}>…</Show>`"
        if word == "for":
            return "write `[… for item in items]`, or `<For each=@{items}>…</For>`"
        if word in _STATEMENTS or ";" in code or "Maybe you meant '=='" in message:
            return "a hole takes one expression; statements belong in `@props`"
        return FALLBACKS[0]
    if character == "{" or (character == "" and "{" in line):
        return _BLOCK
    if re.match(r"\s*else\s+if\b", line):
        return "Python writes `elif`"
    if message.startswith("expected '"):
        return f"write {message.removeprefix('expected ').replace(chr(39), '`', 2)} here"
    if message != "invalid syntax":
        return ""
    return FALLBACKS[1]
