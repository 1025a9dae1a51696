"""The training runs behind a row: the phases of the thesis (sec. 6.5.2), or one run of a recipe."""

from dataclasses import dataclass

from pspm.reproduce.printed_tables import Row
from pspm.training.recipes import RECIPES

CLOSED_FORM = "closed form"
# The thesis's 40,000 and 100,000 steps of the two phases.
PHASE_1, PHASE_2 = 2 / 7, 5 / 7


@dataclass(frozen=True)
class Run:
    """A training run. share: of the budget's steps; 0 takes the weights as they are.

    start_from: names of the runs whose weights it takes, in this order.
    """

    network: str
    recipe: str
    share: float = 1
    start_from: tuple[str, ...] = ()


RUNS = {
    "deeplab": Run("deeplab", "deeplab"),
    "pspnet": Run("pspnet", "deeplab"),
    "indexnet": Run("indexnet", "trimap"),
    "a2": Run("a2", "trimap", 0, ("indexnet",)),
    "a2+": Run("a2+", "trimap", 1, ("a2",)),
    "b": Run("b", "cascade", 0, ("deeplab", "indexnet")),
    "b1": Run("b1", "cascade", 1, ("deeplab", "indexnet")),
    "b2": Run("b2", "cascade", 1, ("deeplab", "indexnet")),
    "psp-b": Run("psp-b", "cascade", 0, ("pspnet", "indexnet")),
    "psp-b1": Run("psp-b1", "cascade", 1, ("pspnet", "indexnet")),
    # The trimap of the pooled encoder: weights of a strided one lose their meaning in it (docs/training.md).
    "b5-trimap": Run("b5", "deeplab"),
    "psp-b5-trimap": Run("psp-b5", "deeplab"),
}
for _name, _recipe in (("b5-", "phase2-no-affinity"), ("b5--", "phase2-no-gradient")):
    RUNS[_name] = Run("b5", _recipe, PHASE_2, ("b5-phase1",))
for _name, _trimap in (("b3", "b5"), ("b4", "b5"), ("b5", "b5"), ("b5-fm", "b5"), ("psp-b5", "psp-b5")):
    RUNS[f"{_name}-phase1"] = Run(_name, "phase1", PHASE_1, (f"{_trimap}-trimap", "indexnet"))
    RUNS[_name] = Run(_name, "phase2", PHASE_2, (f"{_name}-phase1",))

# Networks that learn the trimap and the alpha in one run of another recipe, if the user names one.
END_TO_END = ("b1", "b2", "psp-b1", "b3", "b4", "b5", "b5-fm", "psp-b5")


def run_of(row: Row, recipe: str | None = None) -> tuple[str, Run]:
    """The name of the run behind a row, and the run. recipe: for all networks of `END_TO_END`, instead of phases."""
    if recipe and row.run in END_TO_END:
        return f"{row.run}-{recipe}", Run(row.run, recipe)
    if row.run in RUNS:
        return row.run, RUNS[row.run]
    return f"{row.run}-{row.recipe}", Run(row.run, row.recipe)


def runs_before(name: str, run: Run) -> list[tuple[str, Run]]:
    """The runs that a run needs and the run itself, each after those that it starts from."""
    needed = [each for source in run.start_from for each in runs_before(source, RUNS[source])]
    return list(dict.fromkeys([*needed, (name, run)]))


def check_recipe(name: str) -> None:
    """Raise ValueError if there is no recipe of this name."""
    if name not in RECIPES:
        raise ValueError(f"there is no recipe named {name!r}; choose one of {', '.join(RECIPES)}")
