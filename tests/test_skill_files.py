"""Skill files: what they become, every mistake with its line, and a folder that is read again when it changes."""

import logging
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.knowledge import Skill, SkillDeed, SkillSlot, SkillValue
from edge.skills.folder import LOOK_EVERY_MS, SkillFolder
from edge.skills.problems import Problem
from edge.skills.skill_file import MAX_BYTES, examples_path, parse_skill, read_skill
from edge.store.known import _skills
from edge.toml_lines import lines_of

GOOD = """\
[skill]
name = "receiver"

[rules]
switch = "(switch|set) <the>"
the = "[the] receiver"

[slots.source]
values = ["TV", { value = "PHONO", say = ["record player", "vinyl"] }]

[slots.level]
from = 0
to = 40
step = 0.5

[slots.message]
text = true

[[intent]]
name = "source"
sentences = ["<switch> to {source} [at {level}]"]

[[intent.do]]
publish = "av/{{ source }}/set"
payload = "{{ level | default(20) }}"

[[intent.do]]
call = ["media_player.tv", "light.hall"]
command = "turn_on"
values = { volume = "{{ level | default(5) }}", muted = false }

[[intent]]
name = "show"
confirm = true
sentences = ["show {message} on the {source:screen}"]

[[intent.do]]
answer = "On the {{ screen }}: {{ message }}."
"""


def problems(text: str) -> tuple[Problem, ...]:
    result = parse_skill(text, "x.toml")
    return () if isinstance(result, Skill) else result


def test_a_skill_is_what_its_file_says() -> None:
    """Rules are put in, values are spelt as they are, and nothing is lost on the way through the store's JSON."""
    skill = parse_skill(GOOD, "receiver.toml")
    assert isinstance(skill, Skill)
    assert (skill.name, skill.file) == ("receiver", "receiver.toml")
    source, show = skill.intents
    assert source.name == "receiver.source"
    assert source.sentences == ("((switch|set) ([the] receiver)) to {source} [at {level}]",)
    assert source.slots == (
        SkillSlot("source", "values", (SkillValue("TV"), SkillValue("PHONO", ("record player", "vinyl")))),
        SkillSlot("level", "range", (), 0, 40, 0.5),
    )
    assert source.deeds == (
        SkillDeed("publish", "av/{{ source }}/set", "{{ level | default(20) }}"),
        SkillDeed(
            "call",
            targets=("media_player.tv", "light.hall"),
            command="turn_on",
            values={"volume": "{{ level | default(5) }}", "muted": False},
        ),
    )
    assert (show.confirm, source.confirm) == (True, False)
    assert [slot.name for slot in show.slots] == ["source", "message"]
    assert _skills().validate_json(_skills().dump_json((skill,))) == (skill,)


@pytest.mark.parametrize("path", sorted(examples_path().glob("*.toml")), ids=lambda path: path.stem)
def test_the_examples_are_fine(path: Path) -> None:
    """Each of the skills that come with Edge can be loaded as it is."""
    assert isinstance(read_skill(path), Skill)


def test_there_are_three_examples() -> None:
    """With lists, ranges and free text, publishing, calling and answering between them."""
    skills = [read_skill(path) for path in sorted(examples_path().glob("*.toml"))]
    intents = [intent for skill in skills if isinstance(skill, Skill) for intent in skill.intents]
    assert len(skills) == 3
    assert {slot.kind for intent in intents for slot in intent.slots} == {"values", "range", "text"}
    assert {deed.kind for intent in intents for deed in intent.deeds} == {"publish", "call", "answer"}


