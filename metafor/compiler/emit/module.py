"""The module: Python as it is, live names as calls, markup and components as code."""

from __future__ import annotations

import ast
from typing import Final, TypeVar, cast

from metafor.compiler.analyze.analysis import Analysis
from metafor.compiler.emit.build import Build
from metafor.compiler.emit.values import Markup
from metafor.compiler.parse.nodes import Component, ComponentStmt, MarkupExpr, Prop, StyleStmt, Template
from metafor.compiler.source import Source

__all__ = ["emit_module", "first_statement"]

_LEAVES: Final = frozenset({ast.Constant, ast.Load, ast.Store, ast.Del, ast.alias})

_Node = TypeVar("_Node", bound=ast.AST)


def emit_module(template: Template, analysis: Analysis, source: Source) -> ast.Module:
    """The Python module of a template without mistakes. The tree of the template is used up."""
    return _Emitter(analysis, source).module(template)


class _Emitter:
    def __init__(self, analysis: Analysis, source: Source) -> None:
        self.analysis = analysis
        self.source = source
        self.markup = Markup(source, analysis, self.rewrite)

    def module(self, template: Template) -> ast.Module:
        assert template.module is not None
        module = self.rewrite(template.module)
        first = first_statement(module)
        module.body[first:first] = [Build(1, 0, 1, 0).import_runtime(), *self.markup.templates]
        return module

    def rewrite(self, node: _Node) -> _Node:
        """Turn everything of ours in a tree of Python into Python, in place; gives the tree's new root."""
        kind = type(node)
        if kind is ast.Name:
            name = cast("ast.Name", node)
            return cast("_Node", Build.like(name).call(name)) if name in self.analysis.live else node
        if kind is MarkupExpr:
            return cast("_Node", self.markup.literal(cast("MarkupExpr", node)))
        for field in node._fields:
            value = getattr(node, field, None)
            if type(value) is list:
                self._rewrite_list(value)
            elif isinstance(value, ast.AST) and type(value) not in _LEAVES:
                new = self.rewrite(value)
                if new is not value:
                    setattr(node, field, new)
        return node

    def _rewrite_list(self, nodes: list[object]) -> None:
        index = 0
        while index < len(nodes):
            node = nodes[index]
            if isinstance(node, ComponentStmt | StyleStmt):
                made = (
                    self._component(node.component)
                    if isinstance(node, ComponentStmt)
                    else [self._style(node)]
                )
                nodes[index : index + 1] = made
                index += len(made)
                continue
            if isinstance(node, ast.AST) and type(node) not in _LEAVES:
                nodes[index] = self.rewrite(node)
            index += 1

    # Components

    def _component(self, component: Component) -> list[ast.stmt]:
        """``@_mf.component("Name", props=(…)) def Name(_props): …`` and the component's style sheets."""
        self.markup.scopes = self.analysis.scopes[component]
        build = Build.at(self.source, component.start, component.end)
        body = self._implicit(component, build)
        props = {id(prop.statement): prop for prop in component.props}
        for statement in component.body or ():
            prop = props.get(id(statement))
            if prop is not None:
                body.append(self._declaration(prop))
            else:
                holder: list[object] = [statement]
                self._rewrite_list(holder)
                body += cast("list[ast.stmt]", holder)
        content = component.content
        assert content is not None
        given = self.markup.fragment(content)
        self.markup.scopes = self.analysis.scopes[None]
        body.append(Build.like(given).give(given))
        declared = tuple(prop.name for prop in component.props) or None
        decorator = build.call(
            build.runtime("component"),
            [build.constant(component.name)],
            [build.keyword("props", build.constant(declared))],
        )
        definition = build.definition(component.name, "_props", [decorator], body)
        return [definition, *(self._style(style) for style in component.styles)]

    def _implicit(self, component: Component, build: Build) -> list[ast.stmt]:
        """`children` and `props`, which every component has, where they are used."""
        used = self.analysis.implicit.get(component, set())
        made: list[ast.stmt] = []
        if "children" in used:
            nothing = build.keyword("default", build.function((), build.constant(None)))
            made.append(build.assign("children", self._declare(build, "children", [nothing])))
        if "props" in used:
            mapping = ast.Attribute(build.name("_props"), "mapping", ast.Load())
            made.append(build.assign("props", ast.copy_location(mapping, build.name("_props"))))
        return made

    def _declaration(self, prop: Prop) -> ast.stmt:
        """``name = _props.declare("name", default=lambda: …, type=lambda: …)``."""
        build = Build.at(self.source, prop.start, prop.end)
        keywords: list[ast.keyword] = []
        for keyword, part in (("default", prop.default), ("type", prop.annotation)):
            if part is not None:
                keywords.append(build.keyword(keyword, Build.like(part).function((), self.rewrite(part))))
        return build.assign(prop.name, self._declare(build, prop.name, keywords))

    @staticmethod
    def _declare(build: Build, name: str, keywords: list[ast.keyword]) -> ast.expr:
        function = ast.Attribute(build.name("_props"), "declare", ast.Load())
        return build.call(ast.copy_location(function, build.name("_props")), [build.constant(name)], keywords)

    def _style(self, style: StyleStmt) -> ast.stmt:
        build = Build.like(style)
        css = self.analysis.styles.get(style, style.css)
        return build.expression(build.call(build.runtime("style"), [build.constant(css)]))


def first_statement(module: ast.Module) -> int:
    """Behind the docstring and the `from __future__` imports, which Python wants first."""
    index = 0
    for index, statement in enumerate(module.body):
        docstring = (
            index == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        )
        future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not (docstring or future):
            return index
    return len(module.body)
