"""Decide who may do what: accounts, passwords, sessions, invitations, tokens, and the audit log."""
