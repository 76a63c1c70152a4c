"""Random graphs beside a naive model that computes everything anew: what they show must be the same.

A node of the model is described by data; the model evaluates descriptions recursively, without any cache,
from the present values of the signals. The real graph is built from the same descriptions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from metafor.core import batch, create_effect, create_memo, create_root, create_signal


@dataclass(frozen=True)
class Memo:
    """``sum`` of what it reads, modulo; with ``switch``, which half of its sources it reads depends on it.

    It may create an effect that reads ``inner``, made for the value that the memo has then.
    """

    sources: tuple[int, ...]
    switch: int | None
    modulo: int
    fails_at: int | None = None
    inner: tuple[int, ...] = ()


@dataclass(frozen=True)
class Effect:
    """Records what it reads; may read by turns like a memo; may write a signal; may create effects inside,
    which read through a memo that it creates too; may dispose another effect when its sum has a remainder.
    """

    sources: tuple[int, ...]
    switch: int | None
    writes: int | None = None
    inner: tuple[int, ...] = ()
    disposes: tuple[int, int] | None = None


class Failure(Exception):
    """A memo of the model that fails by plan."""


def chosen(sources: tuple[int, ...], switch: Any) -> tuple[int, ...]:
    half = (len(sources) + 1) // 2
    return sources[:half] if switch % 2 else sources[half:]


@dataclass
class World:
    """A graph and its model, side by side. Signals come first in the numbering, then memos."""

    signals: list[int]
    memos: list[Memo]
    effects: list[Effect]

    getters: list[Callable[[], Any]] = field(default_factory=list)
    setters: list[Callable[[int], None]] = field(default_factory=list)
    #: For each memo, how often it has computed since the signals last changed.
    computed: list[int] = field(default_factory=list)
    #: For each effect what it saw, run by run; None where it is disposed.
    seen: list[list[Any]] = field(default_factory=list)
    inner_seen: list[list[Any]] = field(default_factory=list)
    disposers: list[Callable[[], None] | None] = field(default_factory=list)
    #: How often the inner effect of a disposed effect had run at its end.
    inner_ends: dict[int, int] = field(default_factory=dict)
    mixed: list[str] = field(default_factory=list)
    recomputed: list[str] = field(default_factory=list)

    def build(self) -> None:
        self.values = list(self.signals)
        for number, value in enumerate(self.signals):
            get, put = create_signal(value, name=f"s{number}")
            self.getters.append(get)
            self.setters.append(put)
        self.computed = [0] * len(self.memos)
        for number, memo in enumerate(self.memos):
            self.getters.append(create_memo(self._memo_function(number, memo), name=f"m{number}"))
        for number, effect in enumerate(self.effects):
            self.seen.append([])
            self.inner_seen.append([])
            self.disposers.append(None)
            self._start(number, effect)

    def _memo_function(self, number: int, memo: Memo) -> Callable[[], int]:
        def compute() -> int:
            self.computed[number] += 1
            if self.computed[number] > 1:
                self.recomputed.append(f"m{number}")
            value = self._combine(memo, lambda source: self.getters[source]())
            if memo.inner:
                create_effect(self._effect_of_memo(number, memo, value))
            return value

        return compute

    def _effect_of_memo(self, number: int, memo: Memo, made_for: int) -> Callable[[], None]:
        """Created by a memo: while that has readers, it only sees the state that it was made for."""
        node = len(self.signals) + number
        name = f"effect of m{number}"

        def run() -> None:
            for source in memo.inner:
                self._read(source, name)
            if self.getters[node]._observers and self.expected(node) != made_for:  # type: ignore[attr-defined]
                self.mixed.append(f"{name}, made for {made_for}, runs when it is {self.expected(node)}")

        return run

    def _combine(self, memo: Memo, read: Callable[[int], Any]) -> int:
        sources = memo.sources
        if memo.switch is not None:
            sources = chosen(sources, read(memo.switch))
        total = sum(read(source) for source in sources)
        if memo.fails_at is not None and total % 7 == memo.fails_at:
            raise Failure(str(total))
        return total % memo.modulo

    def _start(self, number: int, effect: Effect) -> None:
        def read(source: int) -> Any:
            return self._read(source, f"effect {number}")

        def run() -> None:
            shown = self._look(effect, read)
            total = sum(one for one in shown if isinstance(one, int))
            self.seen[number].append(shown)
            if effect.inner:
                values = create_memo(lambda: [read(source) for source in effect.inner])
                create_effect(lambda: self.inner_seen[number].append((shown, values())))
            if effect.writes is not None:
                self.write(effect.writes, total % 5)
            if effect.disposes is not None:
                other, remainder = effect.disposes
                if total % 3 == remainder and other < len(self.disposers):
                    self.dispose(other)

        def start(dispose: Callable[[], None]) -> None:
            self.disposers[number] = dispose
            create_effect(run, name=f"e{number}")

        create_root(start)

    def _read(self, source: int, who: str) -> Any:
        value = self.result(self.getters[source])
        if value != self.expected(source):
            self.mixed.append(f"{who} read {value} of node {source}")
        return value

    def _look(self, effect: Effect, read: Callable[[int], Any]) -> tuple[Any, ...]:
        if effect.switch is None:
            return tuple(read(source) for source in effect.sources)
        switch = read(effect.switch)
        sources = chosen(effect.sources, switch if isinstance(switch, int) else 0)
        return (switch, *(read(source) for source in sources))

    @staticmethod
    def result(read: Callable[[], Any]) -> Any:
        try:
            return read()
        except Failure as failure:
            return f"failed {failure}"

    # -- the model -----------------------------------------------------------------------------------

    def expected(self, node: int) -> Any:
        """What ``node`` must show now, computed anew from the values of the signals."""
        known: dict[int, Any] = {}

        def evaluate(node: int) -> Any:
            if node < len(self.signals):
                return self.values[node]
            if node not in known:
                memo = self.memos[node - len(self.signals)]
                known[node] = self.result(lambda: self._combine(memo, evaluate))
            if isinstance(known[node], str):
                raise Failure(known[node].removeprefix("failed "))
            return known[node]

        return self.result(lambda: evaluate(node))

    # -- what happens to it --------------------------------------------------------------------------

    def write(self, number: int, value: int) -> None:
        if self.values[number] != value:
            # A change: each memo may compute once more.
            self.computed = [0] * len(self.memos)
        self.values[number] = value
        self.setters[number](value)

    def write_together(self, writes: list[tuple[int, int]]) -> None:
        def all_of_them() -> None:
            for number, value in writes:
                self.write(number, value)

        batch(all_of_them)

    def dispose(self, number: int) -> None:
        dispose = self.disposers[number]
        if dispose is not None:
            self.disposers[number] = None
            dispose()
            self.seen[number].append(None)
            self.inner_ends[number] = len(self.inner_seen[number])

    def check(self) -> None:
        """Everything that is shown equals what the model says, and nothing was computed twice."""
        assert not self.mixed, self.mixed
        assert not self.recomputed, self.recomputed
        for number, effect in enumerate(self.effects):
            if self.disposers[number] is None:
                assert self.seen[number][-1] is None, f"effect {number} ran after its end"
                assert self.inner_seen[number][self.inner_ends[number] :] == [], f"inside effect {number}"
                continue
            shown = self._look(effect, self.expected)
            assert self.seen[number][-1] == shown, f"effect {number} shows {self.seen[number][-1]}"
            if effect.inner:
                inner = [self.expected(source) for source in effect.inner]
                assert self.inner_seen[number][-1] == (shown, inner), f"inside effect {number}"
        for node, get in enumerate(self.getters):
            assert self.result(get) == self.expected(node), f"node {node}"
        assert not self.recomputed, self.recomputed

    def check_runs(self, before: list[int], single: bool) -> None:
        """An effect ran at most once, and for a single write only if that changed what it saw."""
        for number in range(len(self.effects)):
            if self.disposers[number] is None:
                continue
            runs = self.seen[number][before[number] :]
            assert len(runs) <= 1, f"effect {number} ran {len(runs)} times"
            last = self.seen[number][before[number] - 1]
            if runs and single and not any(isinstance(one, str) for one in last):
                assert runs[-1] != last, f"effect {number} ran in vain"
