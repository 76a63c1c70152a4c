"""Inner writes: effects that write."""

from __future__ import annotations

from itertools import pairwise

from metafor.core import (
    CycleError,
    WriteInMemoError,
    catch_error,
    create_effect,
    create_memo,
    create_root,
    create_signal,
    on_dispose,
    scheduling,
    untrack,
)
from tests.core.conformance.helpers import in_root, raises, reported


def test_a_write_in_an_effect_runs_its_observers_after_the_effect() -> None:
    source, set_source = create_signal(0)
    copy, set_copy = create_signal(0)
    log: list[str] = []

    def forward() -> None:
        log.append(f"begin {source()}")
        set_copy(source())
        log.append("end")

    create_effect(forward)
    create_effect(lambda: log.append(f"copy {copy()}"))
    log.clear()
    set_source(1)
    assert log == ["begin 1", "end", "copy 1"]


def test_a_read_after_an_inner_write_is_current() -> None:
    source, set_source = create_signal(0)
    inner, set_inner = create_signal(0)
    double = create_memo(lambda: inner() * 2)
    seen: list[int] = []

    def run() -> None:
        set_inner(source())
        seen.append(untrack(double))

    create_effect(run)
    set_source(4)
    assert seen == [0, 8]


def test_an_effect_that_writes_what_it_read_runs_until_it_settles() -> None:
    count, set_count = create_signal(0)
    seen: list[int] = []

    def climb() -> None:
        seen.append(count())
        if count() < 5:
            set_count(count() + 1)

    create_effect(climb)
    assert seen == [0, 1, 2, 3, 4, 5]
    set_count(3)
    assert seen[6:] == [3, 4, 5]


def test_an_effect_that_never_settles_is_a_cycle_and_rests_until_the_next_change() -> None:
    """Ruling 18."""
    count, set_count = create_signal(0)
    runs: list[int] = []

    def run_away() -> None:
        runs.append(count())
        set_count(count() + 1)

    with reported() as errors:
        create_effect(run_away, name="run_away")
        assert len(runs) == 100
        assert len(errors) == 1
        assert isinstance(errors[0], CycleError)
        assert "run_away" in str(errors[0])
        set_count(1000)
        assert len(runs) == 200
    assert len(errors) == 2


def test_a_cycle_behind_a_memo_rests_until_the_next_change_too() -> None:
    """Ruling 18."""
    count, set_count = create_signal(0)
    parity = create_memo(lambda: count() + 0)
    runs: list[int] = []

    def run_away() -> None:
        runs.append(parity())
        set_count(count.peek() + 1)

    with reported() as errors:
        create_effect(run_away)
        assert len(runs) == 100
        set_count(1000)
        assert len(runs) == 200
    assert len(errors) == 2


def test_two_effects_that_write_each_other_s_source_are_a_cycle() -> None:
    a, set_a = create_signal(0)
    b, set_b = create_signal(0)
    with reported() as errors:
        create_effect(lambda: set_a(b() + 1))
        create_effect(lambda: set_b(a() + 1))
    assert errors
    assert all(isinstance(error, CycleError) for error in errors)


def test_a_cycle_of_effects_stops_nothing_else() -> None:
    count, set_count = create_signal(0)
    bystander, set_bystander = create_signal(0)
    seen: list[int] = []
    create_effect(lambda: seen.append(bystander()))
    with reported() as errors:
        create_effect(lambda: set_count(count() + 1))
        set_bystander(1)
    assert len(errors) == 1
    assert seen == [0, 1]


def test_a_write_inside_a_memo_is_an_error_that_names_both() -> None:
    """Ruling 13."""
    target, set_target = create_signal(0, name="target")
    bad = create_memo(lambda: set_target(1), name="bad")
    with raises(WriteInMemoError, "memo bad wrote to signal target"):
        bad()
    assert target() == 0


def test_untrack_does_not_lift_the_ban_on_writes_in_memos() -> None:
    _, set_target = create_signal(0)
    bad = create_memo(lambda: untrack(lambda: set_target(1)))
    with raises(WriteInMemoError):
        bad()


def test_a_root_inside_a_memo_is_a_section_of_its_own_and_may_write() -> None:
    """Ruling 13: what runs untracked under an owner of its own is not inside the memo."""
    target, set_target = create_signal(0)
    memo = create_memo(lambda: create_root(lambda dispose: set_target(1)))
    memo()
    assert target() == 1


