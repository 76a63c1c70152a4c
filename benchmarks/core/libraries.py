"""The Python libraries that are measured, each through its fastest public spelling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.core.cases import Library


def metafor() -> Library:
    from metafor.core import batch, create_effect, create_memo, create_root, create_signal

    def scope(fn: Callable[[], Any]) -> Callable[[], None]:
        def start(dispose: Callable[[], None]) -> Callable[[], None]:
            fn()
            return dispose

        return create_root(start)

    return Library("metafor", create_signal, create_memo, create_effect, batch, scope)


def reaktiv() -> Library:
    import reaktiv as library

    def signal(value: Any) -> tuple[Callable[[], Any], Callable[[Any], None]]:
        made = library.Signal(value)
        return made.get, made.set

    def memo(fn: Callable[[], Any]) -> Callable[[], Any]:
        get: Callable[[], Any] = library.Computed(fn).get
        return get

    def batch(fn: Callable[[], None]) -> None:
        with library.batch():
            fn()

    def scope(fn: Callable[[], Any]) -> Callable[[], None]:
        kept = fn()

        def dispose() -> None:
            for one in kept:
                if isinstance(one, library.Effect):
                    one.dispose()
            kept.clear()

        return dispose

    return Library("reaktiv", signal, memo, library.Effect, batch, scope)
