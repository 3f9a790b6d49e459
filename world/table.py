"""DynamoDB: a table with the keys `pk` and `sk`, conditional writes, transactions, and queries of one partition. It
knows only the expressions that its users need."""

from typing import Any

from world.call import Call
from world.refusal import Refusal, invalid

PAGE = 3
"""How many items a page of Query holds, so that two pages are common. DynamoDB limits the size instead."""
TRANSACTION = 100
"""How many items a transaction may hold."""
FAILED = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}

Key = tuple[str, str]
Item = dict[str, Any]


class Table:
    """The items by key. An item is never changed in place."""

    def __init__(self) -> None:
        self.items: dict[Key, Item] = {}

    def copy(self) -> "Table":
        other = Table()
        other.items = self.items.copy()
        return other

    def get_item(self, call: Call) -> dict[str, Any]:
        item = self.items.get(_key(call.request["Key"]))
        return {} if item is None else {"Item": item}

    def query(self, call: Call) -> dict[str, Any]:
        """Return items of one partition, ordered by the sort key."""
        request = call.request
        values = {name: value["S"] for name, value in request["ExpressionAttributeValues"].items()}
        first = ""
        match request["KeyConditionExpression"]:
            case "pk = :pk":
                partition, beginning = values[":pk"], ""
            case "pk = :pk AND begins_with(sk, :row)":
                partition, beginning = values[":pk"], values[":row"]
            case "pk = :pk AND sk >= :sk":
                partition, beginning, first = values[":pk"], "", values[":sk"]
            case condition:
                raise NotImplementedError(condition)
        after = request.get("ExclusiveStartKey", {}).get("sk", {}).get("S", "")
        own = (key for key in self.items if key[0] == partition and key[1].startswith(beginning))
        keys = sorted(key for key in own if key[1] > after and key[1] >= first)
        page = keys[: min(PAGE, request.get("Limit", PAGE))]
        found = [self.items[key] for key in page]
        answer: dict[str, Any] = {"Items": found, "Count": len(page), "ScannedCount": len(page)}
        if len(keys) > len(page):
            answer["LastEvaluatedKey"] = {"pk": {"S": page[-1][0]}, "sk": {"S": page[-1][1]}}
        return answer

    def transact_write_items(self, call: Call) -> dict[str, Any]:
        """Write all items, or none.
        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
        """
        writes = call.request["TransactItems"]
        if len(writes) > TRANSACTION:
            raise invalid(
                "1 validation error detected at 'transactItems' failed to satisfy constraint: Member must have length "
                f"less than or equal to {TRANSACTION}.",
            )
        keys = [_key(write["Put"]["Item"] if "Put" in write else write["Delete"]["Key"]) for write in writes]
        if len(set(keys)) < len(keys):
            message = "Transaction request cannot include multiple operations on one item"
            raise invalid(message)
        failed = [not self._holds(write["Put"]) if "Put" in write else False for write in writes]
        if any(failed):
            reasons = [FAILED if one else {"Code": "None"} for one in failed]
            codes = ", ".join(reason["Code"] for reason in reasons)
            raise Refusal(
                "TransactionCanceledException",
                f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
                CancellationReasons=reasons,
            )
        for write in writes:
            if "Put" in write:
                item = write["Put"]["Item"]
                self.items[_key(item)] = item
            else:
                self.items.pop(_key(write["Delete"]["Key"]), None)
        return {}

    def put_item(self, call: Call) -> dict[str, Any]:
        request = call.request
        if not self._holds(request):
            raise Refusal("ConditionalCheckFailedException", FAILED["Message"])
        self.items[_key(request["Item"])] = request["Item"]
        return {}

    def delete_item(self, call: Call) -> dict[str, Any]:
        self.items.pop(_key(call.request["Key"]), None)
        return {}

    def _holds(self, put: dict[str, Any]) -> bool:
        expression, known = put.get("ConditionExpression"), self.items.get(_key(put["Item"]))
        match expression:
            case None:
                return True
            case "attribute_not_exists(pk)":
                return known is None
            case "revision = :seen" | "read_at = :seen":
                name = expression.partition(" ")[0]
                return known is not None and known.get(name) == put["ExpressionAttributeValues"][":seen"]
            case _:
                raise NotImplementedError(expression)


def _key(item: dict[str, Any]) -> Key:
    return item["pk"]["S"], item["sk"]["S"]
