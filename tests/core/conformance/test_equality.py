"""Equality: what counts as a change (ruling 12)."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from metafor.core import create_effect, create_memo, create_signal


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


@dataclass
class Point:
    x: int


def notifies(old: Any, new: Any, **options: Any) -> bool:
    value, set_value = create_signal(old, **options)
    seen: list[Any] = []
    create_effect(lambda: seen.append(value()))
    set_value(new)
    assert value() is new or len(seen) == 1
    return len(seen) == 2


def test_an_equal_immutable_scalar_is_no_change() -> None:
    stamp = datetime(2024, 1, 2, 3, 4, tzinfo=UTC)
    for make in (
        lambda: 10**30,
        lambda: 1.5,
        lambda: 1 + 2j,
        lambda: True,
        lambda: "".join(["a", "b"]),
        lambda: bytes([1, 2]),
        lambda: None,
        lambda: Decimal("1.50"),
        lambda: Fraction(1, 3),
        lambda: date(2024, 1, 2),
        lambda: time(1, 2),
        lambda: datetime(2024, 1, 2, 3, 4, tzinfo=UTC),
        lambda: timedelta(seconds=3),
        lambda: UUID(int=5),
        lambda: Colour.RED,
        lambda: print,
        lambda: Point,
        lambda: enum,
    ):
        assert not notifies(make(), make()), make()
    assert notifies(stamp, stamp + timedelta(1))


def test_a_different_scalar_is_a_change() -> None:
    for old, new in ((1, 2), ("a", "b"), (None, 0), (Colour.RED, Colour.BLUE), (print, len)):
        assert notifies(old, new)


def test_types_must_be_the_same() -> None:
    for old, new in ((1, 1.0), (1, True), (0, False), (1.0, 1 + 0j), ("a", b"a")):
        assert notifies(old, new)


def test_two_nan_are_equal() -> None:
    assert not notifies(float("nan"), float("nan"))
    assert not notifies(Decimal("NaN"), Decimal("NaN"))


def test_a_signalling_nan_is_compared_without_an_error() -> None:
    notifies(Decimal("sNaN"), Decimal("sNaN"))
    assert notifies(Decimal(1), Decimal("sNaN"))


def test_a_mutable_value_always_notifies_the_same_object_too() -> None:
    for value in ([1], {"a": 1}, {1}, bytearray(b"a"), Point(1), object()):
        assert notifies(value, value)


def test_a_foreign_eq_is_never_called() -> None:
    class Array:
        def __eq__(self, other: object) -> bool:
            raise AssertionError("arrays are never compared")

        __hash__ = None  # type: ignore[assignment]

    array = Array()
    assert notifies(array, array)
    assert notifies(array, Array())


def test_a_subclass_of_a_scalar_always_notifies() -> None:
    class Celsius(float):
        pass

    assert notifies(Celsius(1), Celsius(1))


def test_a_tuple_is_compared_item_by_item() -> None:
    assert not notifies((1, ("a", 2.0)), (1, ("a", 2.0)))
    assert notifies((1, 2), (1, 2, 3))
    assert notifies((1,), (True,))
    assert notifies(([],), ([],))
    shared: list[int] = []
    assert notifies((shared,), (shared,))


def test_a_frozenset_is_compared_member_by_member() -> None:
    assert not notifies(frozenset({1, "a"}), frozenset({"a", 1}))
    assert notifies(frozenset({1}), frozenset({True}))
    assert notifies(frozenset({1}), frozenset({1, 2}))


def test_a_tuple_nested_very_deep_is_a_change_not_a_crash() -> None:
    def nested() -> tuple[Any, ...]:
        value: tuple[Any, ...] = ()
        for _ in range(2_000):
            value = (value,)
        return value

    source, set_source = create_signal(nested())
    seen: list[int] = []
    create_effect(lambda: (source(), seen.append(1)))
    set_source(nested())
    assert len(seen) in (1, 2)


def test_equals_false_always_notifies() -> None:
    assert notifies(1, 1, equals=False)


def test_equals_gets_old_and_new() -> None:
    calls: list[tuple[int, int]] = []

    def near(old: int, new: int) -> bool:
        calls.append((old, new))
        return abs(new - old) < 5

    assert not notifies(10, 12, equals=near)
    assert notifies(10, 20, equals=near)
    assert calls == [(10, 12), (10, 20)]


def test_a_skipped_write_keeps_the_old_value() -> None:
    value, set_value = create_signal(1.0, equals=lambda old, new: abs(old - new) < 1)
    set_value(1.5)
    assert value() == 1.0


def test_reads_in_equals_are_not_tracked() -> None:
    other, set_other = create_signal(0)
    trigger, set_trigger = create_signal(0)
    _, set_target = create_signal(0, equals=lambda old, new: other() < 0)
    memo = create_memo(trigger, equals=lambda old, new: other() < 0)
    runs: list[int] = []

    def run() -> None:
        runs.append(memo())
        set_target(memo())

    create_effect(run)
    set_trigger(1)
    assert runs == [0, 1]
    set_other(1)
    assert runs == [0, 1]


def test_a_memo_with_equals_false_always_passes_on() -> None:
    source, set_source = create_signal(1)
    always = create_memo(lambda: source() * 0, equals=False)
    seen: list[int] = []
    create_effect(lambda: seen.append(always()))
    set_source(2)
    assert seen == [0, 0]


def test_a_memo_that_gives_a_list_always_passes_on() -> None:
    source, set_source = create_signal(1)
    items = create_memo(lambda: [source() * 0])
    seen: list[list[int]] = []
    create_effect(lambda: seen.append(items()))
    set_source(2)
    assert seen == [[0], [0]]
