"""Show the platform in a browser: label pairs, watch progress, quality, gaps and runs.

`server.serve` starts it. A screen reads one report, draws, and calls one use case.
"""
