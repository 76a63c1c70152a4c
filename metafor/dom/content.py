"""What a hole shows (ruling 23), and how it is kept up to date.

:func:`build` turns any value into detached nodes and gives the *parts* they consist of. A part is a
node id, or an object that can list the ids of its top-level nodes now (:meth:`Part.collect`): what a
component shows at its top level may change over time, so nobody stores a flat list of nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import CO_VARARGS
from types import FunctionType, GeneratorType
from typing import Any, ClassVar

from metafor.core import graph
from metafor.core.graph import Getter, RenderEffect, Signal, Trial
from metafor.core.owner import Owner
from metafor.dom.attributes import read_through
from metafor.dom.errors import DomError
from metafor.dom.events import parameter_count
from metafor.dom.hosts import base as op
from metafor.dom.hosts.base import Host

__all__ = [
    "AnchoredHole",
    "Binding",
    "Part",
    "Parts",
    "Renderable",
    "SoleHole",
    "build",
    "child_scope",
    "collect",
    "remove",
]


#: Levels of lists in lists; more is a list that contains itself.
_DEEPEST = 500
_PLAIN = frozenset((str, int, float, bool, type(None), list, dict, tuple))


class Part:
    """Something on the page whose top-level nodes may change."""

    __slots__ = ()

    def collect(self, ids: list[int]) -> None:
        """Append the ids of the top-level nodes, in document order."""
        raise NotImplementedError


Parts = list["int | Part"]


class Renderable:
    """A value that stands for nodes not made yet: markup, a component, a list. A factory (ruling 37)."""

    __slots__ = ()

    def instantiate(self, host: Host) -> Part:
        """Make the nodes, detached, owned by the current owner."""
        raise NotImplementedError


def collect(parts: Iterable[int | Part]) -> list[int]:
    """The ids of all top-level nodes of ``parts``, in document order."""
    ids: list[int] = []
    for part in parts:
        if isinstance(part, int):
            ids.append(part)
        else:
            part.collect(ids)
    return ids


def remove(host: Host, parts: Parts) -> None:
    """Take the nodes of ``parts`` out of the tree; who owns them frees them."""
    ids = collect(parts)
    if ids:
        host.emit(op.REMOVE, len(ids), *ids)


def child_scope(name: str) -> Owner:
    """A new owner below the current one."""
    parent = graph.current_owner()
    scope = Owner(parent, name)
    if parent is not None and not parent.disposed:
        parent._adopt(scope)
    return scope


class TextNodes(Owner):
    """Owns the ids of text nodes that were made one by one."""

    __slots__ = ("_host", "_ids")

    def __init__(self, host: Host) -> None:
        parent = graph.current_owner()
        super().__init__(parent)
        self._host = host
        self._ids: list[int] = []
        if parent is not None and not parent.disposed:
            parent._adopt(self)

    def make(self, text: str) -> int:
        """Make a detached text node."""
        node = self._host.allocate(1)
        self._host.emit(op.TEXT_NODE, node, text)
        self._ids.append(node)
        return node

    def _release(self) -> None:
        for node in self._ids:
            self._host.free(node, 1)


def build(host: Host, value: Any) -> Parts:
    """Make the nodes that show ``value``, detached, owned by the current owner."""
    parts: Parts = []
    texts: TextNodes | None = None
    waiting = [iter((value,))]
    while waiting:
        for item in waiting[-1]:
            if item is None or item is True or item is False:
                continue
            if isinstance(item, Renderable):
                parts.append(item.instantiate(host))
                continue
            if isinstance(item, (list, tuple, GeneratorType)):
                if len(waiting) > _DEEPEST:
                    raise DomError(
                        f"lists in a hole are nested more than {_DEEPEST} deep",
                        next_step="look for a list that contains itself",
                    )
                waiting.append(iter(item))
                break
            texts = texts or TextNodes(host)
            if is_live(item):
                hole = AnchoredHole(host, texts.make(""), item, attached=False)
                hole.start()
                parts.append(hole)
            else:
                parts.append(texts.make(item if isinstance(item, str) else str(item)))
        else:
            waiting.pop()
    return parts


def is_live(value: Any) -> bool:
    """Whether a hole must call ``value`` to see what it shows: a getter, or a function without parameters."""
    if type(value) is FunctionType:
        code = value.__code__
        if not code.co_argcount and not code.co_flags & CO_VARARGS:
            return True
    elif isinstance(value, Getter):
        return True
    elif type(value) in _PLAIN or not callable(value) or isinstance(value, type):
        return False
    return parameter_count(value) == 0


def _read(value: Any) -> Any:
    """Call through getters and functions until there is something to show, tracked."""
    while is_live(value):
        value = value()
    return value


class Binding(RenderEffect):
    """Shows what its function gives, whenever that changes."""

    __slots__ = ()

    #: Whether to show a text is but to emit it: nothing is read, made, or said in the name of an owner.
    _only_shows_texts: ClassVar[bool] = False

    def _recompute(self) -> None:
        fn = self._fn
        try:
            if (
                self._only_shows_texts
                and type(fn) is Signal
                and type(fn._value) is str
                and len(self._sources) == 1
                and self._last is None
                and not self._cleanups
            ):
                # A text that a signal holds: a run would read that, as the last one did, and nothing else.
                self._state = graph.CLEAN
                self._show(fn._value)
            else:
                graph.execute(self, self._show)
        except (Exception, graph.Pending) as raised:
            self.fail(raised)
        finally:
            # _settle_state() spelled out: this runs for each text that changes.
            if self._state == graph.RUNNING:
                self._state = graph.CLEAN

    def take_over(self, trial: Trial, value: Any) -> Trial:
        """Go on with the run that a trial began, whose function gave ``value``."""
        trial, raised = trial.resume(self, lambda: self._show(value))
        if raised is not None:
            self.fail(raised)
        graph.drop_if_static(self)
        return trial

    def fail(self, raised: BaseException) -> None:
        """Take care of what stopped a run: an error is reported, a value that is to come waited for."""
        if isinstance(raised, graph.Pending):
            graph.suspend(self, raised)
        else:
            graph.report_error(raised, self)

    def _show(self, value: Any) -> None:
        raise NotImplementedError


class Hole(Binding):
    """Live content. Owns what it shows."""

    __slots__ = ("_host", "_node", "_parts", "_text")

    _only_shows_texts = True

    #: The operation that shows a text.
    _code: ClassVar[int]

    def __init__(self, host: Host, node: int, fn: Callable[[], Any]) -> None:
        super().__init__(fn)
        self._host = host
        self._node = node
        #: The text that is shown, or None while parts are.
        self._text: str | None = ""
        self._parts: Parts = []

    def start(self) -> None:
        """Show the first value."""
        graph.start_binding(self)

    def _leave_run(self) -> None:
        # The nodes must leave before their owners (children of this effect) free their ids.
        old = self._parts
        if old:
            self._parts = []
            self._take_out(old)

    def fail(self, raised: BaseException) -> None:
        """Show nothing, and end what was made before the value failed."""
        graph.dispose_tree(self, inclusive=False)
        self._show_text("")
        super().fail(raised)

    def _show(self, value: Any) -> None:
        if type(value) is not str:
            value = _read(value)
        if self.disposed:  # by what it read: the place is gone
            return
        if type(value) is str:
            if value != self._text:
                self._text = value
                # emit() spelled out: this runs for each text that changes.
                host = self._host
                if not host._scheduled:
                    host._schedule()
                host.ops += (self._code, self._node, value)
        elif value is None or value is True or value is False:
            self._show_text("")
        elif isinstance(value, (Renderable, list, tuple, GeneratorType)):
            self._show_text("")
            self._parts = build(self._host, value)
            self._put_in(collect(self._parts))
        else:
            self._show_text(str(value))

    def _show_text(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self._host.emit(self._code, self._node, text)

    def _take_out(self, parts: Parts) -> None:
        raise NotImplementedError

    def _put_in(self, ids: list[int]) -> None:
        raise NotImplementedError


class AnchoredHole(Hole, Part):
    """A hole among siblings: its anchor is a text node, which holds the text itself.

    Nodes stand before the anchor. A hole that is built detached lets its creator insert its nodes.
    """

    __slots__ = ("_attached",)

    _code = op.DATA

    def __init__(self, host: Host, anchor: int, fn: Callable[[], Any], *, attached: bool) -> None:
        super().__init__(host, anchor, fn)
        self._attached = attached

    def start(self) -> None:
        super().start()
        self._attached = True

    def collect(self, ids: list[int]) -> None:
        ids += collect(self._parts)
        ids.append(self._node)

    def _take_out(self, parts: Parts) -> None:
        remove(self._host, parts)

    def _put_in(self, ids: list[int]) -> None:
        if ids and self._attached:
            self._host.emit(op.BEFORE, self._node, len(ids), *ids)


class SoleHole(Hole):
    """A hole that is all an element contains."""

    __slots__ = ()

    _code = op.CONTENT

    def _take_out(self, parts: Parts) -> None:
        self._host.emit(op.CLEAR, self._node)

    def _put_in(self, ids: list[int]) -> None:
        if ids:
            self._host.emit(op.APPEND, self._node, len(ids), *ids)


def show_once(host: Host, node: int, value: Any, *, sole: bool) -> Part | None:
    """Show a value that is not live, in the place of a hole; gives its part where it has one."""
    value = read_through(value)
    if isinstance(value, (Renderable, list, tuple, GeneratorType)):
        parts = build(host, value)
        ids = collect(parts)
        if sole and ids:
            host.emit(op.APPEND, node, len(ids), *ids)
        elif ids:
            host.emit(op.BEFORE, node, len(ids), *ids)
        return None if sole else Fixed([*parts, node])
    if value is not None and value is not True and value is not False and value != "":
        host.emit(op.CONTENT if sole else op.DATA, node, str(value))
    return None


class Fixed(Part):
    """Parts that stay as they are."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def collect(self, ids: list[int]) -> None:
        ids += collect(self._parts)
