"""The stack of open elements, and the tree that comes of it.

Elements that lost their closing tag are closed where that is noticed, and reported.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from metafor.compiler.html import RAW_TEXT
from metafor.compiler.parse.nodes import Element, Hole
from metafor.compiler.parse.recovery import lost_angle
from metafor.compiler.parse.state import State
from metafor.compiler.parse.text import RawText, settle

__all__ = ["KEEPS_SPACE", "Frame", "Frames"]

#: Elements whose white space is content.
KEEPS_SPACE: Final = frozenset({"pre", "textarea", "listing"})


@dataclass(slots=True)
class Frame:
    """An open element (``element``), an open fragment (``tag`` is empty), or the root."""

    tag: str
    element: Element | None
    start: int
    keep: bool
    #: Levels of elements up to here, since the last component.
    level: int = 0
    height: int = 0
    #: Whether its tag has its `>`; without, one report is enough.
    whole: bool = True
    children: list[RawText | Hole | Element] = field(default_factory=list)
    buffer: list[str] = field(default_factory=list)
    buffer_start: int = 0
    #: Open braces in the text: offset, and whether a missing partner is a mistake.
    braces: list[tuple[int, bool]] = field(default_factory=list)

    def text(self, text: str, start: int) -> None:
        if text:
            if not self.buffer:
                self.buffer_start = start
            self.buffer.append(text)

    def flush(self, end: int) -> None:
        if self.buffer:
            self.add(RawText("".join(self.buffer), self.buffer_start, end))
            self.buffer.clear()

    def add(self, child: RawText | Hole | Element) -> None:
        last = self.children[-1] if self.children else None
        if isinstance(child, RawText) and isinstance(last, RawText):
            self.children[-1] = RawText(last.raw + child.raw, last.start, child.end)
        else:
            self.children.append(child)

    def is_called(self, name: str) -> bool:
        """Whether a closing tag of this name is its own; HTML does not tell capitals from small letters."""
        if self.element is not None and self.element.target is None:
            return self.tag.lower() == name.lower()
        return self.tag == name


class Frames:
    """The open elements of one piece of markup; ``name in frames`` says whether such a tag is open."""

    def __init__(self, state: State, start: int) -> None:
        self.state = state
        self.text = state.text
        self.report = state.reporter.report
        self.root = Frame("", None, start, keep=False)
        self._stack = [self.root]
        #: How often a tag is open: to know at once whether a closing tag belongs to anything.
        self._open: dict[str, int] = {}
        state.tags = self._open

    @property
    def top(self) -> Frame:
        """The innermost one."""
        return self._stack[-1]

    @property
    def at_root(self) -> bool:
        """Whether no element is open."""
        return len(self._stack) == 1

    def __contains__(self, name: str) -> bool:
        return bool(self._open.get(name))

    def enter(self, frame: Frame) -> None:
        """Open an element."""
        self._stack.append(frame)
        self._open[frame.tag] = self._open.get(frame.tag, 0) + 1

    def leave(self, at: int, end: int | None = None) -> None:
        """Close the innermost frame: its content ends at ``at``, its closing tag at ``end``."""
        frame = self._stack.pop()
        self._open[frame.tag] -= 1
        parent = self._stack[-1]
        self._finish(frame, at)
        element = frame.element
        if element is None:
            for child in frame.children:
                parent.add(child)
            parent.height = max(parent.height, frame.height)
            return
        element.end = at if end is None else end
        first = frame.children[0] if frame.children else None
        if element.name in KEEPS_SPACE and isinstance(first, RawText) and first.raw.startswith("\n"):
            # As in HTML: the newline right behind the tag is layout.
            first.raw = first.raw[1:]
        component = element.target is not None
        element.children = settle(
            frame.children, keep=frame.keep, trim=component, raw=not component and element.name in RAW_TEXT
        )
        if component:
            self.state.depth -= 1
        parent.children.append(element)
        parent.height = max(parent.height, frame.height + (2 if component else 0))

    def close(self, name: str, at: int, end: int) -> None:
        """Close the innermost one of this ``name``, which is open: its closing tag is ``at`` to ``end``."""
        keep = len(self._stack)
        while not self._stack[keep - 1].is_called(name):
            keep -= 1
        self._give_up(at, keep)
        self.leave(at, end)

    def end(self, at: int) -> None:
        """The markup ends at ``at``: whatever is open was never closed."""
        self._give_up(at, 1)
        self._finish(self.root, at)

    def _give_up(self, at: int, keep: int) -> None:
        """Close all frames but the outer ``keep``: their closing tags are missing."""
        while len(self._stack) > keep:
            frame, parent = self._stack[-1], self._stack[-2]
            bare = frame.element is not None and not frame.element.attributes
            if bare and frame.tag == parent.tag and len(self._stack) > keep + 1:
                self._lost_slash(at)
            else:
                self._unclosed(frame, at)
                self.leave(at)

    def _lost_slash(self, at: int) -> None:
        """The innermost element was to be the closing tag of the one around it: ``<b>bold<b>``."""
        frame, parent = self._stack[-1], self._stack[-2]
        self.report(
            "unclosed-element",
            frame.start,
            frame.start + 2 + len(frame.tag),
            f"`<{frame.tag}>` opens a second one in that of {self.state.reporter.where(parent.start)}, "
            "and neither is closed",
            f"did you mean `</{frame.tag}>`?",
        )
        self._stack.pop()
        self._open[frame.tag] -= 1
        self._finish(frame, at)
        self.leave(frame.start)
        outer = self._stack[-1]
        for child in frame.children[:1]:
            outer.add(child)
        # The inner list is kept: in a file of lost slashes it is the long one.
        frame.children[:1] = outer.children
        outer.children = frame.children
        outer.height = max(outer.height, frame.height)

    def _unclosed(self, frame: Frame, at: int) -> None:
        if not frame.whole:
            return
        end = frame.start + 1 + len(frame.tag)
        lost = self.lost_angle(f"/{frame.tag}", frame.start, at)
        self.report(
            "unclosed-element",
            frame.start,
            end if frame.tag else frame.start + 2,
            f"`<{frame.tag}>` is never closed",
            lost or f"add `</{frame.tag}>`, at the latest at {self.state.reporter.where(at)}",
        )

    def lost_angle(self, name: str, start: int, end: int) -> str:
        """The next step when ``name …>`` stands between two offsets without its ``<``; else nothing."""
        at = lost_angle(self.text, name, start, end)
        return "" if at is None else f"a `<` is missing before `{name}` at {self.state.reporter.where(at)}"

    def _finish(self, frame: Frame, at: int) -> None:
        frame.flush(at)
        for brace, hard in frame.braces:
            if hard:
                self.report(
                    "unbalanced-brace",
                    brace,
                    brace + 1,
                    "this `{` has no partner",
                    'a brace in text is `@{"{"}`',
                )
