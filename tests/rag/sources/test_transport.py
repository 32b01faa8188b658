"""TLS: the connection goes to the judged address, the certificate must be the host's."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rag.errors import DocumentError
from rag.sources.fetching import Fetcher
from rag.sources.rules import FetchRules
from rag.sources.transport import Deadline


def certificate(folder: Path, host: str) -> Path:
    """Write a self-signed certificate for a host, with its key, and return the file."""
    x509 = pytest.importorskip("cryptography.x509", reason="cryptography makes the test certificates")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{host}.pem"
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8
    file.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, form, serialization.NoEncryption()))
    return file


@pytest.mark.parametrize(("certified", "fits"), [("localhost", True), ("other.example", False)])
def test_the_certificate_must_be_the_hosts(
    make_site: Callable[..., Any],
    local: FetchRules,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    certified: str,
    fits: bool,
) -> None:
    file = certificate(tmp_path, certified)
    asked: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    site = make_site()
    site.socket = context.wrap_socket(site.socket, server_side=True, do_handshake_on_connect=True)
    site.put("/", "over TLS")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with Fetcher(replace(local, obey_robots=False)) as fetcher:
        if fits:
            assert fetcher.fetch(f"https://localhost:{site.server_port}/").body == b"over TLS"
        else:
            with pytest.raises(DocumentError, match="certificate verify failed"):
                fetcher.fetch(f"https://localhost:{site.server_port}/")
    assert asked == ["localhost"]


def test_a_deadline_passes() -> None:
    deadline = Deadline()
    assert deadline.left() == float("inf")
    deadline.restart(60)
    assert 59 < deadline.left() <= 60
    deadline.restart(0)
    with pytest.raises(DocumentError, match="time limit"):
        deadline.left()
