"""The reactive core: signals, memos, effects, owners.

Standard library only, and the same on CPython and in the browser. Names are loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metafor.core.context import Context as Context
    from metafor.core.context import catch_error as catch_error
    from metafor.core.context import create_context as create_context
    from metafor.core.context import provide_context as provide_context
    from metafor.core.context import use_context as use_context
    from metafor.core.derived import create_deferred as create_deferred
    from metafor.core.derived import create_selector as create_selector
    from metafor.core.errors import BatchError as BatchError
    from metafor.core.errors import CoreError as CoreError
    from metafor.core.errors import CycleError as CycleError
    from metafor.core.errors import FetchCancelledError as FetchCancelledError
    from metafor.core.errors import NoOwnerError as NoOwnerError
    from metafor.core.errors import PendingReadError as PendingReadError
    from metafor.core.errors import StoreError as StoreError
    from metafor.core.errors import ThreadError as ThreadError
    from metafor.core.errors import WriteInMemoError as WriteInMemoError
    from metafor.core.lifecycle import create_root as create_root
    from metafor.core.lifecycle import get_owner as get_owner
    from metafor.core.lifecycle import on_dispose as on_dispose
    from metafor.core.lifecycle import on_mount as on_mount
    from metafor.core.lifecycle import run_with_owner as run_with_owner
    from metafor.core.nodes import Getter as Getter
    from metafor.core.owner import Owner as Owner
    from metafor.core.reactions import batch as batch
    from metafor.core.reactions import create_effect as create_effect
    from metafor.core.reactions import create_memo as create_memo
    from metafor.core.reactions import track as track
    from metafor.core.reactions import untrack as untrack
    from metafor.core.reporting import report_error as report_error
    from metafor.core.reporting import set_error_handler as set_error_handler
    from metafor.core.resource import Resource as Resource
    from metafor.core.resource import create_resource as create_resource
    from metafor.core.signal import Setter as Setter
    from metafor.core.signal import create_signal as create_signal
    from metafor.core.signal import is_getter as is_getter
    from metafor.core.store.exchange import reconcile as reconcile
    from metafor.core.store.exchange import snapshot as snapshot
    from metafor.core.store.tracked import create_store as create_store
    from metafor.core.tasks import hold as hold
    from metafor.core.tasks import spawn as spawn
    from metafor.core.tasks import start_task as start_task

_HOMES = {
    "context": ("Context", "catch_error", "create_context", "provide_context", "use_context"),
    "derived": ("create_deferred", "create_selector"),
    "errors": (
        "BatchError",
        "CoreError",
        "CycleError",
        "FetchCancelledError",
        "NoOwnerError",
        "PendingReadError",
        "StoreError",
        "ThreadError",
        "WriteInMemoError",
    ),
    "lifecycle": ("create_root", "get_owner", "on_dispose", "on_mount", "run_with_owner"),
    "nodes": ("Getter",),
    "owner": ("Owner",),
    "reactions": ("batch", "create_effect", "create_memo", "track", "untrack"),
    "reporting": ("report_error", "set_error_handler"),
    "resource": ("Resource", "create_resource"),
    "signal": ("Setter", "create_signal", "is_getter"),
    "store.tracked": ("create_store",),
    "store.exchange": ("reconcile", "snapshot"),
    "tasks": ("hold", "spawn", "start_task"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

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
