"""A head that training wrote reranks without training being there."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from rag.errors import ModelError
from rag.rerankers import RewardHeadReranker

pytestmark = pytest.mark.models

TEXTS = ["It is red, as the sign says.", "Nobody knows.", "It is blue, as the sign says."]


@pytest.fixture(scope="module")
def trained(e5_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train a head on pairs in which stating a colour beats knowing nothing."""
    from training.recipe import parse_recipe
    from training.rows import PreferenceRow, write_rows
    from training.runs import train

    folder = tmp_path_factory.mktemp("head")
    colours = ("red", "blue", "green", "white")
    rows = [
        PreferenceRow(
            id=f"r{n}",
            question_id=f"q{n}",
            prompt=[{"role": "user", "content": f"What colour is house {n}?"}],
            chosen=f"House {n} is {colours[n % 4]}, as the sign says.",
            rejected=f"Nobody knows anything of house {n}.",
        )
        for n in range(8)
    ]
    write_rows(folder / "train.jsonl", rows)
    recipe = {
        "kind": "reward_head",
        "base": e5_folder,
        "train_rows": folder / "train.jsonl",
        "question_prefix": "query: ",
        "answer_prefix": "passage: ",
    }
    train(parse_recipe(recipe), folder / "run")
    return folder / "run" / "model"


@pytest.mark.slow
def test_scores_are_those_of_training(trained: Path) -> None:
    from training.kinds.reward_head import load_reward_head

    scores = RewardHeadReranker(trained).score("What colour is house 90?", TEXTS)
    theirs = load_reward_head(trained).score(["What colour is house 90?"] * 3, TEXTS)
    np.testing.assert_allclose(scores, theirs, rtol=1e-4, atol=1e-5)
    assert int(np.argmin(scores)) == 1
    assert RewardHeadReranker(trained).score("q", []).shape == (0,)


@pytest.mark.slow
def test_the_library_loads_it_without_training(trained: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from rag.rerankers import RewardHeadReranker;"
        f"reranker = RewardHeadReranker(Path({str(trained)!r}));"
        "print(reranker.fingerprint, any(name.split('.')[0] == 'training' for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [RewardHeadReranker(trained).fingerprint, "False"]


def test_another_embedder_and_other_folders_are_refused(trained: Path, tmp_path: Path) -> None:
    save_file({"w": np.zeros(3, np.float32)}, tmp_path / "model.safetensors")
    with pytest.raises(ModelError, match="not the embedder"):
        RewardHeadReranker(trained, base=tmp_path)
    with pytest.raises(ModelError, match="not a reward head"):
        RewardHeadReranker(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"kind": "dpo"}))
    with pytest.raises(ModelError, match="its kind is dpo"):
        RewardHeadReranker(tmp_path)


def test_a_moved_embedder_is_named(trained: Path, e5_folder: Path) -> None:
    moved = RewardHeadReranker(trained, base=e5_folder)
    assert moved.fingerprint == RewardHeadReranker(trained).fingerprint


@pytest.mark.parametrize("change", [{"ensemble": "worst"}, {"length_slope": 0.2}])
def test_heads_that_are_joined_otherwise_are_refused(
    trained: Path, tmp_path: Path, change: dict[str, object]
) -> None:
    folder = Path(shutil.copytree(trained, tmp_path / "head"))
    joined = json.loads((folder / "reward.json").read_text())
    (folder / "reward.json").write_text(json.dumps({**joined, **change}))
    with pytest.raises(ModelError, match="reranking needs ensemble: mean"):
        RewardHeadReranker(folder)
