"""``<Show when fallback>``: one side or the other; the hidden side does not exist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metafor.core.graph import Memo
from metafor.dom.components import component
from metafor.dom.flow.switch import truth_of

__all__ = ["Show"]


@component
def Show(props: Mapping[str, Any]) -> Any:
    """Show ``children`` while ``when`` is true, else ``fallback`` (or nothing).

    Only a change of truth rebuilds: ``when`` may go from 1 to 2 and the content keeps its state.
    """
    truth = Memo(lambda: truth_of(props, "when"), name="Show.when")
    return lambda: props.get("children") if truth() else props.get("fallback")
