"""A little of everything, before the app starts: what comes then is nothing new to the browser.

V8 compiles the loop that runs Python's bytecode for what it has seen. A call through a pointer that has had
no more than four targets is compiled for these; the first other one discards the compiled loop, and for a
fifth of a second, until it is compiled anew, Python runs at half its speed. That was the first click of a
visitor, if only because its handler multiplied a float. A call that has had more targets is compiled for all
that may come.

Source: https://v8.dev/blog/wasm-speculative-optimizations. docs/rendering.md has what it brings.
"""

# ruff: noqa: B018  (that something is computed, and thrown away, is what it is for)

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from itertools import chain, islice
from typing import Any

__all__ = ["warm_up"]


class _Object:
    def __init__(self, *given: Any) -> None:
        self.given = given

    def __call__(self) -> Any:
        return self

    def __add__(self, other: Any) -> Any:
        return other

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[Any]:
        yield self

    def __contains__(self, item: Any) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        return name

    def __getitem__(self, key: Any) -> Any:
        return key

    def __setitem__(self, key: Any, value: Any) -> None:
        pass


class _Slotted:
    __slots__ = ("value",)

    def __init__(self, value: Any = None) -> None:
        self.value = value

    @property
    def same(self) -> Any:
        return self.value


def warm_up() -> None:
    """Show the browser what Python can do: 10 ms the first time, then 1 to 2. Changes nothing."""
    # An instruction of Python's adapts itself to what it is given when it has run twice.
    for _ in range(4):
        for a, b in ((7, 3), (7.5, 2), (7, 2.5), (7.5, 2.5), (True, 1), (10**20, 3)):
            _calculate(a, b)
        for a, b in ((7, 3), (True, 1), (10**20, 3)):
            _calculate_bits(a, b)
        _combine()
        _examine()
        _go_through()
        _call()
        _look_into()


def _calculate(a: Any, b: Any) -> None:
    a + b, a - b, a * b, a / b, a // b, a % b, a**2, -a, +a, not a
    a < b, a <= b, a == b, a != b, a >= b, a > b
    total = a
    total += b
    total -= b
    total *= b
    total /= b
    total //= b
    total %= b


def _calculate_bits(a: Any, b: Any) -> None:
    a & b, a | b, a ^ b, a << b, a >> b, ~b
    bits = a
    bits &= b
    bits |= b
    bits ^= b
    bits <<= b
    bits >>= b


def _combine() -> None:
    pairs: list[Any] = [("a", "b"), (b"a", b"b"), ([1], [2]), ((1,), (2,)), (1j, 1), (_Object(), 1)]
    for one, other in pairs:
        one + other
        one += other
    sequences: list[Any] = ["a", b"a", [1], (1,)]
    for sequence in sequences:
        sequence * 2, sequence[0], sequence[0:1]
    ones, twos, table = {1}, {2}, {1: 1}
    ones & twos, ones | twos, ones - twos, ones ^ twos, ones < twos, table | table, table.keys() & ones


def _examine() -> None:
    number, text = 1.5, "a"
    f"{number}{number:.1f}{text}{text!r}"
    values: list[Any] = [
        1, 1.5, 1j, "a", b"a", None, True, [1], (1,), {1: 1}, {1}, range(1), _Object(), len, int,
    ]  # fmt: skip
    for value in values:
        value == value, value is value, repr(value), str(value), bool(value), isinstance(value, int)
        if value:
            not value


def _go_through() -> None:
    table = {1: 1}
    iterables: list[Any] = [
        [1], (1,), "a", b"a", range(1), table, {1}, table.keys(), table.values(), table.items(), iter([1]),
        zip([1], [1], strict=False), enumerate([1]), reversed([1]), map(str, [1]), filter(None, [1]),
        chain([1]), islice([1], 1), (value for value in [1]), _Object(),
    ]  # fmt: skip
    for iterable in iterables:
        for _ in iterable:
            pass
        [*iterable]
    containers: list[Any] = [
        [1], (1,), "1", b"1", range(2), table, {1}, frozenset((1,)), table.keys(), table.values(), _Object(),
    ]  # fmt: skip
    for container in containers:
        len(container), next(iter(container)) in container, container is not table


def _call() -> None:
    without: list[Any] = [
        int, float, str, bool, bytes, list, tuple, dict, set, object, _Object, _Slotted, globals,
        partial(int), _Object(), lambda: 1, [].copy, {}.items, "a".upper, _Object().__len__,
    ]  # fmt: skip
    for fn in without:
        fn()
    taking: list[Any] = [
        len, repr, str, bool, list, tuple, set, iter, sorted, sum, max, any, id, type, hash, _Object,
        _Slotted,
    ]  # fmt: skip
    for fn in taking:
        fn((1,))
    values: Any = [3, 1, 2]
    values.append(4), values.extend((5,)), values.insert(0, 6), values.index(1), values.sort(), values.pop()
    values.remove(5), values.count(1), values.reverse(), values.copy()
    ones: Any = {1}
    ones.add(2), ones.discard(2), ones.union(values), ones.isdisjoint(values), ones.pop(), ones.clear()
    table: Any = {1: 1}
    table.get(1), table.get(2, 3), table.setdefault(2, 2), table.update(a=1), table.pop(1), table.copy()
    table.keys(), table.values(), table.items(), table.clear()
    text, names = "a b", {"a": 1}
    text.split(), text.split(" "), text.join(("a",)), text.startswith("a"), text.encode(), text.upper()
    (
        text.strip(),
        text.find("a"),
        text.replace("a", "b"),
        text.endswith("b"),
        text.rsplit(" "),
        text.partition(" "),
    )
    abs(1), ord("a"), chr(97), round(1.5), divmod(7, 2), getattr(text, "no", 1), hasattr(text, "no")
    (
        next(iter(()), 1),
        sum(values, start=0),
        int("7", base=10),
        max(1, 2),
        min(1, 2),
        enumerate(values, start=1),
    )
    take: Any = lambda *given, **named: given  # noqa: E731
    take(*values, **names), take(1, b=2), sorted(values, key=lambda value: -value)


def _look_into() -> None:
    values, pair, table, one, slotted = [1, 2, 3], (1, 2), {1: 1, "a": 2}, _Object(), _Slotted()
    values[0], values[-1], pair[0], table[1], table["a"], one[1]
    values[0], values[0:1], table[2], table["b"], one[1] = 1, [1], 2, 3, 1
    del values[0], table[2]
    slotted.value, slotted.same, one.given, one.other, one.__len__, _Object.__len__, partial(int).func
    owners: list[Any] = [one, slotted, _Object, _call, sys, values, super(_Object, one), one.__len__, 1]
    for owner in owners:
        owner.__class__, owner.__doc__
    slotted.value = one.given = (2, 3)
    _, *_ = values
    try:
        table["none"]
    except KeyError:
        pass
