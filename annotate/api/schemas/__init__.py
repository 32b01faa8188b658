"""Define what goes over the wire; the client reads the same classes."""
