"""Components from template text, for the tests of the renderer."""

from __future__ import annotations

import sys
from textwrap import dedent
from types import ModuleType, SimpleNamespace
from typing import Any

from metafor.compiler import compile_source


def load(source: str, **names: Any) -> SimpleNamespace:
    """Compile a template's text and run it; it imports ``names``. Gives what it defines."""
    given = sys.modules["given"] = ModuleType("given")
    given.__dict__.update(names)
    imports = f"from given import {', '.join(names)}\n" if names else ""
    compiled = compile_source(imports + dedent(source), "test.ptml")
    scope: dict[str, Any] = {"__name__": "test_template"}
    exec(compile(compiled.module, "test.ptml", "exec"), scope)
    return SimpleNamespace(**{name: value for name, value in scope.items() if not name.startswith("__")})


def component(markup: str, props: str = "", **names: Any) -> Any:
    """A component of one piece of markup."""
    body = "\n".join("    " + line for line in dedent(props).strip().splitlines())
    source = f'@component("Subject") @props {{\n{body or "    pass"}\n}}\n@ptml {{\n{dedent(markup)}\n}}\n'
    return load(source, **names).Subject
