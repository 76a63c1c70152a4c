"""Async: the owner follows into tasks, tracking does not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from metafor.core import (
    create_context,
    create_effect,
    create_root,
    create_signal,
    get_owner,
    on_dispose,
    on_mount,
    provide_context,
    spawn,
    start_task,
    use_context,
)
from tests.core.conformance.helpers import in_root, raises, reported, turns


async def test_an_async_effect_tracks_up_to_its_first_await() -> None:
    """Ruling 14."""
    before, set_before = create_signal(0)
    after, set_after = create_signal(0)
    runs: list[int] = []

    async def run() -> None:
        runs.append(before())
        await turns(1)
        after()

    dispose = in_root(lambda: create_effect(run))
    await turns()
    set_after(1)
    await turns()
    assert runs == [0]
    set_before(1)
    await turns()
    assert runs == [0, 1]
    dispose()


async def test_the_next_run_of_an_async_effect_cancels_the_last_one_s_task() -> None:
    """Ruling 14."""
    source, set_source = create_signal(0)
    log: list[str] = []

    async def run() -> None:
        value = source()
        try:
            await turns(5)
            log.append(f"done {value}")
        except asyncio.CancelledError:
            log.append(f"cancelled {value}")
            raise

    dispose = in_root(lambda: create_effect(run))
    set_source(1)
    await turns(10)
    assert log == ["cancelled 0", "done 1"]
    dispose()


async def test_the_owner_follows_into_a_task() -> None:
    theme = create_context("light")
    seen: list[str] = []
    tasks: list[object] = []

    async def work() -> None:
        await turns(1)
        seen.append(use_context(theme))
        on_dispose(lambda: seen.append("released"))

    def start() -> None:
        provide_context(theme, "dark")
        tasks.append(asyncio.ensure_future(work()))

    dispose = in_root(start)
    await turns()
    dispose()
    assert seen == ["dark", "released"]


async def test_a_disposed_owner_cancels_the_tasks_it_spawned() -> None:
    """Ruling 15."""
    log: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            log.append("cancelled")
            raise

    dispose = in_root(lambda: spawn(forever()))
    await turns(1)
    dispose()
    await turns()
    assert log == ["cancelled"]


async def test_a_plain_task_is_the_user_s_own() -> None:
    """Ruling 15."""
    log: list[str] = []

    async def work() -> None:
        await turns(2)
        log.append("done")

    tasks = []
    dispose = in_root(lambda: tasks.append(asyncio.create_task(work())))
    dispose()
    await turns(5)
    assert log == ["done"]


async def test_a_spawned_task_that_is_done_leaves_nothing_in_its_owner() -> None:
    owners = []

    async def work() -> None:
        await turns(1)

    def start() -> None:
        owners.append(get_owner())
        for _ in range(100):
            spawn(work())

    dispose = in_root(start)
    await turns(5)
    assert owners[0]._last is None
    dispose()


async def test_a_coroutine_started_by_metafor_runs_at_once_up_to_its_first_await() -> None:
    log: list[str] = []

    async def work() -> str:
        log.append("at once")
        await turns(1)
        log.append("later")
        return "value"

    task = start_task(work())
    assert log == ["at once"]
    assert await task == "value"
    assert log == ["at once", "later"]


async def test_an_error_of_an_owned_task_goes_to_the_boundary() -> None:
    """Ruling 16."""

    async def fail() -> None:
        await turns(1)
        raise ValueError("later")

    with reported() as errors:
        dispose = in_root(lambda: spawn(fail()))
        await turns(5)
    assert [str(error) for error in errors] == ["later"]
    dispose()


async def test_an_async_mount_is_owned_and_an_async_dispose_runs_to_its_end() -> None:
    log: list[str] = []

    async def mounted() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            log.append("mount cancelled")
            raise

    async def disposed() -> None:
        log.append("dispose begins")
        await turns(2)
        log.append("dispose ends")

    def start() -> None:
        on_mount(mounted)
        on_dispose(disposed)

    dispose = in_root(start)
    await turns(1)
    dispose()
    await turns(6)
    assert sorted(log) == ["dispose begins", "dispose ends", "mount cancelled"]


async def test_a_read_after_an_await_tracks_nothing_even_while_another_effect_runs() -> None:
    late, set_late = create_signal(0)
    trigger, set_trigger = create_signal(0)
    runs: list[str] = []

    async def slow() -> None:
        runs.append("slow")
        await turns(1)
        late()

    def start() -> None:
        create_effect(slow)
        create_effect(lambda: runs.append(f"other {trigger()}"))

    dispose = in_root(start)
    await turns()
    set_trigger(1)
    runs.clear()
    set_late(1)
    await turns()
    assert runs == []
    dispose()


async def test_a_task_that_raises_in_its_first_step_reports_and_raises_to_who_awaits() -> None:
    async def fail() -> None:
        raise ValueError("first step")

    with reported() as errors:
        task = start_task(fail())
        with raises(ValueError, "first step"):
            await task
        await turns()
    assert len(errors) == 1


async def test_an_effect_without_an_owner_may_be_async() -> None:
    source, set_source = create_signal(0)
    seen: list[int] = []

    async def run() -> None:
        value = source()
        await turns(1)
        seen.append(value)

    create_effect(run)
    await turns()
    set_source(1)
    await turns()
    assert seen == [0, 1]


async def test_a_task_may_write_and_its_observers_run_at_once() -> None:
    source, set_source = create_signal(0)
    seen: list[int] = []
    create_effect(lambda: seen.append(source()))

    async def work() -> None:
        await turns(1)
        set_source(1)
        assert seen == [0, 1]

    await asyncio.ensure_future(work())


async def test_disposing_twice_cancels_a_task_once() -> None:
    cancelled: list[int] = []

    async def stubborn() -> None:
        for _ in range(3):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(1)
                return

    def start(dispose):  # type: ignore[no-untyped-def]
        spawn(stubborn())
        return dispose

    dispose = create_root(start)
    await turns(1)
    dispose()
    dispose()
    await turns()
    assert cancelled == [1]


async def test_a_task_that_ends_its_own_owner_is_cancelled_at_its_next_await() -> None:
    log: list[str] = []

    async def work(dispose: Callable[[], None]) -> None:
        dispose()
        log.append("went on")
        await asyncio.sleep(0)
        log.append("never")

    create_root(lambda dispose: spawn(work(dispose)))
    await turns()
    assert log == ["went on"]
