"""Service Quotas. The sandbox has no quotas, so the list of SageMaker's is empty."""

from moto.core.responses import ActionResult
from moto.servicequotas.responses import ServiceQuotasResponse


class Quotas:
    def install(self) -> None:
        """https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html"""
        ServiceQuotasResponse.list_service_quotas = lambda response: ActionResult({"Quotas": []})
