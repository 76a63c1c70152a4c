"""Templates: static markup that is cloned in one operation, with holes that are bound.

The compiler writes one :class:`Template` for each piece of markup, at module level, and a call of it
where the markup stands. The call gives :class:`Markup`, a factory; an
:class:`~metafor.dom.instance.Instance` is what one insertion of it made.
"""

from __future__ import annotations

from typing import Any

from metafor.core import graph
from metafor.core.graph import Given
from metafor.dom.content import Part, Renderable
from metafor.dom.foreign import AROUND, current_space
from metafor.dom.hosts.base import Host
from metafor.dom.instance import Instance
from metafor.dom.slots import EventSlot, Slot, make_slot
from metafor.dom.wholes import find_merges

__all__ = ["Markup", "Template"]

SlotText = tuple[int, str, str]


class Template:
    """Static HTML, the paths to its nodes that matter, and what is bound to them.

    Takes ``html``; ``nodes``, a path of child indexes for each node that gets an id, in document
    order; ``slots``, (index of node, kind, name) for each value; ``roots``, the indexes of the
    top-level nodes; ``space``, their namespace (``html``, ``svg``, ``math``, or ``around``). The name of
    a slot for content is the namespace of its place, where that is another. Calling the template with
    one value for each slot gives :class:`Markup`.
    """

    __slots__ = (
        "_merges",
        "_variants",
        "blank",
        "events",
        "fills",
        "handlers",
        "html",
        "paths",
        "roots",
        "size",
        "slots",
        "space",
    )

    def __init__(
        self,
        html: str,
        nodes: tuple[tuple[int, ...], ...],
        slots: tuple[SlotText, ...],
        roots: tuple[int, ...],
        space: str = "html",
    ) -> None:
        self.html = html
        self.space = space
        self.size = len(nodes)
        self.paths = nodes
        self.roots = roots
        self._variants: dict[str, Template] = {}
        self._merges = find_merges(slots)
        self._arrange(slots)

    def _arrange(self, slots: tuple[SlotText, ...]) -> None:
        spread = {node for node, kind, _ in slots if kind == "spread"}
        merged = {position for merge in self._merges for position, _ in merge.parts}
        #: What a clone is filled with: index of the node, operation, name.
        self.fills: list[tuple[int, int, str]] = []
        #: The events that each clone listens to: index of the node, key, position of the handler.
        self.events: list[tuple[int, str, int]] = []
        #: The slots of these, by position.
        self.handlers: dict[int, EventSlot] = {}
        #: What is bound, in order.
        self.slots: list[Slot] = []
        for position, (node, kind, name) in enumerate(slots):
            if position in merged:
                continue
            slot = make_slot(position, node, kind, name, is_spread=node in spread)
            if isinstance(slot, EventSlot):
                self.events.append((node, name, position))
                self.handlers[position] = slot
                continue
            if slot.code is not None:
                slot.fill = len(self.fills)
                self.fills.append((node, slot.code, slot.name))
            self.slots.append(slot)
        #: The values of a clone that is filled with nothing.
        self.blank: list[Any] = [None] * len(self.fills)

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
            variant = self._variants[space] = Template(self.html, self.paths, (), self.roots, space)
            variant._merges = self._merges
            for name in ("blank", "events", "fills", "handlers", "slots"):
                setattr(variant, name, getattr(self, name))
        return variant


class Markup(Renderable):
    """Markup as a value: a template and the values of its holes, ready to be inserted any number of times."""

    __slots__ = ("template", "values")

    def __init__(self, template: Template, values: tuple[Any, ...]) -> None:
        self.template = template
        self.values = values

    def instantiate(self, host: Host) -> Part:
        """Clone the template and bind its holes, owned by the current owner."""
        instance = Instance(host)
        outer = graph.swap_owner(instance)
        try:
            self.fill(instance)
        finally:
            graph.swap_owner(outer)
        return instance

    def fill(self, instance: Instance, given: Given[Any] | None = None) -> None:
        """Make the nodes of ``instance``, the current owner; ``given`` as in :meth:`Instance.fill`."""
        instance.fill(self.template, self.values, given)


class _MarkupAround(Markup):
    """Markup of which only the place can say whether it is HTML or SVG."""

    __slots__ = ()

    def fill(self, instance: Instance, given: Given[Any] | None = None) -> None:
        instance.fill(self.template.in_space(current_space()), self.values, given)
