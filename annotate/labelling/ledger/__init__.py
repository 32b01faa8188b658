"""Lend tasks out and take judgements in; each step is a transaction that leaves a trace in the history."""
