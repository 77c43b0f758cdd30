"""Optiwright: optimization problems in plain words, to answers that can be checked."""
