"""Compilation: kernels are compiled once, and their machine code is cached."""
