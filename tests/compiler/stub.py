"""A stand-in for the runtime: what compiled templates call, kept so that a test can look at it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import CodeType, ModuleType
from typing import Any, NamedTuple

import pytest


class Shown(NamedTuple):
    """Markup: its static HTML and the values of its slots."""

    html: str
    slots: tuple[tuple[int, str, str], ...]
    values: tuple[Any, ...]


class Given(NamedTuple):
    """A component with what it was given."""

    component: Any
    attributes: dict[str, Any]
    children: Any


class Props:
    """Props of a component in a test: each reads as the value given, or its default."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.mapping = values

    def declare(
        self, name: str, default: Callable[[], Any] | None = None, type: Callable[[], Any] | None = None
    ) -> Callable[[], Any]:
        return lambda: self.mapping[name] if name in self.mapping or default is None else default()


def template(
    html: str, nodes: object, slots: tuple[tuple[int, str, str], ...], roots: object, space: str = "html"
) -> Any:
    return lambda *values: Shown(html, slots, values)


def component(name: str, props: tuple[str, ...] | None = None) -> Callable[[Callable[[Props], Any]], Any]:
    return lambda function: lambda **attributes: function(Props(attributes))


def element(target: Any, attributes: dict[str, Any], children: Any = None) -> Given:
    return Given(target, attributes, children)


def merge(attributes: dict[str, Any], spread: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    return {**attributes, **spread()}


def runtime() -> ModuleType:
    """A module that can stand for ``metafor.dom.compiled``."""
    module = ModuleType("metafor.dom.compiled")
    module.__dict__.update(
        template=template,
        component=component,
        element=element,
        merge=merge,
        row=lambda function, count: function,
        lazy=lambda function: function,
        late=lambda getter: lambda *event: getter()(*event),
        join=lambda *parts: "".join(str(part() if callable(part) else part) for part in parts),
        style=lambda css: None,
        For="For",
        Show="Show",
    )
    return module


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let compiled templates find the stand-in for the length of a test."""
    package = ModuleType("metafor.dom")
    package.compiled = runtime()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "metafor.dom", package)
    monkeypatch.setitem(sys.modules, "metafor.dom.compiled", package.compiled)


def run(code: CodeType, **names: Any) -> dict[str, Any]:
    """Run a module's code; ``names`` are there before it runs."""
    namespace: dict[str, Any] = {"__name__": "template", **names}
    exec(code, namespace)
    return namespace
