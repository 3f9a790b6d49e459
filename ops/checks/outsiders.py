"""Who else may change a managed endpoint, or put the metrics that judge a version? IAM's policy simulator is asked.

It evaluates a principal's own policies, permissions boundary and service control policies.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from lambdas.gate import names
from lambdas.gate.text import counted
from ops.checks.expectation import Answer, Expectation, advised, compared, not_seen
from ops.checks.gate import Clients
from ops.guard import CHANGES

METRICS = "cloudwatch:PutMetricData"
MOST = 300
"""The most principals that are asked about. IAM answers a few questions a second."""
SHOWN = 10
"""The most principals that are named."""
GUARD = "approval-gate doctor --print-guard"
_AWS = "/aws-service-role/"
"""The path of roles that only a service of AWS can assume."""
_DEPLOYING = re.compile(r"cdk-[a-z0-9]+-(?:cfn-exec|deploy|file-publishing|image-publishing|lookup)-role-.+")
"""The roles of the CDK's bootstrap stack, which deploy everything."""


class OutsidersCheck:
    """`clients` returns the boto3 client of a service. `endpoints`: the ARNs of the managed endpoints."""

    def __init__(self, clients: Clients, endpoints: Sequence[str]) -> None:
        self._clients = clients
        self._endpoints = endpoints
        self._found: dict[str, set[str]] | None = None
        self._asked = 0

    def expectations(self) -> list[Expectation]:
        """Return what keeps others out."""
        return [
            advised(
                "nobody else may change a managed endpoint",
                lambda: self._answer(CHANGES),
                f"Attach the policy to them, or to the account as a service control policy: {GUARD}",
            ),
            advised(
                "nobody else may put metrics into AWS/SageMaker, which judge a version",
                lambda: self._answer((METRICS,)),
                "Bound their permission by the condition key cloudwatch:namespace.",
            ),
        ]

    def _answer(self, actions: Sequence[str]) -> Answer:
        if not self._endpoints:
            return not_seen("there are no managed endpoints")
        if self._found is None:
            self._found = self._ask()
        able = sorted(arn for arn, allowed in self._found.items() if allowed & {*actions})
        asked = f"of {'the first ' if self._asked == MOST else ''}{counted(self._asked, 'principal')}"
        if not able:
            return compared(True, f"none {asked}")
        rest = f" and {len(able) - SHOWN} more" if len(able) > SHOWN else ""
        return compared(False, f"{len(able)} {asked}: {', '.join(able[:SHOWN])}{rest}")

    def _ask(self) -> dict[str, set[str]]:
        """Return what each principal may do, by its ARN."""
        principals = list(islice(self._principals(), MOST))
        self._asked = len(principals)
        return {arn: self._allowed(arn) for arn in principals}

    def _principals(self) -> Iterator[str]:
        """Yield the ARNs of users and roles, without those of this gate, of AWS's services and of deployments."""
        iam = self._clients("iam")
        for page in iam.get_paginator("list_users").paginate():
            yield from (user["Arn"] for user in page["Users"])
        for page in iam.get_paginator("list_roles").paginate():
            for role in page["Roles"]:
                name = role["RoleName"]
                if not (names.is_own_role(name) or role["Path"].startswith(_AWS) or _DEPLOYING.fullmatch(name)):
                    yield role["Arn"]

    def _allowed(self, principal: str) -> set[str]:
        pages = (
            self._clients("iam")
            .get_paginator("simulate_principal_policy")
            .paginate(
                PolicySourceArn=principal,
                ActionNames=[*CHANGES, METRICS],
                ResourceArns=list(self._endpoints),
                ContextEntries=[
                    _context(f"aws:ResourceTag/{names.TAG_KEY}", names.TAG_VALUE),
                    _context("aws:PrincipalArn", principal),
                    _context("cloudwatch:namespace", "AWS/SageMaker"),
                ],
            )
        )
        results = (result for page in pages for result in page["EvaluationResults"])
        return {result["EvalActionName"] for result in results if result["EvalDecision"] == "allowed"}


def _context(name: str, value: str) -> dict[str, Any]:
    return {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}
