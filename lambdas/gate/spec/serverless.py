"""A variant without instances: SageMaker runs as much of it as its requests need.

https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Serverless:
    """`provisioned_concurrency`: so many are kept warm; None for none."""

    memory_mb: int
    max_concurrency: int
    provisioned_concurrency: int | None = None

    @property
    def digest_parts(self) -> tuple[str, ...]:
        return "serverless", str(self.memory_mb), str(self.max_concurrency), str(self.provisioned_concurrency or 0)

    @property
    def config(self) -> dict[str, int]:
        """ServerlessConfig of ProductionVariant."""
        kept_warm = {"ProvisionedConcurrency": self.provisioned_concurrency} if self.provisioned_concurrency else {}
        return {"MemorySizeInMB": self.memory_mb, "MaxConcurrency": self.max_concurrency, **kept_warm}
