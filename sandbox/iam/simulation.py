"""IAM's policy simulator: what a user or role may do, by its policies. moto has none.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from moto.core.responses import ActionResult
from moto.iam.responses import IamResponse

from sandbox.iam import request_parameters
from sandbox.iam.identity_policy import Context, Verdict, decide

Documents = Callable[[str], Iterable[Mapping[str, Any]]]
"""Takes the ARN of a user or role. Returns its policies."""
_DECISIONS: Final = {
    Verdict.ALLOWED: "allowed",
    Verdict.DENIED_EXPLICITLY: "explicitDeny",
    Verdict.DENIED_IMPLICITLY: "implicitDeny",
}


def serve(documents: Documents) -> None:
    """Answer SimulatePrincipalPolicy."""

    def simulate_principal_policy(response: Any) -> ActionResult:
        _, asked = request_parameters.read(response)
        policies = list(documents(asked["PolicySourceArn"]))
        context: Context = {
            entry["ContextKeyName"].lower(): values[0] if len(values) == 1 else values
            for entry in asked.get("ContextEntries", ())
            if (values := entry["ContextKeyValues"])
        }
        results = [
            {
                "EvalActionName": action,
                "EvalResourceName": resource,
                "EvalDecision": _DECISIONS[decide(policies, action, resource, context)],
            }
            for action in asked["ActionNames"]
            for resource in asked.get("ResourceArns") or ["*"]
        ]
        return ActionResult({"EvaluationResults": results, "IsTruncated": False})

    IamResponse.simulate_principal_policy = simulate_principal_policy
