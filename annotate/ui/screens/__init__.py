"""Hold one file a screen; `app.py` runs them."""
