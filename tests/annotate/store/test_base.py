"""Times: always in UTC, always with their zone."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url, text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from annotate.store import Assessor, Store, open_store

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=zones)  # noqa: DTZ001


@given(moment=moments)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_time_comes_back_as_the_same_moment_in_utc(store: Store, moment: datetime) -> None:
    with store.writing.begin() as session:
        session.query(Assessor).delete()
        session.add(Assessor(name="anna", kind="person", languages=[], created_at=moment))
    with store.reading() as session:
        [found] = session.query(Assessor).all()
        assert found.created_at == moment
        assert found.created_at.utcoffset() == timedelta(0)
        assert session.query(Assessor).filter(Assessor.created_at <= moment).count() == 1
        assert session.query(Assessor).filter(Assessor.created_at < moment).count() == 0


def test_a_server_in_another_zone_gives_utc_all_the_same(postgres_ledger_url: str) -> None:
    url = make_url(postgres_ledger_url).update_query_dict({"options": "-c timezone=Asia/Vladivostok"})
    store = open_store(url.render_as_string(hide_password=False))
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with store.writing.begin() as session:
        assert session.execute(text("SHOW timezone")).scalar() == "Asia/Vladivostok"
        session.execute(text("TRUNCATE assessors CASCADE"))
        session.add(Assessor(name="anna", kind="person", languages=[], created_at=moment))
    with store.reading() as session:
        [found] = session.query(Assessor).all()
        assert (found.created_at, found.created_at.utcoffset()) == (moment, timedelta(0))
    store.engine.dispose()


def test_a_time_without_a_zone_is_refused(sqlite_store: Store) -> None:
    with (
        pytest.raises(StatementError, match="without a zone"),
        sqlite_store.writing.begin() as session,
    ):
        session.add(
            Assessor(name="x", kind="person", languages=[], created_at=datetime(2026, 1, 1))  # noqa: DTZ001
        )


def test_without_a_time_nothing_is_stored(tmp_path: Path) -> None:
    from annotate.store import Run

    store = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    with Session(store.engine) as session:
        session.add(Run(kind="dpo", recipe={}, folder="f"))
        session.flush()
        assert session.query(Run).one().finished_at is None
    store.engine.dispose()
