"""The public names of the core, pinned: a change here is a change for every app."""

from __future__ import annotations

import metafor.core

NAMES = """
    BatchError Context CoreError CycleError FetchCancelledError Getter NoOwnerError Owner
    PendingReadError Resource Setter StoreError ThreadError WriteInMemoError batch catch_error
    create_context create_deferred create_effect create_memo create_resource create_root create_selector
    create_signal create_store get_owner hold is_getter on_dispose on_mount provide_context reconcile
    report_error run_with_owner set_error_handler snapshot spawn start_task track untrack use_context
"""


def test_the_public_names_are_pinned() -> None:
    assert metafor.core.__all__ == sorted(NAMES.split())


def test_every_public_name_loads_and_has_a_contract() -> None:
    for name in metafor.core.__all__:
        assert getattr(metafor.core, name).__doc__, name
