"""Selectors and deferred values."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from metafor.core import (
    batch,
    create_deferred,
    create_effect,
    create_memo,
    create_selector,
    create_signal,
)
from metafor.core.graph import RenderEffect, start_binding
from tests.core.conformance.helpers import in_root, reported, turns


def test_a_selection_wakes_two_readers_however_many_there_are() -> None:
    selected, select = create_signal(0)
    is_selected = create_selector(selected)
    runs: list[tuple[int, bool]] = []
    for key in range(1_000):
        create_effect(lambda key=key: runs.append((key, is_selected(key))))
    runs.clear()
    select(7)
    assert runs == [(0, False), (7, True)]
    runs.clear()
    select(7)
    assert runs == []


def test_is_selected_is_current_at_once_inside_a_batch_too() -> None:
    selected, select = create_signal(1)
    is_selected = create_selector(selected)
    with batch():
        select(2)
        assert is_selected(2)
        assert not is_selected(1)


def test_a_memo_of_a_selector_is_current_when_the_batch_ends() -> None:
    selected, select = create_signal(1)
    is_selected = create_selector(selected)
    style = create_memo(lambda: "danger" if is_selected(2) else "")
    seen: list[str] = []
    create_effect(lambda: seen.append(style()))
    with batch():
        select(2)
    assert style() == "danger"
    assert seen == ["", "danger"]


def test_no_reader_of_a_selector_sees_a_mixed_state() -> None:
    selected, select = create_signal(1)
    seen: list[tuple[int, bool]] = []
    is_selected = create_selector(lambda: selected() % 10)
    create_effect(lambda: seen.append((selected() % 10, is_selected(2))))
    select(2)
    select(3)
    select(12)
    assert all(flag == (digit == 2) for digit, flag in seen)


def test_a_binding_created_before_the_selector_that_it_reads_runs_once() -> None:
    selected, select = create_signal(1)
    made: list[Callable[[int], bool]] = []
    runs: list[bool] = []
    start_binding(RenderEffect(lambda: runs.append(bool(selected() and made and made[0](2)))))
    made.append(create_selector(selected))
    select(3)
    runs.clear()
    select(2)
    assert runs == [True]


def test_a_selection_set_and_set_back_wakes_nobody() -> None:
    selected, select = create_signal(1)
    is_selected = create_selector(selected)
    runs: list[bool] = []
    create_effect(lambda: runs.append(is_selected(1)))
    with batch():
        select(2)
        select(1)
    assert runs == [True]


def test_a_selector_ends_with_its_owner() -> None:
    selected, select = create_signal(1)
    made = []
    dispose = in_root(lambda: made.append(create_selector(selected)))
    dispose()
    select(2)
    assert selected() == 2
    assert made[0](1)


async def test_a_deferred_value_follows_in_a_later_turn() -> None:
    source, set_source = create_signal(1)
    deferred = create_deferred(source)
    seen: list[int] = []
    create_effect(lambda: seen.append(deferred()))
    set_source(2)
    set_source(3)
    assert (deferred(), deferred.peek(), seen) == (1, 1, [1])
    await turns(2)
    assert seen == [1, 3]
    set_source(4)
    await turns(2)
    assert seen == [1, 3, 4]


async def test_a_deferred_value_ends_with_its_owner() -> None:
    source, set_source = create_signal(1)
    made = []
    dispose = in_root(lambda: made.append(create_deferred(source)))
    set_source(2)
    dispose()
    await turns(2)
    assert made[0]() == 1


async def test_a_deferred_value_stays_when_the_next_one_fails() -> None:
    source, set_source = create_signal(1)
    deferred = create_deferred(lambda: 10 // source())
    failures: list[Any] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: failures.append(context))
    with reported() as errors:
        set_source(5)
        set_source(0)
        await turns(2)
    loop.set_exception_handler(None)
    assert deferred() == 10
    assert [type(error) for error in errors] == [ZeroDivisionError]
    assert failures == []
    set_source(2)
    await turns(2)
    assert deferred() == 5
