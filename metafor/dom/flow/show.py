"""``<Show when fallback>``: one side or the other; the hidden side does not exist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metafor.core.graph import Memo
from metafor.dom.components import component
from metafor.dom.content import is_live

__all__ = ["Show"]


@component
def Show(props: Mapping[str, Any]) -> Any:
    """Show ``children`` while ``when`` is true, else ``fallback`` (or nothing).

    Only a change of truth rebuilds: ``when`` may go from 1 to 2 and the content keeps its state.
    """

    def shown() -> bool:
        value: Any = props.get("when")
        while is_live(value):
            value = value()
        return bool(value)

    truth = Memo(shown, name="Show.when")
    return lambda: props.get("children") if truth() else props.get("fallback")
