"""Scoped styles: rules that match the elements of one component alone.

Every element of the component carries an attribute of its own (``data-s-1a2b3c4d``), and the compiler asks
for it in each rule: ``.card a:hover`` becomes ``.card a[data-s-1a2b3c4d]:hover``. The subject of a selector
alone is asked, so ``.dark .card`` may name something around the component. ``:global(…)`` is left as it
is. Keyframes are renamed, because their names are the page's. Sources: CSS Syntax 3,
Selectors 4, CSS Nesting 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from metafor.compiler.analyze.analysis import Analysis
from metafor.compiler.diagnostics import Reporter
from metafor.compiler.parse.nodes import StyleStmt, Template

__all__ = ["analyze_styles", "scope_attribute", "scope_style"]

_SKIPPED: Final = (
    r"""/\*(?:[^*]|\*(?!/))*+\*/|"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'|\\.|url\([^)"'\n]*\)"""
)
_TOKEN: Final = re.compile(rf"{_SKIPPED}|[{{}};()\[\]]", re.DOTALL)
_SELECTOR: Final = re.compile(rf":global\(|{_SKIPPED}|[()\[\],:>+~|\s]", re.DOTALL)
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_AT: Final = re.compile(r"@(-[a-z]+-)?([\w-]+)")
_KEYFRAMES: Final = re.compile(r"(@(?:-[a-z]+-)?keyframes\s+)([\w-]+)", re.IGNORECASE)
_ANIMATION: Final = re.compile(r"\s*(?:-[a-z]+-)?animation(?:-name)?\s*:", re.IGNORECASE)
_CUSTOM: Final = re.compile(r"\s*--[\w-]*\s*:")
_WORD: Final = re.compile(r"(?<![\w\"'(.-])[A-Za-z_-][\w-]*")
#: Rules in these are rules of the component.
_GROUPS: Final = frozenset({"media", "supports", "container", "layer", "scope", "starting-style"})
#: What is never part of a component.
_PAGE: Final = re.compile(r":root\b|:host\b|html(?![\w-])|body(?![\w-])|::view-transition", re.IGNORECASE)


def analyze_styles(template: Template, analysis: Analysis, reporter: Reporter) -> None:
    """Scope the styles of a file: those of a component to it, those beside components to all of the file."""

    def scope(name: str, styles: list[StyleStmt]) -> tuple[str, ...]:
        attribute = scope_attribute(name, styles)
        for style in styles:
            if attribute is not None and style.scoped:
                analysis.styles[style] = scope_style(reporter, style, attribute)
        return () if attribute is None else (attribute,)

    outer = scope("", template.styles)
    analysis.scopes[None] = outer
    for component in template.components:
        analysis.scopes[component] = outer + scope(component.name, component.styles)


def scope_attribute(name: str, styles: list[StyleStmt]) -> str | None:
    """The attribute of a component's elements; None when it has no scoped styles.

    It depends on the component's name and its CSS alone: the same on every machine.
    """
    scoped = [style.css for style in styles if style.scoped]
    if not scoped:
        return None
    return "data-s-" + sha256("\0".join([name, *scoped]).encode()).hexdigest()[:8]


def scope_style(reporter: Reporter, style: StyleStmt, attribute: str) -> str:
    """The CSS of a scoped style sheet with ``attribute`` in its rules; mistakes go to the reporter."""
    return _Sheet(reporter, style, attribute).run()


