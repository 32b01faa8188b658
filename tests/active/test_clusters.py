import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from active import EmptyPoolError, InvalidFeaturesError, InvalidOptionError, cluster_queries
from active import clusters as module

TOPICS = [
    "визы паспорт консульство",
    "двигатель масло ремонт",
    "налог вычет декларация",
    "vaccine dose clinic",
]


def topics(
    sizes: list[int], spread: float, seed: int = 0, width: int = 30
) -> tuple[np.ndarray, list[str], np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(len(sizes)), sizes)
    centres = rng.normal(size=(len(sizes), width))
    words = [TOPICS[topic].split() for topic in truth]
    texts = [f"как {words[i][rng.integers(3)]} {words[i][rng.integers(3)]}" for i in range(len(truth))]
    return centres[truth] + spread * rng.normal(size=(len(truth), width)), texts, truth


@pytest.mark.parametrize("sizes", [[14, 10, 9, 8], [20, 18, 16, 12], [400, 300, 250, 250]])
def test_topics_are_found_and_named(sizes: list[int], rng: np.random.Generator) -> None:
    embeddings, texts, truth = topics(sizes, 0.3)
    found = cluster_queries(embeddings, texts, rng)
    assert found.method == "hdbscan"
    assert adjusted_rand_score(truth, found.labels) > 0.95
    assert found.sizes.tolist() == sorted(found.sizes, reverse=True)
    for label, name in enumerate(found.names):
        topic = truth[found.exemplars[label][0]]
        assert set(name.split(", ")) <= set(TOPICS[topic].split())
    assert "4 clusters by hdbscan" in str(found)


def test_strangers_are_outliers(rng: np.random.Generator) -> None:
    embeddings, texts, _ = topics([20, 20, 20], 0.2)
    strangers = rng.normal(size=(4, 30)) * 3
    found = cluster_queries(np.vstack([embeddings, strangers]), [*texts, *["что это"] * 4], rng)
    assert len(found.outliers) > 0
    assert set(found.outliers) <= {60, 61, 62, 63}
    assert (found.labels[found.outliers] == -1).all()
    assert len(found) == 3


def test_a_lopsided_pair_of_topics_falls_back_to_k_means(rng: np.random.Generator) -> None:
    embeddings, texts, truth = topics([45, 12], 0.2)
    found = cluster_queries(embeddings, texts, rng)
    assert found.method == "kmeans"
    assert adjusted_rand_score(truth, found.labels) == 1.0
    assert not len(found.outliers)


def test_no_structure_is_one_cluster(rng: np.random.Generator) -> None:
    shapeless = rng.normal(size=(300, 60))
    found = cluster_queries(shapeless, ["налог"] * 300, rng, min_cluster_size=100)
    assert (found.method, len(found)) == ("single", 1)


@pytest.mark.parametrize("count", [1, 2, 5, 60])
def test_constant_embeddings_are_one_cluster(count: int, rng: np.random.Generator) -> None:
    for value in (0.0, 1.0):
        found = cluster_queries(np.full((count, 4), value), ["налог на дом"] * count, rng)
        assert found.method == "single"
        assert found.labels.tolist() == [0] * count
        assert found.names == ("дом, налог",)
        assert np.isfinite(found.centroids).all()


def test_new_queries_join_the_nearest_centroid(rng: np.random.Generator) -> None:
    embeddings, texts, _ = topics([20, 20, 20], 0.2)
    found = cluster_queries(embeddings[::2], texts[::2], rng)
    inside = found.labels >= 0
    assert found.assign(embeddings[::2])[inside].tolist() == found.labels[inside].tolist()
    with pytest.raises(InvalidFeaturesError):
        found.assign(np.ones((1, 5)))


def test_great_pools_are_sampled(monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> None:
    monkeypatch.setitem(module.SAMPLE_SIZES, "pca", 200)
    embeddings, texts, truth = topics([400, 300, 300], 0.2)
    found = cluster_queries(embeddings, texts, rng)
    inside = found.labels >= 0
    assert inside.mean() > 0.9
    assert adjusted_rand_score(truth[inside], found.labels[inside]) > 0.95


def test_all_of_one_cluster_in_the_sample_means_all_of_one(rng: np.random.Generator) -> None:
    found = cluster_queries(np.ones((90, 4)), ["налог"] * 90, rng, sample_size=30)
    assert (found.method, set(found.labels.tolist())) == ("single", {0})


@given(seed=st.integers(0, 200), count=st.integers(1, 45), width=st.integers(1, 12))
@settings(max_examples=25, deadline=None)
def test_any_queries_give_a_whole_and_repeatable_answer(seed: int, count: int, width: int) -> None:
    embeddings = np.random.default_rng(seed).normal(size=(count, width)).round(1)
    texts = [TOPICS[i % 4] for i in range(count)]
    one, two = (cluster_queries(embeddings, texts, np.random.default_rng(seed)) for _ in range(2))
    assert one.labels.tolist() == two.labels.tolist()
    assert len(one) >= 1
    assert len(one) == len(set(one.names)) == len(one.centroids) == len(one.exemplars) == len(one.keywords)
    assert set(one.labels[one.labels >= 0].tolist()) == set(range(len(one)))
    assert int(one.sizes.sum()) + len(one.outliers) == count
    assert one.sizes.tolist() == sorted(one.sizes.tolist(), reverse=True)
    assert np.isfinite(one.centroids).all()


def test_bad_input_is_refused(rng: np.random.Generator) -> None:
    with pytest.raises(EmptyPoolError):
        cluster_queries(np.empty((0, 3)), [], rng)
    with pytest.raises(InvalidFeaturesError, match="texts"):
        cluster_queries(np.ones((3, 3)), ["a"], rng)
    with pytest.raises(InvalidFeaturesError, match="NaN"):
        cluster_queries(np.full((3, 3), np.nan), ["a"] * 3, rng)
    with pytest.raises(InvalidOptionError):
        cluster_queries(np.ones((3, 3)), ["a"] * 3, rng, min_cluster_size=1)
