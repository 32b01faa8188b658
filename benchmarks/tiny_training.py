"""Make what training can be measured on without waiting: a tiny language model and a labelled workspace."""

from __future__ import annotations

from pathlib import Path

from annotate.jobs.context import Context
from annotate.settings import SETTINGS_FILE
from annotate.store import AnswerRecord, ContenderRecord, Pair, Preference, Question, Store

COLOURS = ("red", "green", "blue", "white", "black", "yellow")
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def make_model(folder: Path, *, width: int = 32, layers: int = 2) -> Path:
    """Save a random llama of some 50,000 weights with a tokenizer of bytes and a chat template."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|pad|>"]
    vocabulary = {token: number for number, token in enumerate([*special, *letters])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    marks = {"bos_token": special[0], "eos_token": special[2], "pad_token": special[3]}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **marks)  # type: ignore[no-untyped-call]
    fast.add_special_tokens({"additional_special_tokens": ["<|im_start|>"]})
    fast.chat_template = TEMPLATE
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        tie_word_embeddings=True,
        bos_token_id=vocabulary[special[0]],
        eos_token_id=vocabulary[special[2]],
        pad_token_id=vocabulary[special[3]],
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


def make_workspace(folder: Path, questions: int = 40) -> Context:
    """Make a workspace with judged pairs, whose better answer names the colour that was asked for."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SETTINGS_FILE).write_text("[training]\nmax_length = 512\n", "utf-8")
    context = Context.open(folder)
    judge_pairs(context.store, questions)
    return context


def judge_pairs(store: Store, questions: int) -> None:
    """Store questions with two answers each and the preference of the first."""
    with store.writing.begin() as session:
        contenders = [ContenderRecord(name=name, fingerprint=name, settings={}) for name in ("one", "two")]
        session.add_all(contenders)
        session.flush()
        for number in range(questions):
            colour = COLOURS[number % len(COLOURS)]
            question = Question(key=f"q{number}", text=f"What colour has house {number}?", language="en")
            session.add(question)
            session.flush()
            passage = {
                "chunk": number,
                "document": f"d:{number}",
                "title": "Houses",
                "text_hash": str(number),
            }
            passage |= {"text": f"House {number} was painted {colour}.", "score": 1.0}
            texts = (f"House {number} is {colour} [1].", "I do not know much about houses.")
            answers = [
                AnswerRecord(
                    question_id=question.id,
                    contender_id=contender.id,
                    text=text,
                    sentences=[{"text": text, "cited": [1] if "[1]" in text else []}],
                    passages=[passage],
                    prompt=[],
                    model_fingerprint="m",
                    index_fingerprint="i",
                )
                for contender, text in zip(contenders, texts, strict=True)
            ]
            session.add_all(answers)
            session.flush()
            pair = Pair(question_id=question.id, first_id=answers[0].id, second_id=answers[1].id)
            session.add(pair)
            session.flush()
            session.add(
                Preference(
                    pair_id=pair.id,
                    verdict="A_better",
                    posterior={"first": 0.9, "second": 0.05, "tie": 0.05},
                    margin=1.0,
                    votes=[],
                    people=1,
                    machines=0,
                )
            )
