"""Parameters and GFLOPs of the tasks' networks: against thesis tables 3.6, 3.7 and 3.9 and SAPA's table 4."""

import re
from functools import cache
from pathlib import Path

import pytest
import torch

from pspm.counting import GIGA, Count, count
from pspm.tasks.networks import TASK_NETWORKS, build

BASELINES = {"dncnn-segnet": "max-unpool", "segnet": "max-unpool", "fastdepth": "nearest", "bts-r50": "nearest"}

# Network, operator, parameters or how many more than the baseline has (+), GFLOPs; as printed.
TABLE_3_6 = """
dncnn                 -                             0.56M    25.89
dncnn-segnet          max-unpool                    7.09M    18.14
dncnn-segnet          carafe                        7.29M    19.11
dncnn-segnet          average-carafe                7.29M    19.11
dncnn-segnet-strides  carafe                        7.29M    15.23
dncnn-segnet          indexnet-hin-linear           +7.17K   18.16
dncnn-segnet          indexnet-hin-nonlinear        +0.69M   19.30
dncnn-segnet          indexnet-hin                  +2.76M   22.75
dncnn-segnet          indexnet-modelwise-linear     +16      18.14
dncnn-segnet          indexnet-modelwise-nonlinear  +26      18.14
dncnn-segnet          indexnet-modelwise            +152     18.14
dncnn-segnet          indexnet-shared-linear        +48      18.14
dncnn-segnet          indexnet-shared-nonlinear     +168     18.14
dncnn-segnet          indexnet-shared               +456     18.14
dncnn-segnet          indexnet-unshared-linear      +7.17K   18.16
dncnn-segnet          indexnet-unshared-nonlinear   +25.1K   18.19
dncnn-segnet          indexnet-unshared             +68.1K   18.32
dncnn-segnet          indexnet-m2o-linear           +1.38M   20.44
dncnn-segnet          indexnet-m2o-nonlinear        +3.45M   23.88
dncnn-segnet          indexnet-m2o                  +11.7M   37.67
"""
TABLE_3_7 = """
segnet  max-unpool                    24.96M   24.76
segnet  carafe                        25.35M   25.75
segnet  indexnet-hin-linear           +23.55K  24.79
segnet  indexnet-hin-nonlinear        +4.90M   26.40
segnet  indexnet-hin                  +19.55M  31.28
segnet  indexnet-modelwise-linear     +16      24.76
segnet  indexnet-modelwise-nonlinear  +56      24.76
segnet  indexnet-modelwise            +152     24.77
segnet  indexnet-shared-linear        +80      24.76
segnet  indexnet-shared-nonlinear     +280     24.76
segnet  indexnet-shared               +760     24.77
segnet  indexnet-unshared-linear      +0.02M   24.79
segnet  indexnet-unshared-nonlinear   +0.08M   24.82
segnet  indexnet-unshared             +0.22M   24.96
segnet  indexnet-m2o-linear           +9.76M   28.02
segnet  indexnet-m2o-nonlinear        +24.44M  32.90
segnet  indexnet-m2o                  +83.02M  52.42
"""
TABLE_3_9 = """
fastdepth    nearest                       -         0.69
fastdepth-p  nearest                       -         1.01
fastdepth    carafe                        4.31M     1.63
fastdepth-p  carafe                        -         1.96
fastdepth    indexnet-hin-linear           +31.23K   1.03
fastdepth    indexnet-hin-nonlinear        +11.17M   2.65
fastdepth    indexnet-hin                  +44.62M   7.53
fastdepth    indexnet-modelwise-linear     +16       1.02
fastdepth    indexnet-modelwise-nonlinear  +56       1.02
fastdepth    indexnet-modelwise            +152      1.02
fastdepth    indexnet-shared-linear        +80       1.02
fastdepth    indexnet-shared-nonlinear     +280      1.02
fastdepth    indexnet-shared               +760      1.02
fastdepth    indexnet-unshared-linear      +31.23K   1.03
fastdepth    indexnet-unshared-nonlinear   +0.11M    1.06
fastdepth    indexnet-unshared             +0.30M    1.16
fastdepth    indexnet-m2o-linear           +22.30M   4.27
fastdepth    indexnet-m2o-nonlinear        +55.78M   9.15
fastdepth    indexnet-m2o                  +189.57M  28.67
"""
# Table 4 of the SAPA paper, which prints no GFLOPs.
SAPA_TABLE_4 = """
bts-r50  nearest         49.53M   -
bts-r50  carafe          +0.41M   -
bts-r50  indexnet-hin    +44.20M  -
bts-r50  a2u-dynamic-cs  +0.08M   -
bts-r50  sapa-b          +0.16M   -
bts-r50  sapa-g          +0.25M   -
"""
# Ours, where they differ (docs/tasks.md says why): parameters, GFLOPs.
DIFFER = {
    ("dncnn-segnet", "indexnet-modelwise-nonlinear"): ("+56", "18.14"),
    ("fastdepth", "indexnet-modelwise-linear"): ("+16", "1.35"),
    ("fastdepth", "indexnet-modelwise-nonlinear"): ("+56", "1.35"),
    ("fastdepth", "indexnet-modelwise"): ("+152", "1.35"),
    ("fastdepth", "indexnet-shared-linear"): ("+80", "1.35"),
    ("fastdepth", "indexnet-shared-nonlinear"): ("+280", "1.35"),
    ("fastdepth", "indexnet-shared"): ("+760", "1.35"),
    ("fastdepth", "indexnet-unshared-linear"): ("+31.23K", "1.37"),
    ("fastdepth", "indexnet-unshared-nonlinear"): ("+0.11M", "1.40"),
    ("fastdepth", "indexnet-unshared"): ("+0.30M", "1.50"),
    ("fastdepth", "indexnet-m2o-linear"): ("+22.30M", "4.61"),
    ("fastdepth", "indexnet-m2o-nonlinear"): ("+55.78M", "9.49"),
    ("fastdepth", "indexnet-m2o"): ("+189.57M", "29.01"),
    ("bts-r50", "nearest"): ("47.48M", "-"),
    ("bts-r50", "indexnet-hin"): ("+44.19M", "-"),
    ("bts-r50", "a2u-dynamic-cs"): ("+0.07M", "-"),
    ("bts-r50", "sapa-b"): ("+0.15M", "-"),
    ("bts-r50", "sapa-g"): ("+0.15M", "-"),
}

