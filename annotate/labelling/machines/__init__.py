"""Find out how far machines can be trusted, and which pairs they may label."""
