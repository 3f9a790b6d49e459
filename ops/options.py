"""Options and arguments that several commands share."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import click

from lambdas.gate import names
from lambdas.gate.text import is_blank


class Text(click.ParamType[Any]):
    """A text with a visible character.

    A blank text is refused: code that asks whether a text was given could take it for none, as in a pause without a
    pause.
    """

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if is_blank(value):
            self.fail(f"it is blank: {value!a}. Give a text with a visible character.", param, ctx)
        return value


TEXT = Text()
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass(frozen=True)
class Options:
    """The options before the command's name."""

    profile: str | None
    region: str | None
    zone: tzinfo | None
    """The time zone of the times that are shown; None is this machine's."""


endpoint = click.argument("endpoint", type=TEXT)
optional_endpoint = click.argument("endpoint", type=TEXT, required=False)


def endpoint_or_all(help: str) -> Decorator:
    """Add the argument ENDPOINT and the flag --all, of which exactly one must be given. --all is `names.ALL`."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @optional_endpoint
        @click.option("--all", "everything", is_flag=True, help=help)
        @functools.wraps(command)
        def with_one(*args: Any, endpoint: str | None, everything: bool, **options: Any) -> Any:
            if endpoint is None and not everything:
                raise click.UsageError("Neither ENDPOINT nor --all was given. Give one of them.")
            if endpoint is not None and everything:
                raise click.UsageError("Both ENDPOINT and --all were given. Give one of them.")
            return command(*args, endpoint=names.ALL if endpoint is None else endpoint, **options)

        return with_one

    return decorate


def reason(help: str) -> Decorator:
    """Add the option --reason, which is required."""
    return click.option("--reason", type=TEXT, required=True, help=help)
