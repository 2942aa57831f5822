"""Compilation: how kernels are compiled once, and where what is compiled is kept."""
