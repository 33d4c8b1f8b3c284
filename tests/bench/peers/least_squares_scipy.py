#!/usr/bin/env python3
"""SciPy's least_squares on the problems of bench_least_squares.cpp.

    python3 tests/bench/peers/least_squares_scipy.py [OUT.json]

Same data, starts, analytic Jacobian, box, tolerance (1e-13) and limit (1000 evaluations); the
function is vectorised over the grid in NumPy. Prints solves per second and the objectives reached.
"""

import json
import sys
import time

import numpy as np
import scipy
from scipy.optimize import least_squares
from scipy.special import expit, ndtr

X = -8 + 16 * (np.arange(128) + 0.5) / 128
STARTS = 16
DEAD = [0.5, -0.5, 0.05, -0.05]
E1, E2 = [-1.7, 1.4], [1.9, -0.3]
PROBLEMS = {
    "SIG2C": ("sigmoid", [[-0.8, 0.2, *E1], [0.8, -0.2, *E2]], DEAD),
    "SIG2": ("sigmoid", [[0.8, -0.4, *E1], [0.9, -0.6, *E2]], DEAD),
    "SIG1": ("sigmoid", [[0.0, -0.4, *E1], [0.9, -0.6, *E2]], [0.0, -1.4, *E1]),
    "SOFT": ("softmax", [[-0.8, 0.2, *E1], [0.0, 0.0, *E2]], [-0.8, -0.5, *E1]),
}


def atoms_of(gate, theta):
    """Rows (b1, b0, a, b); the last softmax gate is frozen at (0, 0)."""
    if gate == "softmax":
        theta = np.concatenate([theta[:-2], [0.0, 0.0], theta[-2:]])
    return theta.reshape(-1, 4)


def evaluate(gate, theta):
    """Values (128) and Jacobian (128 x parameters) of the function with GELU experts."""
    b1, b0, a, b = (column[:, None] for column in atoms_of(gate, theta).T)
    u = b1 * X + b0
    z = a * X + b
    distribution = ndtr(z)
    h = z * distribution
    slope = distribution + z * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    if gate == "sigmoid":
        g = expit(u)
        f = (g * h).sum(0)
        by_u = g * (1 - g) * h
    else:
        g = np.exp(u - u.max(0))
        g /= g.sum(0)
        f = (g * h).sum(0)
        by_u = g * (h - f)
    by_z = g * slope
    columns = np.stack([by_u * X, by_u, by_z * X, by_z], 1).reshape(-1, 128)
    if gate == "softmax":
        columns = np.delete(columns, [len(columns) - 4, len(columns) - 3], 0)
    return f, columns.T


def free(gate, atoms):
    theta = np.array(atoms, float).reshape(-1)
    return np.delete(theta, [-4, -3]) if gate == "softmax" else theta


def main():
    index = np.arange(128)
    results = {"scipy": scipy.__version__, "numpy": np.__version__, "problems": {}}
    for name, (gate, truth, additional) in PROBLEMS.items():
        y = evaluate(gate, free(gate, truth))[0]
        y = y + 0.001 * np.sin(1 + 7.3 * index + 0.11 * index**2)
        base = free(gate, [additional] + truth)
        objectives, evaluations, at_limit = [], 0, 0
        begin = time.process_time()
        for i in range(STARTS):
            start = base + 0.1 * np.sin(1.7 + 2.9 * np.arange(len(base)) + 5.3 * i)
            fit = least_squares(lambda t: evaluate(gate, t)[0] - y, start,
                                jac=lambda t: evaluate(gate, t)[1], bounds=(-2.5, 2.5),
                                method="trf", x_scale="jac", ftol=1e-13, xtol=None, gtol=None,
                                max_nfev=1000)
            objectives.append(2 * fit.cost)
            evaluations += fit.nfev
            at_limit += fit.status == 0
        seconds = time.process_time() - begin
        results["problems"][name] = {
            "solves_per_second": STARTS / seconds,
            "lowest": min(objectives),
            "median": sorted(objectives)[STARTS // 2],
            "evaluations": evaluations / STARTS,
            "at_limit": at_limit / STARTS,
        }
        print(name, results["problems"][name])
    if len(sys.argv) > 1:
        with open(sys.argv[1], "w", encoding="utf-8") as out:
            json.dump(results, out, indent=2)
            out.write("\n")


if __name__ == "__main__":
    main()
