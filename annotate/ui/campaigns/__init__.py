"""Draw the parts of the campaigns screen: the list, the form of the rules, gold, guidelines, routing."""
