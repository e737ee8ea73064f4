"""What a desk file says of changes: models and freezes are read, and what is broken is told with its key and line."""

from __future__ import annotations

import pytest

from deskterm.desk.deskfile.check import DeskFileError, load_sample, read_desk
from deskterm.desk.records.change import Section

SOURCE, DESK = load_sample("managed-network")


def problems(before: str, after: str) -> list[str]:
    """What is wrong with the sample once something in it is written otherwise, as file, line, key and message."""
    assert before in SOURCE
    with pytest.raises(DeskFileError) as found:
        read_desk(SOURCE.replace(before, after, 1), "desk.toml")
    line = SOURCE[: SOURCE.index(before)].count("\n") + 1
    told = [str(problem) for problem in found.value.problems]
    assert all(abs(problem.line - line) <= (20 if after == "" else 6) for problem in found.value.problems)
    return [text.split(": ", 1)[1] for text in told]


def test_a_sample_has_models_freezes_and_habits() -> None:
    assert [model.key for model in DESK.change_model] == ["switch-port", "access-point"]
    assert all(getattr(model, section.value) for model in DESK.change_model for section in Section)
    assert DESK.change_model_named(" Switch-Port ") is DESK.change_model[0]
    assert DESK.change_model_named("switch") is None
    assert [freeze.name for freeze in DESK.freeze] == ["year-end"]
    assert DESK.change.form_hours == 24
    assert DESK.change.introduction


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("last_day = 2027-01-04", "last_day = 2026-12-01",
         'freeze[1].last_day: It ends before it begins; write a day from 2026-12-18 on.'),
        ("first_day = 2026-12-18", 'first_day = "soon"',
         'freeze[1].first_day: "soon" does not fit; it must be a date, such as 2026-12-24.'),
        ('name = "year-end"', 'name = "Year end"',
         'freeze[1].name: "Year end" does not fit; write small letters, digits and dashes, such as "net-2".'),
        ("form_hours = 24", "form_hours = 0", "change.form_hours: 0 does not fit; it must be at least 1."),
        ("form_hours = 24", "form_hour = 24",
         'change.form_hour: There is no key "form_hour"; did you mean "form_hours"?'),
        ('key = "access-point"', 'key = "switch-port"',
         'change_model[2].key: "switch-port" is taken already by change_model 1; choose another.'),
        ('rollback = [{ text = "Load the configuration saved in step 1." }]\n', "",
         "change_model[1].rollback: It is missing; add rollback = …"),
        ('rollback = [{ text = "Load the configuration saved in step 1." }]', "rollback = []",
         "change_model[1].rollback: a list does not fit; it must not be empty."),
        ('{ text = "Load the configuration saved in step 1." }', '{ txt = "Load it." }',
         'change_model[1].rollback[1].txt: There is no key "txt"; did you mean "text"?'),
        ("minutes = 30", "minutes = 1", "change_model[1].minutes: 1 does not fit; it must be at least 5."),
    ],
)  # fmt: skip
def test_what_is_broken_is_told_with_its_key_and_line(before: str, after: str, said: str) -> None:
    assert said in problems(before, after)
