"""Alternating rounds: each case on each library by turns, the best time of each kept."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable
from math import exp, log
from typing import Any

from benchmarks.core.cases import CASES, Library

Times = dict[str, dict[str, float]]
Sizes = dict[str, dict[str, float]]


def best_times(libraries: list[Library], rounds: int) -> Times:
    """The shortest of ``rounds`` runs of each case on each library, in milliseconds: ``[case][library]``.

    Libraries take turns inside a round, so that a busy moment of the machine hits them alike. Graphs are
    built anew for each round, outside the time; a first run warms up.
    """
    best: Times = {case: {} for case in CASES}
    for _ in range(rounds):
        for case, make in CASES.items():
            for library in libraries:
                took = _time(make(library))
                best[case][library.name] = min(took, best[case].get(library.name, took))
    return best


def keep_best(best: dict[str, Any], times: dict[str, Any]) -> None:
    """Put into ``best`` what is shorter in ``times``, a dict of the same shape."""
    for name, took in times.items():
        if isinstance(took, dict):
            keep_best(best.setdefault(name, {}), took)
        else:
            best[name] = min(took, best.get(name, took))


def _time(run: Callable[[], None]) -> float:
    run()
    gc.collect()
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1000


def sizes(libraries: list[Library]) -> Sizes:
    """`bytes_per_node` of each library, by its name."""
    return {library.name: bytes_per_node(library) for library in libraries}


def bytes_per_node(library: Library, count: int = 10_000) -> dict[str, float]:
    """Memory of one signal, of one memo that has been read and of one effect, in bytes."""

    def memo(get: Callable[[], Any]) -> Any:
        made = library.memo(get)
        made()
        return made

    get, _ = library.signal(0)
    kinds: dict[str, Callable[[], Any]] = {
        "signal": lambda: library.signal(0),
        "memo": lambda: memo(get),
        "effect": lambda: library.effect(get),
    }
    sizes = {}
    for kind, make in kinds.items():
        gc.collect()
        tracemalloc.start()
        kept: list[Any] = [None] * count
        before = tracemalloc.get_traced_memory()[0]
        dispose = library.scope(lambda kept=kept, make=make: _fill(kept, make))  # type: ignore[misc]
        sizes[kind] = (tracemalloc.get_traced_memory()[0] - before) / count
        tracemalloc.stop()
        dispose()
    return sizes


def _fill(kept: list[Any], make: Callable[[], Any]) -> list[Any]:
    for position in range(len(kept)):
        kept[position] = make()
    return kept


def geometric_mean(values: list[float]) -> float:
    """The geometric mean of positive numbers."""
    return exp(sum(map(log, values)) / len(values))
