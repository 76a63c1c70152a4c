"""Trees that are ended at once and taken apart later, as by a page that has cleared a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from metafor.core import create_root, create_signal, on_dispose
from metafor.core.graph import RenderEffect, dispose, dispose_trees, end_trees, start_binding


@dataclass
class Shape:
    """A node to be made: what its callback does, if it has one, and what is below it."""

    callback: str | int | None
    children: list[Shape]


def shapes() -> st.SearchStrategy[Shape]:
    #: A number is that of another node, which the callback disposes.
    callbacks = st.one_of(st.just(None), st.just(None), st.sampled_from(["note", "make"]), st.integers(0, 12))
    leaves = st.builds(Shape, callbacks, st.just([]))
    return st.recursive(leaves, lambda below: st.builds(Shape, callbacks, st.lists(below, max_size=3)))


class Noting(RenderEffect):
    """A binding that notes when it lets go of what it holds, which it must once."""

    __slots__ = ("_note",)

    def __init__(self, fn: Callable[[], object], note: Callable[[], None]) -> None:
        self._note = note
        super().__init__(fn)

    def _release(self) -> None:
        self._note()
        super()._release()


@dataclass
class Wood:
    """Trees of bindings under one owner, and what happened to them."""

    log: list[str] = field(default_factory=list)
    nodes: list[RenderEffect] = field(default_factory=list)

    def plant(self, trees: list[Shape]) -> list[RenderEffect]:
        read, self.write = create_signal(0)

        def grow(shape: Shape) -> RenderEffect:
            name = str(len(self.nodes))

            def run() -> None:
                read()
                self.log.append(f"run {name}")
                if shape.callback is not None:
                    on_dispose(lambda: end(shape.callback))
                for child in shape.children:
                    grow(child)

            def end(callback: str | int | None) -> None:
                self.log.append(f"end {name}")
                if callback == "make":
                    on_dispose(lambda: self.log.append(f"end what {name} made"))
                elif isinstance(callback, int) and callback < len(self.nodes):
                    dispose(self.nodes[callback])

            node = Noting(run, lambda: self.log.append(f"release {name}"))
            self.nodes.append(node)
            start_binding(node)
            return node

        return create_root(lambda _: [grow(shape) for shape in trees])


def living(roots: list[RenderEffect]) -> Iterator[RenderEffect]:
    return (root for root in reversed(roots) if not root.disposed)


@given(st.lists(shapes(), max_size=4))
def test_ending_trees_is_disposing_them(trees: list[Shape]) -> None:
    disposed, ended = Wood(), Wood()
    dispose_trees(living(disposed.plant(trees)))
    roots = ended.plant(trees)
    above = {root.parent for root in roots}
    left = end_trees(living(roots))
    assert all(owner is not None and owner._last is None for owner in above)
    assert ended.log == disposed.log
    assert sum(entry.startswith("release") for entry in ended.log) == len(ended.nodes)
    assert all(node.disposed for node in ended.nodes)
    ended.write(1)
    dispose_trees(left)
    ended.write(2)
    assert ended.log == disposed.log
    assert all(node._last is None and node._prev is None for node in ended.nodes)


def test_what_was_ended_holds_its_memory_until_it_is_taken_apart() -> None:
    wood = Wood()
    (root,) = wood.plant([Shape(None, [Shape(None, []), Shape(None, [])])])
    assert end_trees([root]) == [root]
    assert root._last is not None
    dispose_trees([root])
    assert root._last is None


def test_a_tree_with_a_callback_is_gone_at_once() -> None:
    wood = Wood()
    (root,) = wood.plant([Shape(None, [Shape("note", []), Shape(None, [])])])
    assert end_trees([root]) == []
    assert root._last is None
