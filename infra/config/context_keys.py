"""The context keys of the CDK that the app knows: its own, and two of the CDK's."""

ENDPOINTS = "endpoints"
DEPLOYING_ROLE = "approval-gate:deploying-role"
RUNTIME = "approval-gate:runtime"
ARCHITECTURE = "approval-gate:architecture"
RULES = "approval-gate:event-bus-rules"
BOUNDARY = "@aws-cdk/core:permissionsBoundary"
QUALIFIER = "@aws-cdk/core:bootstrapQualifier"
