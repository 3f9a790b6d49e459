"""AWS's answer to a request that it does not carry out."""

from typing import Any


class Refusal(Exception):
    """`code` and `message` are AWS's. `members` are further members of the answer, such as CancellationReasons."""

    def __init__(self, code: str, message: str, **members: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.members = members


def invalid(message: str) -> Refusal:
    """Return the refusal that SageMaker uses for almost everything."""
    return Refusal("ValidationException", message)
