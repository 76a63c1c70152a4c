"""Trees are printed, parsed, and come back equal."""

from __future__ import annotations

from hypothesis import given, settings

from metafor.compiler.diagnostics import Reporter
from metafor.compiler.parse.template import parse_template
from metafor.compiler.source import Source
from tests.compiler.printing import Tree, expected, read, show, trees


@settings(deadline=None)
@given(trees())
def test_print_parse_equal(tree: list[Tree]) -> None:
    source = Source(f'@component("A") @ptml {{{show(tree)}}}\n', "a.ptml")
    reporter = Reporter(source)
    template = parse_template(source, reporter)
    assert reporter.sorted() == []
    assert read(template) == expected(tree)
