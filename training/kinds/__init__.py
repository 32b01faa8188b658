"""The kinds of training, one a module; each has `train(recipe, run) -> Outcome`."""
