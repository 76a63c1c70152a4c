"""Random changes to a store and to plain data beside it: every reader shows what the plain data holds."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from metafor.core import create_effect, create_root, create_store, reconcile, snapshot
from tests.core.test_oracle import EXAMPLES

scalars = st.integers(0, 3)
trees = st.recursive(
    scalars,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.sampled_from("abc"), below, max_size=3),
    max_leaves=8,
)
lists = st.lists(trees, max_size=5)
dicts = st.dictionaries(st.sampled_from("abcd"), trees, max_size=4)
indexes = st.integers(-5, 5)
slices = st.builds(slice, st.none() | indexes, st.none() | indexes, st.sampled_from([None, 1, 2, -1]))
Change = tuple[Any, ...]

list_changes: st.SearchStrategy[Change] = st.one_of(
    st.tuples(st.just("append"), trees),
    st.tuples(st.just("extend"), lists),
    st.tuples(st.just("insert"), indexes, trees),
    st.tuples(st.just("pop"), indexes),
    st.tuples(st.just("remove"), scalars),
    st.tuples(st.just("__setitem__"), indexes | slices, trees | lists),
    st.tuples(st.just("__delitem__"), indexes | slices),
    st.tuples(st.just("__imul__"), st.integers(0, 2)),
    st.tuples(st.sampled_from(["clear", "reverse", "sort"])),
)
dict_changes: st.SearchStrategy[Change] = st.one_of(
    st.tuples(st.just("__setitem__"), st.sampled_from("abcd"), trees),
    st.tuples(st.just("__delitem__"), st.sampled_from("abcd")),
    st.tuples(st.just("pop"), st.sampled_from("abcd"), st.none()),
    st.tuples(st.just("setdefault"), st.sampled_from("abcd"), trees),
    st.tuples(st.just("update"), dicts),
    st.tuples(st.sampled_from(["clear", "popitem"])),
)
#: Where a change happens: a path of keys and positions, followed as far as it goes.
paths = st.lists(st.sampled_from([0, 1, "a", "b"]), max_size=3)


def follow(root: Any, path: list[Any]) -> Any:
    for step in path:
        known = range(len(root)) if isinstance(root, list) else root
        if step not in known or not isinstance(root[step], (list, dict)):
            break
        root = root[step]
    return root


def attempt(target: Any, change: Change) -> Any:
    """What the change gives, or the kind of its error."""
    name, *arguments = copy.deepcopy(change)
    # A list that cannot be sorted is left half sorted; a store is left alone.
    options = {"key": repr} if name == "sort" else {}
    try:
        result = getattr(target, name)(*arguments, **options)
    except (IndexError, KeyError, ValueError, TypeError) as error:
        return type(error)
    return None if result is target else snapshot(result)


READERS: list[Callable[[Any], Any]] = [
    lambda root: snapshot(root),
    lambda root: len(root),
    lambda root: repr(root),
    lambda root: snapshot(list(root)),
    lambda root: bool(root),
    lambda root: root[0] if isinstance(root, list) and root else None,
    lambda root: root[-1] if isinstance(root, list) and root else None,
    lambda root: root[2] if isinstance(root, list) and len(root) > 2 else None,
    lambda root: root[1:3] if isinstance(root, list) else root.get("a"),
    lambda root: 1 in root,
    lambda root: root == [] or "b" in root,
    lambda root: sorted(root.items(), key=repr) if isinstance(root, dict) else root.count(1),
    lambda root: list(root.values()) if isinstance(root, dict) else list(reversed(root)),
]


class Beside:
    """A store with readers, and the same data without."""

    def __init__(self, value: Any) -> None:
        self.plain = copy.deepcopy(value)
        self.store = create_store(value)
        self.shown: list[Any] = [None] * len(READERS)

        def start(dispose: Callable[[], None]) -> Callable[[], None]:
            for number in range(len(READERS)):
                create_effect(lambda number=number: self._read(number))
            return dispose

        self.dispose = create_root(start)

    def _read(self, number: int) -> None:
        self.shown[number] = snapshot_of(READERS[number](self.store))

    def check(self) -> None:
        assert snapshot(self.store) == self.plain
        assert type(snapshot(self.store)) is type(self.plain)
        for number, reader in enumerate(READERS):
            assert self.shown[number] == reader(self.plain), f"reader {number}"


def snapshot_of(value: Any) -> Any:
    """Plain data of what a reader gave, which may be a plain container of stores."""
    return snapshot(create_store([value]))[0]


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.one_of(lists, dicts),
    st.lists(st.tuples(paths, list_changes, dict_changes), max_size=10),
)
def test_a_store_under_random_changes_shows_what_plain_data_shows(
    value: Any, changes: list[tuple[list[Any], Change, Change]]
) -> None:
    beside = Beside(value)
    beside.check()
    for path, list_change, dict_change in changes:
        target, model = follow(beside.store, path), follow(beside.plain, path)
        change = list_change if isinstance(model, list) else dict_change
        assert attempt(target, change) == attempt(model, change)
        beside.check()
    beside.dispose()


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.one_of(st.tuples(lists, lists), st.tuples(dicts, dicts)))
def test_reconcile_makes_a_store_equal_and_wakes_nobody_when_it_was(values: tuple[Any, Any]) -> None:
    before, after = values
    beside = Beside(before)
    beside.plain = copy.deepcopy(after)
    reconcile(beside.store, after)
    beside.check()
    runs: list[Any] = []

    def start(dispose: Callable[[], None]) -> Callable[[], None]:
        create_effect(lambda: runs.append(snapshot(beside.store)))
        return dispose

    dispose = create_root(start)
    reconcile(beside.store, copy.deepcopy(after))
    assert len(runs) == 1
    dispose()
    beside.dispose()
