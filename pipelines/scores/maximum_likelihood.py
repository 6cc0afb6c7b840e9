"""Maximum likelihood over positive parameters, from several deterministic starts, with a proof of convergence.

Parameters are estimated on the log scale, where positivity needs no constraint and a step means "so many per cent".
L-BFGS-B finds the neighbourhood; Newton steps, with a Hessian from differences of the analytic gradient, finish to
machine precision: published estimates can then be compared digit by digit, and the standard errors come from the same
matrix.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

Floats = npt.NDArray[np.float64]
# Maps log parameters to the mean log-likelihood per observation and its gradient with respect to the log parameters.
Objective = Callable[[Floats], tuple[float, Floats]]

# A parameter outside (4.5e-5, 2.2e4) in units of its scale has left for infinity or zero: the data do not identify it.
LOG_BOUND = 10.0
# Largest component of the gradient, per observation and per unit of log parameter, that counts as zero.
GRADIENT_TOLERANCE = 1e-7
# Two starts agree when their mean log-likelihoods differ by less.
AGREEMENT = 1e-7
# Curvature per observation below which the likelihood is a plateau rather than a peak.
FLATNESS = 1e-9
DIFFERENCE_STEP = 1e-4
NEWTON_STEPS = 12
# A longer step (in log parameters) leaves the neighbourhood in which the likelihood is a parabola.
LONGEST_NEWTON_STEP = 1.0


@dataclass(frozen=True)
class Maximum:
    """Where the likelihood peaks. Arrays have one entry a parameter, in the order of the starts.

    `log_likelihood` is the total over observations; `agreeing_starts` of `starts` ended at this peak. Without
    convergence `reason` says why and `standard_errors` are NaN.
    """

    parameters: Floats
    standard_errors: Floats
    log_likelihood: float
    starts: int
    agreeing_starts: int
    reason: str = ""

    @property
    def converged(self) -> bool:
        """Whether the parameters are a proven, interior peak."""
        return not self.reason


def maximise(objective: Objective, starts: Floats, scales: Floats, observations: float, names: str) -> Maximum:
    """Maximise the likelihood from each row of `starts` (positive parameters) and keep the best.

    `scales` (positive, one a parameter) is the natural size of each parameter: bounds are relative to it.
    `observations` is the number of customers behind the mean log-likelihood. `names` holds one word a parameter,
    separated by spaces, for the reason. Never raises on bad data: a failed search is a `Maximum` with a reason.
    """
    log_scales = np.log(scales)
    bounds = [(centre - LOG_BOUND, centre + LOG_BOUND) for centre in log_scales]

    def descend(log_parameters: Floats) -> tuple[float, Floats]:
        value, gradient = objective(log_parameters)
        return -value, -gradient

    found = [
        minimize(
            descend,
            np.log(start),
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-9},
        )
        for start in starts
    ]
    values = np.array([-float(result.fun) for result in found])
    if not np.isfinite(values).any():
        nothing = np.full(starts.shape[1], np.nan)
        return Maximum(nothing, nothing, np.nan, len(found), 0, "the likelihood is not finite at any start")
    best = int(np.nanargmax(values))
    log_parameters = _polish(objective, np.asarray(found[best].x, dtype=np.float64))
    value, gradient = objective(log_parameters)
    reason, covariance = _judge(objective, log_parameters, gradient, log_scales, names)
    parameters = np.exp(log_parameters)
    return Maximum(
        parameters=parameters,
        # Delta method: the error of exp(theta) is exp(theta) times the error of theta.
        standard_errors=parameters * np.sqrt(np.diag(covariance) / observations),
        log_likelihood=value * observations,
        starts=len(found),
        agreeing_starts=int(np.sum(values > value - AGREEMENT)),
        reason=reason,
    )


def hessian(objective: Objective, log_parameters: Floats) -> Floats:
    """Symmetric matrix of second derivatives with respect to the log parameters, from central differences."""
    steps = DIFFERENCE_STEP * np.eye(log_parameters.size)
    differences = np.array([objective(log_parameters + h)[1] - objective(log_parameters - h)[1] for h in steps])
    symmetric: Floats = (differences + differences.T) / (4 * DIFFERENCE_STEP)
    return symmetric


def _polish(objective: Objective, log_parameters: Floats) -> Floats:
    value, gradient = objective(log_parameters)
    for _ in range(NEWTON_STEPS):
        if np.abs(gradient).max() < 1e-13:
            break
        curvature = hessian(objective, log_parameters)
        if np.linalg.eigvalsh(curvature).max() >= -FLATNESS:
            break
        step = np.linalg.solve(curvature, gradient)
        if np.abs(step).max() > LONGEST_NEWTON_STEP:
            break
        candidate = log_parameters - step
        new_value, new_gradient = objective(candidate)
        if new_value < value - 1e-12 or np.abs(new_gradient).max() >= np.abs(gradient).max():
            break
        log_parameters, value, gradient = candidate, new_value, new_gradient
    return log_parameters


def _judge(
    objective: Objective, log_parameters: Floats, gradient: Floats, log_scales: Floats, names: str
) -> tuple[str, Floats]:
    """The reason why this is no peak (empty if it is) and the covariance for one observation."""
    unknown = np.full((log_parameters.size, log_parameters.size), np.nan)
    labels = names.split()
    escaped = [
        label
        for label, offset in zip(labels, np.abs(log_parameters - log_scales), strict=True)
        if offset > LOG_BOUND - 0.01
    ]
    if escaped:
        return f"{' and '.join(escaped)} ran to the edge of the search: the data do not identify it", unknown
    steepest = int(np.abs(gradient).argmax())
    if not np.isfinite(gradient).all() or abs(gradient[steepest]) > GRADIENT_TOLERANCE:
        return f"the search stopped on a slope of {gradient[steepest]:.1e} per customer in {labels[steepest]}", unknown
    curvature = hessian(objective, log_parameters)
    if np.linalg.eigvalsh(curvature).max() >= -FLATNESS:
        return f"the likelihood is flat: {', '.join(labels)} cannot be told apart on these data", unknown
    return "", np.asarray(np.linalg.inv(-curvature), dtype=np.float64)
