"""``bind:value``, ``bind:checked``, ``bind:group``, ``bind:files``: a field and a signal, tied both ways.

A field follows its signal, and writes what a person does with it. When the setter has returned, the field
shows what the getter gives then: a setter that cleans up, or refuses, is obeyed. What the page does so
that the caret stays, a composition is not disturbed, and options may arrive late, is in
``hosts/kernel/fields.js``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metafor.core import graph
from metafor.core.graph import Getter
from metafor.dom.attributes import field_text
from metafor.dom.components import component_path
from metafor.dom.content import Binding, is_live
from metafor.dom.errors import AttributeValueError
from metafor.dom.hosts import base as op
from metafor.dom.hosts.base import Host

__all__ = ["bind_field", "group_of"]

#: What the page fires at each field of a form that was reset.
_RESET = "metafor-reset"


def bind_field(host: Host, node: int, name: str, value: Any) -> None:
    """Tie a field to ``(get, set)``; ``name`` says by which property.

    ========  =========================================================================================
    value     text; None or a number of ``type="number"`` and ``"range"``; None or a ``datetime.date``,
              ``time`` or ``datetime`` of ``type="date"``, ``"time"`` and ``"datetime-local"``; of a
              ``<select>`` the value of its option, of a ``<select multiple>`` a list of them
    checked   whether a box is checked
    group     of radios: the value of the one that is chosen; of boxes: a list of those that are checked
    files     the chosen files, as a list; only an empty one can be written, which clears the field
    ========  =========================================================================================
    """
    own = None
    if isinstance(value, _Grouped):
        value, own = value.pair, value.own
    getter, setter = _pair(name, value)
    field: _Field = _KINDS[name](host, node, getter, setter, own)
    owner = graph.current_owner()
    # The handlers of the markup are called as well, and find what the field took.
    for event in (field.event, _RESET):
        host.listen(node, f"{event}:first", (field.take, owner))
    graph.start_binding(field)


def _pair(name: str, value: Any) -> tuple[Callable[[], Any], Callable[[Any], Any]]:
    pair = value.peek() if isinstance(value, Getter) else value
    if isinstance(pair, (tuple, list)) and len(pair) == 2 and all(map(callable, pair)):
        return pair[0], pair[1]
    raise AttributeValueError(
        f"{component_path(graph.current_owner())}: bind:{name} was given {pair!r}",
        next_step=f"give it a getter and a setter: bind:{name}=@{{(get, set)}}",
    )


class _Field(Binding):
    """Shows what the getter gives, whenever that changes; takes what the field holds, when it does."""

    __slots__ = ("_host", "_node", "_own", "_setter")

    event = "change"

    def __init__(
        self,
        host: Host,
        node: int,
        getter: Callable[[], Any],
        setter: Callable[[Any], Any],
        own: Any,
    ) -> None:
        super().__init__(getter)
        self._host = host
        self._node = node
        self._setter = setter
        self._own = own

    def _show(self, value: Any) -> None:
        """Write ``value`` to the field."""
        raise NotImplementedError

    def read(self, field: Any) -> Any:
        """What the field holds."""
        raise NotImplementedError

    def take(self, event: Any) -> Any:
        """Hand what the field holds to the setter, then show what the signal made of it."""
        taken = self.read(event.currentTarget)
        result = self._setter(taken)
        # A setter that goes on later (a coroutine, a task) has not said yet what is to be shown.
        if result is None and not self.disposed:
            now = self._now()
            if not self.is_shown(now, taken):
                self._show(now)
        return result

    def is_shown(self, value: Any, taken: Any) -> bool:
        """Whether a field that holds ``taken`` shows ``value``."""
        return bool(value == taken)

    def _now(self) -> Any:
        return _read(self._fn)


class _Value(_Field):
    __slots__ = ()

    event = "input"

    def _show(self, value: Any) -> None:
        self._host.emit(op.PROPERTY, self._node, "value", field_text(_read(value)))

    def read(self, field: Any) -> Any:
        kind = field.type
        if kind == "select-multiple":
            return [option.value for option in field.selectedOptions]
        text = field.value
        if kind in ("number", "range"):
            return _number(text)
        if kind in ("date", "time", "datetime-local"):
            return _moment(kind, text)
        return text

    def is_shown(self, value: Any, taken: Any) -> bool:
        return bool(value == taken or field_text(value) == field_text(taken))


class _Checked(_Field):
    __slots__ = ()

    def _show(self, value: Any) -> None:
        self._host.emit(op.PROPERTY, self._node, "checked", bool(_read(value)))

    def read(self, field: Any) -> Any:
        return bool(field.checked)


class _Group(_Field):
    """One of several radios or boxes. ``own`` is the value that it stands for."""

    __slots__ = ()

    def _show(self, value: Any) -> None:
        value, own = _read(value), _read(self._own)
        on = own in value if isinstance(value, (list, tuple, set, frozenset)) else own == value
        self._host.emit(op.PROPERTY, self._node, "checked", on)

    def read(self, field: Any) -> Any:
        own, before = graph.run_tracking(lambda: _read(self._own), False), self._now()
        if field.type == "radio":
            return own if field.checked else before
        kept = [one for one in before or () if one != own]
        if field.checked:
            kept.append(own)
        return type(before)(kept) if isinstance(before, (tuple, set, frozenset)) else kept


class _Files(_Field):
    __slots__ = ()

    def _show(self, value: Any) -> None:
        if not _read(value):
            self._host.emit(op.PROPERTY, self._node, "value", "")

    def read(self, field: Any) -> Any:
        return list(field.files)

    def is_shown(self, value: Any, taken: Any) -> bool:
        return bool(value or not taken)


_KINDS: dict[str, Any] = {"value": _Value, "checked": _Checked, "group": _Group, "files": _Files}


class _Grouped:
    """What ``bind:group`` is given, and the value of the field that it stands on."""

    __slots__ = ("own", "pair")

    def __init__(self, pair: Any, own: Any) -> None:
        self.pair = pair
        self.own = own


def group_of(pair: Any, own: Any) -> _Grouped:
    """The value of a ``bind:group`` slot: the pair, and the field's own ``value``."""
    return _Grouped(pair, own)


def _read(value: Any) -> Any:
    while is_live(value):
        value = value()
    return value


def _number(text: str) -> int | float | None:
    """What a number field holds: an int where it was written as one; None for nothing, or no number."""
    try:
        return int(text) if text.removeprefix("-").isdecimal() else float(text)
    except ValueError:
        return None


def _moment(kind: str, text: str) -> Any:
    import datetime

    types = {"date": datetime.date, "time": datetime.time, "datetime-local": datetime.datetime}
    try:
        return types[kind].fromisoformat(text)  # type: ignore[attr-defined]
    except ValueError:
        return None
