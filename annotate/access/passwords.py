"""Hash passwords with argon2id, refuse weak ones, and draw one-time ones."""

from __future__ import annotations

import re
import secrets
import string
import unicodedata
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from annotate.errors import AccessError

SHORTEST, LONGEST = 12, 256  # characters
_COMMON = Path(__file__).parent / "common_passwords.txt"
_LETTERS = string.ascii_lowercase.replace("l", "").replace("o", "") + "23456789"  # none that look alike
# OWASP's first choice: a rush of sign-ins must not stop those at work.
_hasher = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
_slots = BoundedSemaphore(2)  # a hash takes 46 MiB: a rush of sign-ins must not fill the memory
_nobody = _hasher.hash(secrets.token_hex(16))


class PasswordRefused(AccessError):  # noqa: N818
    """Say why a password cannot be taken; `code` is `short`, `long`, `name`, `common` or `same`."""

    def __init__(self, code: str) -> None:
        texts = {
            "short": f"a password has at least {SHORTEST} characters",
            "long": f"a password has at most {LONGEST} characters",
            "name": "a password does not hold the name or the address of its owner",
            "common": "this password is among those that are tried first; choose another",
            "same": "the new password is the old one; choose another",
        }
        super().__init__(texts[code])
        self.code = code


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, with its salt and costs."""
    with _slots:
        return _hasher.hash(_normal(password))


def password_fits(password_hash: str, password: str) -> bool:
    """Tell whether a password is the one; without a hash it takes as long, and the answer is no."""
    with _slots:
        try:
            fits = _hasher.verify(password_hash or _nobody, _normal(password))
        except (VerificationError, InvalidHashError):
            return False
    return fits and bool(password_hash)


def is_outdated(password_hash: str) -> bool:
    """Tell whether a hash was made with other costs than today's."""
    return _hasher.check_needs_rehash(password_hash)


def check_password(password: str, *owners: str) -> None:
    """Raise PasswordRefused for a password that is too short, common or made of its owner's names."""
    plain = _normal(password)
    if len(plain) < SHORTEST:
        raise PasswordRefused("short")
    if len(plain) > LONGEST:
        raise PasswordRefused("long")
    folded = plain.casefold()
    for owner in owners:
        parts = [part for part in re.split(r"[\s@._-]+", _normal(owner).casefold()) if len(part) >= 3]
        left = folded
        for part in sorted([*parts, _normal(owner).casefold()], key=len, reverse=True):
            left = left.replace(part, "") if part else left
        if left != folded and len(left) < SHORTEST - 4:
            raise PasswordRefused("name")
    if _is_common(folded):
        raise PasswordRefused("common")


def draw_password() -> str:
    """Draw a one-time password of 80 bits that can be read aloud."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def _is_common(folded: str) -> bool:
    """Tell whether it is a common password, or one stretched by digits, marks or repetition."""
    if len(set(folded)) < 5 or _is_run(folded):
        return True
    left = re.sub(r"[\W\d_]+", "", folded)
    for word in _common_words():
        left = left.replace(word, "")
    return len(left) < 3


@lru_cache
def _common_words() -> tuple[str, ...]:
    """Return the words, the longest first."""
    lines = _COMMON.read_text("utf-8").splitlines()
    words = " ".join(line for line in lines if not line.startswith("#")).split()
    return tuple(sorted(words, key=len, reverse=True))


def _is_run(folded: str) -> bool:
    """Tell whether most neighbours follow each other in the alphabet: abcdefghijkl, 123456789012."""
    steps = [ord(right) - ord(left) for left, right in pairwise(folded)]
    return sum(step in (-1, 0, 1) for step in steps) > 0.75 * len(steps)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
