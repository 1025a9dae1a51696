import re
from itertools import pairwise
from xml.etree import ElementTree

from pspm_runtime.benchmark.plots import Bar, bars, distribution, scatter


def test_plots_survive_equal_values_and_strange_names() -> None:
    assert "<b>" not in distribution({"<b>": [1.0, 1.0]}, "SAD")
    assert scatter({"x" * 50: (0.0, 0.0)}, "ms", "SAD").count("<circle") == 1


def test_names_beside_near_dots_do_not_overlap() -> None:
    svg = scatter({f"n{i}": (1 + i / 1000, 5 + i / 1000) for i in range(6)}, "ms", "SAD")
    heights = sorted(float(y) for y in re.findall(r'y="([0-9.]+)" text-anchor="start">n\d<', svg))
    assert len(heights) == 6
    assert all(below - above >= 13.5 for above, below in pairwise(heights))


def test_a_standalone_plot_is_the_same_plot_with_namespace_and_font() -> None:
    points = {"a": (1.0, 2.0), "b": (3.0, 4.0)}
    in_page, in_file = scatter(points, "ms", "SAD"), scatter(points, "ms", "SAD", standalone=True)

    assert ElementTree.fromstring(in_file).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - our own text
    assert 'font-family="sans-serif"' in in_file
    assert in_file.partition(" viewBox")[2] == in_page.partition(" viewBox")[2]


def test_a_bar_without_parts_keeps_its_note() -> None:
    svg = bars([Bar("a <b>", {}, "refused"), Bar("c", {"one": 2.0}, "2 ms")], {"one": "#000"})

    assert "a &lt;b&gt;" in svg
    assert ">refused<" in svg
    assert svg.count('height="20"') == 1
