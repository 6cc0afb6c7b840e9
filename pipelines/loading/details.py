"""What a bulk export cannot reach is read by id, for the parents that arrived: the lines of refunds.

Which ones is derived from the warehouse and not carried from one step to the next: a refund whose details were never
read, or that changed since. A run that dies in between leaves nothing to remember.
"""

from collections.abc import Sequence

from pipelines.contracts.odcs import Contract, Table
from pipelines.contracts.sql import text
from pipelines.failures import ContractError
from pipelines.intake.ledger import NODES
from pipelines.warehouse import Session

# A statement and its values stay below what any warehouse takes (BigQuery: 10 MB).
IDS_AT_ONCE = 50_000


def parent_of(contract: Contract, entity: str) -> Table:
    """The table whose rows are the nodes that an entity of the kind 'ids' reads."""
    names = {table.parent for table in contract.tables_of(entity)}
    if len(names) != 1 or None in names:
        raise ContractError(f"Contract {contract.id}: the objects of entity '{entity}' need one common parent.")
    return contract.table(names.pop() or "")


def wanted_ids(session: Session, contract: Contract, shop: str, entity: str) -> list[int]:
    """Keys of the parents whose details are missing or older than the parent."""
    parent = parent_of(contract, entity)
    key = parent.key[0]
    rows = session.rows(
        f"select p.{key} from {contract.raw_schema}.{parent.name} as p left join {NODES} as n "
        f"on n.shop = p.shop and n.entity = ? and n.node_id = p.{key} "
        f"where p.shop = ? and (n.node_id is null or n.updated_at < p.updated_at) order by p.{key}",
        (entity, shop),
    )
    return [row[0] for row in rows]


def remember(session: Session, contract: Contract, shop: str, entity: str, ids: Sequence[int]) -> None:
    """Note that the present state of these parents has been read; call it in the transaction of their details."""
    parent = parent_of(contract, entity)
    key = parent.key[0]
    for start in range(0, len(ids), IDS_AT_ONCE):
        some = list(ids[start : start + IDS_AT_ONCE])
        session.execute(
            f"delete from {NODES} where shop = ? and entity = ? and node_id in (select unnest(?))", (shop, entity, some)
        )
        session.execute(
            f"insert into {NODES} (shop, entity, node_id, updated_at) "
            f"select shop, {text(entity)}, {key}, updated_at from {contract.raw_schema}.{parent.name} "
            f"where shop = ? and {key} in (select unnest(?))",
            (shop, some),
        )
