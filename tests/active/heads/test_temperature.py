import numpy as np
import pytest
from scipy.special import expit

from active import BradleyTerryHead
from active.heads.newton import RidgeLogistic, log_loss
from active.heads.temperature import COLDEST, HOTTEST, best_temperature


def test_it_finds_the_temperature_that_made_the_labels() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=20_000) * 2
    targets = (rng.random(20_000) < expit(logits / 3)).astype(float)
    task = RidgeLogistic(logits[:, None], targets, np.ones(20_000), 1.0)
    assert best_temperature(task, np.ones(1), logits) == pytest.approx(3.0, rel=0.1)


def test_it_stays_within_bounds() -> None:
    features = np.ones((4, 1))
    for targets, bound in ((np.ones(4), COLDEST), (np.zeros(4), HOTTEST)):
        task = RidgeLogistic(features, targets, np.full(4, 1e4), 1.0)
        assert best_temperature(task, np.ones(1), np.ones(4)) == pytest.approx(bound, rel=0.05)
        assert best_temperature(task, np.ones(1), np.zeros(4)) == 1.0


def test_a_calibrated_head_is_believed_on_new_pairs() -> None:
    # A ridge far too weak makes a head much too sure; the left-out labels tell it so.
    rng = np.random.default_rng(1)
    features = rng.normal(size=(1200, 60))
    targets = (rng.random(1200) < expit(features[:, :3].sum(axis=1))).astype(float)
    losses = {}
    for calibrate in (False, True):
        head = BradleyTerryHead(l2=1e-2, calibrate=calibrate).fit(features[:200], targets[:200])
        p = head.predict_proba(features[200:])[:, 1]
        losses[calibrate] = float(log_loss(np.log(p / (1 - p)), targets[200:]).mean())
        assert (head.temperature_ > 1.5) is calibrate
    assert losses[True] < 0.7 * losses[False]


def test_few_labels_say_little() -> None:
    head = BradleyTerryHead(calibrate=True).fit(np.eye(5), [1, 0, 1, 0, 1])
    assert head.temperature_ == 1.0
    rng = np.random.default_rng(2)
    features, targets = rng.normal(size=(40, 3)), rng.integers(0, 2, 40)
    one_question = BradleyTerryHead(calibrate=True).fit(features, targets, groups=np.zeros(40))
    assert one_question.temperature_ == 1.0
    one_sided = BradleyTerryHead(calibrate=True).fit(np.abs(features), np.ones(40))
    assert one_sided.temperature_ > 0.3  # without the prior it would go down to the bound
