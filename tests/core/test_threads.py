"""A graph belongs to the thread that made it (ruling 21)."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from metafor.core import (
    ThreadError,
    batch,
    create_effect,
    create_memo,
    create_signal,
    create_store,
    reconcile,
)


def in_thread(fn: Callable[[], object]) -> BaseException | None:
    raised: list[BaseException] = []

    def run() -> None:
        try:
            fn()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, name="worker")
    thread.start()
    thread.join()
    return raised[0] if raised else None


def test_use_from_another_thread_is_an_error_that_names_both() -> None:
    count, set_count = create_signal(0)
    double = create_memo(lambda: count() * 2)
    create_effect(count)
    for use in (
        lambda: set_count(1),
        double,
        lambda: create_effect(count),
        lambda: create_memo(count),
        lambda: batch(lambda: None),
    ):
        error = in_thread(use)
        assert isinstance(error, ThreadError)
        assert "MainThread" in str(error)
        assert "worker" in str(error)
        assert "call_soon_threadsafe" in str(error)
    assert count() == 0


def test_after_a_refused_use_the_graph_is_whole() -> None:
    count, set_count = create_signal(0)
    seen: list[int] = []
    create_effect(lambda: seen.append(count()))
    in_thread(lambda: set_count(1))
    set_count(2)
    assert seen == [0, 2]


def test_reading_a_signal_while_an_effect_runs_elsewhere_is_refused() -> None:
    mine, _ = create_signal(0)
    other, _ = create_signal(0)
    errors: list[BaseException | None] = []

    def run() -> None:
        mine()
        errors.append(in_thread(other))

    create_effect(run)
    assert isinstance(errors[0], ThreadError)


def test_a_graph_whose_thread_has_ended_is_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    from metafor.core.section import now

    home = now.thread
    try:
        now.thread = 0
        assert in_thread(lambda: create_memo(lambda: 1)()) is None
        count, set_count = create_signal(0)
        set_count(1)
        assert count() == 1
    finally:
        now.thread = home


def test_a_store_is_of_one_thread_too() -> None:
    items, todo = create_store([1]), create_store({"a": 1})
    for use in (lambda: items.append(2), lambda: todo.__setitem__("a", 2), lambda: reconcile(items, [])):
        assert isinstance(in_thread(use), ThreadError)
    assert (items, todo) == ([1], {"a": 1})
