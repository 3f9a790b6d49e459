"""The ledger's edge: one DynamoDB table of heads, rows, registrations, open attempts, the outbox and what CloudTrail
showed.

| pk | sk | item |
|---|---|---|
| `endpoint#NAME` | `head` | what decides, and the place in the chain; writers compare its `revision` |
| `endpoint#NAME` | `row#0000000001` | one fact |
| `endpoint#NAME` | `registration#GROUP/1#TIME` | the version created at TIME, before its approval; written once |
| `endpoint#NAME` | `content#GROUP/1#TIME` | what that version loaded, before its approval; written once |
| `endpoint#NAME` | `report#GROUP/1#TIME#PATH` | a report by which that version passed the gate last |
| `endpoint#NAME` | `schedule` | the other part of the head: what only schedules, and what people were told |
| `open` | `NAME` | the endpoint has an open attempt; the sweep reconciles it if its own schedule is gone |
| `history` | `model-packages` | the calls that changed versions, as CloudTrail showed them; replaced by a newer read |
| `outbox` | `NAME#0000000001` | the row is not published yet; written with the row, deleted by the publisher |
"""

import base64
import dataclasses
import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from lambdas.gate import codec
from lambdas.gate.aws.paging import queried
from lambdas.gate.aws.seals import Seals
from lambdas.gate.state import chain, record
from lambdas.gate.state.approval import version_label
from lambdas.gate.state.evidence import KeptReport, Report
from lambdas.gate.state.fact import Deciding, Fact, Kind, Row
from lambdas.gate.state.head import SCHEDULES, Head
from lambdas.gate.state.history import History
from lambdas.gate.state.observed import Package
from lambdas.gate.state.registration import Content, Registration
from lambdas.gate.text import counted

OPEN = "open"
OUTBOX = "outbox"
HISTORY = "history"
MODEL_PACKAGES = "model-packages"
ROW = "row#"
HEAD = "head"
SCHEDULE = "schedule"
"""It sorts after the rows, so that one query reads it and the last row."""
REGISTRATION = "registration#"
CONTENT = "content#"
REPORT = "report#"
MAXIMUM_PACKED = 350_000
"""The most characters of a packed report. DynamoDB takes 400 KB an item."""


READS = 3
"""How often a head is read that others write meanwhile."""


class Conflict(Exception):
    """Another invocation wrote first, so this one decided on an old head."""


class Altered(ValueError):
    """The head is not the one that was written with the last row. Somebody changed the table, so nothing may rest on
    the head."""

    def __init__(self, endpoint: str, why: str) -> None:
        super().__init__(f"The ledger of {endpoint} was changed: {why}.")


class Unexplained(ValueError):
    """What decides would change without a row."""


def partition(endpoint: str) -> str:
    """Return the partition key of an endpoint's head, rows and registrations."""
    return f"endpoint#{endpoint}"


def row_key(number: int) -> str:
    """Return the sort key of a row."""
    return f"{ROW}{number:010d}"


def outbox_key(endpoint: str, number: int) -> str:
    """Return the sort key of a row's item in the outbox."""
    return f"{endpoint}#{number:010d}"


def registration_key(version: str, created_at: float) -> str:
    """Return the sort key of a version's registration."""
    return f"{REGISTRATION}{_version_key(version, created_at)}"


def content_key(version: str, created_at: float) -> str:
    """Return the sort key of what a version loaded before its approval."""
    return f"{CONTENT}{_version_key(version, created_at)}"


def report_key(version: str, created_at: float, path: str) -> str:
    """Return the sort key of a report by which a version passed the gate. `path`: its place in the document."""
    return f"{REPORT}{_version_key(version, created_at)}#{path}"


def _version_key(version: str, created_at: float) -> str:
    """Return a key of a version. It is in lower case, because SageMaker writes names in lower case into some ARNs.
    CreationTime tells apart the versions of a group that was deleted and created anew."""
    return f"{version_label(version).lower()}#{created_at!r}"


def row_item(row: Row) -> dict[str, Any]:
    """Return the DynamoDB item of a row. `detail` is JSON, so that any evidence fits and its hash is stable."""
    fact = row.fact
    item = {
        "pk": {"S": partition(row.endpoint)},
        "sk": {"S": row_key(row.number)},
        "endpoint": {"S": row.endpoint},
        "number": {"N": str(row.number)},
        "kind": {"S": fact.kind.value},
        "at": {"N": repr(fact.at)},
        "summary": {"S": fact.summary},
        "who": {"S": fact.who},
        "detail": {"S": codec.encode(fact.detail)},
        "previous": {"S": row.previous},
        "hash": {"S": row.hash},
    }
    if row.deciding is not None:
        item["deciding"] = {"S": codec.encode(row.deciding)}
    if row.seal is not None:
        item["seal"] = {"S": row.seal}
    return item | ({"version": {"S": fact.version}} if fact.version else {})


