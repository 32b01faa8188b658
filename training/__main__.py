"""`python -m training RECIPE.yaml --run-dir DIR [--set KEY=VALUE ...]`.

Exit status: 0 finished, 1 failed (see RUN/error.txt), 2 wrong call or recipe, 143 stopped by SIGTERM with a
checkpoint to resume from.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from training.environment import prepare_environment
from training.errors import HelpedRun, InterruptedRun, RecipeError, TrainingError
from training.recipe import load_recipe
from training.runs import train

FAILED, WRONG_CALL, STOPPED = 1, 2, 143


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one recipe and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m training", description="Train a model from preference rows."
    )
    parser.add_argument("recipe", type=Path, help="a recipe, such as training/recipes/dpo.yaml")
    parser.add_argument(
        "--run-dir", type=Path, required=True, help="folder of the run; a started one is resumed"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="override a recipe key"
    )
    options = parser.parse_args(arguments)
    prepare_environment()
    try:
        result = train(load_recipe(options.recipe, options.set), options.run_dir)
    except RecipeError as error:
        return _complain(error, WRONG_CALL)
    except HelpedRun:
        return 0  # the main process tells what came out
    except InterruptedRun as error:
        return _complain(error, STOPPED)
    except TrainingError as error:
        return _complain(error, FAILED)
    sys.stdout.write(f"{result}\n")
    return 0


def _complain(error: TrainingError, status: int) -> int:
    sys.stderr.write(f"{error}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
