"""Size: linear time, no recursion, constant unsubscribing, flat memory."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from metafor.core import (
    catch_error,
    create_deferred,
    create_effect,
    create_memo,
    create_resource,
    create_root,
    create_selector,
    create_signal,
    create_store,
    on_dispose,
    on_mount,
)
from metafor.core.nodes import Computation
from metafor.testing import assert_no_leaks, collect_errors, in_virtual_time

MANY = 100_000


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def chain(length: int) -> tuple[Callable[[int], None], Callable[[], int]]:
    get, put = create_signal(0)
    last: Callable[[], int] = get
    for _ in range(length):
        last = create_memo(lambda below=last: below() + 1)
        # Read as it grows: a first evaluation is bounded by Python's own limit (ruling 19).
        last()
    return put, last


def lines_run(fn: Callable[[], Any]) -> int:
    """How many lines of Python run in ``fn``: a time that no other process disturbs."""
    lines = [0]

    def trace(frame: Any, event: str, argument: Any) -> Any:
        lines[0] += event == "line"
        return trace

    former = sys.gettrace()
    sys.settrace(trace)
    try:
        fn()
    finally:
        sys.settrace(former)
    return lines[0]


def test_a_chain_of_100_000_memos_updates_on_a_small_stack() -> None:
    put, last = chain(MANY)
    seen: list[int] = []
    create_effect(lambda: seen.append(last()))
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(min(limit, 400))
    try:
        put(1)
        put(2)
    finally:
        sys.setrecursionlimit(limit)
    assert seen == [MANY, MANY + 1, MANY + 2]


def test_a_long_chain_read_from_below_another_computation_updates_too() -> None:
    put, last = chain(5_000)
    outer = create_memo(lambda: create_memo(last)())
    assert outer() == 5_000
    put(1)
    assert outer() == 5_001


def test_a_chain_too_long_for_its_first_evaluation_fails_clearly_and_is_not_spoilt() -> None:
    """Ruling 19."""
    get, put = create_signal(0)
    memos: list[Callable[[], int]] = [get]
    for _ in range(3_000):
        memos.append(create_memo(lambda below=memos[-1]: below() + 1))
    seen: list[int] = []
    with collect_errors() as errors:
        create_effect(lambda: seen.append(memos[-1]()))
    assert [type(error) for error in errors] == [RecursionError]
    # From the near end it can be read, and that wakes who had given up.
    for memo in memos:
        memo()
    assert memos[-1]() == 3_000
    assert seen == [3_000]
    put(1)
    assert seen == [3_000, 3_001]


def test_the_work_of_an_update_grows_with_the_length_of_the_chain() -> None:
    def update(length: int) -> int:
        put, last = chain(length)
        return lines_run(lambda: (put(1), last()))

    assert update(8_000) < 4.1 * update(2_000)


def test_the_work_of_a_write_grows_with_the_number_of_subscribers() -> None:
    def update(subscribers: int) -> int:
        get, put = create_signal(0)

        def start(dispose: Callable[[], None]) -> Callable[[], None]:
            for _ in range(subscribers):
                create_effect(get)
            return dispose

        dispose = create_root(start)
        lines = lines_run(lambda: put(1))
        dispose()
        return lines

    assert update(8_000) < 4.1 * update(2_000)


def test_100_000_subscribers_each_run_once() -> None:
    get, put = create_signal(0)
    runs = [0]

    def watch() -> None:
        get()
        runs[0] += 1

    def start(dispose: Callable[[], None]) -> Callable[[], None]:
        for _ in range(MANY):
            create_effect(watch)
        return dispose

    dispose = create_root(start)
    runs[0] = 0
    put(1)
    assert runs[0] == MANY
    dispose()
    put(2)
    assert runs[0] == MANY


def test_unsubscribing_one_of_100_000_touches_a_constant_number_of_things() -> None:
    def operations(others: int) -> int:
        """Lines of Python that run while one of ``others`` subscribers is disposed."""
        get, _ = create_signal(0)
        disposers: list[Callable[[], None]] = []

        def start(dispose: Callable[[], None]) -> None:
            create_effect(get)
            disposers.append(dispose)

        for _ in range(others):
            create_root(start)
        lines = lines_run(disposers[others // 2])
        observers = get._observers  # type: ignore[attr-defined]
        # The edge is an entry of a dict, so that removing it is one operation of constant cost.
        assert type(observers) is dict
        assert len(observers) == others - 1
        return lines

    few, many = operations(10), operations(MANY)
    assert few == many


def test_removing_one_child_of_100_000_touches_a_constant_number_of_things() -> None:
    from metafor.core.graph import dispose
    from metafor.core.owner import Owner

    parent = Owner()
    children = []
    for _ in range(MANY):
        child = Owner(parent)
        parent._adopt(child)
        children.append(child)
    middle = children[MANY // 2]
    dispose(middle)
    assert children[MANY // 2 + 1]._prev is children[MANY // 2 - 1]
    dispose(parent)
    assert all(child.disposed for child in children)


def use_everything() -> Callable[[], None]:
    """Create, use and dispose one of each kind."""

    def start(dispose: Callable[[], None]) -> Callable[[], None]:
        get, put = create_signal(0)
        store = create_store({"a": [1]})
        double = create_memo(lambda: get() * 2)
        create_effect(lambda: (double(), store["a"][0]))
        create_effect(lambda: on_dispose(lambda: None) or get())
        put(1)
        store["a"][0] = 2
        return dispose

    return create_root(start)


def live_objects() -> int:
    gc.collect()
    return len(gc.get_objects())


def test_10_000_cycles_of_create_use_dispose_leave_the_number_of_objects_flat() -> None:
    for _ in range(100):
        use_everything()()
    before = live_objects()
    for _ in range(10_000):
        use_everything()()
    assert abs(live_objects() - before) < 50


def test_10_000_effects_on_a_signal_that_lives_leave_nothing_on_it() -> None:
    get, put = create_signal(0)

    def cycle() -> None:
        def start(dispose: Callable[[], None]) -> Callable[[], None]:
            create_effect(lambda: create_memo(lambda: get() + 1)())
            return dispose

        dispose = create_root(start)
        put(get() + 1)
        dispose()

    cycle()
    before = live_objects()
    for _ in range(10_000):
        cycle()
    assert not get._observers  # type: ignore[attr-defined]
    assert abs(live_objects() - before) < 50


def test_an_effect_that_reruns_10_000_times_keeps_nothing_of_its_runs() -> None:
    get, put = create_signal(0)

    def run() -> None:
        value = get()
        create_memo(lambda: value)()
        create_effect(lambda: None)
        on_dispose(lambda: None)

    def start(dispose: Callable[[], None]) -> Callable[[], None]:
        create_effect(run)
        return dispose

    dispose = create_root(start)
    before = live_objects()
    for value in range(10_000):
        put(value)
    assert abs(live_objects() - before) < 50
    dispose()


def test_a_disposed_effect_and_its_closure_go_without_the_cyclic_collector(without_collector: None) -> None:
    class Held:
        pass

    get, _ = create_signal(0)
    held = Held()
    nodes: list[weakref.ref[Computation]] = []

    def start(dispose: Callable[[], None]) -> Callable[[], None]:
        from metafor.core import get_owner

        def run(held: Held = held) -> None:
            get()
            nodes.append(weakref.ref(get_owner()))  # type: ignore[arg-type]

        create_effect(run)
        return dispose

    dispose = create_root(start)
    closure = weakref.ref(held)
    start = held = None  # type: ignore[assignment]
    assert closure() is not None
    dispose()
    assert nodes[0]() is None
    assert closure() is None


def test_a_disposed_memo_lets_its_closure_go_but_keeps_its_value(without_collector: None) -> None:
    class Held:
        value = 5

    held = Held()
    closure = weakref.ref(held)

    def start(dispose: Callable[[], None]) -> tuple[Callable[[], int], Callable[[], None]]:
        return create_memo(lambda held=held: held.value), dispose

    memo, dispose = create_root(start)
    start = held = None  # type: ignore[assignment]
    assert memo() == 5
    dispose()
    assert closure() is None
    assert memo() == 5


def test_a_signal_that_nobody_holds_goes_without_the_cyclic_collector(without_collector: None) -> None:
    get, put = create_signal(0)
    put(1)
    gone = weakref.ref(get)
    del get, put
    assert gone() is None


@in_virtual_time
async def test_cycles_of_what_is_asynchronous_leave_nothing() -> None:
    query, set_query = create_signal(1)
    failures: list[BaseException] = []

    async def fetch(number: int) -> int:
        await asyncio.sleep(number)
        return 10 // (number - 3)

    async def follow() -> None:
        query()
        await asyncio.sleep(1)
        on_dispose(lambda: None)
        create_effect(query)

    def start(dispose: Callable[[], None]) -> Callable[[], None]:
        user = create_resource(fetch, query)
        later = create_deferred(query, delay=0.5)
        is_selected = create_selector(query)
        create_effect(follow)
        catch_error(lambda: create_effect(user), failures.append)
        create_effect(lambda: (user.latest(), later(), is_selected(3)))
        on_mount(follow)
        return dispose

    async def cycle() -> None:
        dispose = create_root(start)
        for number in (2, 3, 4, 1):
            set_query(number)
            await asyncio.sleep(number)
        dispose()
        await asyncio.sleep(5)
        failures.clear()

    await cycle()
    with assert_no_leaks():
        for _ in range(50):
            await cycle()
    assert not query._observers  # type: ignore[attr-defined]
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_a_dataclass_that_was_in_a_store_can_go() -> None:
    @dataclass
    class Local:
        x: int

    store = create_store(Local(1))
    assert type(create_store(Local(2))) is type(store)
    gone = weakref.ref(Local)
    del Local, store
    gc.collect()
    assert gone() is None


def test_the_helper_sees_a_leak() -> None:
    with assert_no_leaks():
        use_everything()()
    kept: list[Any] = []
    with pytest.raises(AssertionError, match="leak"), assert_no_leaks():
        kept.append(create_memo(lambda: 1, name="forgotten"))
    with pytest.raises(AssertionError, match="forgotten"), assert_no_leaks():
        kept.append(create_memo(lambda: 1, name="forgotten"))


def test_sources_that_come_and_go_are_not_held_by_their_reader() -> None:
    size, set_size = create_signal(10)
    cells = [create_signal(0) for _ in range(10)]
    seen: list[int] = []

    def start(dispose: Callable[[], None]) -> Callable[[], None]:
        create_effect(lambda: seen.append(sum(get() for get, _ in cells[: size()])))
        return dispose

    dispose = create_root(start)
    set_size(0)
    gone = [weakref.ref(get) for get, _ in cells]
    cells.clear()
    gc.collect()
    assert all(one() is None for one in gone)
    dispose()
