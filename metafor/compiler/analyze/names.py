"""Names: which reads are live, which loop variables markup must capture, which components exist.

The walk follows Python's scopes through the file, its components, their holes and the Python in them.
Its depth is bounded: the parser refuses what is nested more than ``MAX_HEIGHT`` deep.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from metafor.compiler.analyze.analysis import Analysis
from metafor.compiler.analyze.bindings import (
    Bindings,
    bindings_of,
    component_bindings,
    parameters,
    target_names,
)
from metafor.compiler.analyze.components import (
    BUILTIN_COMPONENTS,
    resolve_row,
    root_of,
    unknown_component,
)
from metafor.compiler.analyze.given import BUILTINS, Takes, check_given, takes_of
from metafor.compiler.analyze.markup import check_markup
from metafor.compiler.analyze.scopes import Kind, Live, Scope, Scopes
from metafor.compiler.analyze.styles import analyze_styles
from metafor.compiler.diagnostics import Reporter
from metafor.compiler.parse.nodes import (
    Component,
    ComponentStmt,
    Element,
    Fragment,
    Hole,
    MarkupExpr,
    Template,
)

__all__ = ["analyze_names"]

#: What every module has without defining it.
_DEFINED: Final = frozenset(dir(builtins)) | {
    *("__file__", "__path__", "__cached__", "__annotations__", "__builtins__"),
    # In classes and their methods.
    *("__module__", "__qualname__", "__class__"),
}


@dataclass(slots=True, eq=False)
class _Capture:
    """Markup inside loops: which of their variables it uses."""

    variables: dict[str, Scope]
    used: dict[str, None] = field(default_factory=dict)


def analyze_names(template: Template, reporter: Reporter) -> Analysis:
    """Resolve the names of a parsed file; mistakes go to the reporter."""
    walk = _Walk(reporter)
    walk.run(template)
    declared = walk.scopes.declared
    walk.analysis.unknown = [found for found in walk.analysis.unknown if found[0].id not in declared]
    analyze_styles(template, walk.analysis, reporter)
    return walk.analysis


class _Walk:
    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self.scopes = Scopes(reporter)
        self.analysis = Analysis(implicit=self.scopes.implicit)
        self.captures: list[_Capture] = []
        #: Names that may be bound without our seeing it: `import *`, or Python that did not parse.
        self.uncertain = False
        self.from_dom: dict[str, str] = {}
        #: What the components of the file take.
        self.takes: dict[str, Takes] = {}
        #: The names of the file that a component's tag may have.
        self.components: frozenset[str] = frozenset()
        #: Whether an `await` or `yield` would stand in a hole, outside of any function in it.
        self.in_hole = False

    def run(self, template: Template) -> None:
        body: Iterable[ast.stmt] = template.module.body if template.module else ()
        found = bindings_of(body)
        self.uncertain = found.star or template.module is None
        rebound = bindings_of(one for one in body if not isinstance(one, ComponentStmt)).bound
        for component in template.components:
            takes = takes_of(component)
            if takes is not None and component.name not in rebound and not self.uncertain:
                self.takes[component.name] = takes
        found.bound.update(component.name for component in template.components)
        self.components = frozenset(name for name in found.bound if name[:1].isupper())
        self.scopes.enter(Kind.MODULE, found)
        for statement in body:
            self.visit(statement)
        if template.module is None:
            for component in template.components:
                self._component(component)

    # Python

    def visit(self, node: ast.AST) -> None:
        """Walk one node; nodes with scopes or names have a method of their own."""
        method = _METHODS.get(type(node))
        if method is not None:
            method(self, node)
        else:
            self._children(node)

    def _children(self, node: ast.AST) -> None:
        for name in node._fields:
            value = getattr(node, name, None)
            if type(value) is list:
                for child in value:
                    if isinstance(child, ast.AST):
                        self.visit(child)
            elif isinstance(value, MarkupExpr) or (isinstance(value, ast.AST) and value._fields):
                self.visit(value)

    def _name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._load(node)
        else:
            self.scopes.bind(node.id, node)

    def _load(self, node: ast.Name) -> Live | None:
        scope = self.scopes.find(node.id)
        for capture in self.captures:
            if scope is not None and capture.variables.get(node.id) is scope:
                capture.used[node.id] = None
        if scope is None:
            if not self.uncertain and node.id not in _DEFINED:
                self._unknown(node)
            return None
        live = self.scopes.live(node.id, scope)
        if live is Live.ITEM:
            self.analysis.items.add(node)
        elif live is not None:
            self.analysis.live.add(node)
            if live is Live.PROP and scope.component is not None:
                self.analysis.used.setdefault(scope.component, set()).add(node.id)
        return live

    def _unknown(self, node: ast.Name) -> None:
        # Guesses for a file of nothing but slips would take their square in time.
        known = self.scopes.names() if len(self.analysis.unknown) < 100 else frozenset()
        self.analysis.unknown.append((node, known))

    def _call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Name) and not node.args and not node.keywords:
            # `i()` of an index that is a getter stays as it is written (ruling 28).
            if self._load(function) is Live.INDEX:
                self.analysis.live.discard(function)
            return
        self._children(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.scopes.bind(node.name, node)
        for outer in (*node.decorator_list, node.args, node.returns):
            if outer is not None:
                self.visit(outer)
        self._inner(node.args, node.body)

    def _lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)
        item = Live.ITEM if node in self.analysis.item_rows else Live.ROW
        self._inner(node.args, [node.body], (item, Live.INDEX)[: self.analysis.rows.get(node, 0)])

    def _inner(
        self, arguments: ast.arguments, body: Iterable[ast.AST], live_parameters: tuple[Live, ...] = ()
    ) -> None:
        found = bindings_of(body)
        names = parameters(arguments)
        found.bound.update(parameter.arg for parameter in names)
        in_hole, self.in_hole = self.in_hole, False
        scope = self.scopes.enter(Kind.FUNCTION, found)
        for parameter, live in zip(names, live_parameters, strict=False):
            scope.live[parameter.arg] = live
        for parameter in names:
            self.scopes.reserve(parameter.arg, parameter)
        for node in body:
            self.visit(node)
        self.scopes.leave()
        self.in_hole = in_hole

    def _class(self, node: ast.ClassDef) -> None:
        self.scopes.bind(node.name, node)
        for outer in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(outer)
        in_hole, self.in_hole = self.in_hole, False
        scope = self.scopes.enter(Kind.CLASS, bindings_of(node.body))
        # No function can see the variables of a class: markup takes them along like loop variables.
        scope.loops += sorted(scope.bound)
        for statement in node.body:
            self.visit(statement)
        self.scopes.leave()
        self.in_hole = in_hole

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        first = node.generators[0]
        if any(generator.is_async for generator in node.generators):
            self._suspending(node, "async for")
        self.visit(first.iter)
        found = Bindings()
        for generator in node.generators:
            found.bound.update(target_names(generator.target))
        outer = self.scopes.current
        scope = self.scopes.enter(Kind.COMPREHENSION, found)
        scope.loops += (name for name in outer.loops if name not in found.bound)
        for generator in node.generators:
            if generator is not first:
                self.visit(generator.iter)
            for part in ast.walk(generator.target):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
                    self._load(part)
            scope.loops += target_names(generator.target)
            for condition in generator.ifs:
                self.visit(condition)
        if isinstance(node, ast.DictComp):
            self.visit(node.key)
            self.visit(node.value)
        else:
            self.visit(node.elt)
        self.scopes.leave()

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self.visit(node.target)
        loops = self.scopes.current.loops
        before = len(loops)
        loops += target_names(node.target)
        for statement in node.body:
            self.visit(statement)
        del loops[before:]
        for statement in node.orelse:
            self.visit(statement)

    def _alias(self, node: ast.alias) -> None:
        if node.name != "*":
            self.scopes.bind(node.asname or node.name.split(".")[0], node)

    def _import_from(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self._alias(alias)
            if (node.module or "").startswith("metafor.dom"):
                self.from_dom[alias.asname or alias.name] = alias.name

    def _named(self, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar) -> None:
        if node.name is not None:
            self.scopes.bind(node.name, node)
        self._children(node)

    def _mapping(self, node: ast.MatchMapping) -> None:
        if node.rest is not None:
            self.scopes.bind(node.rest, node)
        self._children(node)

    def _await(self, node: ast.Await | ast.Yield | ast.YieldFrom) -> None:
        self._suspending(node, "await" if isinstance(node, ast.Await) else "yield")
        self._children(node)

    def _suspending(self, node: ast.expr, word: str) -> None:
        if self.in_hole:
            self.scopes.report(
                node,
                "await-in-hole",
                f"`{word}` cannot stand in a hole: it is evaluated at once, and again with every change",
                "set a signal when the value is there, and show the signal",
            )

    # Components and markup

    def _component_statement(self, node: ComponentStmt) -> None:
        self._component(node.component)

    def _component(self, component: Component) -> None:
        found = component_bindings(component)
        uncertain, self.uncertain = self.uncertain, self.uncertain or found.star
        scope = self.scopes.enter(Kind.FUNCTION, found)
        scope.component = component
        declared = {}
        for prop in component.props:
            scope.live[prop.name] = Live.PROP
            scope.bound.add(prop.name)
            declared[id(prop.statement)] = prop
        for statement in component.body or ():
            prop_here = declared.get(id(statement))
            if prop_here is None:
                self.visit(statement)
                continue
            self.scopes.reserve(prop_here.name, statement)
            for part in (prop_here.annotation, prop_here.default):
                if part is not None:
                    self.visit(part)
        if component.content is not None:
            self._fragment(component.content)
        self.scopes.leave()
        self.uncertain = uncertain

    def _markup(self, node: MarkupExpr) -> None:
        variables = {name: scope for name in self.scopes.current.loops if (scope := self.scopes.find(name))}
        if not variables:
            self._fragment(node.fragment)
            return
        capture = _Capture(variables)
        self.captures.append(capture)
        # What this markup captures, the markup in it need not capture again.
        loops, self.scopes.current.loops = self.scopes.current.loops, []
        self._fragment(node.fragment)
        self.scopes.current.loops = loops
        self.captures.pop()
        if capture.used:
            self.analysis.captures[node] = tuple(capture.used)

    def _fragment(self, fragment: Fragment) -> None:
        check_markup(self.reporter, fragment, self.components)
        stack = list(reversed(fragment.children))
        while stack:
            child = stack.pop()
            if isinstance(child, Hole):
                self._hole(child)
            elif isinstance(child, Element):
                for hole in child.holes():
                    self._hole(hole)
                if child.target is None:
                    stack += reversed(child.children)
                else:
                    self._component_tag(child, child.target)

    def _hole(self, hole: Hole) -> None:
        if hole.expr is not None:
            in_hole, self.in_hole = self.in_hole, True
            self.visit(hole.expr)
            self.in_hole = in_hole

    def _component_tag(self, element: Element, target: ast.expr) -> None:
        root = root_of(target)
        builtin = None
        if root is not None:
            scope = self.scopes.find(root.id)
            if scope is not None:
                self._load(root)
                builtin = self.from_dom.get(element.tag)
                takes = self.takes.get(element.tag) if scope is self.scopes.stack[0] else None
                if takes is not None:
                    check_given(self.reporter, element, takes, own=False)
            elif element.tag in BUILTIN_COMPONENTS:
                self.analysis.builtin.add(element)
                builtin = element.tag
            elif not self.uncertain:
                unknown_component(self.scopes, element, root.id)
        if builtin in BUILTINS:
            check_given(self.reporter, element, BUILTINS[builtin], own=True)
        resolve_row(self.scopes, self.analysis, element, builtin)
        self._fragment(Fragment(element.children, element.start, element.end))


_METHODS: Final[dict[type[ast.AST], Callable[[_Walk, Any], None]]] = {
    ast.Name: _Walk._name,
    ast.Call: _Walk._call,
    ast.FunctionDef: _Walk._function,
    ast.AsyncFunctionDef: _Walk._function,
    ast.Lambda: _Walk._lambda,
    ast.ClassDef: _Walk._class,
    ast.ListComp: _Walk._comprehension,
    ast.SetComp: _Walk._comprehension,
    ast.GeneratorExp: _Walk._comprehension,
    ast.DictComp: _Walk._comprehension,
    ast.For: _Walk._for,
    ast.AsyncFor: _Walk._for,
    ast.alias: _Walk._alias,
    ast.ImportFrom: _Walk._import_from,
    ast.ExceptHandler: _Walk._named,
    ast.MatchAs: _Walk._named,
    ast.MatchStar: _Walk._named,
    ast.MatchMapping: _Walk._mapping,
    ast.Await: _Walk._await,
    ast.Yield: _Walk._await,
    ast.YieldFrom: _Walk._await,
    ComponentStmt: _Walk._component_statement,
    MarkupExpr: _Walk._markup,
}
