"""The printed tables: what they name exists, and their figures are numbers."""

import pytest
from pspm_runtime.command.cli import main

from pspm.networks import NETWORKS, OPERATED
from pspm.operators import OPERATORS
from pspm.reproduce.printed_tables import Row, Table, table, tables
from pspm.reproduce.report import FACTS, Measured, as_rows, measured_rows, number, orders, with_spread
from pspm.reproduce.schedule import CLOSED_FORM, RUNS, run_of, runs_before
from pspm.training.recipes import RECIPES

ROWS = [(each.name, row) for each in tables().values() for row in each.rows]


def exists(network: str) -> bool:
    name, plus, operator = network.partition("+")
    return network in NETWORKS or (plus == "+" and name in OPERATED and operator in OPERATORS)


@pytest.mark.parametrize(("name", "row"), ROWS, ids=lambda value: value.name if isinstance(value, Row) else value)
def test_every_row_names_what_exists_and_has_a_figure_for_each_column(name: str, row: Row) -> None:
    columns = tables()[name].columns
    assert len(row.printed) == len(columns)
    assert any(row.printed)
    assert all(number(figure) > 0 or figure == "+0" for figure in row.printed if figure)
    assert sum(map(bool, (row.run, row.network, row.operator, row.missing))) == 1
    assert not row.network or exists(row.network)
    if row.operator:
        assert row.operator in OPERATORS
    if row.run and row.run != CLOSED_FORM:
        for _, run in runs_before(*run_of(row)):
            assert exists(run.network)
            assert run.recipe in RECIPES


def test_tables_that_repeat_a_row_print_the_same_figures() -> None:
    def b5(name: str) -> tuple[str, ...]:
        return next(row for row in table(name).rows if row.name == "B5").printed[:8]

    def b1(name: str) -> tuple[str, ...]:
        return next(row for row in table(name).rows if row.name == "B1").printed[:8]

    assert b5("6.4") == b5("6.6")
    assert b1("6.3") == b1("6.4")
    m2o = next(row for row in table("3.4").rows if row.run == "indexnet").printed
    assert m2o == ("+4.40M", "6.30", "45.8", "0.013", "25.9", "43.7")


def test_phases_have_the_thesis_order() -> None:
    row = next(row for row in table("6.4").rows if row.name == "B5+FM")
    names = [name for name, _ in runs_before(*run_of(row))]
    assert names == ["b5-trimap", "indexnet", "b5-fm-phase1", "b5-fm"]
    assert sum(RUNS[name].share for name in names if name.startswith("b5-fm")) == 1
    assert [name for name, _ in runs_before(*run_of(row, "own"))] == ["b5-fm-own"]
    cascade = next(row for row in table("6.7").rows if row.name == "B")
    assert [(name, run.share) for name, run in runs_before(*run_of(cascade, "own"))] == [
        ("pspnet", 1),
        ("indexnet", 1),
        ("psp-b", 0),
    ]


def small_table() -> Table:
    rows = (
        Row("X", ("5.0", "2.00M", "40"), run="b1"),
        Row("Y", ("4.0", "1.00M", "80"), run="b5"),
        Row("Z", ("3.0", "", ""), missing="no data"),
    )
    return Table("0.0", "Small", "nowhere", ("SAD", "Param", "FPS"), rows, "portraits")


def result(sad: float, milliseconds: float) -> dict[str, object]:
    return {
        "parameters": 1_234_567,
        "gflops_at_224": 2.0,
        "cpu_ms_at_512": milliseconds,
        "means": {"SAD": sad, "mIoU": None},
    }


def test_a_table_is_printed_beside_the_measured_values() -> None:
    rows = measured_rows(small_table(), {"X": [result(8, 100), result(10, 50)]})
    assert as_rows(small_table(), rows) == [
        ["row", "", "SAD", "Param", "FPS"],
        ["X", "printed", "5.0", "2.00M", "40"],
        ["", "here", "9 ± 1.4", "1.23M", "15 ± 7.1"],
        ["Y", "printed", "4.0", "1.00M", "80"],
        ["", "here", "not run yet", "", ""],
        ["Z", "printed", "3.0", "", ""],
        ["", "here", "not here: no data", "", ""],
    ]
    assert orders(small_table(), rows) == []


@pytest.mark.parametrize(
    ("x", "answer"),
    [
        (9, "SAD: printed Y < X; here Y < X: the same order"),
        (7, "SAD: printed Y < X; here X < Y: another order"),
        (8, "SAD: printed Y < X; here X = Y: equal rows, so neither the same order nor another"),
        (8.00001, "SAD: printed Y < X; here X = Y: equal rows, so neither the same order nor another"),
    ],
)
def test_the_order_of_the_rows_is_compared(x: float, answer: str) -> None:
    rows = measured_rows(small_table(), {"X": [result(x, 1)], "Y": [result(8, 1)]})
    assert orders(small_table(), rows) == [answer]


def test_more_is_better_for_the_trimaps_miou() -> None:
    trimaps = Table("0.1", "Trimaps", "nowhere", ("mIoU",), (Row("P", ("88.3",), "b3"), Row("Q", ("88.6",), "b5")))
    found = {name: [{"parameters": 1, "means": {"mIoU": value}}] for name, value in (("P", 0.5), ("Q", 0.6))}
    rows = measured_rows(trimaps, found)
    assert rows[1] == Measured(trimaps.rows[1], 1, {"mIoU": [60.0]})
    assert orders(trimaps, rows) == ["mIoU: printed Q > P; here Q > P: the same order"]
    assert FACTS["FPS"]({"means": {}}) is None
    assert with_spread("SAD", []) == ""


def test_table_1_of_the_sapa_paper_is_counted_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reproduce", "sapa-1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "| CARAFE | printed | 99K |" in lines
    assert "|  | here | 99,584 |" in lines


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (["7.1"], "there is no table named '7.1' here; choose one of 6.2"),
        (["6.4"], "table 6.4 needs --data and -o; its rows are trained and kept there"),
        (["6.4", "--data", "d", "-o", "o", "--rows", "B9"], "table 6.4 has no row 'B9'; its rows are LFM, B1"),
        (["6.4", "--steps", "0"], "--steps must be at least 1, not 0"),
        (["6.4", "--crop", "100"], "--crop must be a multiple of 32, not 100"),
        (["6.4", "--limit", "0"], "--limit must be at least 1, not 0"),
        (["6.4", "--workers", "-1"], "--workers must be at least 0, not -1"),
        (["6.4", "--threads", "0"], "--threads must be at least 1, not 0"),
        (["6.4", "--html", "a.txt"], "a.txt: the page must be an .html file"),
        (["6.4", "--data", "d", "-o", "o", "--recipe", "magic"], "there is no recipe named 'magic'; choose one of"),
    ],
)
def test_mistakes_are_named(options: list[str], answer: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reproduce", *options]) == 1
    assert answer in capsys.readouterr().err
