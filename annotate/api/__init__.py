"""Serve programs: the REST API under `/api/v1`, sign-in pages, health and metrics."""
