"""Bindings of attributes: what keeps one up to date, refs, spread mappings, handlers."""

from __future__ import annotations

from collections.abc import Callable
from types import NoneType
from typing import TYPE_CHECKING, Any

from metafor.core import graph
from metafor.core.graph import Getter
from metafor.dom.attributes import ALIASES, read_through, set_attribute
from metafor.dom.components import component_path
from metafor.dom.content import Binding, is_live
from metafor.dom.errors import AttributeValueError
from metafor.dom.events import Late
from metafor.dom.hosts import base as op
from metafor.dom.hosts.base import Host

if TYPE_CHECKING:
    from metafor.dom.slots import AttributeSlot

__all__ = ["AttributeBinding", "bind_ref", "bind_spread", "handler_of"]


class AttributeBinding(Binding):
    """A live attribute: applies what its function gives when that has changed."""

    __slots__ = ("_host", "_node", "_shown", "_slot")

    def __init__(self, host: Host, node: int, slot: AttributeSlot, fn: Callable[[], Any], shown: Any) -> None:
        super().__init__(fn)
        self._host = host
        self._node = node
        self._slot = slot
        self._shown = shown

    def _show(self, value: Any) -> None:
        slot, last = self._slot, self._shown
        if slot.code is not None and (value is None or type(value) is str):
            # As nearly always: a text that is set as it is.
            if type(value) is not type(last) or value != last:
                self._shown = value
                # emit() spelled out: this runs for each attribute that changes.
                host = self._host
                if not host._scheduled:
                    host._schedule()
                host.ops += (op.ATTRIBUTE, self._node, slot.name, value)
            return
        value = read_through(value)
        # A field may have been typed into since: its value is always handed over and compared there.
        if (
            type(value) is type(last)
            and isinstance(value, (str, int, float, NoneType))
            and value == last
            and slot.name not in ("value", "checked")
        ):
            return
        self._shown = value
        slot.apply(self._host, self._node, slot.name, value)


def handler_of(name: str, value: Any) -> Any:
    """What is called for an event: ``value``, or None; AttributeValueError for what cannot be called."""
    if value is None or isinstance(value, Late) or (callable(value) and not isinstance(value, Getter)):
        return value
    if isinstance(value, Getter):
        return Late(value)
    component = component_path(graph.current_owner())
    raise AttributeValueError(
        f"{component}: on{name.partition(':')[0]} was given {value!r}, which cannot be called",
        next_step=f"give it a function: on{name}=@{{lambda: …}}",
    )


def bind_ref(host: Host, node: int, name: str, value: Any) -> None:
    """Call ``value`` with the DOM node when it is in the document."""
    if isinstance(value, Getter):  # a prop that hands the ref of a caller on
        value = value.peek()
    if value is None:
        return
    owner = graph.current_owner()

    def hand_over() -> None:
        if owner is None or not owner.disposed:
            try:
                graph.run_owned(owner, lambda: value(host.node(node)))
            except Exception as raised:
                graph.report_error(raised, owner)

    graph.schedule_mount(hand_over)


#: What turns text into a document: the author says so, never a mapping that came from elsewhere (ruling 31).
_AUTHORS_WORD = frozenset(("inner_html", "srcdoc"))


class _Spread(Binding):
    """Live attributes of a mapping; those that are gone are removed."""

    __slots__ = ("_host", "_node", "_set")

    def __init__(self, host: Host, node: int, fn: Callable[[], Any]) -> None:
        super().__init__(fn)
        self._host = host
        self._node = node
        self._set: dict[str, Any] = {}

    def _show(self, value: Any) -> None:
        attributes: dict[str, Any] = dict(read_through(value) or {})
        for name in attributes:
            if name.lower() in _AUTHORS_WORD:
                raise AttributeValueError(
                    f"{component_path(graph.current_owner())}: a spread mapping holds {name!r}",
                    next_step=f"write it as an attribute, so that it is your word: {name}=@{{…}}",
                )
        for name, item in attributes.items():
            event = _event_of(name)
            if event:
                self._listen(event, item)
            else:
                set_attribute(self._host, self._node, ALIASES.get(name, name), read_through(item))
        for gone in self._set.keys() - attributes.keys():
            event = _event_of(gone)
            if event:
                self._host.unlisten(self._node, event)
            else:
                set_attribute(self._host, self._node, ALIASES.get(gone, gone), None)
        self._set = attributes

    def _listen(self, event: str, value: Any) -> None:
        handler = handler_of(event, value)
        if handler is None:
            self._host.unlisten(self._node, event)
        else:
            self._host.listen(self._node, event, (handler, graph.current_owner()))


def _event_of(name: str) -> str:
    """The event that an attribute of a spread stands for; HTML does not mind the case of names."""
    name = name.lower()
    return name[2:] if name.startswith("on") else ""


def bind_spread(host: Host, node: int, name: str, value: Any) -> None:
    """Set the attributes and handlers of a mapping."""
    graph.start_binding(_Spread(host, node, value if is_live(value) else lambda: value))
