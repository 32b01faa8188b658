import numpy as np
import pytest

from active import ChangedEmbeddingsError, InvalidFeaturesError, InvalidLabelsError, Labelled, Pool


def test_a_pool_knows_its_size_and_checks_its_columns() -> None:
    pool = Pool(np.ones((3, 2)), groups=np.array(["a", "a", "b"]))
    assert (len(pool), pool.width) == (3, 2)
    with pytest.raises(InvalidFeaturesError, match="2 queries for 3 pairs"):
        Pool(np.ones((3, 2)), queries=np.ones((2, 4)))
    with pytest.raises(InvalidLabelsError, match="groups"):
        Pool(np.ones((3, 2)), groups=np.array([1]))
    with pytest.raises(InvalidLabelsError, match="whole numbers"):
        Pool(np.ones((3, 2)), clusters=np.array([0.5, 1, 2]))  # type: ignore[arg-type]


def test_labels_join_and_an_empty_table_joins_with_anything() -> None:
    one = Labelled(np.ones((2, 2)), groups=np.array([1, 2]), targets=np.array([1, 0]))
    both = Labelled.nothing(2).joined(one).joined(one)
    assert len(both) == 4
    assert both.groups is not None
    assert both.groups.tolist() == [1, 2, 1, 2]
    assert both.weights is None


def test_labels_with_other_columns_do_not_join() -> None:
    plain = Labelled(np.ones((1, 2)), targets=np.array([1]))
    grouped = Labelled(np.ones((1, 2)), groups=np.array([1]), targets=np.array([1]))
    with pytest.raises(InvalidLabelsError, match="groups"):
        plain.joined(grouped)


@pytest.mark.parametrize(
    ("targets", "both"), [([1, 0], True), ([1, 1], False), ([0.5, 0.5], False), ([0.9, 0.2], True)]
)
def test_both_verdicts(targets: list[float], both: bool) -> None:
    assert Labelled(np.ones((2, 1)), targets=np.array(targets)).has_both_verdicts is both


def test_targets_are_verdicts() -> None:
    with pytest.raises(InvalidLabelsError, match="targets must lie"):
        Labelled(np.ones((1, 1)), targets=np.array([-1.0]))


def test_rows_keep_all_their_columns() -> None:
    table = Labelled(
        np.eye(3),
        clusters=np.array([1, 2, 3]),
        languages=np.array(["ru", "en", "en"]),
        contenders=np.array([["x", "y"], ["y", "z"], ["z", "x"]]),
        fingerprint="e5",
        targets=np.array([1, 0, 0.5]),
    )
    some = table.at(table.targets != 0.5)
    assert isinstance(some, Labelled)
    assert some.languages is not None
    assert some.languages.tolist() == ["ru", "en"]
    assert some.contenders is not None
    assert some.contenders.tolist() == [["x", "y"], ["y", "z"]]
    assert (some.fingerprint, some.weights) == ("e5", None)


def test_rows_of_two_models_never_join() -> None:
    one = Labelled(np.ones((1, 2)), targets=np.array([1]), fingerprint="e5")
    other = Labelled(np.ones((1, 2)), targets=np.array([1]), fingerprint="bge")
    with pytest.raises(ChangedEmbeddingsError, match=r"'bge', not 'e5': compute the features again"):
        one.joined(other)
    unknown = Labelled(np.ones((1, 2)), targets=np.array([1]))
    assert one.joined(unknown).fingerprint == "e5" == unknown.joined(one).fingerprint
    with pytest.raises(InvalidFeaturesError, match="3 features a pair, but 2 before"):
        one.joined(Labelled(np.ones((1, 3)), targets=np.array([1])))


def test_contenders_come_two_a_pair() -> None:
    with pytest.raises(InvalidLabelsError, match="contenders"):
        Pool(np.ones((2, 1)), contenders=np.array(["x", "y"]))