MISTAKES = [
    ('name = "receiver"', 'nam = "receiver"', 2, "[skill] has no 'nam'. Did you mean 'name'?"),
    ('name = "receiver"', 'name = "re/ceiver"', 2, "[skill] wants a name"),
    ("[slots.source]", "[slot.source]", 8, "a skill file has no 'slot'. Did you mean 'slots'?"),
    ('the = "[the] receiver"', 'the = "<switch>"', 6, "leads back to itself: the -> switch -> the"),
    ('the = "[the] receiver"', "the = 4", 6, "a rule is a text"),
    ("<switch> to {source}", "<swich> to {source}", 21, "there is no rule 'swich'. Did you mean 'switch'?"),
    ("[slots.message]", "[slots.source]", 16, "[slots.source] is there twice; the first is in line 8."),
    ("[slots.message]", "[slots.Source]", 16, "the slot 'Source' is there twice, as 'source'."),
    ("[slots.message]", '[slots."my message"]', 16, "a slot cannot be called 'my message'"),
    ("[slots.message]", "[slots.skill_intent]", 16, "a slot cannot be called 'skill_intent'"),
    ("text = true", "text = false", 17, "write text = true"),
    ("text = true", "txt = true", 17, "a slot has no 'txt'. Did you mean 'text'?"),
    ("text = true", "text = true\nfrom = 1", 16, "a slot has one of"),
    ("to = 40", "to = -1", 12, "from must not be above to"),
    ("step = 0.5", "step = 0", 12, "step not 0 or less"),
    ("step = 0.5", "step = 0.00001", 12, "100,000 steps is the limit"),
    ("from = 0", "from = '0'", 12, "from, to and step are numbers"),
    ("from = 0", "from = nan", 12, "from, to and step are numbers"),
    ('["TV", {', '["TV", "tv", {', 9, "'tv' stands for 'TV' already."),
    ('"vinyl"]', '"vinyl", "tv"]', 9, "'tv' stands for 'TV' already."),
    ('["TV", {', '["TV", 5, {', 9, "a value is a text that can be said"),
    ('["TV", {', '["TV", "?!", {', 9, "a value is a text that can be said"),
    ("say = [", "sya = [", 9, "a value has no 'sya'. Did you mean 'say'?"),
    ('name = "show"', 'name = "source"', 33, "there is an intent 'source' already."),
    ('name = "show"', "", 32, "an intent wants a name"),
    ("confirm = true", 'confirm = "yes"', 34, "confirm is true or false."),
    ("confirm = true", "confrim = true", 34, "[[intent]] has no 'confrim'. Did you mean 'confirm'?"),
    ("show {message} on", "show {mesage} on", 35, "there is no slot 'mesage'. Did you mean 'message'?"),
    ("show {message} on", "show {1..5:message} on", 35, "there is no slot '1..5'"),
    ("show {message} on", "show {message:a-b} on", 35, "a slot cannot be called 'a-b'"),
    ("show {message} on", "show [{source:screen}] {message} on", 35, "the slot 'screen' is twice in one sentence"),
    ("show {message} on", "(show {message} on", 35, "a '(' is not closed."),
    ("show {message} on", "show {message}) on", 35, "a ')' closes what was not opened."),
    ('"show {message} on the {source:screen}"', '"[{source:screen}] [{message}]"', 35, "without any word of its own"),
    ('"show {message} on the {source:screen}"', '"{message}"', 35, "without any word of its own"),
    ('"show {message} on the {source:screen}"', '""', 35, "this sentence is empty."),
    ('["show {message} on the {source:screen}"]', "[]", 35, "an intent wants sentences"),
    ('["show {message} on the {source:screen}"]', '"show {message}"', 35, "'sentences' is a list"),
    ("show {message} on the", "show {message} [{message:more}] on the", 35, "two free texts stand side by side"),
    (
        "show {message} on",
        "(a|b|c|d|e|f|g|h)" * 5 + " {message} on",
        35,
        "32,768 ways of saying this, 10,000 is the limit",
    ),
    ("show {message} on", "(" + ";".join("abcdefghi") + ") {message} on", 35, "362,880 ways of saying this"),
    ('"av/{{ source }}/set"', '"av/+/set"', 24, "has no + and no #"),
    ('"av/{{ source }}/set"', '"$SYS/x"', 24, "no topic that can be published to"),
    ('"av/{{ source }}/set"', '""', 24, "publish wants a topic"),
    ('"{{ level | default(20) }}"', '"{{ level }}"', 25, "'level' is not always given"),
    (
        '"{{ level | default(20) }}"',
        '"{{ lvel }}"',
        25,
        "no sentence of this intent gives 'lvel'. Did you mean 'level'?",
    ),
    ('"{{ level | default(20) }}"', '"{{ source * 2 }}"', 25, "the template of payload fails: it cannot be filled"),
    ('"{{ level | default(20) }}"', "'''\n{\n{{ level\n}'''", 28, "the template of payload fails"),
    ('"{{ level | default(20) }}"', '"{% for i in range(9) %}x{% endfor %}"', 25, "templates have no loops"),
    ('payload = "{{ level | default(20) }}"', 'payloud = "1"', 25, "publish has no 'payloud'. Did you mean 'payload'?"),
    ('"{{ level | default(20) }}"', "7", 25, "payload should be a text, in quotes."),
    ('"media_player.tv"', '"the TV"', 28, "'the TV' is no id of a device"),
    ('["media_player.tv", "light.hall"]', "[]", 28, "call names devices by their id"),
    ('"turn_on"', '"turnon"', 29, "there is no command 'turnon'. Did you mean 'turn_on'?"),
    ('"turn_on"', '"get_state"', 29, "there is no command 'get_state'"),
    ("muted = false", "muted = [1]", 30, "muted should be a text or a number."),
    ('"{{ level | default(5) }}"', '"{{ level }}"', 30, "'level' is not always given"),
    ('answer = "On', 'anser = "On', 37, "has exactly one of: publish, call, answer"),
    ('answer = "On', 'publish = "x"\nanswer = "On', 37, "has exactly one of: publish, call, answer"),
    ("[skill]", "[skill", 1, "it is no TOML"),
    ('name = "receiver"', 'name = "receiver', 2, "it is no TOML"),
]


