"""Simulated worlds, one module for each measure or kind of interval; `tests.benchmarks.coverage` measures them all."""