TABLES = (TABLE_3_6, TABLE_3_7, TABLE_3_9, SAPA_TABLE_4)
ROWS = [tuple(line.split()) for table in TABLES for line in table.strip().splitlines()]


@cache
def counted(network: str, operator: str) -> Count:
    with torch.device("meta"):
        made = build(network, None if operator == "-" else operator)
    return count(made, channels=TASK_NETWORKS[network].channels)


def as_printed(value: float, printed: str) -> str:
    """The value with as many digits and in the unit of the printed one; "-" where there is none."""
    match = re.fullmatch(r"(\+?)[\d]+(?:\.(\d+))?([KM]?)", printed)
    if not match:
        return "-"
    sign, decimals, unit = match.groups()
    scaled = value / {"": 1, "K": 1e3, "M": 1e6}[unit]
    return f"{sign}{scaled:.{len(decimals or '')}f}{unit}"


def ours(network: str, operator: str, parameters: str, gflops: str) -> tuple[str, str]:
    """Our counts in the form of the printed ones."""
    found = counted(network, operator)
    more = found.parameters
    if parameters.startswith("+"):
        more -= counted(network, BASELINES[network]).parameters
    return as_printed(more, parameters), as_printed(found.gflops, gflops)


@pytest.mark.parametrize(("network", "operator", "parameters", "gflops"), ROWS)
def test_counts_are_the_printed_ones_or_known_to_differ(network, operator, parameters, gflops):
    expected = DIFFER.get((network, operator), (parameters, gflops))
    assert ours(network, operator, parameters, gflops) == expected


def test_only_rows_that_differ_are_said_to():
    printed = {(network, operator): (parameters, gflops) for network, operator, parameters, gflops in ROWS}
    assert [row for row, values in DIFFER.items() if printed[row] == values] == []


def test_bts_has_the_printed_parameters_but_for_the_classifier():
    """ResNet-50's classifier of ImageNet has 2048 inputs and 1000 classes; no depth passes through it."""
    assert round((counted("bts-r50", "nearest").parameters + 2048 * 1000 + 1000) / 1e6, 2) == 49.53


def test_what_the_sapa_paper_counts_beyond_ours_in_bts():
    """Affine layer norms give its SAPA-B; a second embedding of the decoder, too, its SAPA-G; biases its IndexNet."""
    encoder, decoder = 64 + 256 + 512 + 1024, 128 + 128 + 512 + 2048
    nearest = counted("bts-r50", "nearest").parameters
    more = {name: counted("bts-r50", name).parameters - nearest for name in ("sapa-b", "sapa-g", "indexnet-hin")}
    norms, embedding = 2 * (encoder + decoder), 32 * decoder
    assert as_printed(more["sapa-b"] + norms, "+0.16M") == "+0.16M"
    assert as_printed(more["sapa-g"] + norms + embedding, "+0.25M") == "+0.25M"
    assert as_printed(more["indexnet-hin"] + 2 * encoder + 4 * 4, "+44.20M") == "+44.20M"


def test_hu_is_counted_too():
    """The thesis prints no counts of it; these are ours."""
    assert as_printed(counted("hu-r50", "bilinear").parameters, "0.00M") == "67.57M"
    assert as_printed(counted("hu-r50", "indexnet-hin").gflops, "0.00") == "76.55"


@pytest.mark.parametrize(
    ("operator", "printed"),
    [(row[1], float(row[3])) for row in ROWS if row[0] == "fastdepth" and ("fastdepth", row[1]) in DIFFER],
)
def test_table_3_9_prints_fastdepth_p_and_the_index_network(operator, printed):
    """Ours is max-unpool's FastDepth, which upsamples in front of the convolutions, too, and the index network."""
    index_network = counted("fastdepth", operator).macs - counted("fastdepth", "max-unpool").macs
    assert (counted("fastdepth-p", "nearest").macs + index_network) / GIGA == pytest.approx(printed, abs=0.01)


PAGE = Path(__file__).resolve().parents[3] / "docs/tasks.md"
# | `name` or `name+operator` | task | what | parameters | multiply-adds | GFLOPs |
ROW = re.compile(r"\| `([\w+-]+)` \| (\w+) \| [^|]+ \| ([\d,]+) \| ([\d,]+) \| ([\d.]+) \|")


def test_the_page_has_a_row_for_every_network_and_its_counts():
    rows = ROW.findall(PAGE.read_text())
    assert {name.partition("+")[0] for name, *_ in rows} == set(TASK_NETWORKS)
    for name, task, parameters, macs, gflops in rows:
        plain, _, operator = name.partition("+")
        own = TASK_NETWORKS[plain].operator or "-"
        found = counted(plain, operator or own)
        assert (task, parameters, macs, gflops) == (
            TASK_NETWORKS[plain].task,
            f"{found.parameters:,}",
            f"{found.macs:,}",
            f"{found.gflops:.3f}",
        )
