"""Training data with known answers, and the tuning of a local model on them."""
