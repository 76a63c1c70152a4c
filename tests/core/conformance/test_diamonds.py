"""Diamonds and jagged diamonds: one change, one computation, one moment."""

from __future__ import annotations

from metafor.core import create_effect, create_memo, create_signal


def test_the_tip_of_a_diamond_computes_once_for_each_change() -> None:
    source, set_source = create_signal("a")
    left = create_memo(lambda: source() + "l")
    right = create_memo(lambda: source() + "r")
    runs: list[str] = []

    def join() -> str:
        runs.append(left() + right())
        return runs[-1]

    tip = create_memo(join)
    seen: list[str] = []
    create_effect(lambda: seen.append(tip()))
    set_source("b")
    assert runs == seen == ["alar", "blbr"]


def test_a_diamond_with_a_tail_computes_the_tail_once() -> None:
    source, set_source = create_signal(1)
    left = create_memo(lambda: source() + 1)
    right = create_memo(lambda: source() + 2)
    tip = create_memo(lambda: left() + right())
    runs: list[int] = []
    tail = create_memo(lambda: runs.append(tip()) or tip())
    create_effect(tail)
    set_source(2)
    assert runs == [5, 7]


def test_a_jagged_diamond_waits_for_its_longer_arm() -> None:
    source, set_source = create_signal(1)
    long_1 = create_memo(lambda: source() + 1)
    long_2 = create_memo(lambda: long_1() + 1)
    long_3 = create_memo(lambda: long_2() + 1)
    short = create_memo(lambda: source() * 10)
    seen: list[tuple[int, int, int]] = []
    create_effect(lambda: seen.append((source(), short(), long_3())))
    set_source(2)
    assert seen == [(1, 10, 4), (2, 20, 5)]


def test_a_jagged_diamond_computes_each_memo_once_in_dependency_order() -> None:
    source, set_source = create_signal(0)
    order: list[str] = []

    def logged(name: str, *reads):  # type: ignore[no-untyped-def]
        def compute() -> int:
            value = sum(read() for read in reads)
            order.append(name)
            return value

        return create_memo(compute)

    b = logged("b", source)
    c = logged("c", source)
    d = logged("d", c)
    e = logged("e", b, d)
    f = logged("f", e)
    g = logged("g", e)
    create_effect(lambda: (f(), g()))
    order.clear()
    set_source(1)
    assert sorted(order) == ["b", "c", "d", "e", "f", "g"]
    assert order.index("c") < order.index("d") < order.index("e") < order.index("f")


def test_an_arm_that_stays_equal_does_not_hide_the_one_that_changed() -> None:
    source, set_source = create_signal(1)
    same = create_memo(lambda: source() * 0)
    changing = create_memo(lambda: source() + 1)
    seen: list[tuple[int, int]] = []
    create_effect(lambda: seen.append((same(), changing())))
    set_source(2)
    assert seen == [(0, 2), (0, 3)]


def test_nothing_below_arms_that_stay_equal_runs() -> None:
    source, set_source = create_signal(1)
    left = create_memo(lambda: source() > 0)
    right = create_memo(lambda: source() < 100)
    runs: list[bool] = []
    tip = create_memo(lambda: runs.append(left() and right()) or runs[-1])
    effects: list[bool] = []
    create_effect(lambda: effects.append(tip()))
    set_source(2)
    set_source(3)
    assert runs == effects == [True]


def test_a_memo_marked_twice_computes_once() -> None:
    first, set_first = create_signal(1)
    second, set_second = create_signal(1)
    runs: list[int] = []
    total = create_memo(lambda: runs.append(first() + second()) or runs[-1])
    assert total() == 2
    set_first(2)
    set_second(2)
    assert total() == 4
    assert runs == [2, 4]
