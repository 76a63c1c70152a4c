"""``<ErrorBoundary fallback>``: an error below shows the fallback, and nothing else on the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metafor.core import graph
from metafor.core.graph import Signal
from metafor.dom.components import component
from metafor.dom.content import Renderable
from metafor.dom.events import parameter_count

__all__ = ["ErrorBoundary"]


@component
def ErrorBoundary(props: Mapping[str, Any]) -> Any:
    """Show ``children``; after an error in their set-up, bindings, effects or handlers, ``fallback``.

    ``fallback`` is markup, or a function of (error) or (error, reset); ``reset()`` builds the children
    anew. An error of the fallback itself goes to the next boundary above, and so do all of a boundary that
    was given no fallback. Example::

        <ErrorBoundary fallback=@{lambda error, reset: <button onclick=@{reset}>@{str(error)}</button>}>
            <Chart/>
        </ErrorBoundary>
    """
    error: Signal[BaseException | None] = Signal(None, False)
    boundary = graph.current_owner()

    def handle(raised: BaseException) -> None:
        # It shows one error; another one, or one that comes when it is gone, is for the next above.
        if error.peek() is not None or boundary is None or boundary.disposed or "fallback" not in props:
            raise raised
        graph.write(error, raised)

    def reset() -> None:
        graph.write(error, None)

    def shown() -> Any:
        raised = error()
        scope = graph.current_owner()
        assert scope is not None
        if raised is None:
            scope._context = {graph.ERROR_HANDLER: handle}
            return props.get("children")
        scope._context = None
        fallback: Any = props.get("fallback")
        if isinstance(fallback, Renderable) or not callable(fallback):
            return fallback
        return fallback(*(raised, reset)[: parameter_count(fallback)])

    return shown
