"""Label, aggregate and trace preferences: the platform on top of rag, active and training."""

__version__ = "0.1.0"
