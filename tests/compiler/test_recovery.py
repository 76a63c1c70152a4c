"""One slip of the pen is one mistake: told near where it was made, and hardly ever followed by others."""

from __future__ import annotations

from pathlib import Path

import pytest

from metafor.compiler import Diagnostic, TemplateError, compile_source

SAMPLES = Path(__file__).parent / "samples"


def slips(source: str) -> list[tuple[int, list[Diagnostic]]]:
    """For every character that structures the source: its line, and what is said when it is missing."""
    found = []
    for at, character in enumerate(source):
        if character in "<>{}\"'()[]@/=":
            line = source.count("\n", 0, at) + 1
            try:
                compile_source(source[:at] + source[at + 1 :], "slip.ptml")
            except TemplateError as error:
                found.append((line, error.diagnostics))
    return found


@pytest.mark.parametrize("sample", ["spec_chat_component", "spec_room_chat"])
def test_a_missing_character(sample: str) -> None:
    found = slips((SAMPLES / sample / "input.ptml").read_text(encoding="utf-8"))
    assert len(found) > 100
    assert max(len(diagnostics) for _, diagnostics in found) <= 4
    assert sum(len(diagnostics) == 1 for _, diagnostics in found) > 0.85 * len(found)
    # Where the mistake cannot be known, such as for a bracket, a line of the same statement is named.
    near = [
        any(one.line == line or f" {line}:" in one.message + one.hint for one in diagnostics)
        for line, diagnostics in found
    ]
    assert sum(near) > 0.93 * len(found)


def test_the_slips_of_a_line() -> None:
    """Whole frames of what is said about one line, each time without another of its characters."""
    line = '    <p class="a" title=@{text}>Hi <b>you</b></p>'
    template = f'@component("A") @props {{ text = 1 }}\n@ptml {{\n{line}\n}}\n'
    start = template.index(line)
    said = {}
    for at in range(start, start + len(line)):
        if template[at] in '"@{}>/=':
            source = template[:at] + template[at + 1 :]
            try:
                compile_source(source, "slip.ptml")
            except TemplateError as error:
                places = [f"{one.code} {one.line}:{one.column}" for one in error.diagnostics]
                said[at - start, template[at]] = ", ".join(places)
    assert said == {
        (12, "="): "bad-attribute 3:8",
        (13, '"'): "bad-attribute 3:14",
        (15, '"'): "unclosed-quote 3:14",
        (22, "="): "bad-attribute 3:23",
        (23, "@"): "foreign-syntax 3:24",
        (24, "{"): "bad-attribute 3:24",
        (29, "}"): "unclosed-hole 3:24",
        (30, ">"): "unclosed-tag 3:5, bad-attribute 3:24",
        (36, ">"): "unclosed-tag 3:35, unknown-element 3:36, mismatched-tag 3:40",
        (41, "/"): "unclosed-element 3:41",
        (43, ">"): "unclosed-tag 3:41",
        (45, "/"): "unclosed-element 3:45",
        (47, ">"): "unclosed-tag 3:45",
    }
