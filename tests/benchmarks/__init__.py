"""Benchmarks: how fast koudai is beside its users' ways today; ``docs/results/speed.md`` says what each measures.

``python -m tests.benchmarks.speed``, ``… .scale``, ``… .train``. None is a timed test: they print and write what they
measured, and the tests look at their form alone.
"""
