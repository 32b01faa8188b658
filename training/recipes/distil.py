"""The recipe of `training.kinds.distil`."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from training.recipes.sft import FineTuningRecipe
from training.rows import PromptRow, Row


class DistilRecipe(FineTuningRecipe):
    """Teach the student `base` to answer like a teacher.

    `teacher`, a folder of a model with the same vocabulary, teaches on logits: the student answers, the
    teacher says at every token what it would have said (Agarwal et al. 2023, arXiv 2306.13649); `beta` is 0
    for forward and 1 for reverse KL. `endpoint`, the address of an OpenAI-compatible server with
    `endpoint_model`, teaches by its answers. `depth` makes the student of that many lower layers of `base`.
    """

    row: ClassVar[type[Row]] = PromptRow
    kind: Literal["distil"]
    teacher: Path | None = None
    endpoint: str | None = None
    endpoint_model: str = "default"
    api_key_variable: str = "OPENAI_API_KEY"
    concurrency: PositiveInt = 4
    depth: PositiveInt | None = None
    beta: Annotated[float, Field(ge=0, le=1)] = 0.5
    temperature: PositiveFloat = 1.0
    max_new_tokens: PositiveInt = 128

    @model_validator(mode="after")
    def _one_teacher(self) -> "DistilRecipe":
        if (self.teacher is None) == (self.endpoint is None):
            raise ValueError("give teacher (a model folder) or endpoint (a server's address), one of the two")
        if self.depth is not None and self.teacher is None:
            raise ValueError("depth needs a teacher folder: a cut model learns nothing from few answers")
        return self
