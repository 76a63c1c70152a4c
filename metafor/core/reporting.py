"""Where errors go that have no caller: the nearest error boundary, else the global handler (ruling 16)."""

from __future__ import annotations

from collections.abc import Callable

from metafor.core.errors import Pending, PendingReadError
from metafor.core.owner import Owner
from metafor.core.ownership import current_owner, note_writer, run_owned

__all__ = ["ERROR_HANDLER", "report_error", "set_error_handler"]

_IN = "in "

#: The key under which an owner's context holds its error handler.
ERROR_HANDLER = object()


def report_error(error: BaseException, owner: Owner | None = None) -> None:
    """Give ``error`` to the nearest error handler above ``owner``, else to the global one.

    Takes the owner where it happened, by default the current one. The path of components that leads there
    becomes a note of the error, which a traceback shows: ``in App > Chat`` (ruling 32). A handler that
    raises passes its own error on to the next one above (ruling 16). Example::

        try:
            path.write_text(draft())
        except OSError as error:
            report_error(error)
    """
    if isinstance(error, Pending):
        error = PendingReadError(
            "a resource was read before its first value had arrived, where nothing can wait for it",
            next_step="read .latest() here, or give create_resource() an initial value",
        )
    scope = owner if owner is not None else current_owner()
    _name_place(error, scope)
    # Its handlers may write, in its name.
    note_writer(scope)
    while scope is not None:
        handler = scope._context.get(ERROR_HANDLER) if scope._context is not None else None
        scope = scope.parent
        if handler is None:
            continue
        try:
            run_owned(scope, handler, error)
            return
        except Exception as raised:
            error = raised
    try:
        _global_handler(error)
    except Exception as raised:
        # With the error that it was given as its context. What else waits must still run.
        _print_error(raised)


def _name_place(error: BaseException, owner: Owner | None) -> None:
    """Note at ``error`` the components around ``owner``, outermost first; once, where it happened."""
    names: list[str] = []
    while owner is not None:
        if getattr(owner, "is_component", False) and owner.name:
            names.append(owner.name)
        owner = owner.parent
    if names and not any(note.startswith(_IN) for note in getattr(error, "__notes__", ())):
        error.add_note(_IN + " > ".join(reversed(names)))


def _print_error(error: BaseException) -> None:
    import sys
    import traceback

    traceback.print_exception(error, file=sys.stderr)


_global_handler: Callable[[BaseException], object] = _print_error


def set_error_handler(
    handler: Callable[[BaseException], object] | None,
) -> Callable[[BaseException], object]:
    """Make ``handler`` the one that gets every error no boundary took; None restores the default.

    Returns the handler that was in force. The default prints the whole traceback to stderr, which in a page
    is ``console.error``; so are both errors when ``handler`` raises. Example::

        previous = set_error_handler(lambda error: log.exception("in the page", exc_info=error))
    """
    global _global_handler
    previous = _global_handler
    _global_handler = handler if handler is not None else _print_error
    return previous
