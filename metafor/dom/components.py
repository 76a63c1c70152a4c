"""Components: a set-up function that runs once, its props, and the owner that ends it.

A component's function runs untracked, once for each instance, under an owner of its own; what it
returns is shown like the value of a hole. Attributes arrive as *sources*: constants, getters that are
read through, or :class:`Lazy` expressions that become a memo on their first read (ruling 37).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, overload

from metafor.core import graph
from metafor.core.graph import Getter, Memo
from metafor.core.lifecycle import mounting
from metafor.core.owner import Owner
from metafor.dom.attributes import read_through
from metafor.dom.content import Part, Parts, Renderable, build, collect
from metafor.dom.errors import PropError
from metafor.dom.hosts.base import Host
from metafor.dom.prop_types import matches, type_name

__all__ = ["Component", "Element", "Lazy", "Props", "component", "component_path"]


class Component:
    """A component: call it with attributes as keywords to get an element that can be shown."""

    def __init__(
        self, name: str, setup: Callable[[Props], Any], props: tuple[str, ...] | None = None
    ) -> None:
        self.name = name
        self.setup = setup
        #: The attributes it takes; None for any.
        self.props = props

    def __call__(self, **attributes: Any) -> Element:
        return Element(self, attributes)

    def __repr__(self) -> str:
        return f"<Component {self.name}>"


@overload
def component(definition: Callable[[Mapping[str, Any]], Any], /) -> Component: ...
@overload
def component(
    definition: str, /, *, props: tuple[str, ...] | None = None
) -> Callable[[Callable[[Props], Any]], Component]: ...
def component(definition: Any, /, *, props: tuple[str, ...] | None = None) -> Any:
    """Make a component of a Python function that takes ``props``, a read-only live mapping.

    Reading a prop is tracked; ``props.get("title", "none")`` has a default. The function gives what the
    component shows. Example::

        @component
        def Greeting(props):
            return lambda: f"Hello {props['name']}"
    """
    if isinstance(definition, str):
        name = definition
        return lambda setup: Component(name, setup, props)
    return Component(definition.__name__, lambda source: definition(source.mapping))


class Lazy:
    """An expression given as attribute: evaluated when it is first read, then a memo."""

    __slots__ = ("fn",)

    def __init__(self, fn: Callable[[], Any]) -> None:
        self.fn = fn


class Constant(Getter[Any]):
    """A prop that was given a plain value."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __call__(self) -> Any:
        return self._value

    def peek(self) -> Any:
        return self._value


class Live(Getter[Any]):
    """A prop that was given a getter: what the getter holds, checked against the declared type."""

    __slots__ = ("_check", "_source")

    def __init__(self, source: Getter[Any], check: Callable[[Any], None] | None) -> None:
        self._source = source
        self._check = check

    def __call__(self) -> Any:
        value = read_through(self._source)
        if self._check is not None:
            self._check(value)
        return value

    def peek(self) -> Any:
        return graph.run_tracking(self, False)


class Props:
    """The attributes of one component instance, as its set-up code sees them."""

    __slots__ = ("_component", "_sources", "mapping")

    def __init__(self, component: Component, sources: dict[str, Any]) -> None:
        self._component = component
        self._sources = sources
        #: The read-only mapping that a component knows as ``props``.
        self.mapping = PropsMapping(sources)
        if component.props is not None:
            unknown = sources.keys() - {*component.props, "children"}
            if unknown:
                self._refuse_unknown(sorted(unknown)[0])

    def declare(
        self,
        name: str,
        default: Callable[[], Any] | None = None,
        type: Callable[[], Any] | None = None,
    ) -> Getter[Any]:
        """Give the live getter of a declared prop; PropError when it is missing or of a wrong type."""
        if name not in self._sources:
            if default is None:
                raise PropError(
                    f"<{self._component.name}> misses the attribute {name!r}",
                    next_step=f"give it one, or declare a default: @prop {name} = …",
                )
            self._sources[name] = default()
        source = self.mapping.getter(name)
        check = self._checker(name, type()) if type is not None else None
        if isinstance(source, Constant):
            if check is not None:
                check(source.peek())
            return source
        return Live(source, check)

    def _checker(self, name: str, expected: Any) -> Callable[[Any], None]:
        component = self._component.name

        def check(value: Any) -> None:
            if not matches(value, expected):
                raise PropError(
                    f"<{component}> got {value!r} for {name!r}, which takes {type_name(expected)}",
                    next_step=f"pass {type_name(expected)}, or change the type in @prop {name}",
                )

        return check

    def _refuse_unknown(self, name: str) -> None:
        from difflib import get_close_matches

        declared = self._component.props or ()
        close = get_close_matches(name, declared, 1)
        raise PropError(
            f"<{self._component.name}> takes no attribute {name!r}",
            next_step=f"did you mean {close[0]!r}?"
            if close
            else f"it takes {', '.join(declared) or 'none'}; declare it with @prop {name}",
        )


