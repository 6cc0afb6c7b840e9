"""`python -m pipelines.scores [--as-of YYYY-MM-DD] [--shop NAME]`: fit, backtest, print a line a shop and model."""

import argparse
import sys
from datetime import date

from pipelines.config import load_settings
from pipelines.failures import BoomerangError
from pipelines.scores.fit import PARAMETERS, fit_scores


def main(arguments: list[str] | None = None) -> int:
    """Run from a shell; the exit code is that of the failure, or 0."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.scores", description="Fit and backtest customer scores.")
    parser.add_argument(
        "--as-of", type=date.fromisoformat, help="business day to see customers at; default: the latest"
    )
    parser.add_argument("--shop", action="append", help="only this shop; may be repeated")
    options = parser.parse_args(arguments)
    try:
        report = fit_scores(load_settings(), as_of=options.as_of, shops=options.shop)
    except BoomerangError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    for scores in report.shops:
        for fit in (scores.fit.purchases, scores.fit.values):
            found = "" if fit.maximum is None else _named(PARAMETERS[fit.model], list(fit.maximum.parameters))
            print(f"{scores.shop} {fit.model} {fit.status}: {found or fit.reason}")
        judgement = scores.backtest.judgement if scores.backtest else None
        if judgement:
            print(
                f"{scores.shop} backtest: {judgement.actual_orders:,} orders where {judgement.expected_orders:,.0f} "
                f"were expected; Brier score {judgement.brier_score:.4f} "
                f"against {judgement.brier_score_constant:.4f} of a constant forecast"
            )
    return 0


def _named(names: tuple[str, ...], values: list[float]) -> str:
    return ", ".join(f"{name} {value:.4f}" for name, value in zip(names, values, strict=True))


if __name__ == "__main__":
    sys.exit(main())
