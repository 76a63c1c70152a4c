"""Bridges between signals and RxPY, and the scheduler (ruling 40)."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import reactivex
from reactivex import operators as ops
from reactivex.subject import Subject

from metafor import rx
from metafor.core import (
    Getter,
    NoOwnerError,
    batch,
    create_effect,
    create_root,
    create_signal,
    set_error_handler,
)
from metafor.testing.virtual_time import in_virtual_time


def under_root(make: Callable[[], Any]) -> tuple[Any, Callable[[], None]]:
    return create_root(lambda dispose: (make(), dispose))


# -- signal -> observable --------------------------------------------------------------------------


def test_from_signal_gives_the_present_value_and_each_change() -> None:
    count, set_count = create_signal(1)
    received: list[int] = []
    subscription = rx.from_signal(count).subscribe(received.append)
    set_count(2)
    set_count(2)
    with batch():
        set_count(3)
        set_count(4)
    subscription.dispose()
    set_count(5)
    assert received == [1, 2, 4]


def test_from_signal_takes_any_function_of_signals() -> None:
    a, set_a = create_signal(1)
    b, _ = create_signal(10)
    received: list[int] = []
    rx.from_signal(lambda: a() + b()).subscribe(received.append)
    set_a(2)
    assert received == [11, 12]


def test_a_subscriber_tracks_nothing() -> None:
    source, set_source = create_signal(0)
    other, set_other = create_signal(0)
    received: list[tuple[int, int]] = []
    rx.from_signal(source).subscribe(lambda value: received.append((value, other())))
    set_other(1)
    set_source(1)
    assert received == [(0, 0), (1, 1)]


def test_a_subscription_ends_with_its_owner() -> None:
    count, set_count = create_signal(0)
    received: list[int] = []
    _, dispose = under_root(lambda: rx.from_signal(count).subscribe(received.append))
    set_count(1)
    dispose()
    set_count(2)
    assert received == [0, 1]


def test_take_one_from_a_signal() -> None:
    count, set_count = create_signal(0)
    received: list[int] = []
    rx.from_signal(count).pipe(ops.take(1)).subscribe(received.append)
    set_count(1)
    assert received == [0]


@in_virtual_time
async def test_a_debounced_signal() -> None:
    query, set_query = create_signal("")
    searched: list[str] = []
    rx.from_signal(query).pipe(ops.skip(1), ops.debounce(0.3)).subscribe(searched.append)
    for text in ("m", "me", "met"):
        set_query(text)
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    assert searched == ["met"]


# -- observable -> signal ----------------------------------------------------------------------------


def test_to_signal_holds_the_latest_value_until_its_owner_ends() -> None:
    subject: Subject[int] = Subject()
    latest, dispose = under_root(lambda: rx.to_signal(subject, 0))
    seen: list[int] = []
    create_root(lambda _: create_effect(lambda: seen.append(latest())))
    subject.on_next(1)
    subject.on_next(2)
    dispose()
    subject.on_next(3)
    assert seen == [0, 1, 2]
    assert subject.observers == []


def test_what_an_observable_reads_when_it_is_subscribed_to_is_not_tracked() -> None:
    other, set_other = create_signal(0)
    runs: list[int | None] = []

    def subscribe(observer: Any, _scheduler: Any = None) -> Any:
        observer.on_next(other())
        return None

    _, dispose = under_root(
        lambda: create_effect(lambda: runs.append(rx.to_signal(reactivex.create(subscribe)).peek()))
    )
    set_other(1)
    dispose()
    assert runs == [0]


def test_to_signal_needs_an_owner() -> None:
    with pytest.raises(NoOwnerError, match="to_signal"):
        rx.to_signal(reactivex.of(1))


def test_to_signal_reports_an_error_and_keeps_the_last_value() -> None:
    errors: list[BaseException] = []
    previous = set_error_handler(errors.append)
    try:
        subject: Subject[int] = Subject()
        latest, _ = under_root(lambda: rx.to_signal(subject))
        assert latest() is None
        subject.on_next(1)
        subject.on_error(LookupError("gone"))
        assert latest() == 1
    finally:
        set_error_handler(previous)
    assert [str(error) for error in errors] == ["gone"]


@in_virtual_time
async def test_to_signal_schedules_on_the_loop() -> None:
    subject: Subject[int] = Subject()
    latest: Getter[int | None]
    latest, dispose = under_root(lambda: rx.to_signal(subject.pipe(ops.debounce(1.0))))
    subject.on_next(1)
    assert latest() is None
    await asyncio.sleep(1.1)
    assert latest() == 1
    subject.on_next(2)
    dispose()
    await asyncio.sleep(2)
    assert latest() == 1


# -- the scheduler -------------------------------------------------------------------------------------


@in_virtual_time
async def test_scheduler_runs_on_the_running_loop() -> None:
    loop = asyncio.get_running_loop()
    ticks: list[float] = []
    interval = reactivex.interval(1.0, scheduler=rx.scheduler())
    subscription = interval.subscribe(lambda _: ticks.append(loop.time()))
    await asyncio.sleep(3.5)
    subscription.dispose()
    await asyncio.sleep(3)
    assert ticks == [1, 2, 3]


@in_virtual_time
async def test_scheduler_takes_relative_and_absolute_times() -> None:
    scheduler = rx.scheduler()
    loop = asyncio.get_running_loop()
    ran: list[tuple[str, float]] = []

    def note(name: str) -> Any:
        return lambda *_: ran.append((name, round(loop.time(), 3)))

    scheduler.schedule(note("soon"))
    scheduler.schedule_relative(-1, note("past"))
    scheduler.schedule_relative(timedelta(seconds=1), note("relative"))
    scheduler.schedule_absolute(scheduler.now + timedelta(seconds=2), note("absolute"))
    cancelled = scheduler.schedule_relative(1, note("never"))
    cancelled.dispose()
    await asyncio.sleep(3)
    assert ran == [("soon", 0), ("past", 0), ("relative", 1), ("absolute", 2)]


@in_virtual_time
async def test_scheduler_tells_the_time_in_utc_and_moves_with_the_loop() -> None:
    before = rx.scheduler().now
    assert abs(before - datetime.now(UTC)) < timedelta(seconds=5)
    await asyncio.sleep(60)
    assert rx.scheduler().now - before == pytest.approx(timedelta(seconds=60), abs=timedelta(milliseconds=1))


def test_without_a_loop_scheduling_is_an_error() -> None:
    assert abs(rx.scheduler().now - datetime.now(UTC)) < timedelta(seconds=5)
    with pytest.raises(RuntimeError, match="no running event loop"):
        rx.scheduler().schedule(lambda *_: None)


@in_virtual_time
async def test_a_scheduled_action_is_one_batch_and_its_error_is_reported() -> None:
    errors: list[BaseException] = []
    previous = set_error_handler(errors.append)
    try:
        a, set_a = create_signal(0)
        b, set_b = create_signal(0)
        seen: list[tuple[int, int]] = []
        create_root(lambda _: create_effect(lambda: seen.append((a(), b()))))

        def write(*_: object) -> None:
            set_a(1)
            set_b(1)
            raise LookupError("timer")

        rx.scheduler().schedule_relative(1, write)
        await asyncio.sleep(2)
    finally:
        set_error_handler(previous)
    assert seen == [(0, 0), (1, 1)]
    assert [str(error) for error in errors] == ["timer"]


@in_virtual_time
async def test_scheduled_wraps_a_foreign_observable() -> None:
    loop = asyncio.get_running_loop()
    ticks: list[float] = []
    subscription = rx.scheduled(reactivex.interval(1.0)).subscribe(lambda _: ticks.append(loop.time()))
    await asyncio.sleep(2.5)
    subscription.dispose()
    assert ticks == [1, 2]


def test_ruling_40_without_threads_the_error_names_the_scheduler() -> None:
    """As in Pyodide: a time operator of a chain that is not ours must not say "can't start new thread"."""
    code = """
import sys
sys.platform = "emscripten"
import metafor.rx, reactivex
from reactivex import operators as ops
from metafor.errors import MetaforError
for chain in (reactivex.timer(1.0), reactivex.of(1).pipe(ops.debounce(1.0)), reactivex.interval(1.0)):
    try:
        chain.subscribe(print, on_error=lambda error: print(error))
    except MetaforError as error:
        print(error)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = run.stdout.splitlines()
    assert len(lines) == 3
    for line in lines:
        assert "metafor.rx.scheduler()" in line
        assert "rx/no-threads" in line
