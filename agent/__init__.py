"""The graph, its nodes, access to language models, and the records of a run."""
