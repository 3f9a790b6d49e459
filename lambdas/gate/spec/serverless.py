"""A serverless variant has no instances: SageMaker runs as many copies of the model as the requests need.

https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Serverless:
    """`memory_mb`: the memory of each copy. `max_concurrency`: the most requests at a time. `provisioned_concurrency`:
    for how many requests at a time the model is kept warm; None for none."""

    memory_mb: int
    max_concurrency: int
    provisioned_concurrency: int | None = None

    @property
    def digest_parts(self) -> tuple[str, ...]:
        """The parts of the digest of a spec's settings."""
        return "serverless", str(self.memory_mb), str(self.max_concurrency), str(self.provisioned_concurrency or 0)

    @property
    def config(self) -> dict[str, int]:
        """ProductionVariant's ServerlessConfig."""
        kept_warm = {"ProvisionedConcurrency": self.provisioned_concurrency} if self.provisioned_concurrency else {}
        return {"MemorySizeInMB": self.memory_mb, "MaxConcurrency": self.max_concurrency, **kept_warm}
