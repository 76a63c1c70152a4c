"""Stores: the plain API of what they wrap, tracked part by part."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from metafor.core import (
    StoreError,
    WriteInMemoError,
    batch,
    create_effect,
    create_memo,
    create_store,
    reconcile,
    snapshot,
    untrack,
)
from tests.core.conformance.helpers import raises


@dataclass
class Todo:
    text: str
    done: bool = False
    tags: list[str] = field(default_factory=list)

    def toggle(self) -> None:
        self.done = not self.done

    @property
    def label(self) -> str:
        return f"[{'x' if self.done else ' '}] {self.text}"


@dataclass(slots=True)
class Point:
    x: int
    y: int = 0


@dataclass(frozen=True)
class Frozen:
    x: int


@dataclass
class Tree:
    name: str
    children: list[Tree] = field(default_factory=list)


def runs_of(fn: Callable[[], Any]) -> list[Any]:
    seen: list[Any] = []
    create_effect(lambda: seen.append(fn()))
    return seen


def test_a_store_is_what_it_wraps() -> None:
    assert isinstance(create_store({"a": 1}), dict)
    assert isinstance(create_store([1]), list)
    assert isinstance(create_store(Todo("a")), Todo)
    assert create_store({"a": [1, {"b": 2}]}) == {"a": [1, {"b": 2}]}
    assert create_store(Todo("a")) == Todo("a")
    assert repr(create_store([Todo("a")])) == repr([Todo("a")])


def test_the_original_is_copied_never_changed() -> None:
    original = {"items": [1], "todo": Todo("a")}
    store = create_store(original)
    store["items"].append(2)  # type: ignore[attr-defined]
    store["todo"].done = True  # type: ignore[attr-defined]
    assert original == {"items": [1], "todo": Todo("a")}


def test_reading_a_key_depends_on_that_key_alone() -> None:
    store = create_store({"a": 1, "b": 2})
    a, b = runs_of(lambda: store["a"]), runs_of(lambda: store["b"])
    store["a"] = 10
    assert (a, b) == ([1, 10], [2])


def test_reading_a_path_depends_on_that_path_alone() -> None:
    store = create_store({"user": {"name": "Ada", "age": 36}, "other": 0})
    name = runs_of(lambda: store["user"]["name"])  # type: ignore[index]
    store["user"]["age"] = 37  # type: ignore[index]
    store["other"] = 1
    assert name == ["Ada"]
    store["user"]["name"] = "Grace"  # type: ignore[index]
    store["user"] = {"name": "Edsger"}
    assert name == ["Ada", "Grace", "Edsger"]


def test_an_equal_scalar_is_no_change_and_the_same_store_neither() -> None:
    store: dict[str, Any] = create_store({"a": 1, "items": [1]})
    a, items = runs_of(lambda: store["a"]), runs_of(lambda: len(store["items"]))
    store["a"] = 1
    store["items"] = store["items"]
    assert (a, items) == ([1], [1])
    store["items"] += [2]
    assert items == [1, 2]


def test_a_missing_key_is_a_dependency_too() -> None:
    store: dict[str, int] = create_store({})
    got = runs_of(lambda: store.get("a", -1))
    has = runs_of(lambda: "a" in store)
    store["b"] = 1
    store["a"] = 5
    del store["a"]
    assert got == [-1, 5, -1]
    assert has == [False, True, False]


def test_iterating_a_dict_depends_on_its_keys_not_its_values() -> None:
    store = create_store({"a": 1})
    keys = runs_of(lambda: list(store))
    count = runs_of(lambda: len(store))
    values = runs_of(lambda: sum(store.values()))
    store["a"] = 5
    store["b"] = 6
    assert keys == [["a"], ["a", "b"]]
    assert count == [1, 2]
    assert values == [1, 5, 11]


def test_every_way_to_change_a_dict_notifies() -> None:
    store: dict[str, Any] = create_store({"a": 1})
    seen = runs_of(lambda: dict(store.items()))
    store.update(b=2, c=3)
    store.setdefault("d", 4)
    store.setdefault("d", 5)
    store.pop("a")
    store.pop("a", None)
    store.popitem()
    store |= {"e": 5}
    del store["b"]
    store.clear()
    store.clear()
    assert seen == [
        {"a": 1},
        {"a": 1, "b": 2, "c": 3},
        {"a": 1, "b": 2, "c": 3, "d": 4},
        {"b": 2, "c": 3, "d": 4},
        {"b": 2, "c": 3},
        {"b": 2, "c": 3, "e": 5},
        {"c": 3, "e": 5},
        {},
    ]


def test_a_dict_store_raises_what_a_dict_raises_and_changes_nothing() -> None:
    store: dict[str, int] = create_store({"a": 1})
    seen = runs_of(lambda: len(store))
    for call in (lambda: store["x"], lambda: store.pop("x"), lambda: store.__delitem__("x")):
        with raises(KeyError):
            call()
    assert seen == [1]


def test_an_item_of_a_list_is_a_dependency_of_its_own() -> None:
    store = create_store([1, 2, 3])
    first, last = runs_of(lambda: store[0]), runs_of(lambda: store[-1])
    store[1] = 20
    assert (first, last) == ([1], [3])
    store[0] = 10
    store.append(4)
    assert (first, last) == ([1, 10], [3, 4])


def test_an_index_out_of_range_is_a_dependency_too() -> None:
    store: list[int] = create_store([])

    def first() -> int | None:
        try:
            return store[0]
        except IndexError:
            return None

    seen = runs_of(first)
    store.append(7)
    store.clear()
    assert seen == [None, 7, None]


def test_inserting_wakes_only_the_positions_that_hold_another_item() -> None:
    store = create_store(["a", "b", "b"])
    seen = [runs_of(lambda n=n: store[n]) for n in range(3)]
    store.insert(1, "b")
    assert seen == [["a"], ["b"], ["b"]]
    store.insert(0, "z")
    assert seen == [["a", "z"], ["b", "a"], ["b"]]


def test_every_way_to_change_a_list_notifies() -> None:
    store = create_store([3, 1, 2])
    seen = runs_of(lambda: list(store))
    expected = [3, 1, 2]
    steps = [list(expected)]
    for change in (
        lambda items: items.append(5),
        lambda items: items.extend([7, 6]),
        lambda items: items.insert(0, 9),
        lambda items: items.pop(),
        lambda items: items.pop(0),
        lambda items: items.remove(1),
        lambda items: items.sort(),
        lambda items: items.sort(key=lambda item: -item, reverse=False),
        lambda items: items.reverse(),
        lambda items: items.__setitem__(slice(0, 2), [8, 8, 8]),
        lambda items: items.__setitem__(-1, 4),
        lambda items: items.__delitem__(0),
        lambda items: items.__delitem__(slice(0, 1)),
        lambda items: items.__iadd__([1]),
        lambda items: items.__imul__(2),
        lambda items: items.clear(),
    ):
        change(expected)
        change(store)
        steps.append(list(expected))
        assert store == expected
    assert seen == steps


def test_a_change_that_changes_nothing_wakes_nobody() -> None:
    store = create_store([1, 2])
    seen = runs_of(lambda: list(store))
    store.sort()
    store.extend([])
    store[0] = 1
    store[:] = [1, 2]
    assert seen == [[1, 2]]


def test_a_list_store_raises_what_a_list_raises() -> None:
    store = create_store([1])
    for call in (lambda: store[5], lambda: create_store([]).pop(), lambda: store.__setitem__(5, 1)):
        with raises(IndexError):
            call()
    with raises(ValueError):
        store.remove(9)
    with raises(TypeError):
        store[None]  # type: ignore[call-overload]


def test_a_field_of_a_dataclass_is_a_dependency_of_its_own() -> None:
    todo = create_store(Todo("write"))
    text, done, label = runs_of(lambda: todo.text), runs_of(lambda: todo.done), runs_of(lambda: todo.label)
    todo.toggle()
    todo.done = True
    assert (text, done) == (["write"], [False, True])
    todo.text = "read"
    assert label == ["[ ] write", "[x] write", "[x] read"]


def test_a_dataclass_with_slots_is_tracked_too() -> None:
    point = create_store(Point(1, 2))
    x = runs_of(lambda: point.x)
    point.x = 5
    point.y = 6
    assert x == [1, 5]
    assert point == Point(5, 6)
    assert snapshot(point) == Point(5, 6)
    assert type(snapshot(point)) is Point


def test_the_tools_of_dataclasses_work_on_stores() -> None:
    todo = create_store(Todo("a", tags=["x"]))
    assert asdict(todo) == {"text": "a", "done": False, "tags": ["x"]}
    assert replace(snapshot(todo), done=True) == Todo("a", True, ["x"])
    assert replace(todo, done=True) == Todo("a", True, ["x"])
    assert type(replace(todo, done=True)) is Todo
    assert type(type(todo)("b")) is Todo
    assert Todo.done is False


def test_a_dataclass_that_can_be_hashed_still_can() -> None:
    @dataclass(unsafe_hash=True)
    class Key:
        x: int

    assert hash(create_store(Key(1))) == hash(Key(1))
    with raises(TypeError, "unhashable"):
        hash(create_store(Todo("a")))


def test_containers_put_into_a_store_become_stores() -> None:
    store: dict[str, Any] = create_store({"todos": []})
    store["todos"].append(Todo("a", tags=["t"]))
    tags = runs_of(lambda: list(store["todos"][0].tags))
    store["todos"][0].tags.append("u")
    assert tags == [["t"], ["t", "u"]]


def test_values_of_other_types_are_held_as_they_are() -> None:
    frozen, some, pair = Frozen(1), {1, 2}, (1, [2])
    store: dict[str, Any] = create_store({"frozen": frozen, "set": some, "tuple": pair})
    assert store["frozen"] is frozen
    assert store["set"] is some
    assert store["tuple"] is pair
    seen = runs_of(lambda: store["set"])
    store["set"] = some
    assert len(seen) == 2


def test_a_store_of_an_unsupported_type_is_a_named_error() -> None:
    class Subclass(dict):  # type: ignore[type-arg]
        pass

    for value in (1, "text", {1}, (1,), None, object(), Frozen(1), Subclass()):
        with raises(StoreError, type(value).__name__):
            create_store(value)


def test_a_structure_nested_too_deep_is_a_named_error() -> None:
    value: list[Any] = []
    for _ in range(2_000):
        value = [value]
    with raises(StoreError, "deep"):
        create_store(value)
    store: list[Any] = create_store([])
    end = store
    for _ in range(2_000):
        end.append([])
        end = end[0]
    with raises(StoreError, "deep"):
        snapshot(store)
    with raises(StoreError, "deep"):
        reconcile(store, value)


def test_a_structure_that_holds_itself_is_a_store_and_a_snapshot() -> None:
    parent = Tree("parent")
    parent.children.append(parent)
    shared: list[int] = [1]
    store = create_store({"tree": parent, "a": shared, "b": shared})
    assert store["tree"].children[0] is store["tree"]  # type: ignore[attr-defined]
    assert store["a"] is store["b"]
    plain = snapshot(store)
    assert plain["tree"].children[0] is plain["tree"]  # type: ignore[attr-defined]
    assert plain["a"] is plain["b"]


def test_writing_a_store_in_a_memo_is_an_error() -> None:
    """Ruling 13."""
    store = create_store({"a": 1, "items": [1]})
    for write in (
        lambda: store.__setitem__("a", 2),
        lambda: store.pop("a"),
        lambda: store["items"].append(2),  # type: ignore[attr-defined]
        lambda: reconcile(store, {"a": 5, "items": []}),
    ):
        with raises(WriteInMemoError, "a store"):
            create_memo(write)()
    assert store == {"a": 1, "items": [1]}


def test_a_call_that_changes_several_parts_is_one_batch() -> None:
    store = create_store({"a": 1, "b": 1})
    seen = runs_of(lambda: store["a"] + store["b"])
    store.update(a=2, b=2)
    assert seen == [2, 4]
    with batch():
        store["a"] = 3
        store["b"] = 3
    assert seen == [2, 4, 6]


def test_a_snapshot_is_plain_and_apart() -> None:
    store = create_store({"todos": [Todo("a", tags=["t"])]})
    plain = snapshot(store)
    assert type(plain) is dict
    assert type(plain["todos"]) is list
    assert type(plain["todos"][0]) is Todo
    assert type(plain["todos"][0].tags) is list
    store["todos"][0].tags.append("u")
    assert plain == {"todos": [Todo("a", tags=["t"])]}
    assert json.loads(json.dumps(snapshot(create_store({"a": [1]})))) == {"a": [1]}
    assert snapshot(5) == 5


def test_a_snapshot_depends_on_everything_in_it() -> None:
    store = create_store({"a": {"b": [1]}})
    seen = runs_of(lambda: snapshot(store))
    store["a"]["b"].append(2)
    assert seen == [{"a": {"b": [1]}}, {"a": {"b": [1, 2]}}]
    silent = runs_of(lambda: untrack(lambda: snapshot(store)))
    store["a"]["b"].append(3)
    assert len(silent) == 1


def test_a_copy_of_any_kind_is_plain() -> None:
    store = create_store({"a": [1], "todo": Todo("x")})
    for made in (copy.copy(store), copy.deepcopy(store), pickle.loads(pickle.dumps(store)), store.copy()):
        assert type(made) is dict
        assert made == store
    assert type(copy.deepcopy(store)["a"]) is list
    assert type(store["a"] + [2]) is list  # type: ignore[operator]


def test_reconcile_changes_only_what_differs() -> None:
    store: dict[str, Any] = create_store({"a": 1, "b": {"c": 1, "d": 2}, "gone": 0})
    a, c, d = runs_of(lambda: store["a"]), runs_of(lambda: store["b"]["c"]), runs_of(lambda: store["b"]["d"])
    inner = store["b"]
    reconcile(store, {"a": 1, "b": {"c": 1, "d": 3}, "new": 1})
    assert store == {"a": 1, "b": {"c": 1, "d": 3}, "new": 1}
    assert store["b"] is inner
    assert (a, c, d) == ([1], [1], [2, 3])


def test_reconcile_matches_items_of_lists_by_key() -> None:
    store = create_store([{"id": 1, "n": "a"}, {"id": 2, "n": "b"}, {"id": 3, "n": "c"}])
    one, two, three = store
    name = runs_of(lambda: two["n"])
    reconcile(store, [{"id": 3, "n": "c"}, {"id": 2, "n": "B"}, {"id": 4, "n": "d"}])
    assert store[0] is three
    assert store[1] is two
    assert name == ["b", "B"]
    assert one == {"id": 1, "n": "a"}
    assert store == [{"id": 3, "n": "c"}, {"id": 2, "n": "B"}, {"id": 4, "n": "d"}]


def test_reconcile_matches_items_without_a_key_by_position() -> None:
    store = create_store({"rows": [[1, 2], [3, 4]]})
    first = store["rows"][0]
    cell = runs_of(lambda: store["rows"][1][0])
    reconcile(store, {"rows": [[1, 2], [3, 5], [6]]})
    assert store["rows"][0] is first
    assert store == {"rows": [[1, 2], [3, 5], [6]]}
    assert cell == [3]


def test_reconcile_takes_another_key_and_duplicates() -> None:
    store = create_store([Todo("a"), Todo("b")])
    a, b = store
    reconcile(store, [Todo("b", True), Todo("a"), Todo("a", True)], key="text")
    assert store[0] is b
    assert store[1] is a
    assert store == [Todo("b", True), Todo("a"), Todo("a", True)]


def test_reconcile_follows_a_structure_that_holds_itself() -> None:
    def ring(value: int) -> dict[str, Any]:
        made: dict[str, Any] = {"value": value}
        made["next"] = {"value": value + 1, "next": made}
        return made

    store = create_store(ring(1))
    value = runs_of(lambda: store["next"]["value"])
    reconcile(store, ring(5))
    assert value == [2, 6]
    assert store["next"]["next"] is store


def test_reconcile_takes_over_the_order_of_keys() -> None:
    store = create_store({"a": 1, "b": 2})
    keys, a = runs_of(lambda: list(store)), runs_of(lambda: store["a"])
    reconcile(store, {"b": 2, "a": 1})
    assert keys == [["a", "b"], ["b", "a"]]
    assert a == [1]


def test_reconcile_of_another_type_is_a_named_error() -> None:
    with raises(StoreError, "dict into list"):
        reconcile(create_store({}), [])  # type: ignore[arg-type]
    with raises(StoreError, "no store"):
        reconcile({}, {})


def test_signals_of_parts_that_nobody_reads_any_more_are_swept() -> None:
    store: dict[int, int] = create_store({})
    for key in range(2_000):
        effect_key = key

        def read(key: int = effect_key) -> None:
            store.get(key)

        from tests.core.conformance.helpers import in_root

        in_root(lambda read=read: create_effect(read))()
    assert len(store._nodes) < 300  # type: ignore[attr-defined]


def test_reading_outside_an_observer_makes_no_signals() -> None:
    store = create_store({"a": [1, 2]})
    assert sum(store["a"]) == 3
    assert store._nodes is None  # type: ignore[attr-defined]
