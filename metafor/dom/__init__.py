"""Rendering: components on a host, be it a page or a tree in memory. Names are loaded on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metafor.dom.components import Component as Component
    from metafor.dom.components import component as component
    from metafor.dom.errors import AttributeValueError as AttributeValueError
    from metafor.dom.errors import DomError as DomError
    from metafor.dom.errors import MountError as MountError
    from metafor.dom.errors import PropError as PropError
    from metafor.dom.flow.for_each import For as For
    from metafor.dom.flow.show import Show as Show
    from metafor.dom.hosts.html import render_to_string as render_to_string
    from metafor.dom.mounting import Mounted as Mounted
    from metafor.dom.mounting import mount as mount

_HOME_OF = {
    "AttributeValueError": "errors",
    "Component": "components",
    "DomError": "errors",
    "For": "flow.for_each",
    "MountError": "errors",
    "Mounted": "mounting",
    "PropError": "errors",
    "Show": "flow.show",
    "component": "components",
    "mount": "mounting",
    "render_to_string": "hosts.html",
}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
