"""Back into the registry: after an outcome, a version's CustomerMetadataProperties say where it stands, for Studio.

It is an edit of metadata without an approval status, which the policy allows alone and which starts nothing. It does
make the publisher the package's last modifier.
"""

from dataclasses import dataclass
from typing import Any

from lambdas.gate import names
from lambdas.gate.aws.errors import Limited, NotFound, Refused, translated
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.state.fact import Row
from lambdas.publisher.registry_note import concerned, standing


@dataclass(frozen=True)
class Unwritten:
    """An annotation that the registry does not take, and never will: the version is gone, or has its 50 properties."""

    version: str
    reason: str


class Annotations:
    def __init__(self, sagemaker: Any, ledger: Ledger) -> None:
        self._sagemaker = sagemaker
        self._ledger = ledger

    def write(self, row: Row) -> tuple[Unwritten, ...]:
        """Say of each version that the row concerns where it stands on the endpoint; those that could not be told."""
        versions = concerned(row)
        head = self._ledger.head(row.endpoint) if versions else None
        if head is None:
            return ()
        told = ((version, standing(head, version, row)) for version in versions)
        return tuple(refused for version, text in told if (refused := self._write(row.endpoint, version, text)))

    def _write(self, endpoint: str, version: str, text: str) -> Unwritten | None:
        # Other properties stay: those to go are named in CustomerMetadataPropertiesToRemove.
        # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html
        properties = {f"{names.PREFIX}.{endpoint}": text}
        try:
            with translated():
                self._sagemaker.update_model_package(ModelPackageArn=version, CustomerMetadataProperties=properties)
        except (NotFound, Refused, Limited) as error:
            return Unwritten(version, str(error))
        return None
