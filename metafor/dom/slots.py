"""The slots of a template: what is bound to a node, and how its first value gets there.

A slot is shared by all instances of its template and holds nothing of any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from metafor.core import graph
from metafor.core.graph import Getter, Signal, Trial
from metafor.dom.attributes import (
    ALIASES,
    is_plain,
    set_attribute,
    set_class,
    set_property,
    set_style,
)
from metafor.dom.bind import bind_field
from metafor.dom.bindings import AttributeBinding, bind_ref, bind_spread, handler_of
from metafor.dom.content import AnchoredHole, Binding, Hole, SoleHole, is_live, show_once
from metafor.dom.foreign import inside
from metafor.dom.hosts import base as op
from metafor.dom.hosts.base import Host

if TYPE_CHECKING:
    from metafor.dom.instance import Instance

__all__ = ["EventSlot", "LiveSlot", "Slot", "make_slot"]

NOTHING: Any = object()

_NUMBERS = frozenset((int, float))
_TEXTS = frozenset((str, int))
_SCALARS = frozenset((str, int, float, bool, type(None)))


def make_slot(position: int, node: int, kind: str, name: str, *, is_spread: bool) -> Slot:
    """The slot of one value; ``is_spread`` says whether its node has a spread mapping, too."""
    name = ALIASES.get(name, name)
    if kind in ("child", "only"):
        if name:
            return InnerSlot(position, node, name, is_sole=kind == "only")
        return (SoleSlot if kind == "only" else AnchoredSlot)(position, node, name)
    if kind == "on":
        return EventSlot(position, node, name)
    if kind in _APPLY:
        code = op.ATTRIBUTE if kind == "attr" and is_plain(name) and not is_spread else None
        return AttributeSlot(position, node, name, code, _APPLY[kind])
    return OtherSlot(position, node, name, _BINDERS[kind])


class Slot:
    """The place of one value: ``position`` among the values, ``node``, an index of the template, ``name``."""

    __slots__ = ("code", "fill", "live_code", "name", "node", "position")

    def __init__(self, position: int, node: int, name: str, code: int | None = None) -> None:
        self.position = position
        self.node = node
        self.name = name
        #: The operation that shows a text, where a clone can come with it; else None.
        self.code = code
        #: The position of that text among those that a clone is filled with.
        self.fill = -1
        #: The code of a function that was live here.
        self.live_code: CodeType | None = None

    def is_live(self, value: Any) -> bool:
        """Whether ``value`` is a function or getter to be called, again whenever what it reads changes."""
        return False

    def bind(self, instance: Instance, value: Any) -> None:
        """Bind a value that is not live, with ``instance`` as current owner."""
        raise NotImplementedError

    def try_out(self, instance: Instance, fn: Callable[[], Any], trial: Trial) -> Trial:
        """Show what ``fn`` gives, in a trial; gives the trial to go on with."""
        raise NotImplementedError


class LiveSlot(Slot):
    """A slot that shows values, live ones too."""

    __slots__ = ()

    def is_live(self, value: Any) -> bool:
        if not is_live(value):
            return False
        if type(value) is FunctionType and not value.__code__.co_argcount:
            self.live_code = value.__code__
        return True

    def try_out(self, instance: Instance, fn: Callable[[], Any], trial: Trial) -> Trial:
        try:
            value = fn()
            if type(value) not in _TEXTS:
                # A function that only names a getter: that is what is bound.
                while value is not fn and isinstance(value, Getter):
                    if type(value) is Signal:
                        if not trial.only_reads(value):
                            break
                        fn = value
                        value = value._value
                    elif trial.is_untouched():
                        fn = value
                        value = fn()
                    else:
                        break
            is_shown = self.show(instance, value)
        except (Exception, graph.Pending) as raised:
            binding: Binding = self._binding(instance, fn)
            trial = trial.hand_over(binding)
            binding.fail(raised)
            return trial
        if not is_shown:
            binding = self._binding(instance, fn)
            return binding.take_over(trial, value)
        # Asked here first: most functions read and made nothing.
        if (trial._fresh or trial._last is not None or trial.kept) and trial.needs_binding():
            return trial.hand_over(self._binding(instance, fn, value))
        if trial.used_given:
            trial.used_given = False
            if instance.leaning is None:
                instance.leaning = []
            instance.leaning.append(self)
        return trial

    def show(self, instance: Instance, value: Any) -> bool:
        """Show a value without further ado, and give True; False for one that needs a binding."""
        raise NotImplementedError

    def _binding(self, instance: Instance, fn: Callable[[], Any], shown: Any = NOTHING) -> Binding:
        """The binding of ``fn`` below ``instance``; ``shown`` is what it gave, if that is on the page."""
        raise NotImplementedError


class ContentSlot(LiveSlot):
    """What stands in an element."""

    __slots__ = ()

    def bind(self, instance: Instance, value: Any) -> None:
        if not self.show(instance, value):
            part = show_once(instance.host, instance.base + self.node, value, sole=self.code == op.CONTENT)
            if part is not None:
                instance.stand_in(instance.base + self.node, part)

    def show(self, instance: Instance, value: Any) -> bool:
        if type(value) is not str:
            if type(value) in _NUMBERS:
                value = str(value)
            elif value is None or value is True or value is False:
                value = ""
            else:
                return False
        filling, fill = instance.filling, self.fill
        if not instance.filled:
            filling[fill] = value or None
        elif value != (filling[fill] or ""):
            filling[fill] = value
            instance.host.emit(self.code, instance.base + self.node, value)
        return True


class SoleSlot(ContentSlot):
    """All that an element contains."""

    __slots__ = ()

    def __init__(self, position: int, node: int, name: str) -> None:
        super().__init__(position, node, name, op.CONTENT)

    def _binding(self, instance: Instance, fn: Callable[[], Any], shown: Any = NOTHING) -> Hole:
        hole = SoleHole(instance.host, instance.base + self.node, fn)
        hole._text = instance.filling[self.fill] or ""
        return hole


class AnchoredSlot(ContentSlot):
    """Content among siblings; a text node marks the place, and holds a text itself."""

    __slots__ = ()

    def __init__(self, position: int, node: int, name: str) -> None:
        super().__init__(position, node, name, op.DATA)

    def _binding(self, instance: Instance, fn: Callable[[], Any], shown: Any = NOTHING) -> Hole:
        node = instance.base + self.node
        hole = AnchoredHole(instance.host, node, fn, attached=True)
        hole._text = instance.filling[self.fill] or ""
        instance.stand_in(node, hole)
        return hole


class InnerSlot(Slot):
    """Content in a place of another namespace, which everything below it must know."""

    __slots__ = ("_is_sole",)

    def __init__(self, position: int, node: int, name: str, *, is_sole: bool) -> None:
        super().__init__(position, node, name)
        self._is_sole = is_sole

    def bind(self, instance: Instance, value: Any) -> None:
        inside(self.name, lambda: self._bind(instance, value))

    def _bind(self, instance: Instance, value: Any) -> None:
        host, node = instance.host, instance.base + self.node
        if not is_live(value):
            part = show_once(host, node, value, sole=self._is_sole)
            if part is not None:
                instance.stand_in(node, part)
        elif self._is_sole:
            SoleHole(host, node, value).start()
        else:
            hole = AnchoredHole(host, node, value, attached=True)
            hole.start()
            instance.stand_in(node, hole)


class AttributeSlot(LiveSlot):
    """An attribute, a property, or part of a ``class`` or ``style``."""

    __slots__ = ("apply",)

    def __init__(
        self,
        position: int,
        node: int,
        name: str,
        code: int | None,
        apply: Callable[[Host, int, str, Any], None],
    ) -> None:
        super().__init__(position, node, name, code)
        #: What sets it.
        self.apply = apply

    def bind(self, instance: Instance, value: Any) -> None:
        if not self.show(instance, value):
            self.apply(instance.host, instance.base + self.node, self.name, value)

    def show(self, instance: Instance, value: Any) -> bool:
        if type(value) not in _SCALARS:
            return False
        if self.code is not None:
            filling, fill = instance.filling, self.fill
            text = value if type(value) is str else None
            if not instance.filled and (text is not None or value is None):
                filling[fill] = text
                return True
            if instance.filled and text is not None and text == filling[fill]:
                return True
            filling[fill] = text
        self.apply(instance.host, instance.base + self.node, self.name, value)
        return True

    def _binding(self, instance: Instance, fn: Callable[[], Any], shown: Any = NOTHING) -> AttributeBinding:
        return AttributeBinding(instance.host, instance.base + self.node, self, fn, shown)


class EventSlot(Slot):
    """A handler; the template listens, and the instance is asked when an event comes."""

    __slots__ = ()

    def handler(self, values: Sequence[Any]) -> Any:
        """The handler among ``values``, or None; AttributeValueError for what cannot be called."""
        value = values[self.position]
        return value if type(value) is FunctionType else handler_of(self.name, value)


class OtherSlot(Slot):
    """A ref, a field's signal, a spread: bound once, by a function of its own."""

    __slots__ = ("_binder",)

    def __init__(
        self, position: int, node: int, name: str, binder: Callable[[Host, int, str, Any], None]
    ) -> None:
        super().__init__(position, node, name)
        self._binder = binder

    def bind(self, instance: Instance, value: Any) -> None:
        self._binder(instance.host, instance.base + self.node, self.name, value)


_APPLY: dict[str, Callable[[Host, int, str, Any], None]] = {
    "attr": set_attribute,
    "class": set_class,
    "style": set_style,
    "prop": set_property,
}
_BINDERS: dict[str, Callable[[Host, int, str, Any], None]] = {
    "ref": bind_ref,
    "bind": bind_field,
    "spread": bind_spread,
}
