"""Engines: who does the units of a job, and where: threads here, or the workers of a cluster."""
