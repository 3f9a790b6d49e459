"""The details of SageMaker's events about endpoints."""

import re
from typing import Any

from simulation.world.endpoint import Endpoint

ENDPOINT_EVENT = "SageMaker Endpoint State Change"
DEPLOYMENT_EVENT = "SageMaker Endpoint Deployment State Change"


def endpoint_state(endpoint: Endpoint) -> dict[str, Any]:
    # Events say IN_SERVICE for InService.
    status = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", endpoint.status).upper()
    return {"EndpointName": endpoint.name, "EndpointStatus": status}


def deployment_state(endpoint: Endpoint, now: float) -> dict[str, Any]:
    """Return the detail while the new fleet bakes, with a part of the traffic or with all of it."""
    variant = {
        "CurrentInstanceCount": 2 if endpoint.has_all_traffic else 1,
        "DesiredInstanceCount": 2,
        "VariantStatus": [{"Status": "Baking", "StartTime": now * 1000}],
    }
    pending = {"EndpointConfigName": endpoint.pending, "ProductionVariants": [variant]}
    return endpoint_state(endpoint) | {"EndpointConfigName": endpoint.config, "PendingDeploymentSummary": pending}