def registration_item(endpoint: str, registration: Registration) -> dict[str, Any]:
    """Return the DynamoDB item of a registration."""
    return {
        "pk": {"S": partition(endpoint)},
        "sk": {"S": registration_key(registration.version, registration.created_at)},
        "registration": {"S": codec.encode(registration)},
    }


def content_item(endpoint: str, content: Content) -> dict[str, Any]:
    """Return the DynamoDB item of what a version loaded."""
    return {
        "pk": {"S": partition(endpoint)},
        "sk": {"S": content_key(content.version, content.created_at)},
        "content": {"S": codec.encode(content)},
    }


def row_from_item(item: dict[str, Any]) -> Row:
    """Return the row of a DynamoDB item, from a query or from the table's stream."""
    fact = Fact(
        kind=Kind(item["kind"]["S"]),
        at=float(item["at"]["N"]),
        summary=item["summary"]["S"],
        who=item["who"]["S"],
        version=item["version"]["S"] if "version" in item else None,
        detail=json.loads(item["detail"]["S"]),
    )
    deciding = codec.decode(Deciding, item["deciding"]["S"]) if "deciding" in item else None
    return Row(
        endpoint=item["endpoint"]["S"],
        number=int(item["number"]["N"]),
        fact=fact,
        previous=item["previous"]["S"],
        hash=item["hash"]["S"],
        deciding=deciding,
        seal=item["seal"]["S"] if "seal" in item else None,
    )


