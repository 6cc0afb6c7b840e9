"""Averages over a Beta distribution by Gauss-Jacobi rules, for many Beta distributions at once."""

import numpy as np

from pipelines.scores.maximum_likelihood import Floats

SMALLEST_NODE = 1e-300


def beta_rule(first: float, second: Floats, nodes: int) -> tuple[Floats, Floats]:
    """Nodes in (0, 1) and weights (adding to 1) that average a smooth function over Beta(first, second[i]).

    Both results have shape (len(second), nodes). Golub and Welsch (1969): nodes are the eigenvalues of the symmetric
    tridiagonal matrix of the recurrence of the Jacobi polynomials, the weights the squared first components of its
    eigenvectors. No gamma function appears, so a second parameter of thousands does no harm, unlike in
    scipy.special.roots_jacobi, whose total weight underflows.
    """
    # Jacobi weight (1 - u) ** lower * (1 + u) ** upper on (-1, 1), with u = 2 p - 1.
    lower, upper = np.asarray(second, dtype=np.float64)[:, None] - 1, first - 1
    both = lower + upper
    k = np.arange(1, nodes)
    diagonal = np.empty((lower.shape[0], nodes))
    diagonal[:, :1] = (upper - lower) / (both + 2)
    diagonal[:, 1:] = (upper - lower) * both / ((2 * k + both) * (2 * k + both + 2))
    # At k = 1 the general formula has the factor (1 + both) above and below: cancelled by hand, it may vanish.
    square = np.empty((lower.shape[0], nodes - 1))
    square[:, :1] = 4 * (1 + lower) * (1 + upper) / ((2 + both) ** 2 * (3 + both))
    j = k[1:]
    square[:, 1:] = 4 * j * (j + lower) * (j + upper) * (j + both)
    square[:, 1:] /= (2 * j + both) ** 2 * (2 * j + both + 1) * (2 * j + both - 1)
    matrix = np.zeros((lower.shape[0], nodes, nodes))
    rows = np.arange(nodes)
    matrix[:, rows, rows] = diagonal
    matrix[:, rows[1:], rows[:-1]] = np.sqrt(square)
    roots, vectors = np.linalg.eigh(matrix)
    return np.maximum((1 + roots) / 2, SMALLEST_NODE), vectors[:, 0, :] ** 2
