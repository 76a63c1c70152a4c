"""An opening tag and its attributes."""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from metafor.compiler.parse.foreign import braced, foreign_attribute, known_elsewhere, written_here
from metafor.compiler.parse.holes import parse_hole
from metafor.compiler.parse.nodes import Attribute, Element, Hole, Spread
from metafor.compiler.parse.state import BLOCK_LINE, State
from metafor.compiler.parse.text import decode_attribute

__all__ = ["Tag", "parse_tag"]

_TAG_NAME: Final = re.compile(r"<([^\W\d_][\w.:-]*)")
_SPACE: Final = re.compile(r"[ \t\n\f]*")
_NAME: Final = re.compile(r"[^\W\d][\w:.-]*|:[\w:.-]+")
_EQUALS: Final = re.compile(r"[ \t\n\f]*=[ \t\n\f]*")
_UNQUOTED: Final = re.compile(r"""(?:(?!/>|@\{)[^\s"'<>`])+""")
_QUOTED: Final = {'"': re.compile(r'"|@@?\{'), "'": re.compile(r"'|@@?\{")}
#: Behind a hole that lost its brace: whether the tag was still to go on there.
_TAG_GOES_ON: Final = re.compile(r"""[\s"'>]|/>""")
_CURLY: Final = frozenset(
    "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
    "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"
)
_WHITE: Final = re.compile(r"[ \t\n\f]")
_NEXT: Final = re.compile(r"[ \t\n\f][\w:.-]++=\Z")
#: What a quoted value that was never closed has swallowed.
_SWALLOWED: Final = re.compile(r"[>\n]")
_JUNK: Final = re.compile(r"""\"[^"\n<>]*"|'[^'\n<>]*'|(?:(?!/>|@\{)[^\s<>\w}])+""")


@dataclass(slots=True)
class Tag:
    """An opening tag. ``height`` counts the levels of Python in its attributes, ``closed`` says whether
    its ``>`` was found.
    """

    element: Element
    self_closing: bool
    height: int
    closed: bool = True


def parse_tag(state: State, start: int) -> Tag:
    """Parse the tag whose ``<`` is at ``start``, a letter following."""
    match = _TAG_NAME.match(state.text, start)
    assert match is not None
    name = match[1]
    element = Element(name, name.lower(), [], [], None, start, match.end(), match.end())
    tag = Tag(element, False, 0)
    _Attributes(state, tag, match.end()).run()
    if name[0].isupper() or ("." in name and "-" not in name):
        element.name = name
        element.target = _target(state, name, start + 1)
    return tag


def _target(state: State, name: str, start: int) -> ast.expr:
    """The tag of a component as the expression it is: a name, or attributes of one."""
    end = start + len(name)
    parts = name.split(".")
    if not all(part.isidentifier() and not keyword.iskeyword(part) for part in parts):
        state.reporter.report(
            "component-name",
            start,
            end,
            f"`{name}` is not the name of a component",
            "a component is a Python name such as `Chat` or `ui.Button`",
        )
        parts = ["None"]
    line, column = state.source.location(start)
    last = state.source.location(end)[1]

    def place(to: int) -> dict[str, int]:
        return {"lineno": line, "col_offset": column, "end_lineno": line, "end_col_offset": to}

    at = column + len(parts[0].encode())
    target: ast.expr = ast.Name(parts[0], ast.Load(), **place(at))
    for part in parts[1:]:
        at += 1 + len(part.encode())
        target = ast.Attribute(target, part, ast.Load(), **place(min(at, last)))
    return target


def _shown(written: str) -> str:
    """A piece of the source as a message quotes it."""
    if len(written) == 1 and not written.isprintable():
        return f"U+{ord(written):04X} ({unicodedata.name(written, 'a control character')})"
    short = written.split("\n")[0][:30]
    return f"`{short}{'…' if short != written else ''}`"


