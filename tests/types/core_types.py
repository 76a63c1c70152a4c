"""What a type checker must infer of the core: checked by mypy strict, never run. See ``test_types.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_type

from reactivex import Observable

from metafor.core import (
    Context,
    Getter,
    Owner,
    Resource,
    Setter,
    batch,
    catch_error,
    create_context,
    create_deferred,
    create_effect,
    create_memo,
    create_resource,
    create_root,
    create_selector,
    create_signal,
    create_store,
    get_owner,
    reconcile,
    run_with_owner,
    snapshot,
    track,
    untrack,
    use_context,
)
from metafor.rx import from_signal, to_signal


@dataclass
class Todo:
    text: str
    done: bool = False


def signals() -> None:
    items, set_items = create_signal([1])
    assert_type(items, Getter[list[int]])
    assert_type(set_items, Setter[list[int]])
    assert_type(items(), list[int])
    assert_type(items.peek(), list[int])
    set_items([2])
    set_items.update(lambda old: [*old, 3])
    set_items("no")  # type: ignore[arg-type]
    set_items.update(lambda old: "no")  # type: ignore[arg-type, return-value]

    pair: tuple[Getter[Todo | None], Setter[Todo | None]] = create_signal(None)
    user, set_user = pair
    assert_type(user(), Todo | None)
    set_user(Todo("a"))


def memos() -> None:
    count, _ = create_signal(1)
    assert_type(create_memo(lambda: count() / 2), Getter[float])
    assert_type(create_memo(lambda: str(count()), name="text")(), str)
    assert_type(create_deferred(count), Getter[int])
    assert_type(create_deferred(lambda: str(count())), Getter[str])
    broader: Getter[object] = count
    broader()


def sections() -> None:
    assert_type(batch(lambda: 1), int)
    assert_type(track(lambda: "a"), str)
    assert_type(untrack(lambda: 1.5), float)
    assert_type(create_root(lambda dispose: dispose), Callable[[], None])
    assert_type(catch_error(lambda: 1, print), int | None)
    assert_type(get_owner(), Owner | None)
    assert_type(run_with_owner(None, lambda: b""), bytes)
    with batch():
        pass

    async def effect() -> None: ...

    create_effect(effect)


def stores() -> None:
    state = create_store({"todos": [Todo("a")]})
    assert_type(state, dict[str, list[Todo]])
    assert_type(state["todos"][0].text, str)
    state["todos"].append(Todo("b"))
    state["todos"].append("no")  # type: ignore[arg-type]
    assert_type(create_store(Todo("a")), Todo)
    assert_type(snapshot(state), dict[str, list[Todo]])
    reconcile(state, {"todos": []})


def contexts() -> None:
    theme = create_context("light")
    assert_type(theme, Context[str])
    assert_type(use_context(theme), str)
    maybe: Context[int | None] = create_context(None)
    assert_type(use_context(maybe), int | None)


def resources() -> None:
    pair: tuple[Getter[int | None], Setter[int | None]] = create_signal(1)
    user_id, _ = pair

    async def fetch(number: int) -> Todo:
        return Todo(str(number))

    async def fetch_all() -> list[Todo]:
        return []

    resource = create_resource(fetch, user_id)
    assert_type(resource, Resource[Todo])
    assert_type(resource(), Todo)
    assert_type(resource.latest(), Todo | None)
    assert_type(resource.loading(), bool)
    assert_type(resource.error(), Exception | None)
    assert_type(create_resource(fetch_all), Resource[list[Todo]])
    text, _ = create_signal("a")
    create_resource(fetch, text)  # type: ignore[misc]
    assert_type(create_resource(lambda: 5), Resource[int])


def selectors() -> None:
    selected, _ = create_signal(1)
    assert_type(create_selector(selected)(2), bool)


def bridges() -> None:
    count, _ = create_signal(1)
    assert_type(from_signal(count), Observable[int])
    assert_type(to_signal(from_signal(count)), Getter[int | None])
    assert_type(to_signal(from_signal(count), 0), Getter[int])
    maybe: Getter[int | None] = to_signal(from_signal(count), None)
    maybe()
