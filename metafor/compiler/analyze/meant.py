"""What was probably meant by a name that nothing defines."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final

from metafor.compiler.diagnostics import guess

__all__ = ["HOMES", "step_for_name"]

#: The names of metafor that a template uses, by module. The compiler cannot ask the runtime; a test does.
HOMES: Final[dict[str, tuple[str, ...]]] = {
    "metafor.core": (
        *("batch", "catch_error", "create_context", "create_deferred", "create_effect", "create_memo"),
        *("create_resource", "create_root", "create_selector", "create_signal", "create_store"),
        *("on_dispose", "on_mount", "provide_context", "reconcile", "snapshot", "spawn", "track", "untrack"),
        "use_context",
    ),
    "metafor.dom": ("component", "mount"),
    "metafor.channels": (
        "Channel",
        "ChannelConnectionError",
        "ChannelMessageError",
        "ChannelState",
        "use_channel",
    ),
    "metafor.rx": ("from_signal", "to_signal"),
}
_HOME: Final = {name: module for module, names in HOMES.items() for name in names}
#: What is a name in JavaScript.
_ELSEWHERE: Final = {
    "null": "None",
    "undefined": "None",
    "true": "True",
    "false": "False",
    "NaN": "float('nan')",
    "Infinity": "float('inf')",
    "parseInt": "int(…)",
    "parseFloat": "float(…)",
    "String": "str(…)",
    "Number": "float(…)",
    "useState": "create_signal",
    "useEffect": "create_effect",
    "useMemo": "create_memo",
    "useContext": "use_context",
    "createSignal": "create_signal",
    "createEffect": "create_effect",
    "createMemo": "create_memo",
    "onMount": "on_mount",
    "onCleanup": "on_dispose",
}


def step_for_name(name: str, known: Iterable[str], *, guessing: bool) -> str:
    """What to do about the unknown ``name``; ``known`` are the names that can be read where it stands.

    With ``guessing`` False no name is looked for that is only similar.
    """
    if module := _HOME.get(name):
        return f"write `from {module} import {name}`"
    if here := _ELSEWHERE.get(name):
        return f"did you mean `{here}`?"
    known = frozenset(known)
    if name in sys.stdlib_module_names and name not in known:
        return f"write `import {name}`"
    if guessing and (close := guess(name, known | _HOME.keys() if len(name) > 4 else known)):
        return f"did you mean `{close}`?"
    return "import it, or define it in the file"
