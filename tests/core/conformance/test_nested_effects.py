"""Nested effects: what an effect creates lives until its next run."""

from __future__ import annotations

from metafor.core import create_effect, create_memo, create_signal, on_dispose
from metafor.core.graph import RenderEffect, start_binding


def test_an_inner_effect_is_disposed_before_the_outer_runs_again() -> None:
    outer, set_outer = create_signal(0)
    inner, set_inner = create_signal(0)
    log: list[str] = []

    def run() -> None:
        value = outer()
        on_dispose(lambda: log.append(f"end {value}"))

        def nested() -> None:
            log.append(f"inner {value} {inner()}")
            on_dispose(lambda: log.append(f"end inner {value}"))

        create_effect(nested)

    create_effect(run)
    log.clear()
    set_outer(1)
    assert log == ["end inner 0", "end 0", "inner 1 0"]
    log.clear()
    set_inner(1)
    assert log == ["end inner 1", "inner 1 1"]


def test_an_inner_effect_alone_does_not_run_the_outer() -> None:
    inner, set_inner = create_signal(0)
    runs: list[str] = []

    def run() -> None:
        runs.append("outer")
        create_effect(lambda: runs.append(f"inner {inner()}"))

    create_effect(run)
    set_inner(1)
    assert runs == ["outer", "inner 0", "inner 1"]


def test_an_outer_effect_runs_before_the_inner_that_it_is_about_to_dispose() -> None:
    source, set_source = create_signal(0)
    log: list[str] = []

    def run() -> None:
        value = source()
        log.append(f"outer {value}")
        create_effect(lambda: log.append(f"inner of {value} sees {source()}"))

    create_effect(run)
    log.clear()
    set_source(1)
    assert log == ["outer 1", "inner of 1 sees 1"]


def test_an_effect_whose_creator_is_marked_meanwhile_does_not_run() -> None:
    """An effect that is about to be disposed sees nothing of the change that disposes it."""
    user, set_user = create_signal("Ada", equals=False)
    signed_in, set_signed_in = create_signal(True)
    seen: list[str] = []

    def page() -> None:
        if signed_in():
            create_effect(lambda: seen.append(user().upper()))

    create_effect(lambda: set_signed_in(user() is not None))
    create_effect(page)
    set_user(None)  # type: ignore[arg-type]
    set_user("Grace")
    assert seen == ["ADA", "GRACE"]


def test_an_effect_below_a_binding_that_is_marked_meanwhile_does_not_run() -> None:
    user, set_user = create_signal("Ada", equals=False)
    signed_in, set_signed_in = create_signal(True)
    seen: list[str] = []

    def page() -> None:
        if signed_in():
            create_effect(lambda: seen.append(user().upper()))

    create_effect(lambda: set_signed_in(user() is not None))
    start_binding(RenderEffect(page))
    set_user(None)  # type: ignore[arg-type]
    set_user("Grace")
    assert seen == ["ADA", "GRACE"]


def test_three_levels_leave_one_effect_each() -> None:
    source, set_source = create_signal(0)
    runs: list[int] = []

    def level(depth: int) -> None:
        source()
        if depth < 3:
            create_effect(lambda: level(depth + 1))
        else:
            runs.append(source())

    create_effect(lambda: level(0))
    for value in range(1, 4):
        runs.clear()
        set_source(value)
        assert runs == [value]


def test_reads_of_an_inner_effect_are_not_those_of_the_outer() -> None:
    a, set_a = create_signal(0)
    b, set_b = create_signal(0)
    runs: list[str] = []

    def run() -> None:
        runs.append("outer")
        create_effect(lambda: (runs.append("inner"), b()))
        a()

    create_effect(run)
    set_b(1)
    assert runs == ["outer", "inner", "inner"]
    set_a(1)
    assert runs[3:] == ["outer", "inner"]


def test_an_effect_in_a_memo_is_disposed_when_the_memo_computes_again() -> None:
    source, set_source = create_signal(0)
    other, set_other = create_signal(0)
    seen: list[tuple[int, int]] = []

    def compute() -> int:
        value = source()
        create_effect(lambda: seen.append((value, other())))
        return value

    memo = create_memo(compute)
    memo()
    set_source(1)
    memo()
    seen.clear()
    set_other(1)
    assert seen == [(1, 1)]


def test_an_effect_created_in_a_memo_runs_when_the_memo_has_its_value() -> None:
    source, _ = create_signal(1)
    seen: list[int] = []

    def compute() -> int:
        create_effect(lambda: seen.append(memo()))
        return source() + 1

    memo = create_memo(compute)
    assert memo() == 2
    assert seen == [2]


def test_a_memo_that_created_an_effect_computes_before_that_effect_runs() -> None:
    """The effect was made for a state that is over: it must not see the new one."""
    user, set_user = create_signal({"name": "Ada"})
    seen: list[str] = []

    def compute() -> int:
        if user():
            create_effect(lambda: seen.append(user()["name"]))
        return len(user())

    memo = create_memo(compute)
    memo()
    create_effect(memo)
    set_user({"name": "Grace"})
    set_user({})
    assert seen == ["Ada", "Grace"]


def test_an_effect_deep_in_nested_memos_waits_for_the_outermost() -> None:
    source, set_source = create_signal(0)
    log: list[tuple[str, int, int]] = []

    def inner(made_for: int) -> int:
        create_effect(lambda: log.append(("effect", made_for, source())))
        return source()

    def outer() -> int:
        made_for = source()
        return create_memo(lambda: inner(made_for))()

    memo = create_memo(outer)
    memo()
    create_effect(memo)
    set_source(1)
    assert log == [("effect", 0, 0), ("effect", 1, 1)]


def test_an_effect_of_a_memo_that_nobody_reads_runs_without_it() -> None:
    source, set_source = create_signal(0)
    computed: list[int] = []
    seen: list[int] = []

    def compute() -> int:
        computed.append(source())
        create_effect(lambda: seen.append(source()))
        return computed[-1]

    memo = create_memo(compute)
    memo()
    set_source(1)
    assert (computed, seen) == ([0], [0, 1])
    assert memo() == 1
    assert (computed, seen) == ([0, 1], [0, 1, 1])


def test_an_effect_of_a_memo_that_is_marked_later_in_the_flush_waits_for_the_memo_too() -> None:
    first, set_first = create_signal(0)
    second, set_second = create_signal(0)
    log: list[tuple[int, int, int]] = []

    def compute() -> int:
        made_for = first()
        create_effect(lambda: log.append((made_for, first.peek(), second())))
        return made_for

    memo = create_memo(compute)
    # A reader that nothing makes compute.
    create_memo(memo)()
    create_effect(lambda: set_second(first()))
    set_first(1)
    assert log == [(0, 0, 0), (1, 1, 1)]
