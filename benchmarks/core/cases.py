"""The cases, written once against four verbs that every library has: signal, memo, effect, batch.

A case is a function of a :class:`Library` that builds its graph and gives what is timed. The shapes are
the usual ones of reactivity benchmarks; each checks what it computed, so that nobody wins by not working.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Timed = Callable[[], None]


@dataclass(frozen=True)
class Library:
    """How a library spells the four verbs."""

    name: str
    #: signal(value) -> (get, set)
    signal: Callable[[Any], tuple[Callable[[], Any], Callable[[Any], None]]]
    #: memo(fn) -> get
    memo: Callable[[Callable[[], Any]], Callable[[], Any]]
    #: effect(fn) -> what must be kept for the effect to live
    effect: Callable[[Callable[[], Any]], Any]
    #: batch(fn) runs fn; effects run once, at its end
    batch: Callable[[Callable[[], None]], Any]
    #: scope(fn) runs fn, which returns what it kept, and gives what disposes everything made in it
    scope: Callable[[Callable[[], Any]], Callable[[], None]]


def deep(lib: Library) -> Timed:
    """50 memos in a row, 500 writes."""
    get, put = lib.signal(0)
    last = get
    for _ in range(50):
        last = lib.memo(lambda below=last: below() + 1)
    runs = [0]

    def watch() -> None:
        last()
        runs[0] += 1

    kept = [lib.effect(watch)]

    def run() -> None:
        runs[0] = 0
        start = get()
        for value in range(start + 1, start + 501):
            put(value)
            assert last() == value + 50
        assert runs[0] == 500
        assert kept

    return run


def broad(lib: Library) -> Timed:
    """50 pairs of memos over one signal, an effect on each, 50 writes."""
    get, put = lib.signal(0)
    kept: list[Any] = []
    runs = [0]

    def watch(last: Callable[[], Any]) -> Callable[[], None]:
        def run() -> None:
            last()
            runs[0] += 1

        return run

    last = get
    for number in range(50):
        first = lib.memo(lambda number=number: get() + number)
        last = lib.memo(lambda first=first: first() + 1)
        kept.append(lib.effect(watch(last)))

    def run() -> None:
        runs[0] = 0
        start = get()
        for value in range(start + 1, start + 51):
            put(value)
            assert last() == value + 50
        assert runs[0] == 50 * 50
        assert kept

    return run


def diamond(lib: Library) -> Timed:
    """Five memos over one signal, their sum, an effect, 500 writes."""
    get, put = lib.signal(0)
    arms = [lib.memo(lambda: get() + 1) for _ in range(5)]
    total = lib.memo(lambda: sum(arm() for arm in arms))
    runs = [0]

    def watch() -> None:
        total()
        runs[0] += 1

    kept = [lib.effect(watch)]

    def run() -> None:
        runs[0] = 0
        start = get()
        for value in range(start + 1, start + 501):
            put(value)
            assert total() == (value + 1) * 5
        assert runs[0] == 500
        assert kept

    return run


def triangle(lib: Library) -> Timed:
    """A chain of ten memos and the sum of all of them, an effect, 100 writes."""
    get, put = lib.signal(0)
    links = [get]
    for _ in range(9):
        links.append(lib.memo(lambda below=links[-1]: below() + 1))
    total = lib.memo(lambda: sum(link() for link in links))
    runs = [0]

    def watch() -> None:
        total()
        runs[0] += 1

    kept = [lib.effect(watch)]

    def run() -> None:
        runs[0] = 0
        start = get()
        for value in range(start + 1, start + 101):
            put(value)
            assert total() == value * 10 + 45
        assert runs[0] == 100
        assert kept

    return run


def mux(lib: Library) -> Timed:
    """100 signals into one memo and out into 100 memos with an effect each; every signal written once."""
    cells = [lib.signal(0) for _ in range(100)]
    joined = lib.memo(lambda: tuple(get() for get, _ in cells))
    outs = [lib.memo(lambda number=number: joined()[number]) for number in range(100)]
    kept = [lib.effect(out) for out in outs]

    def run() -> None:
        for number, (get, put) in enumerate(cells):
            value = get() + 1
            put(value)
            assert outs[number]() == value
        assert len(kept) == 100

    return run


def unstable(lib: Library) -> Timed:
    """A memo that reads one of two memos 20 times, by turns; an effect, 100 writes."""
    get, put = lib.signal(0)
    double = lib.memo(lambda: get() * 2)
    inverse = lib.memo(lambda: -get())

    def compute() -> int:
        total = 0
        for _ in range(20):
            total += double() if get() % 2 else inverse()
        return total

    current = lib.memo(compute)
    runs = [0]

    def watch() -> None:
        current()
        runs[0] += 1

    kept = [lib.effect(watch)]

    def run() -> None:
        runs[0] = 0
        start = get()
        for value in range(start + 1, start + 101):
            put(value)
        assert current() == (value * 40 if value % 2 else -value * 20)
        assert runs[0] == 100
        assert kept

    return run


def avoidable(lib: Library) -> Timed:
    """A chain of memos whose second never changes its value; an effect at its end, 500 writes."""
    get, put = lib.signal(0)
    first = lib.memo(get)
    still = lib.memo(lambda: (first(), 0)[1])
    last = still
    for _ in range(5):
        last = lib.memo(lambda below=last: below() + 1)
    runs = [0]

    def watch() -> None:
        last()
        runs[0] += 1

    kept = [lib.effect(watch)]

    def run() -> None:
        runs[0] = 0
        start = get()
        for value in range(start + 1, start + 501):
            put(value)
            assert last() == 5
        assert runs[0] == 0
        assert kept

    return run


def repeated_reads(lib: Library) -> Timed:
    """A memo that reads one signal 30 times; an effect, 200 writes."""
    get, put = lib.signal(0)

    def compute() -> int:
        total = 0
        for _ in range(30):
            total += get()
        return total

    current = lib.memo(compute)
    runs = [0]

    def watch() -> None:
        current()
        runs[0] += 1

    kept = [lib.effect(watch)]

    def run() -> None:
        runs[0] = 0
        start = get()
        for value in range(start + 1, start + 201):
            put(value)
            assert current() == value * 30
        assert runs[0] == 200
        assert kept

    return run


def fan_out(lib: Library) -> Timed:
    """1,000 effects on one signal, 10 writes."""
    get, put = lib.signal(0)
    runs = [0]

    def watch() -> None:
        get()
        runs[0] += 1

    kept = [lib.effect(watch) for _ in range(1000)]

    def run() -> None:
        runs[0] = 0
        start = get()
        for value in range(start + 1, start + 11):
            put(value)
        assert runs[0] == 1000 * 10
        assert len(kept) == 1000

    return run


def batched(lib: Library) -> Timed:
    """Ten signals written in one batch, read by a memo and an effect, 100 batches."""
    cells = [lib.signal(0) for _ in range(10)]
    total = lib.memo(lambda: sum(get() for get, _ in cells))
    runs = [0]

    def watch() -> None:
        total()
        runs[0] += 1

    kept = [lib.effect(watch)]

    def write() -> None:
        for get, put in cells:
            put(get() + 1)

    def run() -> None:
        runs[0] = 0
        for _ in range(100):
            lib.batch(write)
        assert runs[0] == 100
        assert kept

    return run


def plain_reads(lib: Library) -> Timed:
    """10,000 reads of a signal and of a settled memo, outside any observer."""
    get, _ = lib.signal(1)
    memo = lib.memo(lambda: get() + 1)
    memo()

    def run() -> None:
        for _ in range(10_000):
            get()
            memo()

    return run


def create_signals(lib: Library) -> Timed:
    """Create 10,000 signals and let them go."""

    def run() -> None:
        kept = [lib.signal(number) for number in range(10_000)]
        assert len(kept) == 10_000

    return run


def create_memos(lib: Library) -> Timed:
    """Create, read and dispose 10,000 memos over one signal."""
    get, _ = lib.signal(0)

    def build() -> list[Any]:
        memos = [lib.memo(lambda: get() + 1) for _ in range(10_000)]
        for memo in memos:
            memo()
        return memos

    return lambda: lib.scope(build)()


def create_effects(lib: Library) -> Timed:
    """Create and dispose 10,000 effects on one signal."""
    get, _ = lib.signal(0)

    def build() -> list[Any]:
        return [lib.effect(get) for _ in range(10_000)]

    return lambda: lib.scope(build)()


CASES: dict[str, Callable[[Library], Timed]] = {
    case.__name__.replace("_", " "): case
    for case in (
        deep,
        broad,
        diamond,
        triangle,
        mux,
        unstable,
        avoidable,
        repeated_reads,
        fan_out,
        batched,
        plain_reads,
        create_signals,
        create_memos,
        create_effects,
    )
}
