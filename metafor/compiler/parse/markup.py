"""Markup: elements, components, fragments, comments, text.

One loop with a stack of open frames, so that no nesting is too deep for it. A mistake is reported and
the most likely tree is built, so that the rest of the file is still read.
"""

from __future__ import annotations

import re
from typing import Final

from metafor.compiler.html import RAW_TEXT, VOID
from metafor.compiler.parse.foreign import braced
from metafor.compiler.parse.frames import KEEPS_SPACE, Frame, Frames
from metafor.compiler.parse.holes import parse_hole
from metafor.compiler.parse.nodes import Element, Fragment, MarkupExpr
from metafor.compiler.parse.recovery import content_goes_on
from metafor.compiler.parse.state import BLOCK_LINE, Literal, State
from metafor.compiler.parse.tags import Tag, parse_tag
from metafor.compiler.parse.text import settle

__all__ = ["MAX_DEPTH", "parse_content", "parse_literal"]

#: Levels of elements in one template: an HTML parser flattens what is deeper (ruling 38).
MAX_DEPTH: Final = 500

_TOKEN: Final = re.compile(r"<|@@?\{|[{}]|" + BLOCK_LINE.pattern, re.MULTILINE)
_CLOSE: Final = re.compile(r"</([\w.:-]*)[ \t\n\f]*(>?)")
_OPEN: Final = re.compile(r"<[^\W\d_]")
_NEXT_CLOSE: Final = re.compile(r"</([\w.:-]*)")


def parse_literal(state: State, start: int) -> Literal:
    """Parse the one element or fragment that begins at ``start``, in the midst of Python."""
    depth, enclosing = state.depth, state.enclosing
    state.enclosing = [*enclosing, state.tags]
    outer_tags = state.tags
    parser = _Markup(state, start, literal=True)
    end, closed = parser.run(start)
    state.depth, state.enclosing, state.tags = depth, enclosing, outer_tags
    root = parser.frames.root
    node = MarkupExpr()
    node.fragment = Fragment(settle(root.children), start, end)
    node.height = root.height + 1
    node.lineno, node.col_offset = state.source.location(start)
    node.end_lineno, node.end_col_offset = state.source.location(end)
    return Literal(node, end, closed)


def parse_content(state: State, start: int, header: int) -> tuple[Fragment, int, bool]:
    """Parse the content of a ``@ptml {`` up to its brace. ``header`` is where the block began.

    Gives the content, the offset of the brace (or where reading had to stop) and whether there was one.
    """
    parser = _Markup(state, start, literal=False, header=header)
    end, closed = parser.run(start)
    return Fragment(settle(parser.frames.root.children, trim=True), start, end), end, closed


