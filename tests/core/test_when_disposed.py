"""What ends with an owner, and can end before: `metafor.core.lifecycle.when_disposed`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from metafor.core import create_root, get_owner, on_dispose, spawn
from metafor.core.lifecycle import lasting_owner, when_disposed


def test_it_is_called_once_last_first_and_before_the_owners_own_callbacks() -> None:
    called: list[str] = []

    def start(dispose: Callable[[], None]) -> Callable[[], None]:
        on_dispose(lambda: called.append("own"))
        for name in ("a", "b"):
            when_disposed(lambda name=name: called.append(name))  # type: ignore[misc]
        return dispose

    dispose = create_root(start)
    dispose()
    dispose()
    assert called == ["b", "a", "own"]


def test_what_is_taken_back_is_not_called_and_leaves_nothing() -> None:
    called: list[str] = []

    def start(dispose: Callable[[], None]) -> Callable[[], None]:
        for _ in range(3):
            take_back = when_disposed(lambda: called.append("never"))
            take_back()
            take_back()
        owner = get_owner()
        assert owner is not None
        assert owner._last is None
        assert not owner._cleanups
        return dispose

    create_root(start)()
    assert called == []


def test_under_a_disposed_owner_it_is_called_at_once_and_without_one_never() -> None:
    called: list[str] = []

    def start(dispose: Callable[[], None]) -> None:
        dispose()
        when_disposed(lambda: called.append("late"))()

    create_root(start)
    assert called == ["late"]
    when_disposed(lambda: called.append("never"))()
    assert called == ["late"]


async def test_in_a_task_it_belongs_to_the_owner_of_the_task() -> None:
    called: list[str] = []

    async def task() -> None:
        when_disposed(lambda: called.append("end"))
        await asyncio.sleep(0)
        when_disposed(lambda: called.append("second"))

    def start(dispose: Callable[[], None]) -> tuple[asyncio.Task[None], Callable[[], None]]:
        owner = get_owner()

        async def look() -> None:
            assert get_owner() is not owner
            assert lasting_owner() is owner

        spawn(look())
        return spawn(task()), dispose

    running, dispose = create_root(start)
    await running
    assert called == []
    dispose()
    assert called == ["second", "end"]
