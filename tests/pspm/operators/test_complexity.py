"""Counted multiply-adds and parameters against the formulas of Table 1 of the SAPA paper."""

import pytest
import torch
from pspm_runtime.command.cli import main

from pspm.operators import A2U, OPERATORS, SAPA, Depthwise, IndexNet, operators
from pspm.operators.complexity import complexity


@pytest.mark.parametrize("c", [16, 64])
def test_multiply_adds_are_those_of_the_sapa_paper(c: int) -> None:
    k, d = 5, 64
    carafe = complexity(operators("carafe")(c), c)
    assert carafe.madds == c * d + 36 * k**2 * d + 4 * k**2 * c
    assert carafe.parameters == c * d + 36 * k**2 * d + d + 4 * k**2  # the table does not count the biases
    assert complexity(operators("indexnet-hin")(c), c).madds == 32 * c**2 + 12 * c
    d = 32
    inner, bilinear, gated = (complexity(operators(f"sapa-{kind}")(c), c) for kind in "ibg")
    assert inner == (0, 8 * k**2 * c)
    assert bilinear == (2 * c * d, 5 * c * d + 4 * k**2 * d + 4 * k**2 * c)
    # The table's total has 5 d, but its line for the gate has 8 d: four pixels with 2 d each.
    assert gated == (2 * c * d + c, bilinear.madds + c + 8 * d)


def test_errata_of_the_sapa_paper() -> None:
    c, k = 64, 3
    m2o = complexity(operators("indexnet-m2o")(c), c)
    assert m2o.madds == 136 * c**2 + 4 * c  # not 68: the hidden layer of the thesis has 2 C channels ...
    halved = Depthwise(c, 1)
    for column in halved.columns:
        column[0], column[1] = torch.nn.Conv2d(c, c, 4, 2, 1, bias=False), torch.nn.BatchNorm2d(c)
        column[3] = torch.nn.Conv2d(c, c, 1, bias=False)
    assert complexity(IndexNet(halved), c).madds == 68 * c**2 + 4 * c  # ... and with C it is
    # 73 C is the affinity of encodings of 6 x 6; the thesis's are of 5 x 5.
    six, five = (complexity(A2U(c, "dynamic", shared=True, kernel=k, encoding=size), c) for size in (6, 5))
    over_the_grid = {6: 2 * 36 * c / 64, 5: 2 * 25 * c / 64}  # U and V are made once for a feature, here of 8 x 8 cells
    projected = 36 * c / 64
    assert six.madds - over_the_grid[6] - projected == 73 * c + 4 * k**2 + 4 * k**2 * c
    assert five.madds - over_the_grid[5] - projected == 51 * c + 4 * k**2 + 4 * k**2 * c
    assert five.parameters == 4 * k**2 * c + 2 * c


def test_the_papers_example_of_256_channels() -> None:
    """99K, 2M, 28K and 70K multiply-adds for each position."""
    counted = {
        name: complexity(operators(name)(256), 256).madds
        for name in ("carafe", "indexnet-hin", "a2u-static-cw", "sapa-b")
    }
    assert counted["carafe"] == 99_584
    assert counted["indexnet-hin"] == 2_100_224
    assert counted["a2u-static-cw"] == 51 * 256 + 36 + 36 * 256
    assert counted["sapa-b"] == 69_760


def test_blind_interpolation_costs_nothing_and_counting_leaves_no_trace() -> None:
    operator = operators("bilinear")(8).train()
    assert complexity(operator, 8) == (0, 0)
    assert operator.training


def test_the_command_names_every_operator(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["operators", "--channels", "16"]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = {line.split("|")[1].strip(" `"): line.split("|")[2:4] for line in lines[2:]}
    assert list(rows) == list(OPERATORS)
    found = complexity(SAPA(16, "bilinear"), 16)
    assert [int(cell.replace(",", "")) for cell in rows["sapa-b"]] == [found.parameters, round(found.madds)]


def test_a_level_without_channels_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["operators", "--channels", "0"]) == 1
    assert "--channels must be at least 1, not 0" in capsys.readouterr().err


def test_sapa_has_the_embedding_sizes_of_its_table_6() -> None:
    """Two projections of C channels to d (Table 1 of the paper)."""
    for name, d in (("sapa-b-d16", 16), ("sapa-b", 32), ("sapa-b-d64", 64), ("sapa-b-d128", 128)):
        operator = operators(name)(96)
        assert sum(p.numel() for p in operator.parameters()) == 2 * 96 * d
        assert operator.guide(torch.rand(1, 96, 8, 8)).shape == (1, d, 8, 8)
