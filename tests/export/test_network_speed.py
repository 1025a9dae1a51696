"""The table of the networks' speed sets our times beside the thesis's."""

import sys

import pytest
from pspm_export.reports.network_speed import main, printed, speed_table


def test_the_frames_per_second_are_those_of_table_6_4() -> None:
    assert printed() == {"b1": 21.47, "b3": 42.80, "b4": 41.98, "b5": 44.57, "b5-fm": 33.94}


def test_times_stand_as_multiples_of_the_first_network() -> None:
    rows = speed_table({"b1": 500.0, "b5": 250.0, "mobile": 25.0}).splitlines()[2:]

    assert [[cell.strip() for cell in row.strip("|").split("|")] for row in rows] == [
        ["`b1`", "2.0", "1.00", "21.5", "1.00"],
        ["`b5`", "4.0", "0.50", "44.6", "0.48"],
        ["`mobile`", "40.0", "0.05", "", ""],
    ]


def test_an_unknown_network_gets_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["network_speed", "b6"])

    with pytest.raises(SystemExit):
        main()

    assert "there is no network named 'b6'; the networks are " in capsys.readouterr().err
