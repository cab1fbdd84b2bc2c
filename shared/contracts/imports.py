"""A contract for import-linter that lists allowed imports, so that all others are forbidden."""

import sys

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.helpers import module_expressions_to_modules


class OnlyContract(Contract):
    """Packages in `modules` import only themselves, the standard library, and `allowed` with its
    contents.
    """

    type_name = "only"

    modules = fields.ListField(subfield=fields.ModuleExpressionField())
    allowed = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        broken = []
        for package in module_expressions_to_modules(graph, self.modules, as_packages=False):  # type: ignore[arg-type]
            for module in {package.name} | graph.find_descendants(package.name):
                for imported in graph.find_modules_directly_imported_by(module):
                    if not self._may(imported, package.name):
                        broken += graph.get_import_details(importer=module, imported=imported)
        broken.sort(key=lambda details: (details["importer"], details["line_number"]))
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for details in check.metadata["broken"]:
            output.print_error(
                f"{details['importer']}:{details['line_number']} imports {details['imported']}"
            )
        output.print(f"Allowed are the standard library and {', '.join(self.allowed)}.")  # type: ignore[arg-type]

    def _may(self, imported: str, own: str) -> bool:
        within = [own, *self.allowed]  # type: ignore[misc]
        return imported.split(".")[0] in sys.stdlib_module_names or any(
            f"{imported}.".startswith(f"{name}.") for name in within
        )
