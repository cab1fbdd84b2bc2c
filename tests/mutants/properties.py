"""mutmut leaves decorated functions out; properties are changed here, too."""

from typing import Any

import libcst as cst
from mutmut.mutation import file_mutation


def include_properties() -> None:
    """Makes mutmut change properties, which it leaves out: half the rules of an activity.

    The copies that it makes of a function must be plain functions; only what dispatches to them
    stays a property.
    """
    visitor = file_mutation.MutationVisitor
    skip, arrange = visitor._skip_node_and_children, file_mutation.function_trampoline_arrangement

    def is_property(node: cst.CSTNode) -> bool:
        if not isinstance(node, cst.FunctionDef):
            return False
        names = [getattr(decorator.decorator, "value", "") for decorator in node.decorators]
        return names in (["property"], ["cached_property"])

    def skip_node(self: Any, node: cst.CSTNode) -> bool:
        return not is_property(node) and skip(self, node)

    def arrange_function(function: cst.FunctionDef, *arguments: Any, **named: Any) -> Any:
        if not is_property(function):
            return arrange(function, *arguments, **named)
        plain = function.with_changes(decorators=[])
        declarations, nodes, *rest = arrange(plain, *arguments, **named)
        dispatcher = cst.ensure_type(nodes[0], cst.FunctionDef)
        decorators = [*function.decorators, *dispatcher.decorators]
        return declarations, [dispatcher.with_changes(decorators=decorators), *nodes[1:]], *rest

    visitor._skip_node_and_children = skip_node  # type: ignore[method-assign]
    file_mutation.function_trampoline_arrangement = arrange_function
