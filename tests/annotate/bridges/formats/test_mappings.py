"""A row's columns under our names: what a file does not say is not made up into a bias."""

from annotate.bridges.formats.base import ReadOptions
from annotate.bridges.formats.mappings import record

OPTIONS = ReadOptions(assessor="outsider", kind="person", language="en")


def row(number: int) -> dict[str, object]:
    return {"question": f"q{number}", "chosen": f"better {number}", "rejected": f"worse {number}"}


def test_chosen_answers_stand_on_either_side_the_same_in_every_reading() -> None:
    swapped = [record(row(number), OPTIONS).swapped for number in range(400)]
    assert swapped == [record(row(number), OPTIONS).swapped for number in range(400)]
    assert 160 < sum(swapped) < 240


def test_a_side_that_the_file_names_is_kept() -> None:
    for said in (True, False):
        assert record({**row(1), "swapped": said}, OPTIONS).swapped is said
