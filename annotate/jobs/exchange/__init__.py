"""Bring judgements in from files and take rows out to them, and keep test questions out of training."""
