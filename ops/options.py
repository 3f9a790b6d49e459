"""Options and arguments that several commands share."""

import functools
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import StrEnum
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


class Duration(Text):
    """A time such as 90s, 30m, 2h or 1d, in whole seconds. A number alone is seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        text = str(super().convert(value, param, ctx))
        if re.fullmatch(DURATION_PATTERN, text) is None:
            self.fail(f"{value!r} is no duration. Give one such as 90s, 30m, 2h or 1d.", param, ctx)
        return seconds(text)


DURATION_PATTERN = r"[1-9][0-9]{0,6}[smhd]?"


def seconds(duration: str) -> int:
    """Return how many seconds a text has that matches DURATION_PATTERN."""
    number = duration.rstrip("smhd")
    return int(number) * _SECONDS[duration.removeprefix(number)]


_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
TEXT = Text()
DURATION = Duration()
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class Form(StrEnum):
    """How a command prints its answer."""

    TABLE = "table"
    """For people: tables, blocks and sentences."""
    JSON = "json"
    """For programs: JSON values, one a line."""


@dataclass
class Options:
    """The options that all commands share, filled while the command line is read."""

    profile: str | None = None
    region: str | None = None
    utc: bool = False
    output: Form = Form.TABLE
    debug: bool = False
    """True if a defect of the program is shown with its traceback."""

    @property
    def zone(self) -> tzinfo | None:
        """The time zone of the times that are shown; None is this machine's."""
        return UTC if self.utc else None


def _choose(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value is not None:
        setattr(context.ensure_object(Options), str(parameter.name), value)


def _shared(*declarations: str, help: str, **attributes: Any) -> click.Option:
    return click.Option(declarations, expose_value=False, callback=_choose, default=None, help=help, **attributes)


SHARED = (
    _shared("--profile", type=TEXT, help="The AWS CLI profile to use."),
    _shared("--region", type=TEXT, help="The AWS Region to use."),
    _shared("--utc", is_flag=True, help="Show times in UTC instead of this machine's time zone."),
    _shared("--output", type=click.Choice(Form, case_sensitive=False), help="Print a table, or JSON for programs."),
    _shared("--debug", is_flag=True, help="Show a traceback if the program has a defect."),
)
"""The options of `Options`. Each may stand before a command and after it. If it stands in both places, the last one
counts."""


def _known_endpoints(context: click.Context, _: click.Parameter, begun: str) -> list[str]:
    """Return the endpoints that a shell offers; none if AWS does not say."""
    from ops.account import Account  # noqa: PLC0415 - Only a shell's completion asks AWS here.

    with suppress(Exception):
        return [each for each in Account.of(context.ensure_object(Options)).endpoints() if each.startswith(begun)]
    return []


endpoint = click.argument("endpoint", type=TEXT, shell_complete=_known_endpoints)
optional_endpoint = click.argument("endpoint", type=TEXT, required=False, shell_complete=_known_endpoints)


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