class PropsMapping(Mapping[str, Any]):
    """Read-only, live: reading an attribute is tracked."""

    __slots__ = ("_owner", "_sources")

    def __init__(self, sources: dict[str, Any]) -> None:
        self._sources = sources
        # Whoever reads a lazy attribute first, its memo lives as long as the component.
        self._owner = graph.current_owner()

    def __getitem__(self, name: str) -> Any:
        source = self._sources[name]
        if isinstance(source, (Lazy, Getter)):
            return read_through(self.getter(name))
        return source

    def getter(self, name: str) -> Getter[Any]:
        """The getter of one attribute; a lazy expression becomes a memo here, once."""
        source = self._sources[name]
        if isinstance(source, Lazy):
            lazy = source
            source = graph.run_owned(self._owner, lambda: Memo(lazy.fn, name=name))
            self._sources[name] = source
        return source if isinstance(source, Getter) else Constant(source)

    def sources(self, *without: str) -> dict[str, Any]:
        """The attributes as they were given, live, to hand on to another component."""
        return {name: source for name, source in self._sources.items() if name not in without}

    # The inherited ones read the value, and take a KeyError of its expression for a missing attribute.
    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self._sources else default

    def __contains__(self, name: object) -> bool:
        return name in self._sources

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)


class Element(Renderable):
    """A component with its attributes: what ``<Chat room="general"/>`` stands for."""

    __slots__ = ("_attributes", "_component")

    def __init__(self, component: Component, attributes: dict[str, Any]) -> None:
        self._component = component
        self._attributes = attributes

    def instantiate(self, host: Host) -> Part:
        """Run the component; an error shows nothing in its place and goes to the boundary (ruling 32)."""
        scope = ComponentScope(self._component)
        try:
            scope.set_up(host, dict(self._attributes))
        except Exception as raised:
            graph.report_error(raised, scope)
            graph.dispose(scope)
            scope.parts = []
        return scope

    def instantiate_root(self, host: Host) -> ComponentScope:
        """Like :meth:`instantiate`, but an error of the set-up passes to the caller."""
        scope = ComponentScope(self._component)
        try:
            scope.set_up(host, dict(self._attributes))
        except BaseException:
            graph.dispose(scope)
            raise
        return scope


class ComponentScope(Owner, Part):
    """The owner of one component instance, and the parts that it shows."""

    __slots__ = ("_component", "parts")

    is_component = True

    def __init__(self, component: Component) -> None:
        parent = graph.current_owner()
        super().__init__(parent, component.name)
        if parent is not None and not parent.disposed:
            parent._adopt(self)
        self._component = component
        self.parts: Parts = []

    def set_up(self, host: Host, attributes: dict[str, Any]) -> None:
        """Run the set-up function and make the nodes, as one batch."""

        def run() -> None:
            shown = self._component.setup(Props(self._component, attributes))
            self.parts = build(host, shown)

        graph.enter_batch()
        try:
            with mounting():
                graph.run_owned(self, run)
        finally:
            graph.leave_batch()

    def collect(self, ids: list[int]) -> None:
        ids += collect(self.parts)


def component_path(owner: Owner | None) -> str:
    """The components around ``owner``, outermost first, as an error message names them."""
    names: list[str] = []
    while owner is not None:
        if isinstance(owner, ComponentScope):
            names.append(owner._component.name)
        owner = owner.parent
    return " > ".join(reversed(names)) or "the page"