@dataclass(slots=True)
class _Sheet:
    reporter: Reporter
    style: StyleStmt
    attribute: str
    out: list[str] = field(default_factory=list)
    #: Names of keyframes, and where in ``out`` declarations are that may use them.
    frames: set[str] = field(default_factory=set)
    uses: list[int] = field(default_factory=list)

    def run(self) -> str:
        css = self.style.css
        #: What the open blocks hold: "rules", "style" (declarations and nested rules) or "raw".
        stack = ["rules"]
        start = depth = 0
        for token in _TOKEN.finditer(css):
            kind, at = token[0], token.start()
            if kind in ("(", "["):
                depth += 1
            elif kind in (")", "]"):
                depth = max(depth - 1, 0)
            elif kind == ";" and not depth:
                self._declaration(css[start : at + 1])
                start = at + 1
            elif kind == "{":
                stack.append(self._open(css[start:at], start, stack[-1]))
                start, depth = at + 1, 0
            elif kind == "}":
                self._declaration(css[start : at + 1])
                start, depth = at + 1, 0
                if len(stack) > 1:
                    stack.pop()
        self.out.append(css[start:])
        for index in self.uses:
            self.out[index] = _WORD.sub(self._renamed, self.out[index])
        return "".join(self.out)

    def _renamed(self, word: re.Match[str]) -> str:
        return self._frame(word[0]) if word[0] in self.frames else word[0]

    def _frame(self, name: str) -> str:
        return f"{name}-{self.attribute.removeprefix('data-')}"

    def _declaration(self, text: str) -> None:
        if _ANIMATION.match(_COMMENT.sub("", text)):
            self.uses.append(len(self.out))
        self.out.append(text)

    def _open(self, prelude: str, start: int, around: str) -> str:
        """Write what stands before a ``{`` and tell what the block holds."""
        plain = _COMMENT.sub("", prelude).strip()
        inner = "raw"
        if around == "raw" or (around == "style" and _CUSTOM.match(plain)):
            pass
        elif at_rule := _AT.match(plain):
            if at_rule[2].lower() in _GROUPS:
                inner = around
            elif at_rule[2].lower() == "keyframes" and (named := _KEYFRAMES.match(plain)):
                self.frames.add(named[2])
                prelude = named[1] + self._frame(named[2])
        else:
            inner = "style"
            space = prelude[: len(prelude) - len(prelude.lstrip())]
            # Where comments were, places are not known to the character.
            exact = len(plain) == len(prelude.strip())
            prelude = space + self._selectors(plain, start + len(space), exact) + " "
        self.out += (prelude, "{")
        return inner

    def _selectors(self, text: str, start: int, exact: bool) -> str:
        """A list of selectors, each with the attribute at its subject."""
        done: list[str] = []
        selector = _Selector(text, 0)
        for token in _SELECTOR.finditer(text):
            if token[0] == "," and not selector.depth:
                done.append(self._finished(selector, token.start(), start, exact))
                selector = _Selector(text, token.end())
            else:
                selector.take(token[0], token.start(), token.end())
        done.append(self._finished(selector, len(text), start, exact))
        return ", ".join(done)

    def _finished(self, selector: _Selector, end: int, start: int, exact: bool) -> str:
        selector.finish(end)
        subject = selector.subject
        if subject is not None and (page := _PAGE.match(selector.text, subject.start)):
            start += self.style.css_start + (subject.start if exact else 0)
            self.reporter.report(
                "style-selector",
                start,
                start + (len(page[0]) if exact else 1),
                f"`{page[0]}` is no part of a component, so this rule would match nothing",
                f"write `:global({page[0]})`, or put the rule into `@style global {{ … }}`",
            )
        return selector.written(f"[{self.attribute}]")


@dataclass(slots=True)
class _Compound:
    """A part of a selector between combinators. ``pseudo`` is where its first ``:`` is, ``own`` is False
    when it means the rule around, which is scoped.
    """

    start: int
    end: int
    pseudo: int
    own: bool


class _Selector:
    """One selector of a list, taken in token by token."""

    __slots__ = ("_begin", "_brackets", "_compound", "_globals", "_pseudo", "start", "subject", "text")

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.start = start
        #: The last compound that is not `:global(…)`.
        self.subject: _Compound | None = None
        #: Open brackets; True for those of `:global(`.
        self._brackets: list[bool] = []
        #: The spans of what stands around the content of `:global(…)`.
        self._globals: list[tuple[int, int]] = []
        self._begin = start
        self._compound = start
        self._pseudo = -1

    @property
    def depth(self) -> int:
        """How many brackets are open."""
        return len(self._brackets)

    def take(self, token: str, start: int, end: int) -> None:
        if token[0] == ":" and not self._brackets and self._pseudo < 0:
            self._pseudo = start
        if token in ("(", "[", ":global("):
            self._brackets.append(token == ":global(")
            if self._brackets[-1]:
                self._globals.append((start, end))
        elif token in (")", "]"):
            if self._brackets and self._brackets.pop():
                self._globals.append((start, end))
        elif self._brackets:
            return
        elif token in (">", "+", "~") or token.isspace() or self.text.startswith("||", start):
            self._end(start)
            self._compound, self._pseudo = end, -1

    def finish(self, end: int) -> None:
        self._end(end)
        self.start, self._begin = self._begin, end

    def _end(self, end: int) -> None:
        text = self.text[self._compound : end]
        if not text or text.startswith(":global("):
            return
        pseudo = self._pseudo if self._pseudo >= 0 else end
        self.subject = _Compound(self._compound, end, pseudo, "&" not in text)

    def written(self, attribute: str) -> str:
        """The selector with ``attribute`` at its subject. What has an ``&`` is scoped by the rule around."""
        edits = [(start, end, "") for start, end in self._globals]
        if self.subject is not None and self.subject.own:
            edits.append((self.subject.pseudo, self.subject.pseudo, attribute))
        pieces: list[str] = []
        at = self.start
        for start, end, instead in sorted(edits):
            pieces += (self.text[at:start], instead)
            at = end
        pieces.append(self.text[at : self._begin])
        return "".join(pieces).strip()