@pytest.mark.parametrize(("before", "after", "line", "reason"), MISTAKES, ids=[reason for *_, reason in MISTAKES])
def test_every_mistake_is_told_with_its_line(before: str, after: str, line: int, reason: str) -> None:
    """A good file with one thing spoiled has one problem, where that thing stands."""
    assert before in GOOD
    found = problems(GOOD.replace(before, after, 1))
    matching = [problem for problem in found if reason in problem.reason]
    assert [problem.line for problem in matching] == [line], "\n".join(map(str, found))
    assert str(matching[0]).startswith(f"x.toml:{line}: ")


def test_several_mistakes_are_told_at_once() -> None:
    """Sorted by line."""
    spoiled = GOOD.replace('"turn_on"', '"turnon"').replace("[at {level}]", "").replace("to = 40", "to = 4o")
    assert len(problems(spoiled)) == 1  # no TOML at all
    spoiled = GOOD.replace('"turn_on"', '"turnon"').replace("text = true", "text = true\nmore = 1")
    lines = [problem.line for problem in problems(spoiled)]
    assert lines == sorted(lines)
    assert len(lines) == 2


def test_a_slot_that_no_sentence_has_is_told() -> None:
    """And an intent that does nothing."""
    unused = GOOD.replace("[slots.message]", "[slots.spare]\nvalues = ['x']\n\n[slots.message]")
    assert [str(each) for each in problems(unused)] == [
        "x.toml:16: no sentence has {spare} in it: leave the slot out, or say it."
    ]
    idle = GOOD[: GOOD.rindex("[[intent.do]]")]
    assert [(each.line, "it does nothing" in each.reason) for each in problems(idle)] == [(32, True)]


def test_free_text_must_not_spoil_json() -> None:
    """Somebody will say a quotation mark; with tojson it does no harm."""
    spoiled = GOOD.replace(
        'answer = "On the {{ screen }}: {{ message }}."', 'publish = "x"\npayload = \'{"m": "{{ message }}"}\''
    )
    assert [(each.line, "tojson" in each.reason) for each in problems(spoiled)] == [(39, True)]
    assert problems(spoiled.replace('"{{ message }}"', "{{ message | tojson }}")) == ()


def test_free_text_has_no_place_in_a_topic() -> None:
    """Anybody could speak to any topic."""
    spoiled = GOOD.replace('answer = "On the {{ screen }}: {{ message }}."', 'publish = "x/{{ message }}"')
    assert [(each.line, "free text" in each.reason) for each in problems(spoiled)] == [(38, True)]


def test_rules_that_explode_are_told() -> None:
    """Ten rules of ten times the one before would be ten thousand million words."""
    rules = "\n".join(f'r{n + 1} = "{f"<r{n}> " * 10}"' for n in range(10))
    text = GOOD.replace('the = "', f'r0 = "word"\n{rules}\nthe = "<r10> ')
    assert any("becomes longer than" in each.reason for each in problems(text))


def test_a_rule_in_a_large_circle_is_found_quickly() -> None:
    """Every rule leads to every other."""
    rules = "\n".join(f'r{n} = "{" ".join(f"<r{m}>" for m in range(40) if m != n)}"' for n in range(40))
    assert any(
        "leads back to itself" in each.reason
        for each in problems(f"[rules]\n{rules}\n{GOOD}".replace("[rules]\nswitch", "[rule]\nswitch"))
    )


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    """Not UTF-8, too long, not there, a folder."""
    latin, long, missing = tmp_path / "latin.toml", tmp_path / "long.toml", tmp_path / "missing.toml"
    latin.write_bytes(GOOD.replace("record player", "Plattenspiéler").encode("latin-1"))
    long.write_text("#" * (MAX_BYTES + 1))
    assert [str(each) for each in read_skill(latin)] == [  # type: ignore[union-attr]
        f"{latin}:9: this line is no UTF-8 text; save the file as UTF-8."
    ]
    assert "longer than 256 KB" in str(read_skill(long))
    assert "it cannot be read: No such file" in str(read_skill(missing))
    assert "it cannot be read: Is a directory" in str(read_skill(tmp_path))
    assert isinstance(parse_skill("[a]\nb = " + "[" * 5_000, "x"), tuple)


