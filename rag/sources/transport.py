"""Carry HTTP requests over connections to judged addresses only, within one deadline."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

from rag.errors import DocumentError
from rag.sources.addresses import resolve
from rag.sources.rules import FetchRules


class Deadline:
    """Hold the moment when the present page must have arrived."""

    def __init__(self) -> None:
        self._moment = float("inf")

    def restart(self, seconds: float) -> None:
        """Give the next page so many seconds from now."""
        self._moment = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left; raise DocumentError when there are none."""
        seconds = self._moment - time.monotonic()
        if seconds <= 0:
            raise DocumentError("took longer than the time limit")
        return seconds


class PageStatusError(DocumentError):
    """Say that a server answered with a status other than success."""

    def __init__(self, status: int, retry_after: str = "") -> None:
        super().__init__(f"the server answers with status {status}")
        self.status = status
        self.retry_after = retry_after


class GuardedTransport(httpx.BaseTransport):
    """Send requests for httpx; every trouble of the network is a DocumentError with its reason.

    The host name stays in the Host header and in the TLS handshake, so that certificates are
    checked against it; only the connection goes to the address that was judged.
    """

    def __init__(self, rules: FetchRules, deadline: Deadline) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=10,
            keepalive_expiry=30.0,
            network_backend=_GuardedBackend(rules, deadline),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and return the response with its body still to be read."""
        url = request.url
        with _reasons():
            response = self._pool.handle_request(
                httpcore.Request(
                    request.method,
                    httpcore.URL(
                        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                    ),
                    headers=request.headers.raw,
                    content=request.read(),
                    extensions=request.extensions,
                )
            )
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response),
            extensions=response.extensions,
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with _reasons():
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


@contextmanager
def _reasons() -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException as error:
        raise DocumentError("took longer than the time limit") from error
    except httpcore.LocalProtocolError as error:  # its message may quote a header with a secret
        raise DocumentError("cannot be fetched: not a well-formed request") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise DocumentError(f"cannot be fetched: {error or type(error).__name__}") from error


class _GuardedBackend(httpcore.NetworkBackend):
    """Open connections to addresses that the rules permit."""

    def __init__(self, rules: FetchRules, deadline: Deadline) -> None:
        self._rules = rules
        self._deadline = deadline
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline stands above it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = resolve(host, port, self._rules)
        for last, address in enumerate(addresses, start=1 - len(addresses)):
            try:
                stream = self._network.connect_tcp(
                    address, port, self._deadline.left() / (1 - last), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if last == 0:
                    raise
            else:
                return _TimedStream(stream, self._deadline)
        raise DocumentError(f"{host}: no such host")


class _TimedStream(httpcore.NetworkStream):
    """Read and write within the deadline: a server that drips bytes cannot hold us."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
