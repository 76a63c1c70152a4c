"""One insertion of markup: the nodes of a cloned template, and what is bound to them.

Most of what a template's slots hold never changes. A function is therefore tried first
(:mod:`metafor.core.trial`), and what it shows goes into the clone itself: one operation makes the nodes
with their texts and attributes. Only a slot whose function reads something gets a binding.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import FunctionType
from typing import TYPE_CHECKING, Any

from metafor.core import graph
from metafor.core.graph import Given, Trial
from metafor.core.owner import Owner
from metafor.dom.content import Part
from metafor.dom.events import Handler
from metafor.dom.hosts import base as op
from metafor.dom.hosts.base import Host

if TYPE_CHECKING:
    from metafor.dom.slots import LiveSlot, Slot
    from metafor.dom.template import Template

__all__ = ["Instance"]


class Instance(Owner, Part):
    """Owns its node ids and its bindings. Below the current owner, unless ``parent`` is given."""

    __slots__ = ("_values", "base", "filled", "filling", "host", "leaning", "live_roots", "template")

    def __init__(self, host: Host, parent: Owner | None = None) -> None:
        if parent is None:
            parent = graph.current_owner()
        # Owner.__init__ spelled out: this runs once for each row of a list.
        self.parent = parent
        self.name = None
        self.disposed = False
        self._last = self._prev = self._next = self._cleanups = self._context = None
        if parent is not None and not parent.disposed:
            last = parent._last
            if last is not None:
                self._prev = last
                last._next = self
            parent._last = self
        self.host = host
        self.template: Template | None = None
        #: Root nodes that are anchors, and the part that stands there.
        self.live_roots: dict[int, Part] | None = None
        #: Slots without a binding whose functions read what was given.
        self.leaning: list[LiveSlot] | None = None

    def fill(self, template: Template, values: tuple[Any, ...], given: Given[Any] | None = None) -> None:
        """Clone ``template`` and bind ``values``, one for each slot; this instance is the current owner.

        ``given`` is a signal that its functions may read without a binding: whoever renews it calls
        :meth:`refresh`.
        """
        self.template = template
        self._values = values
        #: What the clone is filled with, and so what slots without a binding show.
        self.filling: list[Any] = template.blank.copy()
        #: Whether the first values are there.
        self.filled = False
        self.base = self.host.clone(template, self.filling)
        try:
            if template.handlers:
                # The host asks for handlers when events come.
                self.host.instances[self.base] = self
                for position in template.handlers:
                    if type(values[position]) is not FunctionType:
                        self._unlisten_to_none(template, values)
                        break
            self._run(template.slots, given)
        finally:
            self.filled = True

    def refresh(self, given: Given[Any]) -> None:
        """Show what became of ``given`` in the slots that have no binding of their own."""
        leaning, self.leaning = self.leaning, None
        if leaning:
            outer = graph.swap_owner(self)
            try:
                self._run(leaning, given)
            finally:
                graph.swap_owner(outer)

    def _run(self, slots: Iterable[Slot], given: Given[Any] | None) -> None:
        values = self._values
        trial: Trial | None = None
        try:
            for slot in slots:
                value = values[slot.position]
                # The function in a slot is nearly always that of the last instance, with other variables.
                if (type(value) is FunctionType and value.__code__ is slot.live_code) or slot.is_live(value):
                    if trial is None:
                        trial = Trial.begin(self, given)
                    trial = slot.try_out(self, value, trial)
                else:
                    if trial is not None:
                        trial.end()
                        trial = None
                    slot.bind(self, value)
        finally:
            if trial is not None:
                trial.end()

    # -- events --------------------------------------------------------------------------------------

    def _unlisten_to_none(self, template: Template, values: tuple[Any, ...]) -> None:
        """A slot that holds no handler does not listen."""
        for slot in template.handlers.values():
            if slot.handler(values) is None:
                self.host.emit(op.UNLISTEN, self.base + slot.node, slot.name)

    def handler(self, position: int) -> Handler | None:
        """The handler in the slot at ``position``."""
        fn = self._values[position]
        if type(fn) is not FunctionType:
            assert self.template is not None
            fn = self.template.handlers[position].handler(self._values)
        return None if fn is None else (fn, self)

    # -- the tree ------------------------------------------------------------------------------------

    def stand_in(self, node: int, part: Part) -> None:
        """Note what stands at an anchor, if it is one of the top-level nodes."""
        assert self.template is not None
        if node - self.base in self.template.roots:
            if self.live_roots is None:
                self.live_roots = {}
            self.live_roots[node - self.base] = part

    def collect(self, ids: list[int]) -> None:
        assert self.template is not None
        base, live = self.base, self.live_roots
        for index in self.template.roots:
            part = live.get(index) if live is not None else None
            if part is None:
                ids.append(base + index)
            else:
                part.collect(ids)

    def _release(self) -> None:
        if self.template is not None:
            self.host.free(self.base, self.template.size)
