"""What the other packages of metafor use of the core beneath its public names.

The algorithm is in :mod:`~metafor.core.propagation`, the nodes in :mod:`~metafor.core.nodes`, batches and
the flush in :mod:`~metafor.core.scheduling`, owners in :mod:`~metafor.core.ownership` and
:mod:`~metafor.core.disposal`.
"""

from __future__ import annotations

from metafor.core.disposal import dispose_tree, dispose_trees, end_trees
from metafor.core.errors import Pending
from metafor.core.nodes import SUSPENSE, Computation, Effect, Getter, Memo, RenderEffect, Signal, suspend
from metafor.core.ownership import (
    current_owner,
    label,
    run_in_owner,
    run_owned,
    run_tracking,
    settle_result,
    shift_owner,
    swap_owner,
)
from metafor.core.propagation import CLEAN, RUNNING, execute
from metafor.core.reporting import ERROR_HANDLER, report_error, set_error_handler
from metafor.core.scheduling import (
    dispose,
    drop_if_static,
    enter_batch,
    flush,
    leave_batch,
    run_batch,
    schedule_commit,
    schedule_mount,
    start_binding,
    start_effect,
    write,
)
from metafor.core.store.edits import EditLog, edits_of
from metafor.core.trial import Given, Trial

__all__ = [
    "CLEAN",
    "ERROR_HANDLER",
    "RUNNING",
    "SUSPENSE",
    "Computation",
    "EditLog",
    "Effect",
    "Getter",
    "Given",
    "Memo",
    "Pending",
    "RenderEffect",
    "Signal",
    "Trial",
    "current_owner",
    "dispose",
    "dispose_tree",
    "dispose_trees",
    "drop_if_static",
    "edits_of",
    "end_trees",
    "enter_batch",
    "execute",
    "flush",
    "label",
    "leave_batch",
    "report_error",
    "run_batch",
    "run_in_owner",
    "run_owned",
    "run_tracking",
    "schedule_commit",
    "schedule_mount",
    "set_error_handler",
    "settle_result",
    "shift_owner",
    "start_binding",
    "start_effect",
    "suspend",
    "swap_owner",
    "write",
]
