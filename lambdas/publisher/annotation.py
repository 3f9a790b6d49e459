"""Annotations: after an outcome, a version's CustomerMetadataProperties say in Studio whether it is live.

An annotation changes metadata only, and not the approval status, which the publisher's IAM policy does not allow. It
starts no rollout. But it makes the publisher the package's last modifier.
"""

from dataclasses import dataclass
from typing import Any

from lambdas.gate import names
from lambdas.gate.aws.errors import Limited, NotFound, Refused, translated
from lambdas.gate.aws.ledger import Ledger
from lambdas.gate.state.fact import Row
from lambdas.publisher.registry_note import concerned, note


@dataclass(frozen=True)
class Unwritten:
    """An annotation that the registry refuses for good: the version does not exist, or has 50 properties already."""

    version: str
    reason: str


class Annotations:
    def __init__(self, sagemaker: Any, ledger: Ledger) -> None:
        self._sagemaker = sagemaker
        self._ledger = ledger

    def write(self, row: Row) -> tuple[Unwritten, ...]:
        """Annotate each version whose state on the endpoint the row changed. Return the refused annotations."""
        versions = concerned(row)
        head = self._ledger.head(row.endpoint) if versions else None
        if head is None:
            return ()
        notes = ((version, note(head, version, row)) for version in versions)
        return tuple(refused for version, text in notes if (refused := self._write(row.endpoint, version, text)))

    def _write(self, endpoint: str, version: str, text: str) -> Unwritten | None:
        # Other properties stay, because only CustomerMetadataPropertiesToRemove removes properties.
        # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html
        properties = {f"{names.PREFIX}.{endpoint}": text}
        try:
            with translated():
                self._sagemaker.update_model_package(ModelPackageArn=version, CustomerMetadataProperties=properties)
        except (NotFound, Refused, Limited) as error:
            return Unwritten(version, str(error))
        return None
