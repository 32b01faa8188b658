import pytest

import active
from active.errors import ActiveError, EmptyPoolError, UnknownStrategyError


@pytest.mark.parametrize("name", [name for name in active.__all__ if name.endswith("Error")])
def test_all_errors_hang_on_one_tree_of_value_errors(name: str) -> None:
    assert issubclass(getattr(active, name), ActiveError)
    assert issubclass(ActiveError, ValueError)


def test_unknown_strategy_names_the_known_ones_on_one_line() -> None:
    error = UnknownStrategyError("dopd", ["random", "dopt"])
    assert error.known == ("dopt", "random")
    assert "'dopd'" in str(error)
    assert "dopt, random" in str(error)
    assert "\n" not in str(error)


def test_empty_pool_says_what_to_do() -> None:
    assert "add unlabelled pairs" in str(EmptyPoolError())
