"""Every diagnostic code of the compiler with one line that says what it stands for.

A code is part of the public interface: it never changes its meaning, and a reporter refuses one that is
not listed here.
"""

from __future__ import annotations

from typing import Final

__all__ = ["CODES"]

CODES: Final[dict[str, str]] = {
    # The file and its blocks.
    "unreadable-source": "The file is not UTF-8 text, or holds a character that Python refuses.",
    "component-header": "`@component(…)` does not name a component as it should.",
    "component-name": "A component's name is not a capitalised Python identifier.",
    "duplicate-component": "Two components of one file have the same name.",
    "duplicate-block": "A component has two blocks of the same kind.",
    "orphan-block": "A block stands without the `@component(…)` that it belongs to.",
    "missing-ptml": "A component has no `@ptml { … }` block.",
    "block-header": "What should begin a block is not `@props {`, `@ptml {` or `@style {`.",
    "misplaced-block": "A component does not begin a line of its own.",
    "unclosed-block": "The `}` that ends a block is missing.",
    "style-kind": "Something other than `global` stands between `@style` and its brace.",
    "style-selector": "A scoped style selects what no component holds, such as `:root`.",
    # Markup.
    "unclosed-element": "An element is never closed.",
    "stray-close-tag": "A closing tag closes nothing.",
    "mismatched-tag": "A closing tag names another element than the one that is open.",
    "void-close-tag": "A void element such as `<br>` has a closing tag.",
    "unclosed-tag": "The `>` of a tag is missing.",
    "unclosed-comment": "The `-->` of a comment is missing.",
    "unclosed-quote": "The closing quote of an attribute value is missing.",
    "unbalanced-brace": "A brace in text has no partner.",
    "declaration": "`<!…>` other than a comment stands in markup.",
    "bad-attribute": "Something in a tag is not an attribute.",
    "foreign-syntax": "Something is written as another template language writes it.",
    "duplicate-attribute": "A tag has the same attribute twice.",
    "markup-depth": "Markup is nested deeper than an HTML parser keeps.",
    # Holes and Python.
    "unclosed-hole": "The `}` of a hole is missing.",
    "empty-hole": "A hole holds no expression.",
    "hole-depth": "Holes and components are nested too deeply.",
    "unclosed-bracket": "A bracket in Python is never closed.",
    "unmatched-bracket": "A closing bracket in Python closes nothing.",
    "unterminated-string": "A string in Python is never closed.",
    "python-syntax": "A piece of Python is not valid.",
    "python-warning": "Python itself warns about a piece of code.",
    "expression-depth": "A piece of Python is nested too deeply.",
    "misplaced-markup": "Markup stands where Python takes no expression.",
    "await-in-hole": "`await`, `async for` or `yield` stands in a hole.",
    # Meaning.
    "prop-declaration": "A `@prop` line is not `@prop name: type = default`.",
    "duplicate-prop": "A prop is declared twice.",
    "prop-assigned": "A prop, or the parameter of a row function, is assigned to.",
    "reserved-name": "A name that generated code uses is bound.",
    "row-function": "`<For>` or `<Index>` has no row function of one or two parameters.",
    "unknown-component": "A component is used that nothing in the file defines.",
    "unknown-attribute": "A component is given an attribute that it does not take.",
    "missing-attribute": "A component is not given an attribute that it needs.",
    "unknown-element": "An element is neither HTML nor SVG nor a custom element.",
    "unknown-event": "An `on…` attribute names no event.",
    "unknown-modifier": "What follows `on…:` is no modifier of events, or contradicts another.",
    "unknown-directive": "A `name:…` attribute is none that metafor knows, or stands on a component.",
    "needs-hole": "An attribute that takes Python has no `@{…}`.",
    "invalid-nesting": "An HTML parser would rearrange this nesting.",
    # Warnings of `metafor check`.
    "unknown-name": "Python reads a name that nothing defines.",
    "unused-prop": "A declared prop is never read.",
    "img-without-alt": "An `<img>` has no `alt`.",
    "label-without-control": "A `<label>` belongs to no control.",
    "click-without-keyboard": "A click handler stands on an element that no keyboard reaches.",
    "called-handler": "A handler is called where it should be given.",
    "duplicate-key": "A key is given twice, in a dict or among rows.",
    # Elements that never work.
    "script-element": "A `<script>` stands in a template, where it would never run.",
}
