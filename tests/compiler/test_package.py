"""The compiler's public face."""

from __future__ import annotations

import subprocess
import sys

import metafor.compiler

PUBLIC = {
    "Compiled",
    "Diagnostic",
    "Portable",
    "PortableError",
    "TemplateClashError",
    "TemplateError",
    "check_file",
    "check_source",
    "compile_file",
    "compile_source",
    "install",
    "to_portable",
    "uninstall",
}


def test_public_names_are_pinned() -> None:
    assert set(metafor.compiler.__all__) == PUBLIC
    assert all(hasattr(metafor.compiler, name) for name in PUBLIC)
    assert set(dir(metafor.compiler)) >= PUBLIC
    assert not hasattr(metafor.compiler, "no_such_name")


def test_nothing_is_loaded_before_it_is_used() -> None:
    """Ruling 39: the package is lazy, and the compiler never loads the runtime."""
    code = (
        "import sys, metafor.compiler as c\n"
        "print(sorted(m for m in sys.modules if m.startswith('metafor.compiler.')))\n"
        "c.compile_source('@component(\"A\") @ptml { <p>@{x}</p> }', 'a.ptml')\n"
        "print(sorted({m.split('.')[1] for m in sys.modules if m.startswith('metafor.')}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "['compiler', 'errors']"]
