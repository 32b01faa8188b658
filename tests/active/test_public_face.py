import inspect
from pathlib import Path

import active


def test_everything_public_exists_and_is_documented() -> None:
    for name in active.__all__:
        member = getattr(active, name)
        if inspect.isclass(member) or inspect.isfunction(member):
            assert inspect.getdoc(member), name


def test_the_package_is_typed() -> None:
    assert (Path(active.__file__).parent / "py.typed").exists()


def test_the_face_is_sorted_and_has_no_doubles() -> None:
    assert len(set(active.__all__)) == len(active.__all__)
