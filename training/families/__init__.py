"""Families of generated problems: each draws structure and numbers, and knows the answer."""
