"""Order: bindings, commit, mounts, effects, each in the order of creation."""

from __future__ import annotations

from metafor.core import batch, create_effect, create_memo, create_root, create_signal, on_mount
from metafor.core.graph import RenderEffect, schedule_commit, start_binding


def test_effects_run_in_the_order_of_creation_not_of_subscription() -> None:
    source, set_source = create_signal(0)
    other, set_other = create_signal(0)
    log: list[str] = []
    # The first subscribes to the source when the second and the third have done so.
    create_effect(lambda: (other() and source(), log.append("first")))
    create_effect(lambda: (source(), log.append("second")))
    create_effect(lambda: (source(), log.append("third")))
    set_other(1)
    log.clear()
    set_source(1)
    assert log == ["first", "second", "third"]


def test_effects_run_in_the_order_of_creation_not_of_the_writes() -> None:
    one, set_one = create_signal(0)
    two, set_two = create_signal(0)
    log: list[str] = []
    create_effect(lambda: (one(), log.append("first")))
    create_effect(lambda: (two(), log.append("second")))
    log.clear()
    with batch():
        set_two(1)
        set_one(1)
    assert log == ["first", "second"]


def test_the_phases_of_a_flush_come_in_order() -> None:
    source, set_source = create_signal(0)
    log: list[str] = []

    def bind() -> None:
        source()
        log.append("binding")
        schedule_commit(lambda: log.append("commit"))

    def effect() -> None:
        source()
        log.append("effect")

    with batch():
        create_effect(effect)
        start_binding(RenderEffect(bind))
        on_mount(lambda: log.append("mount"))
    assert log == ["binding", "commit", "mount", "effect"]
    log.clear()
    set_source(1)
    assert log == ["binding", "commit", "effect"]


def test_a_write_in_an_effect_adds_a_round_of_bindings_before_the_next_effects() -> None:
    source, set_source = create_signal(0)
    shown, set_shown = create_signal(0)
    log: list[str] = []
    start_binding(RenderEffect(lambda: log.append(f"binding {shown()}")))
    create_effect(lambda: (set_shown(source()), log.append("writes")))
    create_effect(lambda: log.append(f"effect {shown()}"))
    log.clear()
    set_source(1)
    assert log == ["writes", "binding 1", "effect 1"]


def test_a_mount_outside_a_batch_runs_at_once() -> None:
    """Ruling 20."""
    log: list[str] = []
    on_mount(lambda: log.append("mounted"))
    assert log == ["mounted"]


def test_an_effect_in_a_root_outside_a_batch_runs_at_once() -> None:
    """Ruling 11."""
    log: list[str] = []

    def start(dispose: object) -> None:
        create_effect(lambda: log.append("effect"))
        log.append("after")

    create_root(start)
    assert log == ["effect", "after"]


def test_an_effect_created_in_a_batch_runs_when_it_ends() -> None:
    log: list[str] = []
    with batch():
        create_effect(lambda: log.append("effect"))
        log.append("body")
    assert log == ["body", "effect"]


def test_an_effect_created_by_an_effect_runs_after_it() -> None:
    log: list[str] = []

    def outer() -> None:
        create_effect(lambda: log.append("inner"))
        log.append("outer")

    create_effect(outer)
    assert log == ["outer", "inner"]


def test_a_binding_that_reads_nothing_is_dropped() -> None:
    runs: list[int] = []

    def start(dispose: object) -> None:
        start_binding(RenderEffect(lambda: runs.append(1)))

    create_root(start)
    assert runs == [1]


def test_sources_are_brought_up_to_date_in_the_order_of_reading() -> None:
    source, set_source = create_signal(0)
    order: list[str] = []
    a = create_memo(lambda: order.append("a") or source())
    b = create_memo(lambda: order.append("b") or source())
    create_effect(lambda: (b(), a()))
    order.clear()
    set_source(1)
    assert order == ["b", "a"]
