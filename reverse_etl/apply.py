"""Apply a stored plan: exactly its rows, at the rate limit, with one outcome for each."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from pipelines.config import Settings
from pipelines.destination_settings import SHOPIFY
from pipelines.failures import BoomerangError
from pipelines.progress import Progress, SilentProgress
from pipelines.warehouse import Warehouse
from pipelines.warehouse.conflicts import retried, together
from reverse_etl.delivery.canary import failed_sentence, has_a_rest, judge_canary
from reverse_etl.delivery.canary_check import read_canary
from reverse_etl.delivery.delivery import STAGE, Checkpoint, ShopDelivery
from reverse_etl.delivery.failure_groups import first_failure
from reverse_etl.delivery.lanes import OpenRows, send_open
from reverse_etl.delivery.measures import Measures
from reverse_etl.delivery.runs import begin_run, end_run, new_run_id, rejections
from reverse_etl.delivery.settle import settle_shop
from reverse_etl.destinations.base import Destination
from reverse_etl.destinations.opened import opened
from reverse_etl.failures import CanaryFailed
from reverse_etl.ledger.claims import Claim, open_claims
from reverse_etl.ledger.costs import last_costs
from reverse_etl.ledger.ledger import Ledger
from reverse_etl.ledger.recorder import Recorder
from reverse_etl.ledger.retention import forget_old_plans
from reverse_etl.plans.diff_sql import ACTIONS
from reverse_etl.plans.plan_store import load_plan
from reverse_etl.report import DeliveryReport
from reverse_etl.sync_format.sync_file import Sync
from reverse_etl.sync_format.sync_yaml import SYNCS, load_sync


def apply_plan(
    settings: Settings,
    plan_id: str,
    progress: Progress | None = None,
    *,
    allow_large_change: bool = False,
    take_over: bool = False,
    folder: Path = SYNCS,
    checkpoint: Checkpoint = lambda _: None,
) -> DeliveryReport:
    """Send the rows of a plan that are not acknowledged yet; a second time there are none, and nothing is sent.

    Of a plan with a canary that goes first, and is read back; unless the rest may go at once, the report `waits`, and
    the next call sends the rest.

    `allow_large_change` passes the guards on purpose; `take_over` takes the lock of a run that is known to be dead.
    `checkpoint` is called with a name between any two effects.

    Raises UnknownPlan, GuardStopped, NotApproved, StalePlan, PlanChanged, AlreadyApplying, CanaryWaiting before
    anything is written; DefinitionConflict, CanaryFailed and what the client raises in the course of it: what was
    acknowledged until then stays acknowledged.
    """
    started = time.monotonic()
    warehouse, run_id = Warehouse(settings), new_run_id()
    loaded = load_sync(load_plan(settings, plan_id).sync, folder)
    with warehouse.session() as session:
        begun = begin_run(
            session,
            settings,
            plan_id,
            loaded,
            run_id,
            allow_large_change=allow_large_change,
            take_over=take_over,
        )
        plan, until = begun.plan, begun.until
        claims = open_claims(session, plan.sync, plan.shops)
        measures = Measures(last_costs(session, plan.shops))
        is_all = bool(until) and not has_a_rest(session, plan_id, until)
    checkpoint("begun")
    parts: list[_Run] = []
    takes_back = plan.undoes_run is not None

    def send(last_rows: dict[str, int] | None, in_doubt: Sequence[Claim]) -> None:
        ledger = Ledger(warehouse, run_id, plan_id, plan.sync, plan.shops, last_rows)
        parts.append(_Run(settings, loaded.sync, ledger, progress, checkpoint, measures, takes_back=takes_back))
        asyncio.run(parts[-1].deliver(plan.shops, in_doubt))
        checkpoint("delivered")

    canary, after_canary = plan.canary, None
    reason: str | None = "stopped before its end"
    try:
        with first_failure():
            send(until or None, claims)
            if until:
                readings = asyncio.run(read_canary(settings, plan_id, loaded.sync, until))
                checkpoint("canary read")
                with warehouse.session() as session:
                    canary = together(session, lambda: judge_canary(session, plan, loaded.sync, readings))
                checkpoint("canary judged")
                if canary.state == "failed":
                    after_canary = "stopped"
                elif not is_all and not canary.may_go_on(datetime.now(UTC)):
                    after_canary = "waiting"
                else:
                    send(None, [])
        reason = None
    except BoomerangError as error:
        reason = str(error)
        raise
    finally:
        totals = end_run(
            warehouse,
            run_id,
            plan_id,
            requests=sum(part.requests for part in parts),
            points=sum(part.points for part in parts),
            # An undo reads each value first: what it costs says nothing of deliveries; nor does a place without points.
            costs=measures.done() if plan.destination == SHOPIFY and not takes_back else (),
            reason=reason,
            after_canary=after_canary,
        )
    checkpoint("ended")
    if canary is not None and after_canary == "stopped":
        raise CanaryFailed(failed_sentence(plan_id, canary))
    with warehouse.session() as session:
        retried(lambda: forget_old_plans(session, settings.delivery.keep_days))
        return DeliveryReport(
            run_id=run_id,
            plan_id=plan_id,
            sync=plan.sync,
            planned=plan.rows,
            settled=sum(part.settled for part in parts),
            seconds=time.monotonic() - started,
            rejections=rejections(session, run_id),
            canary=canary,
            waits=after_canary == "waiting",
            lanes=tuple(lane for part in parts for lane in part.lanes),
            **asdict(totals),
        )


class _Run:
    """One application of one plan to its shops, which are delivered to at the same time: each has its own limit."""

    def __init__(
        self,
        settings: Settings,
        sync: Sync,
        ledger: Ledger,
        progress: Progress | None,
        checkpoint: Checkpoint,
        measures: Measures,
        *,
        takes_back: bool,
    ) -> None:
        self._settings, self._sync, self._ledger, self._takes_back = settings, sync, ledger, takes_back
        self._progress = progress or SilentProgress()
        self._checkpoint, self._measures = checkpoint, measures
        self._recorder = Recorder(ledger)
        self._destinations: list[Destination] = []
        self.settled = 0
        self.lanes: list[str] = []

    @property
    def requests(self) -> int:
        """Requests answered."""
        return sum(one.requests for one in self._destinations)

    @property
    def points(self) -> float:
        """Points used."""
        return sum(one.points for one in self._destinations)

    async def deliver(self, shops: Sequence[str], claims: Sequence[Claim]) -> None:
        """Settle what is in doubt, then send what is open; outcomes that have come are written even after a failure."""
        try:
            async with asyncio.TaskGroup() as watch:
                keeping_time = watch.create_task(self._recorder.keep_time())
                try:
                    shares = (self._deliver_share(shop, [c for c in claims if c.shop == shop]) for shop in shops)
                    failures = [failure for failure in await asyncio.gather(*shares) if failure]
                finally:
                    keeping_time.cancel()
        finally:
            await self._recorder.flush()
        if failures:
            raise failures[0]

    async def _deliver_share(self, shop: str, claims: Sequence[Claim]) -> BoomerangError | None:
        """One shop's share; its failure is returned, so that the other shops are delivered to in any case."""
        try:
            with first_failure():
                await self._deliver_shop(shop, claims)
        except BoomerangError as failure:
            return failure
        return None

    async def _deliver_shop(self, shop: str, claims: Sequence[Claim]) -> None:
        async with opened(self._settings, self._sync, shop) as destination:
            self._destinations.append(destination)
            delivery = ShopDelivery(
                shop=shop,
                ledger=self._ledger,
                recorder=self._recorder,
                destination=destination,
                progress=self._progress,
                checkpoint=self._checkpoint,
                max_in_flight=self._settings.delivery.max_in_flight,
                takes_back=self._takes_back,
                measures=self._measures,
            )
            self.settled += await settle_shop(delivery, self._settings, claims)
            await self._send_all(delivery)

    async def _send_all(self, delivery: ShopDelivery) -> None:
        prepared = False
        for action in ACTIONS:
            rows, records = await asyncio.to_thread(self._ledger.open_rows, delivery.shop, action)
            if not rows:
                continue
            if not prepared:
                await delivery.destination.prepare()
                delivery.checkpoint("prepared")
                prepared = True
            item = delivery.item(action)
            self._progress.start(STAGE, item, rows, "values")
            reason = await send_open(delivery, self._settings, self._sync, OpenRows(action, rows, records))
            self.lanes += [reason] if reason else []
            self._progress.finish(STAGE, item, f"{rows:,} values")