def test_a_memo_whose_own_run_changed_what_it_read_computes_again() -> None:
    source, set_source = create_signal(0)

    def compute() -> int:
        value = source()
        if value < 3:
            create_root(lambda dispose: set_source(value + 1))
        return value

    memo = create_memo(compute)
    seen: list[int] = []
    create_effect(lambda: seen.append(memo()))
    assert seen[-1] == 3
    set_source(10)
    assert seen[-1] == 10


def test_a_memo_that_always_changes_what_it_read_is_a_cycle() -> None:
    source, set_source = create_signal(0)
    memo = create_memo(
        lambda: create_root(lambda dispose: set_source(source.peek() + 1)) or source(), name="m"
    )

    def compute() -> int:
        value = source()
        create_root(lambda dispose: set_source(value + 1))
        return value

    memo = create_memo(compute, name="restless")
    with raises(CycleError, "restless"):
        memo()


def test_a_disposal_that_writes_while_a_memo_is_checked_is_not_lost() -> None:
    trigger, set_trigger = create_signal(0)
    side, set_side = create_signal(0)

    def with_cleanup() -> int:
        value = trigger()
        on_dispose(lambda: set_side(value + 100))
        return 0

    quiet = create_memo(lambda: side() + 1)
    noisy = create_memo(with_cleanup)
    behind = create_memo(lambda: (quiet(), noisy()))
    seen: list[tuple[int, ...]] = []
    create_effect(lambda: seen.append(behind()))
    set_trigger(1)
    assert seen[-1][0] == quiet() == 101
    set_side(5)
    assert seen[-1][0] == quiet() == 6


def test_writing_inside_an_effect_that_was_just_created_is_seen_by_the_creator_s_reads() -> None:
    value, set_value = create_signal(0)

    def outer() -> None:
        create_effect(lambda: set_value(1))

    create_effect(outer)
    assert value() == 1


def test_an_effect_that_others_trigger_often_is_no_cycle() -> None:
    """Ruling 18: what counts is that it triggers itself."""
    steps = [create_signal(0) for _ in range(300)]
    totals: list[int] = []
    for (read, _), (_, write) in pairwise(steps):
        create_effect(lambda read=read, write=write: write(read()))
    create_effect(lambda: totals.append(sum(read() for read, _ in steps)))
    steps[0][1](1)
    assert totals[-1] == 300
    assert len(totals) > 101


def test_a_memo_whose_effects_write_what_it_reads_is_a_cycle_and_ends() -> None:
    """Ruling 18: the effect is a new one each time."""
    count, set_count = create_signal(0)

    def restless() -> int:
        create_effect(lambda: set_count(count.peek() + 1))
        return count()

    memo = create_memo(restless, name="restless")
    with reported() as errors:
        create_effect(memo)
        assert count() == 100
        with raises(CycleError, "restless triggered itself 100 times"):
            memo()
        set_count(0)
        assert count() == 100
    assert {type(error) for error in errors} == {CycleError}


def test_a_handler_of_errors_that_triggers_the_effect_that_failed_is_a_cycle() -> None:
    """Ruling 18: it writes in the name of the effect."""
    message, set_message = create_signal("")
    handled: list[BaseException] = []

    def show() -> None:
        raise LookupError(message())

    def handle(error: BaseException) -> None:
        handled.append(error)
        set_message(message.peek() + "!")

    catch_error(lambda: create_effect(show), handle)
    assert [type(error) for error in handled] == [LookupError] * 100 + [CycleError]


def test_effects_that_create_effects_for_ever_are_given_up_and_nothing_hangs() -> None:
    source, set_source = create_signal(0)
    seen: list[int] = []
    scheduling.ROUND_LIMIT, limit = 500, scheduling.ROUND_LIMIT

    def again() -> None:
        create_effect(again)

    try:
        with reported() as errors:
            dispose = in_root(lambda: create_effect(again))
    finally:
        scheduling.ROUND_LIMIT = limit
    assert [type(error) for error in errors] == [CycleError]
    assert "again" in str(errors[0])
    create_effect(lambda: seen.append(source()))
    set_source(1)
    assert seen == [0, 1]
    dispose()
