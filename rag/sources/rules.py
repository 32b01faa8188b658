"""Say how pages are fetched: which addresses, how much, how long, how politely."""

from __future__ import annotations

from dataclasses import dataclass

USER_AGENT = "Pairloop/0.1"


@dataclass(frozen=True)
class FetchRules:
    """Hold the limits of fetching; the defaults suit public sites that belong to others.

    `allow_private` opens private and loopback networks, for an intranet; link-local addresses,
    where clouds keep their credentials, stay closed. `allowed_addresses` opens single addresses
    instead. `delay_seconds` is the least time between two requests to one host. A busy server
    (status 429 or 503) is asked again `retries` times, after the time that it names. A page kept
    in the `cache_folder` is asked for only if it changed.
    """

    user_agent: str = USER_AGENT
    obey_robots: bool = True
    allow_private: bool = False
    allowed_addresses: frozenset[str] = frozenset()
    max_bytes: int = 32 << 20
    seconds_per_page: float = 30.0
    max_redirects: int = 5
    delay_seconds: float = 1.0
    retries: int = 2
    max_pages: int = 1_000
    cache_folder: str = ""
