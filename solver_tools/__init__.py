"""Compiling, solving, verifying and exporting formulations; knows no language model."""
