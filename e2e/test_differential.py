"""Random streams of operations, carried out in memory and in a real page: the trees must be the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from e2e.support.browsers import new_context
from e2e.support.remote_host import remote_host
from metafor.core import batch, create_root, get_owner
from metafor.core.lifecycle import run_with_owner
from metafor.dom.compiled import template
from metafor.dom.content import TextNodes, collect
from metafor.dom.hosts import base as op
from metafor.dom.hosts.base import Host
from metafor.dom.hosts.memory import MemoryHost
from tests.dom.conformance.canonical import canonical

#: Markup, and how many of its nodes have ids: the root first, all of them may hold others.
TEMPLATES = [
    template("<div></div>", ((0,),), (), (0,)),
    template('<section title="t"><b>x</b><i></i></section>', ((0,), (0, 1)), (), (0,)),
    template('<svg viewBox="0 0 1 1"><g></g></svg>', ((0,), (0, 0)), (), (0,)),
    template("<circle></circle>", ((0,),), (), (0,), "svg"),
]
FIELDS = [
    template("<input>", ((0,),), (), (0,)),
    template('<input type="checkbox">', ((0,),), (), (0,)),
    template("<textarea>default</textarea>", ((0,),), (), (0,)),
    template("<select><option>a</option><option>b</option></select>", ((0,),), (), (0,)),
]
PROPERTIES: list[list[tuple[str, Any]]] = [
    [("value", "typed"), ("value", None), ("value", "<&")],
    [("checked", True), ("checked", False), ("value", "v")],
    [("value", "one\ntwo"), ("value", None)],
    [("value", "a"), ("value", "b"), ("value", "none of them")],
]
ATTRIBUTES: list[tuple[str, Any]] = [
    *((name, value) for name in ("title", "data-x", "aria-label") for value in ("", "v", '"<>&', None)),
    *(("class", "a b"), ("style", "color:red;width:1px"), ("style", None)),
    *(("xlink:href", "#x"), ("xlink:href", None)),
]  # fmt: skip
STYLES: list[tuple[str, Any]] = [("color", "red"), ("color", "blue"), ("width", "2px"), ("width", None)]
TEXTS = ["", "a", "b c", "<i>&amp;", "é\U0001f600"]

number = st.integers(0, 30)
some = st.lists(number, min_size=1, max_size=4)
STEPS = st.one_of(
    st.tuples(st.just("make"), st.integers(0, len(TEMPLATES) + len(FIELDS))),
    st.tuples(st.just("append"), number, some),
    st.tuples(st.just("before"), number, some),
    st.tuples(st.sampled_from(["remove", "drop"]), some),
    st.tuples(st.just("clear"), number),
    st.tuples(st.just("text"), number, st.sampled_from(TEXTS)),
    st.tuples(st.just("attribute"), number, st.sampled_from(ATTRIBUTES)),
    st.tuples(st.just("property"), number, number),
    st.tuples(st.just("class"), number, st.sampled_from(["a", "c"]), st.booleans()),
    st.tuples(st.just("style"), number, st.sampled_from(STYLES)),
)
STREAMS = st.lists(st.lists(STEPS, min_size=1, max_size=12), min_size=1, max_size=6)


class Node:
    """What the model knows of a node with an id."""

    def __init__(self, id: int, kind: str, field: int = -1) -> None:
        self.id = id
        #: ``text``, ``element``, ``field``, or ``root``, which stays where it is.
        self.kind = kind
        self.field = field
        self.parent: Node | None = None
        self.children: list[Node] = []
        #: A node of a template that is not its root belongs to it.
        self.fixed = kind == "root"

    def holds(self, other: Node) -> bool:
        node: Node | None = other
        while node is not None:
            if node is self:
                return True
            node = node.parent
        return False

    def leave(self) -> None:
        if self.parent is not None:
            self.parent.children.remove(self)
            self.parent = None


class Twins:
    """Two hosts that are told the same, and a model that knows what may be told next."""

    def __init__(self, hosts: list[tuple[Host, Any]]) -> None:
        self.hosts = [host for host, _ in hosts]
        self.owners: list[Any] = []
        for _ in hosts:
            create_root(lambda dispose: self.owners.append(get_owner()))
        (root,) = {host.target(place) for host, place in hosts}
        self.nodes = [Node(root, "root")]

    def each(self, do: Callable[[Host], Any]) -> Any:
        """Do the same on both; what they give must be equal."""
        results = [
            run_with_owner(owner, lambda host=host: do(host))  # type: ignore[misc]
            for host, owner in zip(self.hosts, self.owners, strict=True)
        ]
        assert results[0] == results[1]
        return results[0]

    def emit(self, *operation: Any) -> None:
        self.each(lambda host: host.emit(*operation))

    def step(self, kind: str, *given: Any) -> None:
        getattr(self, kind)(*given)

    def pick(self, number: int, *kinds: str) -> Node | None:
        fitting = [node for node in self.nodes if node.kind in kinds]
        return fitting[number % len(fitting)] if fitting else None

    def movable(self, numbers: list[int], into: Node | None) -> list[Node]:
        picked = [self.pick(number, "text", "element", "field") for number in numbers]
        found = [one for one in dict.fromkeys(picked) if one is not None and not one.fixed]
        return [one for one in found if into is None or not one.holds(into)]

    def make(self, which: int) -> None:
        if which == len(TEMPLATES) + len(FIELDS):
            self.nodes.append(Node(self.each(lambda host: TextNodes(host).make("t")), "text"))
            return
        markup = [*TEMPLATES, *FIELDS][which]
        (first,) = self.each(lambda host: collect([markup().instantiate(host)]))
        field = which - len(TEMPLATES)
        root = Node(first, "field" if field >= 0 else "element", field)
        self.nodes.append(root)
        for offset in range(1, markup.size):
            inner = Node(first + offset, "element")
            inner.parent, inner.fixed = root, True
            self.nodes.append(inner)

    def append(self, number: int, numbers: list[int]) -> None:
        parent = self.pick(number, "root", "element")
        moved = self.movable(numbers, parent)
        if parent is not None and moved:
            self.emit(op.APPEND, parent.id, len(moved), *(one.id for one in moved))
            self.place(parent, len(parent.children), moved)

    def before(self, number: int, numbers: list[int]) -> None:
        anchor = self.pick(number, "text", "element", "field")
        if anchor is None or anchor.parent is None or anchor.fixed:
            return
        parent = anchor.parent
        moved = [one for one in self.movable(numbers, parent) if one is not anchor]
        if moved:
            self.emit(op.BEFORE, anchor.id, len(moved), *(one.id for one in moved))
            self.place(parent, parent.children.index(anchor), moved, anchor)

    def place(self, parent: Node, at: int, moved: list[Node], anchor: Node | None = None) -> None:
        for one in moved:
            one.leave()
        at = parent.children.index(anchor) if anchor is not None else len(parent.children)
        parent.children[at:at] = moved
        for one in moved:
            one.parent = parent

    def remove(self, numbers: list[int]) -> None:
        gone = self.movable(numbers, None)
        if gone:
            self.emit(op.REMOVE, len(gone), *(one.id for one in gone))
            for one in gone:
                one.leave()

    #: Removed for good: nobody speaks of the nodes again.
    def drop(self, numbers: list[int]) -> None:
        gone = self.movable(numbers, None)
        self.remove(numbers)
        self.nodes = [node for node in self.nodes if not any(one.holds(node) for one in gone)]

    def clear(self, number: int) -> None:
        parent = self.pick(number, "root", "element")
        if parent is None or any(node.fixed and node.parent is parent for node in self.nodes):
            return
        self.emit(op.CLEAR, parent.id)
        for child in list(parent.children):
            child.leave()

    def text(self, number: int, text: str) -> None:
        node = self.pick(number, "text", "element")
        if node is None:
            return
        if node.kind == "text":
            self.emit(op.DATA, node.id, text)
        elif not node.children and not any(one.fixed and one.parent is node for one in self.nodes):
            self.emit(op.CONTENT, node.id, text)

    def attribute(self, number: int, pair: tuple[str, Any]) -> None:
        if node := self.pick(number, "element", "field"):
            self.emit(op.ATTRIBUTE, node.id, *pair)

    def property(self, number: int, which: int) -> None:
        if node := self.pick(number, "field"):
            pairs = PROPERTIES[node.field]
            self.emit(op.PROPERTY, node.id, *pairs[which % len(pairs)])

    def class_(self, number: int, name: str, on: bool) -> None:
        if node := self.pick(number, "element", "field"):
            self.emit(op.CLASS, node.id, name, on)

    def style(self, number: int, pair: tuple[str, Any]) -> None:
        if node := self.pick(number, "element", "field"):
            self.emit(op.STYLE, node.id, *pair)


setattr(Twins, "class", Twins.class_)  # a step is called by its name


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    context = new_context(browser)
    yield context.new_page()
    context.close()


def test_memory_and_page_agree(blank: Page) -> None:
    with remote_host(blank) as connect:

        @settings(
            max_examples=60, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(STREAMS)
        def agree(stream: list[list[tuple[Any, ...]]]) -> None:
            blank.evaluate("document.body.innerHTML = '<div id=\"stage\"></div>'")
            memory = MemoryHost()
            twins = Twins([(memory, memory.root), (connect(), "#stage")])
            for steps in stream:
                batch(lambda steps=steps: [twins.step(*one) for one in steps])  # type: ignore[misc]
                found = blank.evaluate("canonical(document.querySelector('#stage'))")
                assert found == canonical(memory.root)

        agree()
