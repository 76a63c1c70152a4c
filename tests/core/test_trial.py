"""The first run of bindings that may need no second one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metafor.core import create_effect, create_root, create_signal, get_owner, on_dispose
from metafor.core.graph import Given, RenderEffect, Trial, drop_if_static, enter_batch, leave_batch
from metafor.core.owner import Owner


def attempt(
    *functions: Callable[[], Any], owner: Owner | None = None, given: Given[Any] | None = None
) -> list[RenderEffect | None]:
    """Run functions as a template does; gives the binding of each, where one was needed."""
    bindings: list[RenderEffect | None] = []
    trial = Trial.begin(owner or Owner(), given)
    try:
        for fn in functions:
            fn()
            binding = None
            if trial.needs_binding():
                binding = RenderEffect(fn)
                trial = trial.hand_over(binding)
            bindings.append(binding)
    finally:
        trial.end()
    return bindings


def renew(item: Given[Any], value: Any) -> None:
    enter_batch()
    item.renew(value)
    leave_batch()


def test_what_reads_nothing_needs_no_binding() -> None:
    assert attempt(lambda: 1, lambda: "two") == [None, None]


def test_what_read_a_signal_runs_again_and_the_others_do_not() -> None:
    (a, set_a), (b, set_b) = create_signal(1), create_signal(10)
    runs: list[str] = []
    attempt(
        lambda: runs.append("nothing"),
        lambda: runs.append(f"a {a()}"),
        lambda: runs.append(f"a {a()} b {b()}"),
    )
    set_b(11)
    assert runs == ["nothing", "a 1", "a 1 b 10", "a 1 b 11"]
    set_a(2)
    assert runs[4:] == ["a 2", "a 2 b 11"]


def test_it_reads_again_what_it_read_first() -> None:
    wide, set_wide = create_signal(True)
    a, set_a = create_signal(1)
    runs: list[Any] = []
    attempt(lambda: runs.append(a() if wide() else None))
    set_wide(False)
    set_a(2)
    assert runs == [1, None]


def test_what_was_made_belongs_to_the_binding() -> None:
    a, set_a = create_signal(1)
    happened: list[str] = []

    def fn() -> None:
        value = a()
        create_effect(lambda: happened.append(f"effect {value}"))
        on_dispose(lambda: happened.append(f"end {value}"))

    def start(dispose: Callable[[], None]) -> Callable[[], None]:
        enter_batch()
        attempt(fn, owner=get_owner())
        leave_batch()
        return dispose

    dispose = create_root(start)
    assert happened == ["effect 1"]
    set_a(2)
    assert happened == ["effect 1", "end 1", "effect 2"]
    dispose()
    assert happened[3:] == ["end 2"]


def test_an_owner_that_somebody_holds_is_never_used_again() -> None:
    held: list[Owner | None] = []
    a, set_a = create_signal(1)
    attempt(lambda: held.append(get_owner()))
    attempt(lambda: (held.append(get_owner()), a()), lambda: held.append(get_owner()))
    assert len({id(owner) for owner in held}) == 3
    first = held[1]
    assert first is not None
    assert not first.disposed
    set_a(2)
    assert first.disposed


def test_a_write_to_what_was_read_makes_the_binding_run_again() -> None:
    a, set_a = create_signal(1)
    seen: list[int] = []

    def fn() -> None:
        seen.append(a())
        if a() < 3:
            set_a(a() + 1)

    enter_batch()
    attempt(fn)
    leave_batch()
    assert seen == [1, 2, 3]


def test_below_an_owner_that_is_gone_nothing_lives() -> None:
    a, set_a = create_signal(1)
    runs: list[int] = []
    gone = Owner()
    gone.disposed = True
    attempt(lambda: runs.append(a()), owner=gone)
    set_a(2)
    assert runs == [1]


def test_a_given_needs_no_edge() -> None:
    item = Given(1)
    assert attempt(lambda: item(), given=item) == [None]
    runs: list[int] = []
    (binding,) = attempt(lambda: runs.append(item()), given=Given(0))
    assert binding is not None
    renew(item, 2)
    assert runs == [1, 2]


def test_a_binding_that_read_more_watches_the_given_too() -> None:
    item, (a, _) = Given(1), create_signal(10)
    runs: list[int] = []
    attempt(lambda: runs.append(item() + a()), given=item)
    renew(item, 2)
    assert runs == [11, 12]


def test_a_run_that_goes_on_is_one_run() -> None:
    a, set_a = create_signal(1)
    b, set_b = create_signal(10)
    runs: list[int] = []
    binding = RenderEffect(lambda: runs.append(a() + b()))
    trial = Trial.begin(Owner())
    a()
    trial, raised = trial.resume(binding, lambda: runs.append(a() + b()))
    trial.end()
    assert raised is None
    set_a(2)
    set_b(20)
    assert runs == [11, 12, 22]


def test_the_error_of_a_run_that_goes_on_is_given() -> None:
    def fail() -> None:
        raise ValueError("no")

    trial = Trial.begin(Owner())
    trial, raised = trial.resume(RenderEffect(fail), fail)
    trial.end()
    assert isinstance(raised, ValueError)


def test_a_section_that_ends_early_leaves_no_edge() -> None:
    a, _ = create_signal(1)
    trial = Trial.begin(Owner())
    a()
    trial.end()
    assert not a._observers  # type: ignore[attr-defined]


def test_a_binding_that_goes_on_and_reads_nothing_can_be_dropped() -> None:
    owner = Owner()
    binding = RenderEffect(lambda: None)
    trial, _ = Trial.begin(owner).resume(binding, lambda: None)
    trial.end()
    drop_if_static(binding)
    assert owner._last is None
