from __future__ import annotations

import stat

import pytest

from annotate.errors import SettingsError
from annotate.jobs.webhooks.keys import FILE, key_of, server_secret, signed

# The example of the specification of Standard Webhooks.
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'


def test_signatures_are_those_of_standard_webhooks():
    found = signed(KEY, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY)
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_secret_is_made_once_and_only_the_owner_can_read_it(tmp_path):
    secret = server_secret(tmp_path, {})
    assert server_secret(tmp_path, {}) == secret
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    (tmp_path / FILE).chmod(0o644)
    with pytest.raises(SettingsError, match="others may read"):
        server_secret(tmp_path, {})


def test_the_secret_of_the_environment_stands_above_the_file(tmp_path):
    assert server_secret(tmp_path, {"PAIRLOOP_SECRET": "x" * 40}) == b"x" * 40
    assert not (tmp_path / FILE).exists()
    with pytest.raises(SettingsError, match="32 characters"):
        server_secret(tmp_path, {"PAIRLOOP_SECRET": "short"})


def test_each_webhook_has_a_key_of_its_own():
    assert key_of(b"a" * 40, 1) == key_of(b"a" * 40, 1)
    assert len({key_of(secret, number) for secret in (b"a" * 40, b"b" * 40) for number in (1, 2)}) == 4
