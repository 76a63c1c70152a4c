"""Laziness: nothing computes that nobody needs."""

from __future__ import annotations

from metafor.core import create_effect, create_memo, create_signal
from tests.core.conformance.helpers import in_root


def test_a_memo_that_nobody_reads_never_computes() -> None:
    source, set_source = create_signal(0)
    runs: list[int] = []
    create_memo(lambda: runs.append(source()))
    set_source(1)
    assert runs == []


def test_a_memo_computes_once_however_often_it_is_read() -> None:
    source, set_source = create_signal(0)
    runs: list[int] = []
    memo = create_memo(lambda: runs.append(source()) or source())
    for _ in range(3):
        memo()
    set_source(1)
    for _ in range(3):
        memo()
    assert runs == [0, 1]


def test_writes_between_two_reads_cost_one_computation() -> None:
    source, set_source = create_signal(0)
    runs: list[int] = []
    memo = create_memo(lambda: runs.append(source()) or source())
    memo()
    for value in range(1, 10):
        set_source(value)
    assert memo() == 9
    assert runs == [0, 9]


def test_a_memo_whose_last_observer_went_computes_no_more() -> None:
    source, set_source = create_signal(0)
    runs: list[int] = []
    memo = create_memo(lambda: runs.append(source()) or source())
    dispose = in_root(lambda: create_effect(memo))
    set_source(1)
    dispose()
    set_source(2)
    set_source(3)
    assert runs == [0, 1]
    assert memo() == 3


def test_a_memo_behind_one_that_stays_equal_does_not_compute() -> None:
    source, set_source = create_signal(0)
    runs: list[bool] = []
    even = create_memo(lambda: source() % 2 == 0)
    label = create_memo(lambda: runs.append(even()) or even())
    assert label()
    set_source(2)
    assert label()
    set_source(3)
    assert not label()
    assert runs == [True, False]


def test_reading_a_memo_outside_an_observer_keeps_it_cached() -> None:
    runs: list[int] = []
    source, _ = create_signal(1)
    memo = create_memo(lambda: runs.append(1) or source())
    memo.peek()
    memo()
    assert runs == [1]
