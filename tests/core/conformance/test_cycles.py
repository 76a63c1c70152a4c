"""Cycles: a named error that prints the path, and a graph that recovers."""

from __future__ import annotations

from metafor.core import CycleError, create_effect, create_memo, create_signal
from tests.core.conformance.helpers import raises, reported


def test_a_memo_that_reads_itself_names_itself() -> None:
    memo = create_memo(lambda: memo() + 1, name="total")
    with raises(CycleError, "total -> total"):
        memo()


def test_a_cycle_prints_its_path_by_name() -> None:
    """Ruling 18."""
    a = create_memo(lambda: b(), name="a")
    b = create_memo(lambda: c(), name="b")
    c = create_memo(lambda: a(), name="c")
    with raises(CycleError, "a -> b -> c -> a"):
        a()


def test_the_path_holds_the_circle_alone_not_the_way_to_it() -> None:
    entry = create_memo(lambda: a(), name="entry")
    a = create_memo(lambda: b(), name="a")
    b = create_memo(lambda: a(), name="b")
    with raises(CycleError) as caught:
        entry()
    assert "a -> b -> a" in str(caught.error)
    assert "entry" not in str(caught.error)


def test_a_memo_without_a_name_goes_by_its_function() -> None:
    def subtotal() -> int:
        return memo()

    memo = create_memo(subtotal)
    with raises(CycleError, "subtotal -> "):
        memo()


def test_a_peek_closes_a_cycle_too() -> None:
    memo = create_memo(lambda: memo.peek(), name="peeking")
    with raises(CycleError, "peeking"):
        memo()


def test_a_cycle_that_opens_again_is_over() -> None:
    closed, set_closed = create_signal(True)
    a = create_memo(lambda: b() if closed() else 0, name="a")
    b = create_memo(lambda: a() + 1, name="b")
    with raises(CycleError):
        a()
    with raises(CycleError):
        b()
    set_closed(False)
    assert (a(), b()) == (0, 1)
    set_closed(True)
    with raises(CycleError):
        b()
    set_closed(False)
    assert (b(), a()) == (1, 0)


def test_an_effect_behind_a_cycle_runs_again_when_the_cycle_opens() -> None:
    closed, set_closed = create_signal(False)
    a = create_memo(lambda: b() if closed() else 0, name="a")
    b = create_memo(lambda: a() + 1, name="b")
    seen: list[int] = []
    with reported() as errors:
        create_effect(lambda: seen.append(b()))
        set_closed(True)
        assert len(errors) == 1
        assert isinstance(errors[0], CycleError)
        set_closed(False)
    assert seen[-1] == 1
    assert len(errors) == 1


def test_checking_a_closed_cycle_of_kept_errors_ends() -> None:
    gate, set_gate = create_signal(1)
    parity = create_memo(lambda: gate() % 2)
    a = create_memo(lambda: b() if parity() else 0, name="a")
    b = create_memo(lambda: a() if parity() else 1, name="b")
    with raises(CycleError):
        a()
    set_gate(3)
    for read in (b, a, b):
        with raises(CycleError):
            read()
    set_gate(2)
    assert (a(), b()) == (0, 1)


def test_what_looks_like_a_circle_but_is_read_in_turn_is_none() -> None:
    flip, set_flip = create_signal(True)
    a = create_memo(lambda: 1 if flip() else b() + 1)
    b = create_memo(lambda: a() + 1 if flip() else 1)
    assert (a(), b()) == (1, 2)
    set_flip(False)
    assert (a(), b()) == (2, 1)
    set_flip(True)
    assert (b(), a()) == (2, 1)


def test_a_circle_that_closes_behind_a_source_that_stays_equal_prints_its_path() -> None:
    """The memo that closes it only knows that it has to look: its sources may all have stayed equal."""
    closed, set_closed = create_signal(False)
    steady = create_memo(lambda: closed() and False)
    a = create_memo(lambda: b() if closed() else 1, name="a")
    b = create_memo(lambda: (steady(), a())[1] + 1, name="b")
    assert b() == 2
    set_closed(True)
    with raises(CycleError, "a -> b -> a"):
        a()
    set_closed(False)
    assert (a(), b()) == (1, 2)


def test_an_effect_that_reads_a_memo_that_creates_it_is_no_cycle() -> None:
    source, set_source = create_signal(0)
    seen: list[int] = []

    def compute() -> int:
        create_effect(lambda: seen.append(memo()))
        return source()

    memo = create_memo(compute)
    memo()
    set_source(1)
    memo()
    assert seen[-1] == 1
