"""Bring judgements in from elsewhere and preferences out to elsewhere."""
