"""Write-back as assets: one a sync, which exists once Shopify has acknowledged what the sync's model wants.

sync_shopify__customers --plan--> guard --apply--> delivered/shopify/customers
"""

from collections.abc import Iterator, Sequence

import dagster as dg
from pydantic import Field

from orchestration.lib.concurrency import pool
from orchestration.lib.conditions import wanted_changed_and_is_trusted
from orchestration.lib.failures import readable_failures
from orchestration.lib.freshness import DAILY
from pipelines.config import Settings
from pipelines.progress import Progress
from reverse_etl.coverage import values_never_acknowledged
from reverse_etl.deliver import deliver_sync
from reverse_etl.plan import plan_sync
from reverse_etl.report import DeliveryReport, Plan
from reverse_etl.sync_format.sync_file import Sync

MATCHES = "matches_wanted"
NOTHING_REJECTED = "nothing_rejected"
DESTINATION = "shopify"


class Launch(dg.Config):
    """How a delivery is launched by a person."""

    plan_id: str | None = Field(
        default=None, description="Send exactly this plan: a launch with its id approves it and lets its rest go."
    )
    by: str | None = Field(default=None, description="Who approves it; the run is named where this is left out.")


def build_delivery_asset(settings: Settings, sync: Sync) -> dg.AssetsDefinition:
    """The delivered state of one sync, with its checks."""
    key = dg.AssetKey(["delivered", DESTINATION, sync.name])

    @dg.asset(
        key=key,
        deps=[sync.model.split(".")[1]],
        description=sync.description,
        group_name=f"to_{DESTINATION}",
        kinds={DESTINATION, "graphql"},
        freshness_policy=DAILY,
        automation_condition=wanted_changed_and_is_trusted(),
        check_specs=[
            dg.AssetCheckSpec(
                MATCHES,
                asset=key,
                description="A new plan finds nothing to send and every wanted metafield was acknowledged once, save "
                "what Shopify refused just now.",
            ),
            dg.AssetCheckSpec(NOTHING_REJECTED, asset=key, description="Shopify accepted every value."),
        ],
        metadata={"fields": dg.MetadataValue.md(_fields(sync))},
        pool=pool(settings, "delivery"),
    )
    def delivered(
        context: dg.AssetExecutionContext, config: Launch, progress: dg.ResourceParam[Progress]
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        with readable_failures():
            by = config.by or f"Dagster run {context.run_id[:8]}"
            done = deliver_sync(settings, sync.name, progress, plan_id=config.plan_id, launched_by=by)
            plan, report = done.plan, done.report
            # A plan that is under way is not replaced by one that only looks whether it has ended.
            left = plan if report is None or done.waits else plan_sync(settings, sync.name)
            missing = values_never_acknowledged(settings, sync)
        rejected = report.rejected if report else 0
        refused = plan.rejected + rejected
        if done.waits:
            context.log.warning(done.waits)
        shown = _metadata(plan, report) | ({"waits": dg.MetadataValue.text(done.waits)} if done.waits else {})
        yield dg.MaterializeResult(asset_key=key, metadata=shown)
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=MATCHES,
            passed=left.rows <= rejected and missing <= refused,
            severity=dg.AssetCheckSeverity.WARN if done.waits else dg.AssetCheckSeverity.ERROR,
            metadata={
                "rows still to send": left.rows,
                "metafields never acknowledged": missing,
                "rows refused": refused,
            },
        )
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=NOTHING_REJECTED,
            passed=refused == 0,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"reasons": dg.MetadataValue.md(_rejections(plan, report))},
        )

    return delivered


def _metadata(plan: Plan, report: DeliveryReport | None) -> dict[str, dg.MetadataValue]:
    shown: dict[str, dg.MetadataValue] = {
        "plan": dg.MetadataValue.text(plan.plan_id),
        "rows planned": dg.MetadataValue.int(plan.rows),
        "changes": dg.MetadataValue.md(_changes(plan)),
        "samples": dg.MetadataValue.md(_samples(plan)),
    }
    if report:
        shown |= {
            "rows acknowledged": dg.MetadataValue.int(report.acknowledged),
            "rows rejected": dg.MetadataValue.int(report.rejected),
            "requests": dg.MetadataValue.int(report.requests),
            "query cost": dg.MetadataValue.float(report.points),
            "lanes": dg.MetadataValue.md("\n".join(f"* {lane}" for lane in report.lanes) or "none"),
        }
    return shown


def _fields(sync: Sync) -> str:
    rows = [[f"`{field.column}`", f"`{field.namespace}.{field.key}`", field.type] for field in sync.metafields]
    if sync.tags:
        rows += [[f"`{tag.column}`", f"`{sync.tags.prefix}{tag.tag}`", "tag"] for tag in sync.tags.owned]
    return _table(["column", "in Shopify", "type"], rows)


def _changes(plan: Plan) -> str:
    rows = [[count.shop, count.attribute, count.action, count.cause, f"{count.rows:,}"] for count in plan.counts]
    return _table(["shop", "value", "action", "cause", "rows"], rows)


def _samples(plan: Plan) -> str:
    rows = [
        [sample.shop, str(sample.record_id), sample.attribute, sample.value_before or "", sample.value_after or ""]
        for sample in plan.samples
    ]
    return _table(["shop", plan.object, "value", "before", "after"], rows)


def _rejections(plan: Plan, report: DeliveryReport | None) -> str:
    rows = [
        [
            refused.shop,
            refused.attribute,
            refused.code,
            refused.reason,
            f"{refused.rows:,}",
            str(refused.example_record_id),
        ]
        for refused in (*plan.rejections, *(report.rejections if report else ()))
    ]
    return _table(["shop", "value", "code", "reason", "rows", "example"], rows)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "none"
    lines = ["| " + " | ".join(row) + " |" for row in (header, ["---"] * len(header), *rows)]
    return "\n".join(lines)