class _Markup:
    def __init__(self, state: State, start: int, *, literal: bool, header: int = 0) -> None:
        self.state = state
        self.text = state.text
        self.report = state.reporter.report
        self.literal = literal
        self.header = header
        self.frames = Frames(state, start)

    def run(self, start: int) -> tuple[int, bool]:
        text, position = self.text, start
        while True:
            match = _TOKEN.search(text, position)
            frame = self.frames.top
            if match is None:
                return self._stop(len(text), False)
            at, token = match.span()[0], match[0]
            frame.text(text[position:at], position)
            position = match.end()
            if token == "<":
                position = self._angle(at)
                if position < 0:
                    return self._stop(~position, False)
                if self.literal and self.frames.at_root:
                    return position, True
            elif token == "@{":
                position = self._hole(at)
            elif token == "@@{":
                frame.braces.append((at, False))
                frame.text("@{", at)
            elif token == "{":
                frame.braces.append((at, True))
                frame.text("{", at)
            elif token == "}":
                if frame.braces:
                    self.state.pair(frame.braces.pop()[0], at, "unbalanced-brace")
                elif self._ends_here(at):
                    return self._stop(at, True)
                else:
                    self.report(
                        "unbalanced-brace",
                        at,
                        at + 1,
                        "this `}` has no partner",
                        'a brace in text is `@{"}"}`',
                    )
                frame.text("}", at)
            else:
                return self._stop(at, False)

    def _ends_here(self, brace: int) -> bool:
        """Whether a brace without a partner ends this markup, rather than being a mistake in text."""
        if self.literal:
            return True
        if self.frames.at_root:
            return not content_goes_on(self.text, brace + 1)
        # Elements are still open: it ends the block if it stands where such a brace usually does.
        source, text = self.state.source, self.text
        line = source.line_of(brace)
        if line == source.line_of(self.header):
            return text.find("}", brace + 1, source.line_end(line)) < 0
        indent = text[source.line_start(line) : brace]
        base = source.line_start(source.line_of(self.header))
        return not indent.strip() and len(indent) <= self.header - base

    def _stop(self, at: int, brace: bool) -> tuple[int, bool]:
        """The markup ends at ``at``: whatever is open was never closed."""
        sound = brace and not self.literal
        self.frames.end(at)
        return at, sound

    def _angle(self, at: int) -> int:
        """A ``<`` in text. Gives where reading goes on; ``~offset`` when it cannot go on."""
        text, frame = self.text, self.frames.top
        if text.startswith("</", at):
            return self._close_tag(at)
        if text.startswith("<!--", at):
            end = self.state.find("-->", at + 4)
            if end < 0:
                self.report(
                    "unclosed-comment", at, at + 4, "this comment is never closed", "close it with `-->`"
                )
                self.state.explained = True
                return ~self.state.next_block(at)
            return end + 3
        if text.startswith("<@{", at):
            return self._dynamic_tag(at)
        if text.startswith("<>", at):
            frame.flush(at)
            self.frames.enter(Frame("", None, at, frame.keep, frame.level))
            return at + 2
        if _OPEN.match(text, at):
            frame.flush(at)
            return self._open_tag(parse_tag(self.state, at))
        if text.startswith("<!", at):
            line_end = self.state.source.line_end(self.state.source.line_of(at))
            end = text.find(">", at, line_end) + 1 or line_end
            self.report(
                "declaration",
                at,
                end,
                "a declaration cannot stand in a template",
                "remove it; a comment is `<!-- … -->`",
            )
            return end
        frame.text("<", at)
        return at + 1

    def _dynamic_tag(self, at: int) -> int:
        """``<@{tag}>``: a tag whose name is not fixed is written with `<Dynamic>`."""
        end = max(braced(self.text, at + 2), at + 3)
        self.report(
            "foreign-syntax", at, end, "the name of a tag is no hole", "write `<Dynamic component=@{…}>`"
        )
        return end

    def _open_tag(self, tag: Tag) -> int:
        element, parent = tag.element, self.frames.top
        name = element.name
        parent.height = max(parent.height, tag.height)
        if tag.self_closing or (element.target is None and name in VOID):
            if element.target is not None:
                parent.height = max(parent.height, tag.height + 2)
            parent.children.append(element)
            return element.end
        if element.target is not None:
            self.state.descend(element.start, element.start + 1 + len(element.tag))
            level = 0
        else:
            level = parent.level + 1
            if level == MAX_DEPTH + 1:
                self.report(
                    "markup-depth",
                    element.start,
                    element.tag_end,
                    f"elements are nested more than {MAX_DEPTH} deep, which no HTML parser keeps",
                    "move the inner part into a component",
                )
        keep = element.target is None and (parent.keep or name in KEEPS_SPACE)
        frame = Frame(element.tag, element, element.start, keep, level, tag.height, tag.closed)
        self.frames.enter(frame)
        if element.target is None and name in RAW_TEXT:
            return self._raw_text(frame, name)
        return element.tag_end

    def _raw_text(self, frame: Frame, name: str) -> int:
        """The content of ``style`` and its like: characters and holes up to the closing tag."""
        pattern = re.compile(rf"</{name}[ \t\n\f]*>|@@?\{{", re.IGNORECASE)
        at = frame.element.tag_end if frame.element else frame.start
        while True:
            key = f"</{name}"
            match = None if key in self.state.exhausted else pattern.search(self.text, at)
            if match is None:
                self.state.exhausted.add(key)
                self.state.explained = True
                return ~self.state.next_block(at)
            frame.text(self.text[at : match.start()], at)
            if match[0] == "@{":
                at = self._hole(match.start())
            elif match[0] == "@@{":
                frame.text("@{", match.start())
                at = match.end()
            else:
                return self._close_tag(match.start())

    def _close_tag(self, at: int) -> int:
        match = _CLOSE.match(self.text, at)
        assert match is not None
        end = match.end()
        name = match[1]
        if self.text.startswith("</@{", at):
            return max(braced(self.text, at + 3), at + 4)
        if not match[2]:
            self.report("unclosed-tag", at, end, f"the tag `{match[0].strip()}` is never closed", "add `>`")
        top = self.frames.top
        if not match[2] and not name and not self.frames.at_root:
            self.frames.leave(at, end)
            return end
        if not self.frames.at_root and top.is_called(name):
            self.frames.leave(at, end)
            return end
        if name.lower() in VOID and name == name.lower():
            self.report(
                "void-close-tag", at, end, f"`<{name}>` has no content and no closing tag", "remove it"
            )
            return end
        if name in self.frames:
            self.frames.close(name, at, end)
            return end
        if self.literal and self._belongs_outside(name, end):
            return ~at
        return self._unknown_close(at, end, name)

    def _belongs_outside(self, name: str, end: int) -> bool:
        """Whether a closing tag is that of an element around the Python that this markup stands in."""
        if not any(tags.get(name) for tags in self.state.enclosing):
            return False
        after = self.text[end : end + 80].lstrip()[:1]
        return after not in tuple(")]},")

    def _unknown_close(self, at: int, end: int, name: str) -> int:
        """A closing tag that belongs to no open element: a slip of the pen, or one too many."""
        top = self.frames.top
        lost = self.frames.lost_angle(name, top.start, at) if name else ""
        if lost:
            self.report("stray-close-tag", at, end, f"`</{name}>` closes nothing", lost)
            return end
        following = _NEXT_CLOSE.search(self.text, end)
        if self.frames.at_root or (following is not None and top.is_called(following[1])):
            self.report("stray-close-tag", at, end, f"`</{name}>` closes nothing", self._why_stray(name))
            return end
        self.report(
            "mismatched-tag",
            at,
            end,
            f"`</{name}>` does not close `<{top.tag}>`, opened at {self.state.reporter.where(top.start)}",
            f"did you mean `</{top.tag}>`?",
        )
        self.frames.leave(at, end)
        return end

    def _why_stray(self, name: str) -> str:
        """The next step for a closing tag that closes nothing."""
        for child in reversed(self.frames.top.children[-2:]):
            if (
                isinstance(child, Element)
                and child.tag == name
                and self.text.startswith("/>", child.tag_end - 2)
            ):
                where = self.state.reporter.where(child.tag_end - 2)
                return f"`<{name} …/>` is closed by the `/>` at {where}: quote a value that ends in `/`"
        return "remove it"

    def _hole(self, at: int) -> int:
        frame = self.frames.top
        frame.flush(at)
        hole, height, _ = parse_hole(self.state, at)
        frame.children.append(hole)
        frame.height = max(frame.height, height)
        return hole.end
