"""A page that does, one after the other, what tests of faults ask of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

__all__ = ["APP", "ask"]

_HERE = Path(__file__).resolve().parents[2] / "tests" / "channels" / "faults"

#: The files of the app: `ask` makes its page run a function of ``tests/channels/faults/page.py``.
APP = {
    "main.py": """
        import json
        import js
        import page
        from pyodide.ffi import create_proxy

        async def answer(case, arguments):
            return json.dumps(await getattr(page, case)(**json.loads(arguments)))

        js.answer = create_proxy(answer)
        js.document.documentElement.dataset.metafor = "ready"
    """,
    **{
        f"{name}.py": (_HERE / f"{name}.py").read_text("utf-8")
        for name in ("page", "pouring", "reconnecting", "talker")
    },
}


def ask(page: Page, case: str, **arguments: Any) -> Any:
    """Run one case in the page and give what it gives."""
    call = "async ([name, given]) => JSON.parse(await answer(name, JSON.stringify(given)))"
    return page.evaluate(call, [case, arguments])
