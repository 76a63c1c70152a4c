"""Random graphs, random histories: glitch-free, no lost update, nothing computed twice.

A few hundred examples by default; ``make test-core-long`` tries 20,000 of each.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metafor.core import batch
from tests.core.oracle import Effect, Memo, World

EXAMPLES = int(os.environ.get("METAFOR_EXAMPLES", "200"))

many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def draw_sources(draw: Any, below: int) -> tuple[int, ...]:
    return tuple(draw(st.lists(st.integers(0, below - 1), min_size=1, max_size=4)))


@st.composite
def worlds(draw: Any, *, writing: bool) -> World:
    signals = draw(st.lists(st.integers(0, 4), min_size=1, max_size=5))
    memos: list[Memo] = []
    for _ in range(draw(st.integers(0, 12))):
        below = len(signals) + len(memos)
        memos.append(
            Memo(
                draw_sources(draw, below),
                draw(st.none() | st.integers(0, below - 1)),
                draw(st.sampled_from([1, 2, 3, 1000])),
                draw(st.sampled_from([None, None, None, 3])),
                draw_sources(draw, below) if draw(st.integers(0, 3)) == 3 else (),
            )
        )
    nodes = len(signals) + len(memos)
    effects: list[Effect] = []
    count = draw(st.integers(1, 5))
    for number in range(count):
        writes = None
        if writing and number == 0 and len(signals) > 1:
            # It reads signals below the one that it writes, so that it settles.
            writes = len(signals) - 1
        readable = writes if writes is not None else nodes
        effects.append(
            Effect(
                draw_sources(draw, readable),
                draw(st.none() | st.integers(0, readable - 1)),
                writes,
                draw_sources(draw, nodes) if draw(st.booleans()) else (),
                draw(st.none() | st.tuples(st.integers(0, count - 1), st.integers(0, 2))),
            )
        )
    return World(signals, memos, effects)


def histories(world: World) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    write = st.tuples(st.integers(0, len(world.signals) - 1), st.integers(0, 4))
    step = st.one_of(
        st.tuples(st.just("write"), write),
        st.tuples(st.just("batch"), st.lists(write, max_size=5)),
        st.tuples(st.just("dispose"), st.integers(0, len(world.effects) - 1)),
        st.tuples(st.just("read"), st.integers(0, len(world.signals) + len(world.memos) - 1)),
        st.tuples(st.just("read in batch"), write),
    )
    return st.lists(step, max_size=12)


def run(world: World, history: list[tuple[Any, ...]], *, counting: bool) -> None:
    world.build()
    world.check()
    for kind, what in history:
        before = [len(seen) for seen in world.seen]
        if kind == "write":
            world.write(*what)
        elif kind == "batch":
            world.write_together(what)
        elif kind == "dispose":
            world.dispose(what)
        elif kind == "read":
            assert world.result(world.getters[what]) == world.expected(what)
        else:

            def write_and_read(what: tuple[int, int] = what) -> None:
                world.write(*what)
                for node, get in enumerate(world.getters):
                    assert world.result(get) == world.expected(node)

            batch(write_and_read)
        if counting:
            world.check_runs(before, kind in ("write", "read in batch"))
        world.check()


@many
@given(st.data())
def test_a_graph_shows_what_a_naive_recomputation_shows(data: st.DataObject) -> None:
    world = data.draw(worlds(writing=False))
    run(world, data.draw(histories(world)), counting=True)


@many
@given(st.data())
def test_a_graph_whose_effects_write_settles_on_what_the_naive_model_shows(data: st.DataObject) -> None:
    world = data.draw(worlds(writing=True))
    run(world, data.draw(histories(world)), counting=False)
