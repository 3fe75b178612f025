"""The operator's private working graph, the one place that takes updates."""
