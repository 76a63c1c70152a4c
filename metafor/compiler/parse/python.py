"""Finding the end of a stretch of Python, and the markup in it, without parsing it.

Strings, comments and brackets are stepped over as Python's tokenizer would. ``<`` is less-than where an
operator is due and opens a tag where an operand is due, which is how a person tells them apart.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from metafor.compiler.parse.brackets import CLOSERS, OPENERS, Brackets
from metafor.compiler.parse.recovery import (
    before_attribute,
    block_goes_on,
    brace_in_comment,
    end_of_tag,
    no_end_of_block,
    open_at_line_end,
)
from metafor.compiler.parse.state import BLOCK_LINE, State

__all__ = ["Insert", "Mode", "OnBlock", "Scan", "scan_python"]

_TOKEN: Final = re.compile(r"""["'#()\[\]{}<\n\\]""")
_STRINGS: Final = {
    '"""': re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*+"""', re.DOTALL),
    "'''": re.compile(r"'''(?:[^'\\]|\\.|'(?!''))*+'''", re.DOTALL),
    '"': re.compile(r'"(?:[^"\\\n]|\\.)*+"', re.DOTALL),
    "'": re.compile(r"'(?:[^'\\\n]|\\.)*+'", re.DOTALL),
}
_F_PREFIX: Final = re.compile(r"\b(?:[fF][rR]?|[rR][fF])$")
_BLANKS: Final = (" ", "\t", "\f")
_PROP: Final = re.compile(r"@prop(?:[ \t]+([^\W\d]\w*))?(?![\w(.])")
_OPEN_TAG: Final = re.compile(r"<(?:[^\W\d_]|>)")
_CLOSE_TAG: Final = re.compile(r"</[\w.:-]*[ \t]*>?")
_HEADER: Final = re.compile(BLOCK_LINE.pattern.removeprefix("^"))
#: What was meant as the header of a component.
_MEANT_HEADER: Final = re.compile(r"@[Cc]omponents?\b[ \t]*(?:\([^)\n]*\)?)?\s*@(?:props|ptml|style)\b")
#: A tag that nothing but a tag can be: Python has no `/>`.
_WHOLE_TAG: Final = re.compile(
    r"""<([^\W\d_][\w.:-]*+)(?:\s++[\w:.-]++(?:=(?:"[^"\n]*+"|'[^'\n]*+'|[\w.-]++))?+)*+\s*+/>"""
)
#: What looks like a tag, and a closing tag's name.
_TAG: Final = re.compile(r"<([^\W\d_][\w.:-]*+)(?:\s[^<>\n]*+)?+>")
_CLOSED_NAME: Final = re.compile(r"</([\w.:-]*)")
#: After these words an operand is due.
_OPERATOR_WORDS: Final = frozenset(keyword.kwlist) - {"None", "True", "False"}


class Mode(Enum):
    """What kind of Python is read: an expression, the statements of a block, or the file itself."""

    HOLE = "hole"
    BLOCK = "block"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Insert:
    """A stretch that is not Python (``start`` to ``end``) and the node that will stand there."""

    start: int
    end: int
    node: ast.expr | ast.stmt


@dataclass(slots=True)
class Scan:
    """Python from ``start`` to ``end`` (its closing brace, or where reading had to stop).

    ``sound`` is False when a mistake was reported that would make Python complain again.
    """

    start: int
    end: int
    closed: bool = True
    sound: bool = True
    inserts: list[Insert] = field(default_factory=list)
    #: Where the logical lines begin.
    statements: list[int] = field(default_factory=list)
    #: The f-strings, as Python 3.11 sees where they end.
    f_strings: list[tuple[int, int]] = field(default_factory=list)
    #: Every `@prop name` of the block: start, end, name.
    props: list[tuple[int, int, str]] = field(default_factory=list)


#: Given the offset of a block header: what stands for the block (None if it is Python after all), and the
#: offset where reading goes on.
OnBlock = Callable[[int], tuple[Insert | None, int]]


def scan_python(
    state: State,
    start: int,
    mode: Mode,
    on_block: OnBlock | None = None,
    *,
    quote: str = "",
    tag: bool = False,
) -> Scan:
    """Read Python from ``start`` to the brace that closes it (``Mode.FILE``: to the end of the file).

    ``on_block`` is called for a block header at the start of a statement of the file. ``quote`` is the quote
    around the attribute value that a hole stands in, ``tag`` says that it stands in a tag.
    """
    return _Scanner(state, start, mode, on_block, quote, tag).run()


class _Scanner:
    def __init__(
        self, state: State, start: int, mode: Mode, on_block: OnBlock | None, quote: str, tag: bool
    ) -> None:
        self.state = state
        self.text = state.text
        self.mode = mode
        self.on_block = on_block
        self.quote = quote
        self.tag = tag
        self.scan = Scan(start, start)
        self.brackets = Brackets(state.reporter)
        #: Everything before `seen` is accounted for in `operand`: whether an operand ended there.
        self.seen = start
        self.operand = False
        self.position = start
        #: Where `<name` was last taken for a comparison, by name.
        self.compared: dict[str, int] = {}

    def run(self) -> Scan:
        text, scan = self.text, self.scan
        if self.mode is not Mode.HOLE:
            self._statement()
        while True:
            match = _TOKEN.search(text, self.position)
            if match is None:
                return self._stop(len(text))
            at = match.start()
            token = match[0]
            if token == "\n":
                if self._newline(at):
                    return scan
            elif token in "\"'":
                if self._string(at, token):
                    return scan
            elif token == "#":
                self.operand = self._operand_before(at)
                end = text.find("\n", at)
                end = end if end >= 0 else len(text)
                if self.mode is Mode.HOLE and self._ends_in_comment(at, end):
                    return scan
                self._advance(end)
            elif token == "\\":
                if text.startswith("\\\n", at):
                    self.operand = self._operand_before(at)
                    self._advance(at + 2)
                else:
                    self.position = at + 1
            elif token == "{" and self.tag and not self.brackets and text.endswith("=@", self.position, at):
                # `b=@{` of `a=@{x b=@{y}`: the next attribute.
                scan.end, scan.closed, scan.sound = before_attribute(text, scan.start, at), False, False
                return scan
            elif token in CLOSERS:
                self.brackets.open(token, at)
                self._advance(at + 1, operand=False)
            elif token == "<":
                if self._angle(at):
                    return scan
            elif self._close(at, token):
                return scan

    def _advance(self, to: int, operand: bool | None = None) -> None:
        self.position = self.seen = to
        if operand is not None:
            self.operand = operand

    def _operand_before(self, at: int) -> bool:
        """Whether the code before ``at`` ends in an operand, so that an operator is due."""
        text, seen = self.text, self.seen
        end = at
        while end > seen and text[end - 1] in " \t\f":
            end -= 1
        if end == seen:
            return self.operand
        last = text[end - 1]
        if last == "_" or last.isalnum():
            begin = end - 1
            while begin > seen and (text[begin - 1] == "_" or text[begin - 1].isalnum()):
                begin -= 1
            word = text[begin:end]
            if word in ("match", "case") and self.scan.statements and self.scan.statements[-1] == begin:
                # Words of Python where a statement begins.
                return False
            return word not in _OPERATOR_WORDS
        # `...` is an operand and so is `1.`; any other punctuation is an operator.
        return last == "." and (text[max(seen, end - 3) : end] == "..." or text[end - 2 : end - 1].isdigit())

    def _statement(self) -> None:
        """At the start of a line outside of brackets: look for `@prop` and for blocks."""
        text = self.text
        while True:
            at = self.position
            while text[at : at + 1] in _BLANKS:
                at += 1
            self.position = at
            if text[at : at + 1] in ("", "\n", "#", "}"):
                return
            self.scan.statements.append(at)
            if text[at] != "@":
                return
            if self.mode is Mode.BLOCK and (prop := _PROP.match(text, at)):
                self._prop(prop)
            if self.mode is not Mode.FILE or self.on_block is None:
                return
            if not _HEADER.match(text, at) and not _MEANT_HEADER.match(text, at):
                return
            insert, go_on = self.on_block(at)
            if insert is not None:
                self.scan.inserts.append(insert)
            self._advance(go_on, operand=True)
            if text[go_on - 1] != "\n":
                return

    def _prop(self, match: re.Match[str]) -> None:
        name = match[1]
        if name is None:
            # `@prop` alone in a line is a decorator of that name.
            if self.text[match.end() :].lstrip(" \t")[:1] in ("\n", "#", ""):
                return
            self._bad_prop(match, "a declaration is `@prop name: type = default`")
        elif keyword.iskeyword(name):
            self._bad_prop(match, f"`{name}` is a word of Python's own and cannot name a prop")
        else:
            self.scan.props.append((*match.span(), name))
            self._advance(match.end(), operand=True)

    def _bad_prop(self, match: re.Match[str], message: str) -> None:
        self.scan.sound = False
        self.state.reporter.report(
            "prop-declaration", *match.span(), message, 'for example `@prop title: str = "Chat"`'
        )

    def _newline(self, at: int) -> bool:
        """A line ends at ``at``. True when reading ends here because a block begins."""
        if self.mode is Mode.HOLE and not self.brackets:
            scan = self.scan
            end = open_at_line_end(
                self.text,
                scan.start,
                at,
                operand=self._operand_before(at),
                tag=self.tag,
                markup=scan.inserts[-1].end if scan.inserts else 0,
            )
            if end:
                scan.end, scan.closed, scan.sound = end, False, False
                return True
        ends = not self.brackets and self.mode is not Mode.HOLE
        self.operand = False if ends else self._operand_before(at)
        self._advance(at + 1)
        if self.text.startswith("@", at + 1) and BLOCK_LINE.match(self.text, at + 1):
            if self.mode is not Mode.FILE:
                self._stop(at + 1)
                return True
            self.scan.sound &= self.brackets.report_all()
            ends = True
        if ends:
            self._statement()
        return False

    def _string(self, at: int, quote: str) -> bool:
        text, state = self.text, self.state
        kind = quote * 3 if text.startswith(quote * 3, at) else quote
        match = None if kind in state.exhausted else _STRINGS[kind].match(text, at)
        if match is not None:
            if prefix := _F_PREFIX.search(text, max(at - 2, self.seen), at):
                self.scan.f_strings.append((prefix.start(), match.end()))
            self._advance(match.end(), operand=True)
            return False
        self.scan.sound = False
        if kind == self.quote:
            # It is the quote behind the hole.
            self.scan.end, self.scan.closed = at, False
            return True
        state.reporter.report(
            "unterminated-string", at, at + len(kind), "this string is never closed", f"close it with {kind}"
        )
        if len(kind) == 3:
            state.exhausted.add(kind)
            state.explained = self.mode is not Mode.FILE
            self.scan.closed = self.mode is Mode.FILE
            self.scan.end = state.next_block(at)
            if self.mode is Mode.FILE and self.scan.end < len(text):
                self.brackets.forget_from(0)
                self._advance(self.scan.end)
                self._statement()
                return False
            return True
        line_end = text.find("\n", at)
        line_end = len(text) if line_end < 0 else line_end
        if self.mode is Mode.HOLE:
            brace = text.find("}", at, line_end)
            if brace >= 0:
                self.scan.end = brace
                return True
        self.brackets.forget_from(state.source.line_start(state.source.line_of(at)))
        self._advance(line_end, operand=True)
        return False

    def _ends_in_comment(self, at: int, end: int) -> bool:
        """Whether the comment from ``at`` to ``end`` holds the brace that was to end this hole."""
        source, scan = self.state.source, self.scan
        if "}" not in self.text[at:end] or source.line_of(at) != source.line_of(scan.start):
            return False
        brace = brace_in_comment(self.text, at, end)
        if brace:
            self.state.reporter.report(
                "unclosed-hole",
                scan.start - 2,
                scan.start,
                "the `}` that was to end this hole is in a comment",
                "put the `}` on a line of its own, or remove the comment",
            )
            scan.end, scan.sound = brace, False
        return bool(brace)

    def _angle(self, at: int) -> bool:
        text, state, scan = self.text, self.state, self.scan
        if closing := _CLOSE_TAG.match(text, at):
            name = _CLOSED_NAME.match(text, at)
            opening = self.compared.pop(name[1], None) if name else None
            if self.tag and (end := end_of_tag(text, scan.start, at if opening is None else opening)):
                scan.end, scan.closed, scan.sound = end, False, False
                return True
            if opening is not None:
                self._beside(opening, closing.end())
                return False
            # `</` is never Python: in a hole it belongs to an element outside, in a block to nothing.
            if self.mode is Mode.HOLE:
                scan.end, scan.closed, scan.sound = at, False, False
                return True
            state.reporter.report(
                "stray-close-tag", at, closing.end(), f"`{closing[0]}` closes nothing", "remove it"
            )
            scan.sound = False
            self._advance(closing.end(), operand=True)
            return False
        self.operand = self._operand_before(at)
        if self.operand or not _OPEN_TAG.match(text, at):
            if whole := _WHOLE_TAG.match(text, at):
                self._beside(at, whole.end())
                return False
            if tag := _TAG.match(text, at):
                self.compared[tag[1]] = at
            self._advance(at + 1, operand=False)
            return False
        literal = state.markup(state, at)
        if not literal.closed:
            scan.sound = False
        scan.inserts.append(Insert(at, literal.end, literal.node))
        self._advance(literal.end, operand=True)
        return False

    def _beside(self, start: int, end: int) -> None:
        """Markup from ``start`` to ``end`` stands where an operator is due: report it and go on behind it."""
        source, scan = self.state.source, self.scan
        last = scan.inserts[-1] if scan.inserts else None
        scan.sound = False
        if last is not None and not self.text[last.end : start].strip():
            message = "this markup stands beside another, and Python takes one value here"
            hint = "put a fragment around them: `<>…</>`"
        else:
            message = "markup cannot stand here: Python expects an operator"
            hint = "put an operator or a comma before it, as in `x and <p>…</p>`"
        stop = min(end, source.line_end(source.line_of(start)))
        self.state.reporter.report("misplaced-markup", start, stop, message, hint)
        self._advance(end, operand=True)

    def _close(self, at: int, token: str) -> bool:
        """A closing bracket. True when it is the brace that ends this Python."""
        opener, brackets = OPENERS[token], self.brackets
        if opener not in brackets:
            # A brace deep in a line may belong to a bracket that was, or will be, reported; or be too many.
            stray = (
                self.mode is Mode.BLOCK
                and no_end_of_block(self.state.source, self.scan.start, at)
                and (bool(brackets or brackets.lost["{"]) or block_goes_on(self.text, at + 1))
            )
            if token == "}" and self.mode is not Mode.FILE and not stray:
                self.scan.sound &= self.brackets.report_all()
                self.scan.end = at
                return True
            self.scan.sound = False
            if brackets.lost[opener]:
                brackets.lost[opener] -= 1
                self._advance(at + 1, operand=True)
                return False
            hint = "remove it, or open it before"
            if token == "}" and self.scan.inserts:
                where = self.state.reporter.where(self.scan.inserts[-1].end - 1)
                hint = f'remove it; or the `}}` at {where} is text and was not to end its block: `@{{"}}"}}`'
            self.state.reporter.report("unmatched-bracket", at, at + 1, f"`{token}` closes nothing", hint)
            self._advance(at + 1, operand=True)
            return False
        opened, sound = brackets.close(opener)
        self.scan.sound &= sound
        if token == "}":
            self.state.pair(opened, at, "unclosed-bracket")
        self._advance(at + 1, operand=True)
        return False

    def _stop(self, at: int) -> Scan:
        """Reading ends without a closing brace, which is right for the file alone."""
        self.scan.end = at
        if self.mode is Mode.FILE:
            self.scan.sound &= self.brackets.report_all()
        else:
            self.scan.closed = self.scan.sound = False
        return self.scan
