"""Disposal: children first, last created first; callbacks once, last in first out."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

from metafor.core import (
    NoOwnerError,
    catch_error,
    create_context,
    create_effect,
    create_memo,
    create_root,
    create_signal,
    get_owner,
    on_dispose,
    on_mount,
    provide_context,
    run_with_owner,
    spawn,
    use_context,
)
from tests.core.conformance.helpers import in_root, raises


def test_a_disposed_effect_never_runs_again() -> None:
    source, set_source = create_signal(0)
    seen: list[int] = []
    dispose = in_root(lambda: create_effect(lambda: seen.append(source())))
    dispose()
    set_source(1)
    assert seen == [0]


def test_a_disposed_memo_gives_its_last_value() -> None:
    """Ruling 13."""
    source, set_source = create_signal(1)
    memos = []
    dispose = in_root(lambda: memos.append(create_memo(lambda: source() * 2)))
    assert memos[0]() == 2
    dispose()
    set_source(5)
    assert memos[0]() == memos[0].peek() == 2


def test_a_memo_disposed_before_its_first_read_says_so() -> None:
    memos = []
    in_root(lambda: memos.append(create_memo(lambda: 1, name="late")))()
    with raises(NoOwnerError, "late was disposed"):
        memos[0]()


def test_a_memo_created_under_a_disposed_owner_says_so() -> None:
    owners = []
    in_root(lambda: owners.append(get_owner()))()
    memo = run_with_owner(owners[0], lambda: create_memo(lambda: 1, name="late"))
    with raises(NoOwnerError, "late"):
        memo()


def test_a_second_dispose_does_nothing() -> None:
    log: list[str] = []
    dispose = in_root(lambda: on_dispose(lambda: log.append("end")))
    dispose()
    dispose()
    assert log == ["end"]


def test_callbacks_run_last_in_first_out_after_the_children() -> None:
    log: list[str] = []

    def start() -> None:
        on_dispose(lambda: log.append("first"))
        create_effect(lambda: on_dispose(lambda: log.append("child")))
        on_dispose(lambda: log.append("second"))

    in_root(start)()
    assert log == ["child", "second", "first"]


def test_siblings_are_disposed_last_created_first() -> None:
    """Ruling 11."""
    log: list[int] = []

    def start() -> None:
        for number in range(3):
            create_effect(lambda number=number: on_dispose(lambda: log.append(number)))

    in_root(start)()
    assert log == [2, 1, 0]


def test_a_callback_runs_before_each_new_run_of_its_effect() -> None:
    source, set_source = create_signal(0)
    log: list[str] = []

    def run() -> None:
        value = source()
        log.append(f"run {value}")
        on_dispose(lambda: log.append(f"end {value}"))

    dispose = in_root(lambda: create_effect(run))
    set_source(1)
    dispose()
    assert log == ["run 0", "end 0", "run 1", "end 1"]


def test_a_root_is_detached_from_the_owner_around_it() -> None:
    """Ruling 11."""
    source, set_source = create_signal(0)
    seen: list[int] = []
    outer = in_root(lambda: in_root(lambda: create_effect(lambda: seen.append(source()))))
    outer()
    set_source(1)
    assert seen == [0, 1]


def test_a_root_inherits_context() -> None:
    theme = create_context("light")
    seen: list[str] = []

    def start() -> None:
        provide_context(theme, "dark")
        in_root(lambda: seen.append(use_context(theme)))

    in_root(start)
    assert seen == ["dark"]


def test_what_an_effect_provided_ends_with_its_run() -> None:
    theme = create_context("light")
    dark, set_dark = create_signal(True)
    seen: list[str] = []

    def run() -> None:
        if dark():
            provide_context(theme, "dark")
        create_effect(lambda: seen.append(use_context(theme)))

    create_effect(run)
    set_dark(False)
    assert seen == ["dark", "light"]


def test_an_effect_may_dispose_itself_while_it_runs() -> None:
    source, set_source = create_signal(0)
    seen: list[int] = []

    def start(dispose) -> None:  # type: ignore[no-untyped-def]
        def run() -> None:
            seen.append(source())
            if source() == 1:
                dispose()
                source()

        create_effect(run)

    create_root(start)
    for value in (1, 2, 3):
        set_source(value)
    assert seen == [0, 1]


def test_an_effect_may_dispose_one_that_waits_in_the_same_flush() -> None:
    source, set_source = create_signal(0)
    log: list[str] = []
    disposers = []
    create_effect(lambda: (log.append(f"first {source()}"), source() and disposers[0]()))
    disposers.append(in_root(lambda: create_effect(lambda: log.append(f"second {source()}"))))
    log.clear()
    set_source(1)
    assert log == ["first 1"]


def test_a_memo_may_dispose_itself_while_it_computes() -> None:
    source, set_source = create_signal(1)

    def start(dispose):  # type: ignore[no-untyped-def]
        def compute() -> int:
            value = source()
            if value == 2:
                dispose()
            return value

        return create_memo(compute)

    memo = create_root(start)
    assert memo() == 1
    set_source(2)
    assert memo() == 2
    set_source(3)
    assert memo() == 2


def test_what_is_created_during_disposal_is_disposed_with_it() -> None:
    source, set_source = create_signal(0)
    seen: list[int] = []

    def start() -> None:
        on_dispose(lambda: create_effect(lambda: seen.append(source())))

    in_root(start)()
    set_source(1)
    assert seen == []


def test_on_dispose_under_a_disposed_owner_runs_at_once() -> None:
    owners = []
    log: list[str] = []
    in_root(lambda: owners.append(get_owner()))()
    run_with_owner(owners[0], lambda: on_dispose(lambda: log.append("at once")))
    assert log == ["at once"]


def test_on_dispose_without_an_owner_is_an_error() -> None:
    with raises(NoOwnerError, "on_dispose()"):
        on_dispose(lambda: None)


def test_provide_context_without_an_owner_is_an_error() -> None:
    with raises(NoOwnerError, "provide_context()"):
        provide_context(create_context(0), 1)


async def test_spawn_without_an_owner_is_an_error() -> None:
    async def work() -> None:
        pass

    with raises(NoOwnerError, "spawn()"):
        spawn(work())


def test_an_effect_without_an_owner_lives_on() -> None:
    source, set_source = create_signal(0)
    seen: list[int] = []
    create_effect(lambda: seen.append(source()))
    set_source(1)
    assert seen == [0, 1]


def test_a_mount_of_an_owner_disposed_meanwhile_is_never_called() -> None:
    from metafor.core import batch

    log: list[str] = []
    with batch():
        dispose = in_root(lambda: on_mount(lambda: log.append("mounted")))
        dispose()
    assert log == []


def test_an_effect_disposed_before_its_first_run_never_runs() -> None:
    from metafor.core import batch

    log: list[str] = []
    with batch():
        in_root(lambda: create_effect(lambda: log.append("ran")))()
    assert log == []


def test_a_callback_that_disposes_again_does_no_harm() -> None:
    log: list[str] = []

    def start(dispose):  # type: ignore[no-untyped-def]
        on_dispose(lambda: (log.append("end"), dispose()))
        return dispose

    create_root(start)()
    assert log == ["end"]


def test_a_callback_may_dispose_a_sibling_or_the_parent() -> None:
    log: list[str] = []
    disposers = {}

    def start(dispose):  # type: ignore[no-untyped-def]
        disposers["parent"] = dispose
        on_dispose(lambda: log.append("parent"))
        disposers["child"] = in_root(lambda: on_dispose(lambda: (log.append("child"), dispose())))
        create_effect(lambda: on_dispose(lambda: (log.append("effect"), disposers["child"]())))

    create_root(start)
    disposers["parent"]()
    assert sorted(log) == ["child", "effect", "parent"]


def test_reads_in_a_callback_are_not_tracked() -> None:
    source, set_source = create_signal(0)
    other, set_other = create_signal(0)
    runs: list[int] = []

    def run() -> None:
        runs.append(source())
        on_dispose(other)

    create_effect(run)
    set_source(1)
    set_other(1)
    assert runs == [0, 1]


def test_a_deep_tree_of_owners_is_disposed_without_recursion() -> None:
    log: list[int] = []

    def start() -> None:
        def nest(depth: int) -> None:
            on_dispose(lambda: log.append(depth))

        owner = get_owner()
        from metafor.core import Owner

        for depth in range(20_000):
            child = Owner(owner)
            owner._adopt(child)  # type: ignore[union-attr]
            owner = child
            run_with_owner(owner, lambda depth=depth: nest(depth))

    in_root(start)()
    assert log == list(reversed(range(20_000)))


def test_who_holds_a_disposed_owner_holds_none_beside_it() -> None:
    owners: list[Any] = []

    def build(dispose: Callable[[], None]) -> Callable[[], None]:
        for _ in range(2):
            catch_error(lambda: owners.append(get_owner()), print)
        return dispose

    create_root(build)()
    second = weakref.ref(owners.pop())
    gc.collect()
    assert second() is None
