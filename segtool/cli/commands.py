"""Functions come in; go out: commands of Typer whose help names arguments as they are typed, and no types of Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand


class Command(TyperCommand):
    """A command; the `metavar` of each of its arguments is what stands for it, brackets and dots included."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        return ["[OPTIONS]", *(one.metavar or "" for one in self._of_kind("argument"))]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        arguments = [(one.metavar, one.help or "") for one in self._of_kind("argument")]
        options = [one.get_help_record(ctx) for one in [*self._of_kind("option"), self.get_help_option(ctx)]]
        for heading, rows in (("Arguments", arguments), ("Options", options)):
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)

    def _of_kind(self, kind: str) -> list[Any]:
        return [one for one in self.params if one.param_type_name == kind]


class Commands(typer.Typer):
    """Commands of one kind."""

    def command(self, name: str | None = None, **options: Any) -> Callable[[Any], Any]:
        return super().command(name, cls=Command, **options)
