"""The two people of a sandbox, as IAM users with keys. Both may register and approve: the gate tells them apart."""

import json
from typing import Final

from moto.iam.models import iam_backends

NAMES: Final = ("data-scientist", "reviewer")
_POLICY: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "sagemaker:*ModelPackage*",
                "sagemaker:Describe*",
                "sagemaker:List*",
                "sagemaker:Search",
                "sagemaker:AddTags",
                "sagemaker:DeleteTags",
                "sagemaker:InvokeEndpoint",
                "s3:*",
                "cloudwatch:Describe*",
                "cloudwatch:Get*",
                "cloudwatch:List*",
                "sts:GetCallerIdentity",
            ],
            "Resource": "*",
        }
    ],
}


def create(account: str) -> dict[str, dict[str, str]]:
    """Each user's AccessKeyId and SecretAccessKey."""
    iam = iam_backends[account]["aws"]
    keys = {}
    for name in NAMES:
        iam.create_user(region_name="us-east-1", user_name=name)
        iam.put_user_policy(name, "sandbox", json.dumps(_POLICY))
        key = iam.create_access_key(name)
        keys[name] = {"AccessKeyId": key.access_key_id, "SecretAccessKey": key.secret_access_key}
    return keys
