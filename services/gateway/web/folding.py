"""Jinja2 without look-ups that a page does not need.

An environment has one language, so the text of a message, a symbol and the address of a file never
change: a call of theirs with constant arguments becomes its result as a template is compiled, and
joins the HTML around it. What is left to call is called directly.
"""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

Calls = Mapping[str, Callable[..., Any]]
_ATTRIBUTES = frozenset(dir(dict))


class DirectContext(Context):
    """Calls without asking whether the called wants this context: nothing of ours does."""

    def call(self, called: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        if kwargs:
            kwargs.pop("_loop_vars", None)
            kwargs.pop("_block_vars", None)
        return called(*args, **kwargs)


class _Generator(CodeGenerator):
    """Refers to constant markup instead of making it again wherever it stands in an expression."""

    environment: "FoldingEnvironment"

    def visit_Const(self, node: nodes.Const, frame: Frame) -> None:  # noqa: N802 -- Jinja2's name
        if not isinstance(node.value, Markup):
            super().visit_Const(node, frame)
            return
        self.environment.constants.append(node.value)
        self.write(f"environment.constants[{len(self.environment.constants) - 1}]")


class FoldingEnvironment(Environment):
    """Compiles calls of `constant_calls`, by the name that templates know them by, to results."""

    context_class = DirectContext
    code_generator_class = _Generator

    def __init__(self, constant_calls: Calls, **options: Any) -> None:
        super().__init__(**options)
        self.constant_calls = constant_calls
        self.constants: list[Markup] = []
        self.globals |= constant_calls

    def getattr(self, obj: Any, attribute: str) -> Any:
        """As Jinja2's; a dictionary, which most of what is shown is, is asked for its item without
        an exception on the way.
        """
        if type(obj) is dict and attribute in obj and attribute not in _ATTRIBUTES:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        taken = {each.name for each in template.find_all(nodes.Name) if each.ctx != "load"}
        calls = {name: call for name, call in self.constant_calls.items() if name not in taken}
        folded: nodes.Template = _Folding(calls).visit(template)
        return folded


class _Folding(NodeTransformer):
    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802 -- Jinja2's name
        self.generic_visit(node)
        called = node.node
        if not isinstance(called, nodes.Name) or called.name not in self._calls:
            return node
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            return node
        try:
            args = [each.as_const() for each in node.args]
            named = {each.key: each.value.as_const() for each in node.kwargs}
        except nodes.Impossible:
            return node
        return nodes.Const(self._calls[called.name](*args, **named), lineno=node.lineno)
