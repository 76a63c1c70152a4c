"""Propagation: what a write reaches."""

from __future__ import annotations

from metafor.core import batch, create_effect, create_memo, create_signal, track, untrack


def test_a_memo_follows_its_signal() -> None:
    count, set_count = create_signal(1)
    double = create_memo(lambda: count() * 2)
    assert double() == 2
    set_count(5)
    assert double() == 10


def test_an_effect_runs_at_once_and_again_after_each_change() -> None:
    count, set_count = create_signal(0)
    seen: list[int] = []
    create_effect(lambda: seen.append(count()))
    set_count(1)
    set_count(2)
    assert seen == [0, 1, 2]


def test_a_change_passes_through_a_chain() -> None:
    source, set_source = create_signal(0)
    last = source
    for _ in range(50):
        last = create_memo(lambda below=last: below() + 1)
    seen: list[int] = []
    create_effect(lambda: seen.append(last()))
    set_source(10)
    assert seen == [50, 60]


def test_a_change_reaches_every_observer_once() -> None:
    source, set_source = create_signal(0)
    seen: list[tuple[int, int]] = []
    for number in range(100):
        create_effect(lambda number=number: seen.append((number, source())))
    seen.clear()
    set_source(1)
    assert seen == [(number, 1) for number in range(100)]


def test_a_read_after_a_write_is_current() -> None:
    source, set_source = create_signal(1)
    double = create_memo(lambda: source() * 2)
    assert double() == 2
    for value in range(5):
        set_source(value)
        assert source() == value
        assert double() == value * 2


def test_a_repeated_read_is_one_dependency() -> None:
    source, set_source = create_signal(1)
    seen: list[int] = []
    create_effect(lambda: seen.append(source() + source() + source()))
    set_source(2)
    assert seen == [3, 6]


def test_peek_reads_without_tracking() -> None:
    source, set_source = create_signal(1)
    double = create_memo(lambda: source() * 2)
    seen: list[tuple[int, int]] = []
    create_effect(lambda: seen.append((source.peek(), double.peek())))
    set_source(2)
    assert seen == [(1, 2)]
    assert (source.peek(), double.peek()) == (2, 4)


def test_untrack_reads_without_tracking_and_gives_the_value() -> None:
    tracked, set_tracked = create_signal(1)
    silent, set_silent = create_signal(1)
    seen: list[int] = []
    create_effect(lambda: seen.append(tracked() + untrack(silent)))
    set_silent(10)
    assert seen == [2]
    set_tracked(2)
    assert seen == [2, 12]


def test_track_inside_untrack_tracks_again() -> None:
    source, set_source = create_signal(1)
    seen: list[int] = []
    create_effect(lambda: untrack(lambda: seen.append(track(source))))
    set_source(2)
    assert seen == [1, 2]


def test_track_outside_an_observer_simply_reads() -> None:
    source, _ = create_signal(7)
    assert track(source) == 7


def test_a_source_read_before_and_inside_track_stays_one_dependency() -> None:
    source, set_source = create_signal(1)
    seen: list[int] = []

    def run() -> None:
        first = source()
        seen.append(first + untrack(lambda: track(source)) + source())

    create_effect(run)
    set_source(2)
    set_source(3)
    assert seen == [3, 6, 9]


def test_update_maps_the_old_value_untracked() -> None:
    count, set_count = create_signal(1)
    trigger, set_trigger = create_signal(0)

    def run() -> None:
        trigger()
        set_count.update(lambda old: old + 1)

    create_effect(run)
    assert count() == 2
    set_count(10)
    assert count() == 10
    set_trigger(1)
    assert count() == 11


def test_update_may_read_other_signals_without_depending_on_them() -> None:
    other, set_other = create_signal(5)
    count, set_count = create_signal(0)
    runs: list[int] = []

    def run() -> None:
        runs.append(1)
        set_count.update(lambda _: other())

    create_effect(run)
    set_other(6)
    assert (count(), len(runs)) == (5, 1)


def test_set_stores_a_callable_as_it_is() -> None:
    value, set_value = create_signal(print)
    set_value(len)  # type: ignore[arg-type]
    assert value() is len


def test_a_signal_read_through_a_memo_and_directly_is_seen_from_one_moment() -> None:
    source, set_source = create_signal(1)
    negated = create_memo(lambda: -source())
    seen: list[int] = []
    create_effect(lambda: seen.append(source() + negated()))
    set_source(2)
    with batch():
        set_source(3)
        set_source(4)
    assert set(seen) == {0}


def test_a_memo_read_before_and_inside_its_reader_is_tracked_in_both() -> None:
    source, set_source = create_signal(1)
    inner = create_memo(lambda: source() + 1)
    outer = create_memo(lambda: (source(), inner(), source())[1])
    seen: list[int] = []
    create_effect(lambda: seen.append(outer()))
    set_source(2)
    set_source(3)
    assert seen == [2, 3, 4]


def test_track_depends_on_a_source_that_another_computation_has_just_read() -> None:
    source, set_source = create_signal(0)
    seen: list[int] = []

    def run() -> None:
        untrack(lambda: (create_memo(source)(), track(lambda: seen.append(source()))))

    create_effect(run)
    set_source(1)
    assert seen == [0, 1]


def test_getters_and_setters_that_stand_in_a_class_are_no_methods() -> None:
    class Counter:
        count, set_count = create_signal(0)

    counter = Counter()
    counter.set_count(counter.count() + 1)
    counter.set_count.update(lambda count: count + 1)
    assert counter.count() == 2
