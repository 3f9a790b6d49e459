"""How a command fails: the exit codes, and the errors that carry one. `error_texts` has what is said about others."""

from enum import IntEnum

import click

from lambdas.gate.text import one_line


class Exit(IntEnum):
    """The exit codes. Scripts rely on them, so the numbers never change: see docs/operate.md."""

    DONE = 0
    """It was done, or everything is as it should be."""
    FAILED = 1
    """It failed for another reason than those below."""
    WRONG_CALL = 2
    """An option or argument is missing, or is none that the command takes. click uses this number too."""
    NEVER_HEARD_OF = 3
    """There is no such endpoint, or no such version."""
    IN_PROGRESS = 4
    """What was asked for has not happened yet, and may still happen without anybody's help."""
    HELD = 5
    """What was asked for waits for a person, or for a time."""
    ROLLED_BACK = 6
    """The version was rolled back, aborted or given up, and is quarantined."""
    PENDING = 7
    """The version is neither approved nor rejected."""
    REJECTED = 8
    """The version is rejected."""
    UNREADABLE = 9
    """The endpoint or version is known, but its state cannot be read."""


class Refused(Exception):
    """The command cannot do what was asked. The text says why, and what to do."""

    def __init__(self, text: str, exit: Exit = Exit.FAILED) -> None:
        super().__init__(text)
        self.exit = exit


class Failure(click.ClickException):
    """Prints its text as one safe line, and ends the command with the exit code."""

    def __init__(self, text: str, exit_code: Exit) -> None:
        super().__init__(one_line(text))
        self.exit_code = exit_code  # type: ignore[misc]
