"""The error that IAM's denial causes, with AWS's message and in the wire format of the called service.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

import json
from xml.sax.saxutils import escape

from werkzeug.exceptions import HTTPException

from sandbox.iam.identity_policy import Verdict

_CODES = {
    "cloudformation": "AccessDenied",
    "cloudwatch": "AccessDenied",
    "iam": "AccessDenied",
    "s3": "AccessDenied",
    "sns": "AuthorizationError",
    "sqs": "AccessDenied",
    "sts": "AccessDenied",
}
"""Error codes by service, if the code is not AccessDeniedException."""


class AccessDeniedError(RuntimeError):
    def __init__(self, principal: str, action: str, resource: str, verdict: Verdict) -> None:
        why = (
            "with an explicit deny in an identity-based policy"
            if verdict is Verdict.DENIED_EXPLICITLY
            else f"because no identity-based policy allows the {action} action"
        )
        super().__init__(f"User: {principal} is not authorized to perform: {action} on resource: {resource} {why}")
        self.principal, self.action, self.resource = principal, action, resource

    @property
    def code(self) -> str:
        return code_of(self.action.split(":")[0])


def code_of(service: str) -> str:
    return _CODES.get(service, "AccessDeniedException")


def as_http(denied: AccessDeniedError, service: str, content_type: str) -> HTTPException:
    """Return the error that moto answers. JSON services answer with status 400, the others with 403."""
    code = code_of(service)
    if content_type.startswith("application/x-www-form-urlencoded"):
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(str(denied))}</Message></Error>"
        return _http(403, f"<ErrorResponse>{error}<RequestId></RequestId></ErrorResponse>")
    body = json.dumps({"__type": code, "message": str(denied), "Message": str(denied)})
    return _http(400 if content_type.startswith("application/x-amz-json") else 403, body)


def _http(status: int, body: str) -> HTTPException:
    error = HTTPException(description=body)
    error.code = status
    return error
