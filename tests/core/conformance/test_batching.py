"""Batching: writes together, effects once."""

from __future__ import annotations

import asyncio

from metafor.core import BatchError, batch, create_effect, create_memo, create_signal
from tests.core.conformance.helpers import raises, turns


def test_effects_run_once_when_the_batch_ends() -> None:
    first, set_first = create_signal("Ada")
    last, set_last = create_signal("Lovelace")
    seen: list[str] = []
    create_effect(lambda: seen.append(f"{first()} {last()}"))

    def rename() -> None:
        set_first("Grace")
        set_last("Hopper")

    batch(rename)
    assert seen == ["Ada Lovelace", "Grace Hopper"]


def test_batch_gives_the_value_of_its_function() -> None:
    assert batch(lambda: 42) == 42


def test_only_the_outermost_batch_flushes() -> None:
    source, set_source = create_signal(0)
    seen: list[int] = []
    create_effect(lambda: seen.append(source()))
    with batch():
        with batch():
            set_source(1)
        batch(lambda: set_source(2))
        assert seen == [0]
    assert seen == [0, 2]


def test_a_read_inside_a_batch_is_current() -> None:
    source, set_source = create_signal(1)
    double = create_memo(lambda: source() * 2)
    with batch():
        set_source(2)
        assert (source(), double()) == (2, 4)
        set_source(3)
        assert (source(), double()) == (3, 6)


def test_a_value_set_and_set_back_in_a_batch_changes_nothing_behind_a_memo() -> None:
    source, set_source = create_signal(1)
    double = create_memo(lambda: source() * 2)
    seen: list[int] = []
    create_effect(lambda: seen.append(double()))
    with batch():
        set_source(2)
        set_source(1)
    assert seen == [2]


def test_effects_run_also_when_the_batch_raises_then_the_error_passes_on() -> None:
    """Ruling 17."""
    source, set_source = create_signal(0)
    seen: list[int] = []
    create_effect(lambda: seen.append(source()))

    def fail() -> None:
        set_source(1)
        raise ValueError("in the batch")

    with raises(ValueError, "in the batch"):
        batch(fail)
    assert seen == [0, 1]
    with raises(ValueError, "in the block"), batch():
        set_source(2)
        raise ValueError("in the block")
    assert seen == [0, 1, 2]


def test_a_disposal_is_one_batch() -> None:
    from metafor.core import create_root, on_dispose

    source, set_source = create_signal(0)
    seen: list[int] = []
    create_effect(lambda: seen.append(source()))

    def start(dispose):  # type: ignore[no-untyped-def]
        on_dispose(lambda: set_source(1))
        on_dispose(lambda: set_source(2))
        return dispose

    create_root(start)()
    assert seen == [0, 1]


async def test_a_batch_left_in_another_turn_of_the_loop_is_an_error() -> None:
    """Ruling 17."""
    source, set_source = create_signal(0)
    seen: list[int] = []
    create_effect(lambda: seen.append(source()))
    with raises(BatchError, "await"), batch():
        set_source(1)
        await turns(2)
        # The batch ended with the turn: nobody waited for this block.
        assert seen == [0, 1]
    set_source(2)
    assert seen == [0, 1, 2]


async def test_a_batch_left_in_another_turn_does_not_hide_the_block_s_own_error() -> None:
    with raises(ValueError, "own"), batch():
        await turns(2)
        raise ValueError("own")


async def test_a_batch_without_await_in_a_task_leaves_no_callback_behind() -> None:
    with batch():
        pass
    loop = asyncio.get_running_loop()
    await turns(1)
    assert loop.is_running()


async def test_two_tasks_with_broken_batches_leave_the_depth_right() -> None:
    source, set_source = create_signal(0)
    seen: list[int] = []
    create_effect(lambda: seen.append(source()))

    async def broken() -> None:
        with batch():
            await turns(3)

    results = await asyncio.gather(broken(), broken(), return_exceptions=True)
    assert [type(result) for result in results] == [BatchError, BatchError]
    set_source(1)
    assert seen == [0, 1]


def test_a_coroutine_function_given_to_batch_is_an_error() -> None:
    """Ruling 17: it would write after the batch has ended."""

    async def write() -> None:
        raise AssertionError("it must not run")

    with raises(BatchError, "coroutine function"):
        batch(write)
