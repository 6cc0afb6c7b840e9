"""What a bulk export cannot reach is read by id, for the parents that arrived: the lines of refunds.

Which ones is derived from the warehouse and not carried from one step to the next: a refund whose details were never
read, or that changed since. A run that dies in between leaves nothing to remember.
"""

from collections.abc import Sequence

from pipelines.contracts.odcs import Contract, Table
from pipelines.failures import ContractError
from pipelines.shopify.contract import RAW_SCHEMA
from pipelines.shopify.ledger import NODES
from pipelines.warehouse import Session


def parent_of(contract: Contract, entity: str) -> Table:
    """The table whose rows are the nodes that an entity of the kind 'ids' reads."""
    names = {table.parent for table in contract.tables_of(entity)}
    if len(names) != 1 or None in names:
        raise ContractError(f"Contract {contract.id}: the objects of entity '{entity}' need one common parent.")
    return contract.table(names.pop() or "")


def wanted_ids(session: Session, parent: Table, shop: str, entity: str) -> list[int]:
    """Keys of the parents whose details are missing or older than the parent."""
    key = parent.key[0]
    rows = session.rows(
        f"select p.{key} from {RAW_SCHEMA}.{parent.name} as p left join {NODES} as n "
        f"on n.shop = p.shop and n.entity = ? and n.node_id = p.{key} "
        f"where p.shop = ? and (n.node_id is null or n.updated_at < p.updated_at) order by p.{key}",
        (entity, shop),
    )
    return [row[0] for row in rows]


def remember(session: Session, parent: Table, shop: str, entity: str, ids: Sequence[int]) -> None:
    """Note that the present state of these parents has been read; call it in the transaction of their details."""
    key = parent.key[0]
    session.execute(
        f"delete from {NODES} where shop = ? and entity = ? and node_id in (select unnest(?))",
        (shop, entity, list(ids)),
    )
    session.execute(
        f"insert into {NODES} select shop, ?, {key}, updated_at from {RAW_SCHEMA}.{parent.name} "
        f"where shop = ? and {key} in (select unnest(?))",
        (entity, shop, list(ids)),
    )
