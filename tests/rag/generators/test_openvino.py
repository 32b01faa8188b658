"""The local generator with the real weights of SmolLM2."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from pydoc_data import topics

import numpy as np
import pytest

from rag import Decoding, ModelError, OpenVinoGenerator
from rag.generators import openvino
from rag.generators.openvino import Precision

PROMPTS = [
    [{"role": "user", "content": "What is the capital of France? Answer in one sentence."}],
    [
        {"role": "system", "content": "You answer briefly."},
        {"role": "user", "content": "Name three colours and say a word about each of them, please."},
    ],
]
OPENED = [*PROMPTS[0], {"role": "assistant", "content": "The capital of France, as everyone knows,"}]
GREEDY = Decoding(max_new_tokens=24)

pytestmark = pytest.mark.models


def texts(generator: OpenVinoGenerator, prompts: list[list[dict[str, str]]], decoding: Decoding) -> list[str]:
    return [made.text for made in generator.generate(prompts, decoding)]


def test_greedy_decoding_is_repeatable_and_alike_alone_and_in_a_batch(generator: OpenVinoGenerator) -> None:
    batch = texts(generator, PROMPTS, GREEDY)
    assert "Paris" in batch[0]
    assert texts(generator, PROMPTS, GREEDY) == batch
    assert [texts(generator, [prompt], GREEDY)[0] for prompt in PROMPTS] == batch


@pytest.mark.parametrize("precision", ["exact", pytest.param("fast", marks=pytest.mark.slow)])
def test_a_greedy_text_does_not_depend_on_its_company(
    generator: OpenVinoGenerator, smollm2_gguf: Path, precision: Precision
) -> None:
    """Prompts of real length: with short ones, rounding has no room to turn a word."""
    if precision != "exact":
        generator = OpenVinoGenerator(smollm2_gguf, precision)
    chosen = list(topics.topics.items())[:4]
    prompts = [
        [{"role": "user", "content": f"[1] {text[100:1000]}\n\nWhat is said of {name}?"}]
        for name, text in chosen
    ]
    batch = texts(generator, prompts, GREEDY)
    assert [texts(generator, [prompt], GREEDY)[0] for prompt in prompts] == batch
    assert texts(generator, prompts[::-1], GREEDY) == batch[::-1]
    assert generator.fingerprint.endswith("-fast") == (precision == "fast")


def test_a_stream_gives_the_same_text_in_pieces(generator: OpenVinoGenerator) -> None:
    for prompt in (PROMPTS[0], OPENED):
        pieces = list(generator.stream(prompt, GREEDY))
        assert len(pieces) > 3
        assert "".join(pieces).strip() == texts(generator, [prompt], GREEDY)[0]


def test_a_reader_may_leave_a_stream_and_others_need_not_wait_for_it(generator: OpenVinoGenerator) -> None:
    before = texts(generator, PROMPTS, GREEDY)
    stream = generator.stream(PROMPTS[1], Decoding(max_new_tokens=64))
    next(stream)
    assert texts(generator, PROMPTS, GREEDY) == before  # while the stream is still open
    stream.close()  # type: ignore[attr-defined]
    assert texts(generator, PROMPTS, GREEDY) == before


def test_threads_take_turns(generator: OpenVinoGenerator) -> None:
    with ThreadPoolExecutor(3) as pool:
        made = list(pool.map(lambda prompt: texts(generator, [prompt], GREEDY)[0], PROMPTS * 2))
    assert made == texts(generator, PROMPTS, GREEDY) * 2


def test_more_prompts_than_are_written_at_once_come_in_order(
    generator: OpenVinoGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = texts(generator, PROMPTS, GREEDY)
    monkeypatch.setattr(openvino, "BATCH_SIZE", 2)
    assert texts(generator, PROMPTS * 3, GREEDY) == expected * 3


def test_results_come_in_the_order_of_the_prompts_with_sizes(generator: OpenVinoGenerator) -> None:
    seen: list[tuple[int, int]] = []
    prompts = [PROMPTS[1], PROMPTS[0]]
    made = generator.generate(prompts, GREEDY, lambda done, total: seen.append((done, total)))
    assert "Paris" in made[1].text
    assert all(0 < one.new_tokens <= 24 for one in made)
    assert all(one.seconds > 0 for one in made)
    assert seen == [(1, 2), (2, 2)]
    assert generator.generate([], GREEDY) == []


def test_sampling_follows_its_seed(generator: OpenVinoGenerator) -> None:
    sampled = [
        texts(generator, PROMPTS[1:], Decoding(24, temperature=1.2, top_p=0.95, seed=seed))[0]
        for seed in (1, 1, 2)
    ]
    assert sampled[0] == sampled[1] != sampled[2]


def test_an_opening_is_continued(generator: OpenVinoGenerator) -> None:
    [text] = texts(generator, [OPENED], GREEDY)
    assert text.startswith(OPENED[-1]["content"])
    assert "Paris" in text[len(OPENED[-1]["content"]) :]


def test_options_have_log_probabilities(generator: OpenVinoGenerator) -> None:
    options = ["Paris", "London", "Berlin", "Rome"]
    opened = [*PROMPTS[0], {"role": "assistant", "content": "The capital of France is"}]
    rows = generator.option_logprobs([opened, PROMPTS[1]], [f" {option}" for option in options])
    assert rows.shape == (2, 4)
    assert np.isfinite(rows).all()
    assert (rows <= 0).all()
    assert (np.exp(rows).sum(axis=1) <= 1 + 1e-9).all()
    assert options[int(rows[0].argmax())] == "Paris"
    assert np.exp(rows[0, 0]) > 0.5
    np.testing.assert_array_equal(generator.option_logprobs([opened], [f" {o}" for o in options])[0], rows[0])
    assert generator.option_logprobs([], ["A", "B"]).shape == (0, 2)


def test_the_likeliest_option_is_what_greedy_decoding_writes(generator: OpenVinoGenerator) -> None:
    [text] = texts(generator, [PROMPTS[0]], Decoding(max_new_tokens=1))
    row = generator.option_logprobs([PROMPTS[0]], [text, "A", "B", "zebra"])[0]
    assert row.argmax() == 0


def test_options_that_begin_alike_are_refused(generator: OpenVinoGenerator) -> None:
    with pytest.raises(ModelError, match="begin with the same token"):
        generator.option_logprobs([PROMPTS[0]], ["A", "A\n"])


def test_tokens_are_counted(generator: OpenVinoGenerator) -> None:
    assert generator.count_tokens("") == 0
    assert generator.count_tokens("hello") < generator.count_tokens("hello there, my dear friend")


def test_the_fingerprint_is_that_of_the_file(generator: OpenVinoGenerator, smollm2_gguf: Path) -> None:
    assert generator.fingerprint == OpenVinoGenerator(smollm2_gguf).fingerprint
    assert generator.fingerprint.startswith("gguf-")


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such model file"):
        OpenVinoGenerator(tmp_path / "no.gguf")


def test_a_file_that_is_no_model_is_an_error_and_leaves_no_scrap(tmp_path: Path) -> None:
    file = tmp_path / "broken.gguf"
    file.write_bytes(b"GGUF" + b"\0" * 64)
    with pytest.raises(ModelError, match="cannot read it"):
        OpenVinoGenerator(file).generate(PROMPTS, GREEDY)
    assert list(tmp_path.iterdir()) == [file]
