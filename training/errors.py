"""Everything that can go wrong in a run, drawn as one tree. Messages: one line of what, where, what to do."""


class TrainingError(Exception):
    """Base of every error this package raises on purpose."""


class RecipeError(TrainingError):
    """The recipe cannot be read, holds an unknown key, or does not belong to the run folder."""


class RowsError(TrainingError):
    """The preference rows are malformed, empty, leaking or look swapped."""


class SnapshotError(RowsError):
    """A snapshot of rows is damaged, changed, or not of the kind that the run reads."""


class LeakError(RowsError):
    """Rows to train on are also in a frozen test, or nearly; `ids` names all of them."""

    def __init__(self, message: str, ids: list[str]) -> None:
        super().__init__(message)
        self.ids = ids


class LengthError(RowsError):
    """Too many rows are longer than the recipe's `max_length`."""


class ModelError(TrainingError):
    """A model, tokenizer or chat template is missing or not what the run needs."""


class DivergedError(TrainingError):
    """The loss became NaN or infinite, or did not start where theory says it must."""


class InterruptedRun(TrainingError):  # noqa: N818 - not a failure: the run can be resumed from its checkpoint
    """The run was asked to stop (SIGTERM), saved a checkpoint and can be started again."""


class HelpedRun(TrainingError):  # noqa: N818 - not a failure: this process has done its share
    """A process beside the main one has done its share of a run; the main one saves and measures."""
