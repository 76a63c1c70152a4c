"""Errors and recovery: one failure stops nothing else, and is over when its cause is."""

from __future__ import annotations

from contextlib import redirect_stderr
from io import StringIO

from metafor.core import (
    batch,
    catch_error,
    create_effect,
    create_memo,
    create_root,
    create_signal,
    get_owner,
    on_dispose,
    on_mount,
    set_error_handler,
)
from tests.core.conformance.helpers import in_root, raises, reported


def test_an_effect_that_raises_stops_no_other() -> None:
    source, set_source = create_signal(0)
    seen: list[int] = []
    with reported() as errors:
        create_effect(lambda: 1 // source())
        create_effect(lambda: seen.append(source()))
        set_source(1)
        set_source(0)
    assert seen == [0, 1, 0]
    assert [type(error) for error in errors] == [ZeroDivisionError] * 2


def test_an_effect_that_raised_runs_again_when_a_source_changes() -> None:
    source, set_source = create_signal(0)
    seen: list[float] = []
    with reported():
        create_effect(lambda: seen.append(10 / source()))
    set_source(5)
    assert seen == [2.0]


def test_a_memo_s_error_is_kept_and_raised_to_every_reader() -> None:
    source, _ = create_signal(0)
    runs: list[int] = []
    memo = create_memo(lambda: runs.append(1) or 1 // source())
    for _ in range(3):
        with raises(ZeroDivisionError):
            memo()
    assert runs == [1]


def test_a_kept_error_does_not_grow_its_traceback() -> None:
    memo = create_memo(lambda: 1 // 0)

    def depth() -> int:
        with raises(ZeroDivisionError) as caught:
            memo()
        trace, count = caught.error.__traceback__, 0
        while trace is not None:
            trace, count = trace.tb_next, count + 1
        return count

    assert depth() == depth() == depth()


def test_a_memo_recovers_when_its_source_does() -> None:
    source, set_source = create_signal(0)
    memo = create_memo(lambda: 10 // source())
    seen: list[int] = []
    with reported() as errors:
        create_effect(lambda: seen.append(memo()))
        set_source(5)
        set_source(0)
        set_source(2)
    assert seen == [2, 5]
    assert len(errors) == 2


def test_an_error_behind_a_memo_reaches_the_effect_that_checks_it() -> None:
    source, set_source = create_signal(1)
    lower = create_memo(lambda: 10 // source())
    upper = create_memo(lambda: lower() + 1)
    seen: list[int] = []
    with reported() as errors:
        create_effect(lambda: seen.append(upper()))
        set_source(0)
    assert seen == [11]
    assert [type(error) for error in errors] == [ZeroDivisionError]


def test_a_memo_may_catch_the_error_of_another() -> None:
    source, set_source = create_signal(0)
    risky = create_memo(lambda: 10 // source())

    def compute() -> int:
        try:
            return risky()
        except ZeroDivisionError:
            return -1

    safe = create_memo(compute)
    assert safe() == -1
    set_source(5)
    assert safe() == 2
    set_source(0)
    assert safe() == -1


def test_an_error_in_a_batch_s_flush_is_reported_and_the_flush_goes_on() -> None:
    a, set_a = create_signal(0)
    seen: list[int] = []
    with reported() as errors:
        create_effect(lambda: 1 // (1 - a()))
        create_effect(lambda: seen.append(a()))
        with batch():
            set_a(1)
    assert seen == [0, 1]
    assert len(errors) == 1


def test_catch_error_gives_the_value_or_none_after_handling() -> None:
    """Ruling 16."""
    handled: list[BaseException] = []
    assert catch_error(lambda: 5, handled.append) == 5
    assert catch_error(lambda: 1 // 0, handled.append) is None
    assert [type(error) for error in handled] == [ZeroDivisionError]


def test_catch_error_takes_later_errors_of_what_was_created_in_it() -> None:
    source, set_source = create_signal(1)
    handled: list[BaseException] = []
    catch_error(lambda: create_effect(lambda: 1 // source()), handled.append)
    set_source(0)
    assert len(handled) == 1


def test_what_was_created_under_a_boundary_ends_when_its_function_raises() -> None:
    source, set_source = create_signal(0)
    seen: list[int] = []

    def fail() -> None:
        create_effect(lambda: seen.append(source()))
        raise LookupError

    catch_error(fail, lambda error: None)
    set_source(1)
    assert seen == [0]


def test_a_handler_that_raises_passes_to_the_next_boundary() -> None:
    """Ruling 16."""
    source, set_source = create_signal(1)
    outer: list[BaseException] = []

    def rethrow(error: BaseException) -> None:
        raise KeyError("from the handler") from error

    catch_error(
        lambda: catch_error(lambda: create_effect(lambda: 1 // source()), rethrow),
        outer.append,
    )
    set_source(0)
    assert [type(error) for error in outer] == [KeyError]
    assert isinstance(outer[0].__cause__, ZeroDivisionError)


def test_an_error_that_no_boundary_takes_goes_to_the_global_handler() -> None:
    with reported() as errors:
        in_root(lambda: create_effect(lambda: 1 // 0))
    assert [type(error) for error in errors] == [ZeroDivisionError]


def test_set_error_handler_gives_the_handler_before_and_none_restores_the_default() -> None:
    def mine(error: BaseException) -> None:
        pass

    before = set_error_handler(mine)
    assert set_error_handler(None) is mine
    default = set_error_handler(before)
    assert default is not mine


def test_a_global_handler_that_raises_stops_nothing_and_both_errors_are_printed() -> None:
    source, set_source = create_signal(0)
    seen: list[int] = []

    def fail() -> None:
        if source():
            raise LookupError("first")

    def handler(error: BaseException) -> None:
        raise OSError("second")

    create_effect(fail)
    create_effect(lambda: seen.append(source()))
    before = set_error_handler(handler)
    printed = StringIO()
    try:
        with redirect_stderr(printed):
            set_source(1)
    finally:
        set_error_handler(before)
    assert seen == [0, 1]
    assert "first" in printed.getvalue()
    assert "second" in printed.getvalue()


def test_create_root_lets_its_function_s_error_pass_and_disposes_what_was_created() -> None:
    """Ruling 16."""
    log: list[str] = []

    def start(dispose: object) -> None:
        on_dispose(lambda: log.append("disposed"))
        raise ValueError("set-up")

    with raises(ValueError, "set-up"):
        create_root(start)
    assert log == ["disposed"]


def test_an_error_in_a_dispose_callback_does_not_stop_the_others() -> None:
    log: list[str] = []

    def start() -> None:
        on_dispose(lambda: log.append("first"))
        on_dispose(lambda: 1 // 0)
        on_dispose(lambda: log.append("last"))

    dispose = in_root(start)
    with reported() as errors:
        dispose()
    assert log == ["last", "first"]
    assert len(errors) == 1


def test_an_error_in_a_mount_is_reported_and_stops_no_other() -> None:
    log: list[str] = []

    def start() -> None:
        on_mount(lambda: 1 // 0)
        on_mount(lambda: log.append("mounted"))

    with reported() as errors:
        in_root(lambda: batch(start))
    assert log == ["mounted"]
    assert len(errors) == 1


def test_an_error_of_equals_is_the_memo_s_error_and_it_recovers() -> None:
    source, set_source = create_signal(1)

    def picky(old: int, new: int) -> bool:
        if new == 2:
            raise ValueError("cannot compare")
        return old == new

    memo = create_memo(source, equals=picky)
    assert memo() == 1
    set_source(2)
    for _ in range(2):
        with raises(ValueError, "cannot compare"):
            memo()
    set_source(3)
    assert memo() == 3


def test_an_error_of_a_signal_s_equals_passes_to_the_writer_and_nothing_changes() -> None:
    def refuse(old: int, new: int) -> bool:
        raise ValueError("cannot compare")

    source, set_source = create_signal(1, equals=refuse)
    seen: list[int] = []
    create_effect(lambda: seen.append(source()))
    with raises(ValueError):
        set_source(2)
    assert seen == [1]
    assert source() == 1


def test_an_interrupt_passes_through_the_flush_and_nothing_is_lost() -> None:
    class Interrupt(BaseException):
        pass

    source, set_source = create_signal(0)
    doubled = create_memo(lambda: source() * 2)
    seen: list[int] = []
    armed = [True]

    def interrupted() -> None:
        if source() == 1 and armed[0]:
            armed[0] = False
            raise Interrupt

    create_effect(interrupted)
    create_effect(lambda: seen.append(doubled()))
    with raises(Interrupt):
        set_source(1)
    set_source(2)
    assert seen == [0, 4]
    assert get_owner() is None


def test_an_interrupt_in_a_memo_that_is_checked_leaves_its_effect_waiting() -> None:
    class Interrupt(BaseException):
        pass

    source, set_source = create_signal(0)
    armed = [False]

    def compute() -> int:
        value = source()
        if armed[0]:
            armed[0] = False
            raise Interrupt
        return value

    memo = create_memo(compute)
    seen: list[int] = []
    create_effect(lambda: seen.append(memo()))
    armed[0] = True
    with raises(Interrupt):
        set_source(1)
    other, set_other = create_signal(0)
    create_effect(other)
    set_other(1)
    assert seen == [0, 1]
    set_source(2)
    assert seen == [0, 1, 2]


def test_an_interrupted_check_leaves_nothing_that_passes_for_checked() -> None:
    class Interrupt(BaseException):
        pass

    source, set_source = create_signal(0)
    armed = [False]

    def compute() -> int:
        value = source()
        if armed[0]:
            armed[0] = False
            raise Interrupt
        return value

    near = create_memo(compute)
    far = create_memo(lambda: near() + 0)
    seen: list[int] = []
    dispose = in_root(lambda: create_effect(far))
    create_effect(lambda: seen.append(far()))
    armed[0] = True
    with raises(Interrupt):
        set_source(1)
    dispose()
    batch(lambda: None)
    other, set_other = create_signal(0)
    create_effect(other)
    set_other(1)
    assert seen == [0, 1]


def test_a_recursion_error_does_not_cut_a_node_off_from_its_sources() -> None:
    source, set_source = create_signal(0)
    armed = [False]

    def deep() -> int:
        if armed[0]:
            armed[0] = False
            raise RecursionError
        return source()

    memo = create_memo(deep)
    seen: list[int] = []
    create_effect(lambda: seen.append(memo()))
    armed[0] = True
    with reported() as errors:
        set_source(1)
    assert [type(error) for error in errors] == [RecursionError]
    set_source(2)
    assert seen == [0, 2]
