"""Which passwords are taken, and how they are kept."""

import pytest

from annotate.access.passwords import (
    PasswordRefused,
    check_password,
    draw_password,
    hash_password,
    is_outdated,
    password_fits,
)


def test_a_password_is_kept_as_argon2id_with_a_salt_of_its_own():
    first, second = hash_password("tide lantern orchard"), hash_password("tide lantern orchard")
    assert first.startswith("$argon2id$")
    assert first != second
    assert password_fits(first, "tide lantern orchard")
    assert not password_fits(first, "tide lantern orcharD")
    assert not is_outdated(first)


def test_letters_typed_in_two_ways_are_one_password():
    assert password_fits(hash_password("caf\u00e9 au lait noir"), "cafe\u0301 au lait noir")


@pytest.mark.parametrize("stored", ["", "$argon2id$broken", "plain text"])
def test_without_a_proper_hash_no_password_fits(stored: str):
    assert not password_fits(stored, "")
    assert not password_fits(stored, stored)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short words", "short"),
        ("x y" * 100, "long"),
        ("password123456", "common"),
        ("Qwertyuiop123!", "common"),
        ("ЙЦУКЕНгшщзхъ12", "common"),
        ("пароль-пароль-1", "common"),
        ("correct horse battery staple", "common"),
        ("abababababababab", "common"),
        ("abcdefghijklmnop", "common"),
        ("987654321098765", "common"),
        ("vera.petrova2026", "name"),
        ("Vera Petrova 1!", "name"),
    ],
)
def test_weak_passwords_are_refused_with_the_reason(password: str, code: str):
    with pytest.raises(PasswordRefused) as refused:
        check_password(password, "Vera Petrova", "vera@example.org")
    assert refused.value.code == code
    assert password not in str(refused.value)


@pytest.mark.parametrize(
    "password",
    ["tide-lantern-42-orchard", "кот едет на велосипеде", "Rt5-kkd9!aabbzW", "verandah tulips gone"],
)
def test_good_passwords_are_taken(password: str):
    check_password(password, "Vera", "vera@example.org")


def test_one_time_passwords_differ_and_are_good_enough():
    drawn = {draw_password() for _ in range(50)}
    assert len(drawn) == 50
    for password in drawn:
        check_password(password, "admin")
