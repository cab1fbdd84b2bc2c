"""`python -m shared.contracts` writes the documents; `--check` compares them with the code."""

from pathlib import Path
from typing import Annotated

import typer

from shared.contracts import documents

ROOT = Path(__file__).parents[2]


def main(
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Write nothing; fail where a committed document differs from the code."
        ),
    ] = False,
    allow_breaking: Annotated[
        bool,
        typer.Option(
            "--allow-breaking",
            help="Write even what breaks readers of events or clients of the API.",
        ),
    ] = False,
    root: Annotated[Path, typer.Option(hidden=True)] = ROOT,
) -> None:
    """Generates JSON Schemas of events, AsyncAPI, OpenAPI and the tables of docs pages."""
    texts = documents.generated(root)
    there = documents.committed(root, texts)
    breaks = documents.breaks(there, texts)
    for line in breaks:
        typer.echo(f"BREAKING  {line}", err=True)
    if breaks and not allow_breaking:
        typer.echo(
            "Fields are only added; anything else is a new version beside the old"
            " (--allow-breaking if nobody has used it yet).",
            err=True,
        )
        raise typer.Exit(1)
    if not check:
        for path in documents.write(root, there, texts):
            typer.echo(path)
    elif lines := documents.differences(there, texts):
        typer.echo(
            "\n".join([*lines, "Run `make contracts`, look at what changed, commit it."]), err=True
        )
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
