"""One row of a list: the owner of what it shows, which is nearly always one piece of markup.

Such a row is itself the instance of that markup. Its item is a signal to which its own slots need no edge:
the row runs those that read it again when another object comes under its key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metafor.core import graph
from metafor.core.graph import Given, Signal
from metafor.core.owner import Owner
from metafor.dom.components import Constant, component_path
from metafor.dom.content import Parts, Renderable, build, collect
from metafor.dom.errors import DomError
from metafor.dom.events import parameter_count
from metafor.dom.hosts.base import Host
from metafor.dom.instance import Instance
from metafor.dom.template import Markup

__all__ = ["Row", "RowFunction", "renderer"]


class RowFunction:
    """A row function written in a template: its parameters arrive as getters, so a row can be updated.

    One that ``takes_item`` stands where no row is ever updated: it gets the item itself.
    """

    __slots__ = ("fn", "parameters", "takes_item")

    def __init__(self, fn: Callable[..., Any], parameters: int, *, takes_item: bool = False) -> None:
        self.fn = fn
        self.parameters = parameters
        self.takes_item = takes_item


#: Gives what the row of an item shows.
Renderer = Callable[["Row", Any], Any]


class Row(Instance):
    """Owns what the row function makes, and shows it."""

    __slots__ = ("given", "index", "item", "key", "parts")

    def __init__(self, host: Host, parent: Owner, key: Any, item: Any) -> None:
        Instance.__init__(self, host, parent)
        self.key = key
        self.item = item
        self.given: Given[Any] | None = None
        self.index: Signal[int] | None = None
        #: What is shown; None when it is the nodes of this instance.
        self.parts: Parts | None = []

    def make(self, render: Renderer) -> None:
        """Run the row function, and make the nodes, detached; this row is the current owner."""
        try:
            shown = render(self, self.item)
            if type(shown) is Markup:
                # Its fill() spelled out: this runs once for each row of a list.
                self.fill(shown.template, shown.values, self.given)
                self.parts = None
            elif isinstance(shown, Markup):
                shown.fill(self, self.given)
                self.parts = None
            else:
                self.parts = build(self.host, shown)
        except Exception as raised:
            graph.report_error(raised, self)
        except graph.Pending:
            # The row function waits for a resource: a hole runs it again when the value is there.
            self.parts = build(self.host, lambda: render(self, self.item))

    def update(self, item: Any) -> None:
        """Show another object under the same key."""
        self.item = item
        if self.given is not None:
            self.given.renew(item)
            if self.leaning is not None:
                self.refresh(self.given)

    def collect(self, ids: list[int]) -> None:
        if self.parts is not None:
            ids += collect(self.parts)
        elif self.live_roots is not None:
            super().collect(ids)
        else:
            base = self.base
            for index in self.template.roots:  # type: ignore[union-attr]  # filled
                ids.append(base + index)


def renderer(render: Any, *, updatable: bool, owner: Owner) -> Renderer:
    """What calls a row function.

    One of a template gets the item as a getter, which another object may come into if the row is
    ``updatable``, unless it takes the item itself, as any other does. All get a getter of the position, if
    they take it.
    """
    if isinstance(render, RowFunction):
        return _template_renderer(render, updatable=updatable)
    if isinstance(render, Renderable):
        return lambda row, item: render
    if not callable(render):
        raise DomError(
            f"{component_path(owner)} has no row function: its content is {render!r}",
            next_step="write <For each=@{items}>@{lambda item: <li>@{item}</li>}</For>",
        )
    parameters = parameter_count(render)
    if parameters == 0:
        return lambda row, item: render()
    if parameters == 1:
        return lambda row, item: render(item)

    def call(row: Row, item: Any) -> Any:
        row.index = Signal(0)
        return render(item, row.index)

    return call


def _template_renderer(render: RowFunction, *, updatable: bool) -> Renderer:
    fn, is_indexed = render.fn, render.parameters > 1
    if render.takes_item and not is_indexed:
        return lambda row, item: fn(item)

    def call(row: Row, item: Any) -> Any:
        value: Any
        if render.takes_item:
            value = item
        elif updatable:
            value = row.given = Given(item)
        else:
            # The row belongs to its object.
            value = Constant(item)
        if is_indexed:
            row.index = Signal(0)
            return fn(value, row.index)
        return fn(value)

    return call
