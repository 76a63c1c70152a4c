"""Dynamic dependencies: an observer depends on what its last run read, and on nothing else."""

from __future__ import annotations

from metafor.core import create_effect, create_memo, create_signal


def test_a_branch_not_taken_is_no_dependency() -> None:
    flag, set_flag = create_signal(True)
    a, set_a = create_signal("a")
    b, set_b = create_signal("b")
    seen: list[str] = []
    create_effect(lambda: seen.append(a() if flag() else b()))
    set_b("b2")
    assert seen == ["a"]
    set_flag(False)
    set_a("a2")
    assert seen == ["a", "b2"]
    set_b("b3")
    set_flag(True)
    assert seen == ["a", "b2", "b3", "a2"]


def test_a_source_that_left_in_the_middle_is_unsubscribed() -> None:
    use, set_use = create_signal(True)
    first, set_first = create_signal(1)
    last, set_last = create_signal(1)
    runs: list[int] = []
    create_effect(lambda: runs.append((first() if use() else 0) + last()))
    set_use(False)
    set_first(5)
    assert runs == [2, 1]
    set_last(7)
    assert runs == [2, 1, 7]


def test_the_order_of_reads_may_change() -> None:
    flip, set_flip = create_signal(False)
    a, set_a = create_signal("a")
    b, set_b = create_signal("b")
    seen: list[str] = []
    create_effect(lambda: seen.append(b() + a() if flip() else a() + b()))
    set_flip(True)
    set_a("A")
    set_b("B")
    set_flip(False)
    set_a("1")
    assert seen == ["ab", "ba", "bA", "BA", "AB", "1B"]


def test_a_memo_that_is_no_longer_read_is_not_computed() -> None:
    flag, set_flag = create_signal(True)
    source, set_source = create_signal(1)
    runs: list[int] = []
    heavy = create_memo(lambda: runs.append(source()) or runs[-1])
    seen: list[int] = []
    create_effect(lambda: seen.append(heavy() if flag() else 0))
    set_flag(False)
    set_source(2)
    set_source(3)
    assert runs == [1]
    assert seen == [1, 0]


def test_a_memo_left_in_the_same_change_is_not_computed() -> None:
    source, set_source = create_signal(1)
    runs: list[int] = []
    heavy = create_memo(lambda: runs.append(source()) or runs[-1])
    seen: list[int] = []
    create_effect(lambda: seen.append(heavy() if source() < 2 else 0))
    set_source(2)
    assert runs == [1]
    assert seen == [1, 0]


def test_a_memo_left_because_of_a_change_before_it_is_not_computed() -> None:
    source, set_source = create_signal(1)
    runs: list[int] = []
    near = create_memo(lambda: source() < 2)
    heavy = create_memo(lambda: runs.append(source()) or runs[-1])
    seen: list[int] = []
    create_effect(lambda: seen.append(heavy() if near() else 0))
    set_source(2)
    assert runs == [1]
    assert seen == [1, 0]


def test_a_memo_left_because_of_a_change_behind_others_is_not_computed() -> None:
    source, set_source = create_signal(1)
    runs: list[int] = []
    near = create_memo(lambda: source() + 0)
    far = create_memo(lambda: near() < 2)
    heavy = create_memo(lambda: runs.append(source()) or runs[-1])
    seen: list[int] = []
    create_effect(lambda: seen.append(heavy() if far() else 0))
    set_source(2)
    assert runs == [1]
    assert seen == [1, 0]


def test_a_source_dropped_and_taken_up_again_is_current() -> None:
    flag, set_flag = create_signal(True)
    source, set_source = create_signal(1)
    double = create_memo(lambda: source() * 2)
    seen: list[int] = []
    create_effect(lambda: seen.append(double() if flag() else -1))
    set_flag(False)
    set_source(5)
    set_flag(True)
    set_source(6)
    assert seen == [2, -1, 10, 12]


def test_an_observer_that_reads_nothing_any_more_never_runs_again() -> None:
    source, set_source = create_signal(0)
    runs: list[int] = []
    create_effect(lambda: runs.append(source() if len(runs) < 2 else -1))
    for value in range(1, 5):
        set_source(value)
    assert runs == [0, 1, -1]


def test_a_duplicate_read_around_a_nested_computation_survives_a_switch() -> None:
    flag, set_flag = create_signal(True)
    source, set_source = create_signal(1)
    inner = create_memo(lambda: source() + 1)

    def run() -> None:
        total = source() + inner()
        if flag():
            total += source()
        seen.append(total)

    seen: list[int] = []
    create_effect(run)
    set_flag(False)
    set_source(2)
    set_flag(True)
    set_source(3)
    assert seen == [4, 3, 5, 7, 10]


def test_hundreds_of_sources_may_come_and_go() -> None:
    size, set_size = create_signal(0)
    cells = [create_signal(1) for _ in range(300)]
    seen: list[int] = []
    create_effect(lambda: seen.append(sum(get() for get, _ in cells[: size()])))
    for count in (300, 10, 200, 0, 300):
        set_size(count)
    cells[299][1](5)
    set_size(5)
    cells[299][1](6)
    assert seen == [0, 300, 10, 200, 0, 300, 304, 5]
