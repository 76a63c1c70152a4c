"""What the page does before the app: every kind of what Python can do, and no trace of it."""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

from metafor.page import warm_up


def _instructions(code: CodeType) -> Iterator[dis.Instruction]:
    yield from dis.get_instructions(code)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _instructions(constant)


def test_every_operator_is_used_and_none_is_computed_beforehand() -> None:
    # An operation on constants is done by Python's compiler, and no instruction is left of it.
    code = compile(Path(warm_up.__file__).read_text(encoding="utf-8"), warm_up.__file__, "exec")
    used = {one.argrepr for one in _instructions(code) if one.opname == "BINARY_OP"}
    signs = ["+", "-", "*", "/", "//", "%", "&", "|", "^", "<<", ">>"]
    assert used >= {*signs, "**", *(f"{sign}=" for sign in signs)}


def test_it_leaves_no_trace() -> None:
    before = set(sys.modules), dict(vars(warm_up))
    warm_up.warm_up()
    warm_up.warm_up()
    assert (set(sys.modules), dict(vars(warm_up))) == before
