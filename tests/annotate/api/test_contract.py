"""Hold the application to its own OpenAPI description, with requests that nobody thought of."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
)

from annotate.api.app import make_api
from annotate.api.limits import Limits
from annotate.jobs.context import Context

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    ignored_auth,
]
EXAMPLES = 4  # an operation
MODELS = "/ask"  # needs weights; tested on its own
NO_LIMITS = Limits(per_second=1e6, burst=10**6, strangers_per_second=1e6, strangers_burst=10**6)


@pytest.fixture(scope="module")
def served(
    template: tuple[Path, dict[str, str], dict[str, int], list[int]], tmp_path_factory: pytest.TempPathFactory
) -> Any:
    folder, tokens, _, _ = template
    place = tmp_path_factory.mktemp("contract") / "workspace"
    shutil.copytree(folder, place)
    context = Context.open(place)
    yield make_api(context, NO_LIMITS), tokens["admin"]
    context.store.engine.dispose()


@pytest.fixture(scope="module")
def described(served: tuple[Any, str]) -> Any:
    api, _ = served
    return schemathesis.openapi.from_asgi("/openapi.json", api).exclude(path=MODELS)


def test_every_answer_is_as_described(served: tuple[Any, str], described: Any) -> None:
    headers = {"Authorization": f"Bearer {served[1]}"}
    faults = []
    for found in described.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def try_it(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS)

        try:
            try_it()
        except (AssertionError, BaseExceptionGroup) as fault:  # all operations are to be told of
            faults.append(f"{operation.label}: {fault}")
    assert not faults, "\n\n".join(faults)
