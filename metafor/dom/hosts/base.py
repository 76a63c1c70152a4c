"""What a host is: the place where nodes live, driven by one buffer of operations.

On the Python side a node is an integer. Bindings append operations to :attr:`Host.ops`, a flat list
of codes and arguments; a commit hands over the whole buffer at once. In a page that is the single
crossing into JavaScript of the commit (ruling 37); the memory host walks the same list.

Operations, in the order of the codes below (ids are node ids, ``0`` is none):

==================  ==========================================================================
``TEMPLATE``        ``key, html, paths, space, fills, events``: register a template; ``paths`` leads
                    to its nodes, ``space`` is the namespace (``html``, ``svg``, ``math``). A fill is
                    ``[node, code, name]``: each clone comes with one value for it (``CONTENT``,
                    ``DATA``, ``ATTRIBUTE``). An event ``[node, key, slot]`` is listened to on each
                    clone, and reported as that of its ``base`` and ``slot``
``CLONE``           ``key, base, [value…]``: clone it; its nodes get the ids ``base``, ``base + 1``,
                    …; a value that is null fills nothing
``TEXT_NODE``       ``id, text``: create a text node
``APPEND``          ``parent, count, id…``: append nodes to an element
``BEFORE``          ``anchor, count, id…``: put nodes before a node that stands in the tree
``REMOVE``          ``count, id…``: take nodes out of the tree
``CLEAR``           ``id``: remove all children of an element
``DATA``            ``id, text``: the text of a text node
``CONTENT``         ``id, text``: the text of an element without other children
``ATTRIBUTE``       ``id, name, value``: set an attribute, or remove it (null)
``PROPERTY``        ``id, name, value``: set a DOM property
``CLASS``           ``id, name, on``: add or remove one class
``STYLE``           ``id, name, value``: set one style property, or remove it (null)
``LISTEN``          ``id, key``: report an event, as that of ``id`` and ``key``; replaces what the node
                    listens to under this key, the event's name with modifiers: ``click:once:prevent``
``UNLISTEN``        ``id, key``: report it no more, if it was
``FREE``            ``count, [base, size]…``: forget the ids; the last operation of a commit
``STYLESHEET``      ``css``: add a style sheet to the document
``PORTAL``          ``id, anchor``: events leave this element towards the anchor's parent
``EMPTY``           ``first, anchor``: take ``first`` and all behind it out of the tree, up to ``anchor``
==================  ==========================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from metafor.core import graph
from metafor.core.owner import Owner
from metafor.dom.events import Handler, call_handler

if TYPE_CHECKING:
    from metafor.dom.instance import Instance
    from metafor.dom.template import Template

__all__ = ["Host"]

TEMPLATE: Final = 0
CLONE: Final = 1
TEXT_NODE: Final = 2
APPEND: Final = 3
BEFORE: Final = 4
REMOVE: Final = 5
CLEAR: Final = 6
DATA: Final = 7
CONTENT: Final = 8
ATTRIBUTE: Final = 9
PROPERTY: Final = 10
CLASS: Final = 11
STYLE: Final = 12
LISTEN: Final = 13
FREE: Final = 14
STYLESHEET: Final = 15
PORTAL: Final = 16
UNLISTEN: Final = 17
EMPTY: Final = 18


class Host:
    """The part of a host that is the same everywhere: ids, the buffer, the handlers.

    A concrete host applies a buffer (:meth:`apply`), finds the place to mount (:meth:`target`) and
    gives access to a real node (:meth:`node`).
    """

    def __init__(self) -> None:
        #: The operations of the commit that is being prepared.
        self.ops: list[Any] = []
        #: How many buffers have been applied: one for each commit.
        self.commits = 0
        self._scheduled = False
        self._next_id = 1
        self._free: dict[int, list[int]] = {}
        self._freed: list[tuple[int, int]] = []
        self._mounts: dict[int, Callable[[], None]] = {}
        self._templates: dict[Template, int] = {}
        #: The handlers that nodes were given one by one, by node and event.
        self.handlers: dict[int, dict[str, Handler]] = {}
        #: Who is asked for a handler that stands in a template: its instance, by the first of its ids.
        self.instances: dict[int, Instance] = {}

    # -- ids -----------------------------------------------------------------------------------------

    def allocate(self, count: int) -> int:
        """Give the first of ``count`` consecutive ids; blocks that were freed are used again."""
        free = self._free.get(count)
        if free:
            return free.pop()
        base = self._next_id
        self._next_id = base + count
        return base

    def free(self, base: int, count: int) -> None:
        """Forget ``count`` ids from ``base`` on, and the handlers of their nodes."""
        self.instances.pop(base, None)
        handlers = self.handlers
        if handlers:
            for node in range(base, base + count):
                handlers.pop(node, None)
        if not self._scheduled:
            self._schedule()
        # Used again after the commit: while nodes leave, a browser still fires events at the old ones.
        self._freed.append((base, count))

    def dispose(self, roots: Iterable[Owner]) -> None:
        """Dispose trees one after the other; a host may release their memory when there is time."""
        graph.dispose_trees(roots)

    # -- operations ----------------------------------------------------------------------------------

    def emit(self, *operation: Any) -> None:
        """Append one operation; the first of a buffer schedules the commit. Only inside a batch."""
        if not self._scheduled:
            self._schedule()
        self.ops += operation

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            graph.schedule_commit(self.commit)

    def clone(self, template: Template, values: list[Any]) -> int:
        """Clone ``template`` and give the id of its first node; the rest follow.

        ``values`` has one for each of its fills. It is read when the commit comes: they may still change.
        """
        key = self._templates.get(template)
        if key is None:
            key = self._templates[template] = len(self._templates)
            self.emit(
                *(TEMPLATE, key, template.html, template.paths, template.space),
                *(template.fills, template.events),
            )
        # allocate() and emit() spelled out: this runs once for each row of a list.
        size = template.size
        free = self._free.get(size)
        if free:
            base = free.pop()
        else:
            base = self._next_id
            self._next_id = base + size
        if not self._scheduled:
            self._schedule()
        self.ops += (CLONE, key, base, values)
        return base

    def listen(self, node: int, event: str, handler: Handler) -> None:
        """Call ``handler`` for ``event`` on ``node`` until the node's id is freed.

        ``event`` may carry modifiers: ``click:once:prevent`` (capture, once, passive, prevent, stop; first:
        before the others of the node that are told at the document).
        """
        handlers = self.handlers.setdefault(node, {})
        if event not in handlers:
            self.emit(LISTEN, node, event)
        handlers[event] = handler

    def unlisten(self, node: int, event: str) -> None:
        """Call nobody for ``event`` on ``node`` any more, no handler of its template either."""
        self.handlers.get(node, {}).pop(event, None)
        self.emit(UNLISTEN, node, event)

    def dispatch(self, place: int, what: int | str, payload: Callable[[], Any]) -> None:
        """Run a handler, as one batch: that of a node and an event, or of an instance and a slot.

        ``payload`` gives the event; it is asked only for a handler that takes one.
        """
        if isinstance(what, str):
            handler = self.handlers.get(place, {}).get(what)
        else:
            instance = self.instances.get(place)
            handler = instance.handler(what) if instance is not None else None
        if handler is not None:
            call_handler(handler, payload)

    def commit(self) -> None:
        """Apply the buffer."""
        ops, self.ops = self.ops, []
        freed, self._freed = self._freed, []
        self._scheduled = False
        if freed:
            blocks = _joined(freed)
            ops += (FREE, len(blocks) // 2, *blocks)
        if ops:
            self.commits += 1
            try:
                self.apply(ops)
            finally:
                for base, count in freed:
                    self._free.setdefault(count, []).append(base)

    @property
    def body(self) -> Any:
        """The target that stands for the document's body."""
        return "body"

    # -- what a concrete host does -------------------------------------------------------------------

    def apply(self, ops: list[Any]) -> None:
        """Execute a buffer of operations."""
        raise NotImplementedError

    def target(self, target: Any) -> int:
        """Give the id of the element to mount into; MountError when there is none."""
        raise NotImplementedError

    def claim(self, node: int) -> int:
        """Note that an element is mounted into; gives the id it was claimed by before, or 0."""
        raise NotImplementedError

    def node(self, node: int) -> Any:
        """Give the real node behind an id, for a ``ref``."""
        raise NotImplementedError

    def space(self, node: int) -> str:
        """Give the namespace of what stands inside a node: ``html``, ``svg`` or ``math``."""
        return "html"

    def ready(self) -> None:
        """Say that a mount is complete: committed, and its ``on_mount`` callbacks called."""


def _joined(blocks: list[tuple[int, int]]) -> list[int]:
    """First id and size of each block, after those that lie side by side, as of rows, have become one."""
    joined: list[int] = []
    first, size = blocks[0]
    for base, count in blocks[1:]:
        if base + count == first:
            first = base
            size += count
        elif first + size == base:
            size += count
        else:
            joined += (first, size)
            first, size = base, count
    joined += (first, size)
    return joined
