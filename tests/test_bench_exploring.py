"""`edge bench exploring`: the person behaves by the published rates, and the figures are what was lived."""

import io
import json
from collections import Counter

import pytest
from rich.console import Console
from typer.testing import CliRunner

from edge.bench.exploring import ExploringPlan, ExploringReport, measure_exploring
from edge.bench.exploring_person import CORRECTS, HOURS, NAMESAKES, Person, device_id, home_file, rooms_of
from edge.cli.app import app
from edge.home.home_file import load_home_file


@pytest.fixture(scope="module")
def report() -> ExploringReport:
    """Two settings, over days enough to have habits."""
    return measure_exploring(ExploringPlan(days=12, seeds=(1,), budgets=(0, 5)), Console(file=io.StringIO()))


def test_without_exploring_nothing_is_tried(report: ExploringReport) -> None:
    """The first row is the assistant as it ships."""
    off = report.figures[0]
    assert (off.explore_per_day, off.ties, off.tried, off.labels_gained) == (0, 0.0, 0.0, 0.0)
    assert off.questions > 1


def test_exploring_tries_and_hears_of_it(report: ExploringReport) -> None:
    """Within its budget; what is gained is part of what was tried, and true."""
    on = report.figures[1]
    assert 0 < on.tried <= 5
    assert on.ties > on.tried
    assert 0 < on.labels_gained <= on.tried
    assert on.gained_right > 0.9
    assert 0 < on.corrections < on.wrong


def test_the_same_seed_gives_the_same_figures(report: ExploringReport) -> None:
    """Chance is drawn from the seed, the assistant's as well as the person's."""
    again = measure_exploring(ExploringPlan(days=12, seeds=(1,), budgets=(5,)), Console(file=io.StringIO()))
    assert again.figures[0] == report.figures[1]


def test_the_report_can_be_read_by_people_and_programs(report: ExploringReport) -> None:
    """A row for each setting, and the same as JSON."""
    out = io.StringIO()
    report.show(Console(file=out, width=160))
    assert len([line for line in out.getvalue().splitlines() if line.strip()[:2] in {"0 ", "5 "}]) == 2
    assert json.loads(json.dumps(report.to_dict()))["figures"][1]["tried"] == report.figures[1].tried


def test_the_command_measures() -> None:
    """As it is called by hand, for a few days."""
    done = CliRunner().invoke(app, ["bench", "exploring", "--days", "2", "--seed", "3", "--json"])
    assert done.exit_code == 0
    assert '"explore_per_day": 5' in done.output


def test_a_person_wants_twelve_things_a_day_and_half_of_them_are_there_twice() -> None:
    """Mostly the same ones at the same hours, and after the change others."""
    person = Person(seed=4, changes_on=50)
    days = [list(person.wishes(day)) for day in range(100)]
    assert all([wish.hour for wish in day] == list(HOURS) for day in days)
    assert all(sum(bool(wish.room) for wish in day) == 6 for day in days)
    usual = [
        {n: Counter(day[n].target for day in half).most_common(1)[0] for n in range(len(HOURS)) if half[0][n].room}
        for half in (days[:50], days[50:])
    ]
    assert all(times > 35 for half in usual for _, times in half.values())
    assert sum(usual[0][n][0] != usual[1][n][0] for n in usual[0]) == 3


def test_a_person_corrects_as_often_as_is_published() -> None:
    """And never what went well."""
    person = Person(seed=5, changes_on=1)
    wrong = Counter(person.reaction(asked=False, is_right=False) for _ in range(2_000))
    assert wrong["corrects"] / 2_000 == pytest.approx(CORRECTS, abs=0.05)
    assert "corrects" not in Counter(person.reaction(asked=False, is_right=True) for _ in range(500))


def test_every_name_is_there_twice(tmp_path_factory: pytest.TempPathFactory) -> None:
    """In the home that the bench writes."""
    file = tmp_path_factory.mktemp("home") / "home.toml"
    file.write_text(home_file(), encoding="utf-8")
    assert load_home_file(file)
    for name in NAMESAKES:
        assert all(device_id(room, name) in home_file() for room in rooms_of(name))