class Ledger:
    """Reads are strongly consistent. Every write is one transaction on the head's revision.

    What decides changes only with a row, which carries its digest. A head that does not fit its last row is not read.
    `seals`: seals each row that is written; None if the configuration has no seals.
    """

    def __init__(self, dynamodb: Any, table: str, seals: Seals | None = None) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._seals = seals

    def head(self, endpoint: str) -> Head | None:
        """Return the endpoint's head; None before the first reconcile. Raises Altered if it does not fit its last row,
        and Conflict if others keep writing it.

        The rows are read after the head, so a row that another invocation writes meanwhile shows: then the head is read
        again. What schedules is read last, too. If it is newer than the head, the write that rests on it fails.
        """
        item = self._item(endpoint, HEAD)
        for _ in range(READS):
            decides = json.loads(item["head"]["S"]) if item else {}
            tail, schedule = self._tail(endpoint, decides["rows"] if item else 0)
            head = codec.decode(Head, codec.encode(schedule | decides)) if item else None
            misfit = _misfit(head, tail)
            if misfit is None:
                return head
            before, item = item, self._item(endpoint, HEAD)
            if item == before:
                raise Altered(endpoint, misfit)
        raise Conflict(endpoint)

    def unchecked_head(self, endpoint: str) -> Head | None:
        """Return the endpoint's head as it is stored, whether or not it fits its rows; None if there is none, or if it
        cannot be read. Nothing may be decided by it."""
        return _stored(self._item(endpoint, HEAD))

    def unchecked(self, endpoint: str) -> tuple[int | None, Head | None, tuple[Row, ...]]:
        """Return the revision of the endpoint's head, the head as it is stored and all rows, oldest first. The revision
        is None if there is no head, the head also if it cannot be read. Nothing may be decided by it."""
        item = self._item(endpoint, HEAD)
        return int(item["revision"]["N"]) if item else None, _stored(item), self.rows(endpoint)

    def rows(self, endpoint: str) -> tuple[Row, ...]:
        """Return all rows of an endpoint, oldest first."""
        items = self._query("pk = :pk AND begins_with(sk, :row)", {":pk": partition(endpoint), ":row": ROW})
        return tuple(row_from_item(item) for item in items)

    def registration(self, endpoint: str, package: Package) -> Registration | None:
        """Return the registration of a version; None if the version was not seen before its approval."""
        item = self._item(endpoint, registration_key(package.version, package.created_at))
        return codec.decode(Registration, item["registration"]["S"]) if item else None

    def content(self, endpoint: str, package: Package) -> Content | None:
        """Return what a version loaded before its approval; None if that was not read."""
        item = self._item(endpoint, content_key(package.version, package.created_at))
        return codec.decode(Content, item["content"]["S"]) if item else None

    def kept_report(self, endpoint: str, package: Package, path: str) -> tuple[Any, Report] | None:
        """Return a report by which the version passed the gate last, parsed, and where it came from; None if none was
        kept. `path`: its place in the evidence's document."""
        item = self._item(endpoint, report_key(package.version, package.created_at, path))
        if item is None:
            return None
        kept = codec.decode(KeptReport, item["report"]["S"])
        return json.loads(zlib.decompress(base64.b64decode(kept.packed))), dataclasses.replace(
            kept.report, is_kept=True
        )

    def keep_report(self, endpoint: str, package: Package, report: Report, content: Any) -> None:
        """Store a report by which the version passes the gate. A report that is too large for an item is not kept."""
        packed = base64.b64encode(zlib.compress(json.dumps(content).encode())).decode()
        key = {
            "pk": {"S": partition(endpoint)},
            "sk": {"S": report_key(package.version, package.created_at, report.path)},
        }
        if len(packed) <= MAXIMUM_PACKED:
            item = key | {"report": {"S": codec.encode(KeptReport(report, packed))}}
            self._dynamodb.put_item(TableName=self._table, Item=item)

    def register(self, endpoint: str, registration: Registration) -> None:
        """Store the registration of a version. An existing one stays."""
        self._put_if(registration_item(endpoint, registration), ConditionExpression="attribute_not_exists(pk)")

    def register_content(self, endpoint: str, content: Content) -> None:
        """Store what a version loads. An existing item stays."""
        self._put_if(content_item(endpoint, content), ConditionExpression="attribute_not_exists(pk)")

    def history(self) -> History | None:
        """Return the calls that changed versions, as any endpoint's reconcile read them last; None before the first
        read."""
        item = self._get(HISTORY, MODEL_PACKAGES)
        return codec.decode(History, item["history"]["S"]) if item else None

    def keep_history(self, before: History | None, after: History) -> None:
        """Replace the history that was read before. If another reconcile has replaced it, that one stays."""
        item = {
            "pk": {"S": HISTORY},
            "sk": {"S": MODEL_PACKAGES},
            "read_at": {"N": repr(after.read_at)},
            "history": {"S": codec.encode(after)},
        }
        if before is None:
            self._put_if(item, ConditionExpression="attribute_not_exists(pk)")
        else:
            seen = {":seen": {"N": repr(before.read_at)}}
            self._put_if(item, ConditionExpression="read_at = :seen", ExpressionAttributeValues=seen)

    def write(self, before: Head | None, after: Head, facts: tuple[Fact, ...] = ()) -> Head:
        """Append `facts` and replace the head in one transaction. Return the head as it was written, cut to the size of
        an item. Raises Conflict, and Unexplained if what decides changes and there is no fact. If KMS does not seal a
        row, its error propagates, and nothing is written."""
        fitted = codec.storable(after).fitted()
        placed = dataclasses.replace(fitted, revision=after.revision + 1, digest=before.digest if before else None)
        if facts:
            deciding = record.deciding(before, placed)
            after, rows = chain.append(dataclasses.replace(placed, digest=deciding.digest), facts, deciding)
        elif changed := record.differing(record.state_of(before), record.state_of(placed)):
            raise Unexplained(f"{', '.join(changed)} of {after.endpoint} would change without a row")
        else:
            after, rows = placed, ()
        writes = [self._put_head(before, after), *self._put_schedule(before, after)]
        for row in map(self._sealed, rows):
            writes.append(self._put(row_item(row), ConditionExpression="attribute_not_exists(pk)"))
            mark = {"pk": {"S": OUTBOX}, "sk": {"S": outbox_key(row.endpoint, row.number)}}
            writes.append(self._put(mark | {"at": {"N": repr(row.fact.at)}}))
        writes += self._open_index(before, after)
        try:
            self._dynamodb.transact_write_items(TransactItems=writes)
        except ClientError as error:
            if _is_conflict(error):
                raise Conflict(after.endpoint) from error
            raise
        return after

    def open_attempts(self) -> tuple[str, ...]:
        """Return the names of the endpoints with an open attempt."""
        return tuple(item["sk"]["S"] for item in self._query("pk = :pk", {":pk": OPEN}))

    def _sealed(self, row: Row) -> Row:
        return row if self._seals is None else dataclasses.replace(row, seal=self._seals.seal(row))

    def _tail(self, endpoint: str, number: int) -> tuple[tuple[Row, ...], dict[str, Any]]:
        """Return the rows from this number on, of which there should be one, and the schedule."""
        values = {":pk": {"S": partition(endpoint)}, ":sk": {"S": row_key(number)}}
        found = self._dynamodb.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk >= :sk",
            ExpressionAttributeValues=values,
            ConsistentRead=True,
            Limit=2,
        )["Items"]
        rows = tuple(row_from_item(item) for item in found if item["sk"]["S"].startswith(ROW))
        schedule = (json.loads(item["schedule"]["S"]) for item in found if item["sk"]["S"] == SCHEDULE)
        return rows, next(schedule, {})

    def _item(self, endpoint: str, sk: str) -> dict[str, Any] | None:
        return self._get(partition(endpoint), sk)

    def _get(self, pk: str, sk: str) -> dict[str, Any] | None:
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        item: dict[str, Any] | None = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True).get(
            "Item"
        )
        return item

    def _put_if(self, item: dict[str, Any], **condition: Any) -> None:
        """Put the item if the condition holds."""
        try:
            self._dynamodb.put_item(TableName=self._table, Item=item, **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    def _query(self, condition: str, values: dict[str, str]) -> Iterator[dict[str, Any]]:
        return queried(self._dynamodb, self._table, condition, values)

    def _put(self, item: dict[str, Any], **condition: Any) -> dict[str, Any]:
        return {"Put": {"TableName": self._table, "Item": item, **condition}}

    def _put_head(self, before: Head | None, after: Head) -> dict[str, Any]:
        item = {
            "pk": {"S": partition(after.endpoint)},
            "sk": {"S": HEAD},
            "revision": {"N": str(after.revision)},
            "head": {"S": codec.encode(_part(after, schedules=False))},
        }
        if before is None:
            return self._put(item, ConditionExpression="attribute_not_exists(pk)")
        return self._put(
            item,
            ConditionExpression="revision = :seen",
            ExpressionAttributeValues={":seen": {"N": str(before.revision)}},
        )

    def _put_schedule(self, before: Head | None, after: Head) -> list[dict[str, Any]]:
        """Return the write of what schedules. A head without a digest may be one item of an earlier release."""
        schedule = _part(after, schedules=True)
        if before is not None and before.digest is not None and _part(before, schedules=True) == schedule:
            return []
        key = {"pk": {"S": partition(after.endpoint)}, "sk": {"S": SCHEDULE}}
        return [self._put(key | {"schedule": {"S": codec.encode(schedule)}})]

    def _open_index(self, before: Head | None, after: Head) -> list[dict[str, Any]]:
        key = {"pk": {"S": OPEN}, "sk": {"S": after.endpoint}}
        was_open = before is not None and before.attempt is not None
        if after.attempt is not None and not was_open:
            return [self._put(key)]
        if after.attempt is None and was_open:
            return [{"Delete": {"TableName": self._table, "Key": key}}]
        return []


def _stored(item: dict[str, Any] | None) -> Head | None:
    """Return the head in its item; None if there is no item, or if somebody wrote one by hand that cannot be read."""
    try:
        return codec.decode(Head, item["head"]["S"]) if item else None
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return None


def _part(head: Head, *, schedules: bool) -> dict[str, Any]:
    """Return the fields of one of the two items of a head."""
    fields: Mapping[str, Any] = json.loads(codec.encode(head))
    return {name: value for name, value in fields.items() if (name in SCHEDULES) is schedules}


def _misfit(head: Head | None, tail: tuple[Row, ...]) -> str | None:
    """Return why the head is not the one that was written with the last row. `tail`: the rows from the head's on."""
    if head is None:
        return "it has rows and no head" if tail else None
    if len(tail) > 1 or (tail and not head.rows):
        return f"the head counts {counted(head.rows, 'row')}, and row {tail[-1].number} follows"
    return record.misfit(head, tail[0] if tail else None)


def _is_conflict(error: ClientError) -> bool:
    # TransactionConflict: another transaction was writing an item at that moment. Both mean to reconcile again.
    reasons = error.response.get("CancellationReasons", [])
    return error.response["Error"]["Code"] == "TransactionCanceledException" and any(
        reason.get("Code") in ("ConditionalCheckFailed", "TransactionConflict") for reason in reasons
    )
