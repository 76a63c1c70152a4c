"""``<Switch fallback><Match when>…``: the first branch whose condition is true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metafor.core import graph
from metafor.core.context import Context, create_context, provide_context, use_context
from metafor.core.graph import Memo, Signal
from metafor.core.lifecycle import on_dispose
from metafor.dom.components import component
from metafor.dom.content import is_live
from metafor.dom.errors import DomError

__all__ = ["Match", "Switch", "truth_of"]


def truth_of(props: Mapping[str, Any], name: str) -> bool:
    """Whether the attribute ``when`` is true now, tracked; getters and functions are called."""
    value: Any = props.get(name)
    while is_live(value):
        value = value()
    return bool(value)


class _Case:
    """One ``<Match>`` of a switch."""

    __slots__ = ("truth",)

    def __init__(self, truth: Memo[bool]) -> None:
        self.truth = truth


class _Cases:
    """The branches of one switch, in the order in which they came, and the one that is chosen."""

    def __init__(self) -> None:
        self._all: Signal[list[_Case]] = Signal([], False)
        self.chosen: Memo[_Case | None] = Memo(
            lambda: next((case for case in self._all() if case.truth()), None),
            equals=lambda old, new: old is new,
            name="Switch",
        )

    def add(self, case: _Case) -> None:
        graph.write(self._all, [*self._all.peek(), case])
        on_dispose(lambda: graph.write(self._all, [one for one in self._all.peek() if one is not case]))


_nearest: Context[_Cases | None] = create_context(None, name="Switch")


@component
def Switch(props: Mapping[str, Any]) -> Any:
    """Show the first ``<Match>`` whose ``when`` is true, else ``fallback``. The others do not exist."""
    cases = _Cases()
    provide_context(_nearest, cases)
    return [
        props.get("children"),
        lambda: props.get("fallback") if cases.chosen() is None else None,
    ]


@component
def Match(props: Mapping[str, Any]) -> Any:
    """A branch of the ``<Switch>`` around it."""
    cases = use_context(_nearest)
    if cases is None:
        raise DomError(
            "a <Match> stands outside any <Switch>",
            next_step="put it into <Switch>…</Switch>, or use <Show when=@{…}>",
        )
    case = _Case(Memo(lambda: truth_of(props, "when"), name="Match.when"))
    cases.add(case)
    return lambda: props.get("children") if cases.chosen() is case else None