@given(st.text(alphabet="[]{}()<>|;=.,\"'\n abcexs_#1-:+", max_size=120))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_text_is_a_skill_or_has_problems(text: str) -> None:
    """Reading never fails in another way, as a file and as a sentence; lines lie within the text."""
    for content in (
        text,
        GOOD.replace("show {message} on", text.replace('"', "").replace("\n", " ").replace("\\", "")),
    ):
        result = parse_skill(content, "x.toml")
        if not isinstance(result, Skill):
            assert result
            assert all(1 <= problem.line <= content.count("\n") + 1 for problem in result)


def test_lines_of_lists_and_tables() -> None:
    """Elements of lists and tables of lists are found by their number."""
    lines = lines_of(
        '[[a]]\nb = ["x", # ]\n  "y]",\n "z"]\n[[a.c]]\nd = """\n[e]\nf = 1"""\n[[a.c]]\ng = {h = 1}\n[[a]]\nb = 2\n'
    )
    assert lines["a", "0", "b", "1"] == 3
    assert lines["a", "0", "b", "2"] == 4
    assert lines["a", "0", "c", "1", "g", "h"] == 10
    assert lines["a", "1", "b"] == 12
    assert ("e",) not in lines


class Ticks:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now_ms = 0.0

    def __call__(self) -> float:
        return self.now_ms

    def later(self) -> None:
        self.now_ms += LOOK_EVERY_MS


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    stamp = path.stat().st_mtime_ns + 1_000_000  # a clock of the file system that is coarse must not hide a change
    os.utime(path, ns=(stamp, stamp))


def test_a_folder_is_read_again_when_it_changes(tmp_path: Path) -> None:
    """The same tuple while nothing changed, at most one look a second, and unchanged skills stay the same objects."""
    ticks = Ticks()
    folder = SkillFolder(tmp_path, now_ms=ticks)
    assert folder.skills() == ()
    write(tmp_path / "b.toml", GOOD)
    assert folder.skills() == ()  # not a second later
    ticks.later()
    first = folder.skills()
    assert [skill.name for skill in first] == ["receiver"]
    ticks.later()
    assert folder.skills() is first
    write(tmp_path / "b.toml", GOOD + "# nothing that matters\n")
    ticks.later()
    assert folder.skills() is first
    write(tmp_path / "a.toml", GOOD.replace('"receiver"', '"another"'))
    ticks.later()
    assert [skill.name for skill in folder.skills()] == ["another", "receiver"]
    assert folder.skills()[1] is first[0]
    (tmp_path / "b.toml").unlink()
    ticks.later()
    assert [skill.name for skill in folder.skills()] == ["another"]


def test_a_broken_file_keeps_its_last_good_version(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Its mistakes are listed, the log has its name and line and nothing of its words, and the others go on."""
    ticks = Ticks()
    folder = SkillFolder(tmp_path, now_ms=ticks)
    write(tmp_path / "a.toml", GOOD)
    write(tmp_path / "b.toml", GOOD.replace('"receiver"', '"other"'))
    write(tmp_path / "c.toml", "[skill\n")
    before = folder.skills()
    assert [skill.name for skill in before] == ["receiver", "other"]
    ticks.later()
    with caplog.at_level(logging.WARNING):
        write(tmp_path / "a.toml", GOOD.replace("show {message}", "show {mesage}"))
        assert folder.skills() is before
    assert [(Path(each.file).name, each.line) for each in folder.problems()] == [("a.toml", 35), ("c.toml", 1)]
    assert "a.toml, line 35" in caplog.text
    assert "mesage" not in caplog.text
    ticks.later()
    write(tmp_path / "a.toml", GOOD)
    assert folder.skills() is before
    assert [Path(each.file).name for each in folder.problems()] == ["c.toml"]


def test_files_may_be_named_one_by_one(tmp_path: Path) -> None:
    """Beside the folder or without one; a file that is named twice, or is not there, takes no other down."""
    ticks = Ticks()
    more = tmp_path / "more"
    more.mkdir()
    write(more / "x.toml", GOOD)
    write(tmp_path / "y.toml", GOOD.replace('"receiver"', '"other"'))
    folder = SkillFolder(None, [more, tmp_path / "y.toml", more / "x.toml", tmp_path / "gone.toml"], ticks)
    assert [skill.name for skill in folder.skills()] == ["receiver", "other"]
    assert [Path(each.file).name for each in folder.problems()] == ["gone.toml"]
    assert SkillFolder(tmp_path / "nowhere", now_ms=ticks).problems() == ()


def test_of_two_skills_of_one_name_the_first_counts(tmp_path: Path) -> None:
    """The second is a problem, not a surprise."""
    write(tmp_path / "a.toml", GOOD)
    write(tmp_path / "b.toml", GOOD)
    folder = SkillFolder(tmp_path, now_ms=Ticks())
    assert [Path(skill.file).name for skill in folder.skills()] == ["a.toml"]
    assert [Path(each.file).name for each in folder.problems()] == ["b.toml"]
