"""Submits a bulk operation once: waits for a free slot, and finds it again when the reply to its start was lost."""

from typing import Any

from graphql import GraphQLSyntaxError, OperationDefinitionNode, parse

from pipelines.failures import BulkOperationFailed, InvalidQuery
from pipelines.shopify.bulk_operation import LATEST, RUN_MUTATION, RUN_QUERY, BulkOperation, Kind, bulk_operation
from pipelines.shopify.client import ShopifyClient
from pipelines.shopify.replies import OutcomeUnknown

# Slots may be held by another program, or by an operation that is slow to cancel.
NO_FREE_SLOT = frozenset({"OPERATION_IN_PROGRESS", "LIMIT_REACHED"})
LONGEST_PAUSE_SECONDS = 10.0
# After a lost reply the operation may show up in the list a moment later.
LOOK_AGAIN_SECONDS = (1.0, 3.0)


class Submitter:
    """Starts bulk operations of one shop."""

    def __init__(self, client: ShopifyClient, pause_seconds: float, attempts: int) -> None:
        """`pause_seconds` is the first wait for a slot (it doubles); `attempts` bounds starts whose reply was lost."""
        self._client = client
        self._pause_seconds = pause_seconds
        self._attempts = attempts

    async def submit(
        self, kind: Kind, variables: dict[str, Any], marker: str, name: str, deadline: float
    ) -> BulkOperation:
        """Start the operation and return its first state.

        `marker` stands in its text, see `marked`; `name` is for sentences; `deadline` is when to stop waiting for a
        slot, on the clock of the client. Raises InvalidQuery when Shopify refuses the text, BulkOperationFailed when no
        slot comes free.
        """
        document = RUN_QUERY if kind == "query" else RUN_MUTATION
        clock, pause, lost = self._client.clock, self._pause_seconds, 0
        while True:
            try:
                reply = await self._client.execute(document, variables, operation=f"start of {name}", idempotent=False)
            except OutcomeUnknown:
                if (found := await self._find(kind, marker)) is not None:
                    return found
                lost += 1
                if lost >= self._attempts:
                    raise
                continue
            payload = next(iter(reply.data.values()))
            if payload["bulkOperation"] and not payload["userErrors"]:
                return bulk_operation(payload["bulkOperation"])
            self._refuse(payload["userErrors"], kind, name, slot_may_come=clock.now() < deadline)
            await clock.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _refuse(self, errors: list[dict[str, Any]], kind: Kind, name: str, *, slot_may_come: bool) -> None:
        shop = self._client.shop.name
        said = "; ".join(error["message"].rstrip(".") for error in errors) or "no reason given"
        if not {error.get("code") for error in errors} & NO_FREE_SLOT:
            raise InvalidQuery(f"Shopify refused the bulk {kind} of {name} of shop {shop}: {said}; correct its text.")
        if not slot_may_come:
            raise BulkOperationFailed(
                f"No slot for the bulk {kind} of {name} of shop {shop} came free in time ({said}); wait for those "
                f"operations or cancel them, then run again."
            )

    async def _find(self, kind: Kind, marker: str) -> BulkOperation | None:
        for pause in LOOK_AGAIN_SECONDS:
            await self._client.clock.sleep(pause)
            variables = {"filter": f"operation_type:{kind}"}
            reply = await self._client.execute(LATEST, variables, operation="bulkOperations")
            for node in reply.data["bulkOperations"]["nodes"]:
                if marker in node["query"]:
                    return bulk_operation(node)
        return None


def marked(text: str, marker: str, name: str) -> str:
    """The document with the marker in its operation name, so that a submission whose reply was lost can be found."""
    try:
        definitions = parse(text).definitions
    except GraphQLSyntaxError as error:
        raise InvalidQuery(
            f"The bulk operation of {name} is not valid GraphQL ({error.message}); correct it."
        ) from None
    operation = next(node for node in definitions if isinstance(node, OperationDefinitionNode))
    if operation.name is not None and operation.name.loc is not None:
        return f"{text[: operation.name.loc.end]}_{marker}{text[operation.name.loc.end :]}"
    start = operation.loc.start if operation.loc else 0
    keyword = operation.operation.value
    return f"{text[:start]}{keyword} Boomerang_{marker} {text[start:].removeprefix(keyword).lstrip()}"
