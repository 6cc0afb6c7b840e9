"""A refresh in which each shop is extracted by a run of its own, and the models follow once, after the last of them.

The runs of one hour carry the same mark. They are independent: one that fails or takes long does not stop the reading
of the others. Models are built when the last has ended, if any of them brought something: a shop that failed keeps its
earlier rows, and its freshness check says how old they are.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import dagster as dg

from pipelines.config import Settings

REFRESH_OF = "boomerang/refresh"
SHOPS_OF = "boomerang/shops"
# Runs of earlier refreshes have been answered; this many are enough to see the whole of the latest one.
REFRESHES_IN_SIGHT = 3


def extraction_runs(settings: Settings, moment: datetime) -> Iterator[dg.RunRequest]:
    """One run request a shop; asking twice for the same moment gives the same runs."""
    shops = sorted(settings.shops)
    mark = moment.strftime("%Y-%m-%dT%H:%M")
    for shop in shops:
        tags = {REFRESH_OF: mark, SHOPS_OF: str(len(shops))}
        yield dg.RunRequest(run_key=f"{mark} {shop}", partition_key=shop, tags=tags)


def ready_to_model(runs: Sequence[dg.DagsterRun]) -> str | None:
    """The mark of the latest refresh whose runs (newest first) have all ended, with one success at least."""
    for mark in list(dict.fromkeys(run.tags[REFRESH_OF] for run in runs if REFRESH_OF in run.tags)):
        of_mark = [run for run in runs if run.tags.get(REFRESH_OF) == mark]
        latest = {run.tags.get("dagster/partition"): run for run in reversed(of_mark)}  # a retried run counts once
        if len(latest) == int(of_mark[0].tags[SHOPS_OF]) and all(run.is_finished for run in latest.values()):
            return mark if any(run.is_success for run in latest.values()) else None
    return None


def build_sensor(settings: Settings, extract: str, model: str) -> dg.SensorDefinition:
    """Start the models when every shop has been read."""
    in_sight = REFRESHES_IN_SIGHT * len(settings.shops)

    @dg.sensor(
        name="model_when_extracted",
        job_name=model,
        minimum_interval_seconds=30,
        # It answers runs of the schedule, which is off until somebody turns it on, and writes to no store.
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Build the models once every shop of a refresh has been read.",
    )
    def model_when_extracted(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        runs = context.instance.get_runs(dg.RunsFilter(job_name=extract), limit=in_sight)
        mark = ready_to_model(runs)
        if mark is None:
            return dg.SkipReason("No refresh has been read to its end since the last one was built.")
        return dg.RunRequest(run_key=mark, tags={REFRESH_OF: mark})

    return model_when_extracted
