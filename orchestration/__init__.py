"""Dagster definitions and the command line: names, wires and times the other packages, and does nothing else."""
