import numpy as np
import pytest

from active.clustering.reduction import MAX_COMPONENTS, UMAP_FROM, reduced


@pytest.mark.parametrize(("count", "width", "wanted"), [(5, 8, 2), (60, 30, 6), (400, 30, 15), (40, 1, 1)])
def test_pca_keeps_a_tenth_as_many_components_as_rows(
    count: int, width: int, wanted: int, rng: np.random.Generator
) -> None:
    assert reduced(rng.normal(size=(count, width)), "pca", rng).shape == (count, wanted)
    assert wanted <= MAX_COMPONENTS


def test_few_rows_need_no_umap(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(UMAP_FROM - 1, 8))
    one, other = (reduced(rows, way, np.random.default_rng(0)) for way in ("umap", "pca"))
    np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_umap_parts_topics_that_lie_in_one_cloud_and_repeats_itself() -> None:
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(6), 40)
    rows = rng.normal(size=(6, 64))[truth] + 1.2 * rng.normal(size=(240, 64))
    places = reduced(rows, "umap", np.random.default_rng(1))
    assert places.shape == (240, 5)
    distances = np.linalg.norm(places[:, None] - places[None], axis=2) + np.eye(240) * 1e9
    assert (truth[distances.argmin(axis=1)] == truth).mean() > 0.95
    np.testing.assert_array_equal(places, reduced(rows, "umap", np.random.default_rng(1)))


@pytest.mark.slow
def test_equal_rows_break_nothing() -> None:
    places = reduced(np.ones((UMAP_FROM, 4)), "umap", np.random.default_rng(0))
    assert np.isfinite(places).all()
