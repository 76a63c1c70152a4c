"""Templates: static markup that is cloned in one operation, with holes that are bound.

The compiler writes one :class:`Template` for each piece of markup, at module level, and a call of it
where the markup stands. The call gives :class:`Markup`, a factory; an :class:`Instance` is what one
insertion of it made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metafor.core import graph
from metafor.core.graph import Getter, RenderEffect
from metafor.core.owner import Owner
from metafor.dom.attributes import (
    ALIASES,
    read_through,
    set_attribute,
    set_class,
    set_property,
    set_style,
)
from metafor.dom.bind import bind_field
from metafor.dom.components import component_path
from metafor.dom.content import AnchoredHole, Part, Renderable, SoleHole, is_live, show_once
from metafor.dom.errors import AttributeValueError
from metafor.dom.events import Late
from metafor.dom.foreign import AROUND, current_space, inside
from metafor.dom.hosts.base import Host
from metafor.dom.wholes import find_merges

__all__ = ["Instance", "Markup", "Template"]

Slot = tuple[int, str, str]


class Template:
    """Static HTML, the paths to its nodes that matter, and what is bound to them.

    Takes ``html``; ``nodes``, a path of child indexes for each node that gets an id, in document
    order; ``slots``, (index of node, kind, name) for each value; ``roots``, the indexes of the
    top-level nodes; ``space``, their namespace (``html``, ``svg``, ``math``, or ``around``). The name of
    a slot for content is the namespace of its place, where that is another. Calling the template with
    one value for each slot gives :class:`Markup`.
    """

    __slots__ = ("_binders", "_merges", "_variants", "html", "paths", "roots", "size", "slots", "space")

    def __init__(
        self,
        html: str,
        nodes: tuple[tuple[int, ...], ...],
        slots: tuple[Slot, ...],
        roots: tuple[int, ...],
        space: str = "html",
    ) -> None:
        self.html = html
        self.space = space
        self.size = len(nodes)
        self.paths = [list(path) for path in nodes]
        self.slots = slots
        self.roots = roots
        self._binders = [(index, _binder(kind, name), ALIASES.get(name, name)) for index, kind, name in slots]
        self._variants: dict[str, Template] = {}
        self._merges = find_merges(slots)
        for merge in self._merges:
            for position, name in merge.parts:
                self._binders[position] = (self.slots[position][0], _bind_nothing, name)

    def __call__(self, *values: Any) -> Markup:
        if self._merges:
            merged = list(values)
            for merge in self._merges:
                merged[merge.whole] = merge.value(values)
            values = tuple(merged)
        return Markup(self, values) if self.space != AROUND else _MarkupAround(self, values)

    def in_space(self, space: str) -> Template:
        """This template, whose namespace is said by the place, for one place."""
        variant = self._variants.get(space)
        if variant is None:
            variant = Template(self.html, tuple(map(tuple, self.paths)), self.slots, self.roots, space)
            self._variants[space] = variant
        return variant


class Markup(Renderable):
    """Markup as a value: a template and the values of its holes, ready to be inserted any number of times."""

    __slots__ = ("_template", "_values")

    def __init__(self, template: Template, values: tuple[Any, ...]) -> None:
        self._template = template
        self._values = values

    def instantiate(self, host: Host) -> Part:
        """Clone the template and bind its holes, owned by the current owner."""
        return Instance(host, self._template, self._values)


class _MarkupAround(Markup):
    """Markup of which only the place can say whether it is HTML or SVG."""

    __slots__ = ()

    def instantiate(self, host: Host) -> Part:
        return Instance(host, self._template.in_space(current_space()), self._values)


class Instance(Owner, Part):
    """One insertion of markup: owns its node ids and its bindings."""

    __slots__ = ("_base", "_host", "_live_roots", "_template")

    def __init__(self, host: Host, template: Template, values: tuple[Any, ...]) -> None:
        parent = graph.current_owner()
        super().__init__(parent)
        if parent is not None and not parent.disposed:
            parent._adopt(self)
        self._host = host
        self._template = template
        self._base = base = host.clone(template)
        #: Root nodes that are anchors, and the part that stands there.
        self._live_roots: dict[int, Part] | None = None
        if values:
            outer = graph.swap_owner(self)
            try:
                self._bind(base, values)
            finally:
                graph.swap_owner(outer)

    def _bind(self, base: int, values: tuple[Any, ...]) -> None:
        host = self._host
        for (index, bind, name), value in zip(self._template._binders, values, strict=True):
            part = bind(host, base + index, name, value)
            if part is not None and index in self._template.roots:
                if self._live_roots is None:
                    self._live_roots = {}
                self._live_roots[index] = part

    def collect(self, ids: list[int]) -> None:
        base, live = self._base, self._live_roots
        if live is None:
            ids += [base + index for index in self._template.roots]
            return
        for index in self._template.roots:
            part = live.get(index)
            if part is None:
                ids.append(base + index)
            else:
                part.collect(ids)

    def _release(self) -> None:
        self._host.free(self._base, self._template.size)


# -- bindings --------------------------------------------------------------------------------------


class _Binding(RenderEffect):
    """A live attribute: applies what its function gives when that has changed."""

    __slots__ = ("_apply", "_host", "_name", "_node", "_shown")

    def __init__(
        self,
        host: Host,
        node: int,
        name: str,
        fn: Callable[[], Any],
        apply: Callable[[Host, int, str, Any], None],
    ) -> None:
        super().__init__(fn)
        self._host = host
        self._node = node
        self._name = name
        self._apply = apply
        self._shown: Any = self

    def _recompute(self) -> None:
        try:
            graph.execute(self, self._show)
        except Exception as raised:
            graph.report_error(raised, self)
        except graph.Pending as pending:
            graph.suspend(self, pending)
        finally:
            self._settle_state()

    def _show(self, value: Any) -> None:
        value = read_through(value)
        last = self._shown
        # A field may have been typed into since: its value is always handed over and compared there.
        if (
            type(value) is type(last)
            and isinstance(value, (str, int, float))
            and value == last
            and self._name not in ("value", "checked")
        ):
            return
        self._shown = value
        self._apply(self._host, self._node, self._name, value)


def _bind_with(
    apply: Callable[[Host, int, str, Any], None],
) -> Callable[[Host, int, str, Any], Part | None]:
    def bind(host: Host, node: int, name: str, value: Any) -> None:
        if is_live(value):
            graph.start_binding(_Binding(host, node, name, value, apply))
        else:
            apply(host, node, name, value)

    return bind


def _bind_nothing(host: Host, node: int, name: str, value: Any) -> None:
    """The value goes into another slot."""


def _bind_child(host: Host, node: int, name: str, value: Any) -> Part | None:
    if is_live(value):
        hole = AnchoredHole(host, node, value, attached=True)
        hole.start()
        return hole
    return show_once(host, node, value, sole=False)


def _bind_sole(host: Host, node: int, name: str, value: Any) -> Part | None:
    if is_live(value):
        SoleHole(host, node, value).start()
        return None
    return show_once(host, node, value, sole=True)


def _bind_event(host: Host, node: int, name: str, value: Any) -> None:
    value = _handler(name, value)
    if value is None:
        host.unlisten(node, name)
    else:
        host.listen(node, name, (value, graph.current_owner()))


def _handler(name: str, value: Any) -> Any:
    if value is None or isinstance(value, Late) or (callable(value) and not isinstance(value, Getter)):
        return value
    if isinstance(value, Getter):
        return Late(value)
    component = component_path(graph.current_owner())
    raise AttributeValueError(
        f"{component}: on{name.partition(':')[0]} was given {value!r}, which cannot be called",
        next_step=f"give it a function: on{name}=@{{lambda: …}}",
    )


def _bind_ref(host: Host, node: int, name: str, value: Any) -> None:
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


class _Spread(RenderEffect):
    """Live attributes of a mapping; those that are gone are removed."""

    __slots__ = ("_host", "_node", "_set")

    def __init__(self, host: Host, node: int, fn: Callable[[], Any]) -> None:
        super().__init__(fn)
        self._host = host
        self._node = node
        self._set: dict[str, Any] = {}

    def _recompute(self) -> None:
        try:
            graph.execute(self, self._show)
        except Exception as raised:
            graph.report_error(raised, self)
        except graph.Pending as pending:
            graph.suspend(self, pending)
        finally:
            self._settle_state()

    def _show(self, value: Any) -> None:
        attributes: dict[str, Any] = dict(read_through(value) or {})
        for name, item in attributes.items():
            event = _event_of(name)
            if event:
                _bind_event(self._host, self._node, event, item)
            elif name.lower() in _AUTHORS_WORD:
                raise AttributeValueError(
                    f"{component_path(graph.current_owner())}: a spread mapping holds {name!r}",
                    next_step=f"write it as an attribute, so that it is your word: {name}=@{{…}}",
                )
            else:
                set_attribute(self._host, self._node, ALIASES.get(name, name), read_through(item))
        for gone in self._set.keys() - attributes.keys():
            event = _event_of(gone)
            if event:
                self._host.unlisten(self._node, event)
            else:
                set_attribute(self._host, self._node, ALIASES.get(gone, gone), None)
        self._set = attributes


def _event_of(name: str) -> str:
    """The event that an attribute of a spread stands for; HTML does not mind the case of names."""
    name = name.lower()
    return name[2:] if name.startswith("on") else ""


def _bind_spread(host: Host, node: int, name: str, value: Any) -> None:
    graph.start_binding(_Spread(host, node, value if is_live(value) else lambda: value))


_BINDERS: dict[str, Callable[[Host, int, str, Any], Part | None]] = {
    "child": _bind_child,
    "only": _bind_sole,
    "attr": _bind_with(set_attribute),
    "class": _bind_with(set_class),
    "style": _bind_with(set_style),
    "on": _bind_event,
    "ref": _bind_ref,
    "bind": bind_field,
    "prop": _bind_with(set_property),
    "spread": _bind_spread,
}


def _binder(kind: str, name: str) -> Callable[[Host, int, str, Any], Part | None]:
    bind = _BINDERS[kind]
    return inside(name, bind) if name and kind in ("child", "only") else bind