class _Attributes:
    """Reads attributes into a tag until it ends."""

    def __init__(self, state: State, tag: Tag, position: int) -> None:
        self.state = state
        self.text = state.text
        self.tag = tag
        self.position = position
        self.seen: set[str] = set()

    def run(self) -> None:
        text, element = self.text, self.tag.element
        while True:
            before = self.position
            at = self.position = self._skip_space(before)
            if text.startswith(">", at):
                self._end(at + 1)
                return
            if text.startswith("/>", at):
                self.tag.self_closing = True
                self._end(at + 2)
                return
            content = text.startswith("@{", at) and "\n" in text[before:at]
            if at >= len(text) or text[at] in "<}" or content or BLOCK_LINE.match(text, at):
                self._unclosed(at)
                return
            if text.startswith("...@{", at):
                hole = self._hole(at + 3)
                element.attributes.append(Spread(hole, at, self.position))
            elif text.startswith("@{", at):
                hole = self._hole(at)
                self._bad(
                    at, hole.end, "a hole in a tag needs a name", "write `name=@{…}`, or `...@{mapping}`"
                )
            elif match := _NAME.match(text, at):
                self._attribute(match)
            elif found := foreign_attribute(text, at):
                self._foreign(at, *found)
            else:
                junk = _JUNK.match(text, at)
                end = junk.end() if junk and junk.end() > at else at + 1
                self._bad(
                    at,
                    end,
                    f"{_shown(text[at:end])} is not an attribute",
                    'write `name`, `name="…"` or `name=@{…}`',
                )
                self.position = end
            if not self.tag.closed:
                return

    def _foreign(self, at: int, end: int, here: str) -> None:
        """An attribute, or its value, as another language has it, from ``at`` to ``end``."""
        written = self.text[at:end]
        why = "is no hole: that begins with `@{`" if written[0] == "{" else "is of another template language"
        self.state.reporter.report(
            "foreign-syntax",
            at,
            end,
            f"{_shown(written)} {why}",
            f"write {here}",
        )
        self.position = end

    def _skip_space(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def _end(self, at: int) -> None:
        element = self.tag.element
        element.tag_end = element.end = self.position = at

    def _unclosed(self, at: int) -> None:
        """The tag stops at ``at`` without its ``>``: reading goes on as if it had been there."""
        element = self.tag.element
        self.tag.closed = False
        end = element.attributes[-1].end if element.attributes else element.start + 1 + len(element.tag)
        self.state.reporter.report(
            "unclosed-tag",
            element.start,
            element.start + 1 + len(element.tag),
            f"the tag `<{element.tag}` is never closed",
            f"add `>` at {self.state.reporter.where(end)}",
        )
        self._end(at)

    def _bad(self, start: int, end: int, message: str, hint: str) -> None:
        self.state.reporter.report("bad-attribute", start, end, message, hint)

    def _hole(self, at: int) -> Hole:
        hole, height, closed = parse_hole(self.state, at, tag=True)
        self.tag.height = max(self.tag.height, height)
        self.position = hole.end
        if not closed and not _TAG_GOES_ON.match(self.text, hole.end):
            # The hole took the rest of the tag with it.
            self.tag.closed = False
            self._end(hole.end)
        return hole

    def _attribute(self, match: re.Match[str]) -> None:
        name, start = match[0], match.start()
        equals = _EQUALS.match(self.text, match.end())
        value: str | Hole | list[str | Hole] | None = None
        self.position = match.end()
        if self.text[match.end() : match.end() + 1] in _QUOTED:
            self._bad(start, match.end() + 1, f"`=` is missing behind `{name}`", f'write `{name}="…"`')
            value = self._quoted(match.end())
        elif equals:
            value = self._value(equals.end(), name)
        if name in self.seen:
            self.state.reporter.report(
                "duplicate-attribute",
                start,
                match.end(),
                f"`{name}` is given twice",
                "keep one of them",
            )
            return
        self.seen.add(name)
        self.tag.element.attributes.append(Attribute(name, value, start, self.position))

    def _value(self, at: int, name: str) -> str | Hole | list[str | Hole] | None:
        text = self.text
        if text[at : at + 1] in ('"', "'") and at < len(text):
            return self._quoted(at)
        value: str | Hole
        if text.startswith("@{", at):
            value = self._hole(at)
        elif text.startswith("@", at):
            end = text.find("}", at, self.state.source.line_end(self.state.source.line_of(at))) + 1
            if not end:
                word = _UNQUOTED.match(text, at)
                end = word.end() if word else at + 1
            self._bad(at, at + 1, "`@` is no hole: that begins with `@{`", f"write `{name}=@{{…}}`")
            value = Hole(None, at, end)
            self.position = end
        elif text.startswith("{", at) and (end := braced(text, at)) > at:
            if not known_elsewhere(name, component=False):
                self._foreign(at, end, written_here(name, text[at + 1 : end - 1].strip()))
            value = Hole(None, at, end)
            self.position = end
        elif text[at : at + 1] in _CURLY:
            self._bad(at, at + 1, "this is a typographic quote, no quote of a value", f'write `{name}="…"`')
            value = ""
            self.position = at + 1
        elif match := _UNQUOTED.match(text, at):
            self.position = match.end()
            value = decode_attribute(match[0])
            if value.startswith("{"):
                self._foreign(at, match.end(), written_here(name, value[1:]))
        else:
            self._bad(at - 1, at, f"`{name}=` has no value", f'write `{name}="…"` or `{name}=@{{…}}`')
            self.position = at
            return None
        more = text.startswith(("@{", '"', "'"), self.position)
        if isinstance(value, Hole):
            more = more or text[self.position : self.position + 1].isalnum()
        if self.tag.closed and isinstance(value, str) and text[self.position : self.position + 1] in _QUOTED:
            message = f"the value of `{name}` has a quote behind it and none before it"
            self._bad(at, self.position + 1, message, f'write `{name}="…"`')
            self.position += 1
        elif self.tag.closed and more:
            self._bad(
                at,
                self.position + 1,
                "a value of several parts needs quotes",
                f'write `{name}="… @{{…}} …"`',
            )
            if text.startswith("@{", self.position):
                self._hole(self.position)
        return value

    def _quoted(self, start: int) -> str | Hole | list[str | Hole]:
        text = self.text
        pattern = _QUOTED[text[start]]
        parts: list[str | Hole] = []
        raw: list[str] = []
        at = start + 1
        while True:
            match = pattern.search(text, at)
            end = match.start() if match else len(text)
            piece = text[at:end]
            if match is None or ("\n" in piece and ("<" in piece or ">" in piece)):
                self._unclosed_quote(start, at, end)
                break
            if self._runs_into_next(match, piece):
                self._unclosed_quote(start, at, end)
                space = _WHITE.search(text, at)
                self.position = space.start() if space else end
                break
            raw.append(piece)
            if match[0] == "@@{":
                raw.append("@{")
            elif match[0] == "@{":
                self._flush(raw, parts)
                self.state.quote = text[start]
                parts.append(self._hole(end))
                if not self.tag.closed:
                    return parts
                at = self.position
                continue
            else:
                self.position = match.end()
                break
            at = match.end()
        self._flush(raw, parts)
        if not parts:
            return ""
        if len(parts) == 1:
            return parts[0]
        return parts

    def _runs_into_next(self, match: re.Match[str], piece: str) -> bool:
        """Whether a quote ends a value that was never closed: it opens the value of the next attribute."""
        after = self.text[match.end() : match.end() + 1]
        return match[0] in _QUOTED and _NEXT.search(piece) is not None and after not in " \t\n\f>/"

    def _unclosed_quote(self, start: int, at: int, end: int) -> None:
        quote = self.text[start]
        self.state.reporter.report(
            "unclosed-quote",
            start,
            start + 1,
            "this quote is never closed",
            f"close it with `{quote}`; in a value of several lines write `&lt;` and `&gt;`",
        )
        # Holes that were taken for parts of the value are read again, unless that could go on and on.
        swallowed = _SWALLOWED.search(self.text, start + 1 if self.state.depth <= 1 else at, end)
        self.position = swallowed.start() if swallowed else end

    def _flush(self, raw: list[str], parts: list[str | Hole]) -> None:
        if raw and (text := decode_attribute("".join(raw))):
            parts.append(text)
        raw.clear()
