"""`pspm task`. It imports torch only when it runs."""

import argparse
import json
import os
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pspm_runtime.errors import OutputError, PspmError
from pspm_runtime.extras import needs_extra
from pspm_runtime.files.save import write

from pspm.command_errors import command_errors

if TYPE_CHECKING:
    from pspm.tasks.task import Pictures, Task

SHORT = "short"
TASKS = ("denoise", "segment", "depth", "detect")


def add_task(subcommands: Any) -> None:
    """Add `pspm task`: train and measure networks of other tasks with the operators."""
    parser = subcommands.add_parser(
        "task",
        help="train and measure networks of other tasks with the operators",
        description="Train a network of denoising, segmentation, depth estimation or detection, once for each operator "
        "and seed, all on one budget, and print the metrics of the papers (docs/tasks.md). The same command continues "
        "an experiment that was stopped.",
    )
    parser.add_argument("task", choices=TASKS, help="the task")
    parser.add_argument(
        "--data",
        type=Path,
        help="folder in a published layout, or in that of a stand-in (docs/tasks.md); depth renders rooms without it",
    )
    parser.add_argument("-o", "--out", type=Path, help="folder for runs and results, of one budget; needed to train")
    parser.add_argument("--network", help="name of the network (default: the first in docs/tasks.md)")
    parser.add_argument(
        "--operators",
        metavar="NAME,NAME",
        help="names as in docs/operators.md, the first to compare with; none for a network of another library as it "
        "is (default: those of the papers' tables)",
    )
    parser.add_argument("--recipe", help="name of the recipe (default: short, or that of the checkpoint)")
    parser.add_argument(
        "--imagenet",
        type=Path,
        metavar="FILE",
        help="ImageNet weights to start the encoder from, a .pth file (docs/tasks.md); without it, it starts at random",
    )
    parser.add_argument("--steps", type=int, help="training steps of each run (default: the recipe's)")
    parser.add_argument("--batch", type=int, help="pictures for each step (default: the recipe's)")
    parser.add_argument("--seeds", type=int, default=2, help="runs of each operator (default 2)")
    parser.add_argument("--width", type=int, help="channels of the first layer of DnCNN and SegNet (default 64)")
    parser.add_argument("--sigma", type=int, default=25, help="noise for denoise, of 255 levels (default 25)")
    parser.add_argument("--limit", type=int, metavar="N", help="measure on the first N pictures of a test set only")
    parser.add_argument("--evaluate", type=Path, metavar="CKPT", help="train nothing: measure this checkpoint")
    parser.add_argument("--plot", type=Path, metavar="SVG", help="write a plot of the first metric")
    parser.add_argument(
        "--features",
        type=Path,
        metavar="PNG",
        help="write a picture of what each operator gives for the sample portrait; with --evaluate, before and after "
        "the last upsampling",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--accelerator", default="auto", help="auto, gpu, cpu or mps (default auto)")
    parser.add_argument("--workers", type=int, default=0, help="processes that read pictures (default 0)")
    parser.add_argument(
        "--save-every", type=int, default=100, metavar="STEPS", help="steps between checkpoints (default 100)"
    )
    parser.set_defaults(run=_task)


def _task(args: argparse.Namespace) -> int:
    with needs_extra("train"):
        from pspm.tasks.by_name import task_named

    _check(args)
    with needs_extra("operators"):
        task = task_named(args.task)
    with command_errors(args.out):
        return _evaluate(task, args) if args.evaluate else _experiment(task, args)


def _experiment(task: "Task", args: argparse.Namespace) -> int:
    from pspm.tasks.by_name import encoder_weights, placed, recipe_named
    from pspm.tasks.checkpoint import WEIGHTS
    from pspm.tasks.feature_sheet import feature_sheet
    from pspm.tasks.runs.experiment import Experiment
    from pspm.tasks.runs.run import Machine
    from pspm.tasks.table import as_json, as_svg, as_text
    from pspm.tasks.task import NONE, Made, Options

    if args.out is None:
        raise PspmError("--out is missing: a folder for runs and results; with --evaluate CKPT nothing is trained")
    name = args.recipe or SHORT
    recipe = recipe_named(task, name).shortened(args.steps, args.batch)
    network = args.network or task.networks[0]
    names = args.operators.split(",") if args.operators else None
    pictures = task.read(recipe, Options(args.data, args.sigma, args.limit))
    operators = placed(task, network, names, pictures.classes, args.width)
    steps = recipe.length(len(pictures.train) if pictures.train else 0)
    if args.features and operators == [NONE]:
        raise PspmError(f"{network} has no operator whose feature could be drawn; leave out --features")
    start = encoder_weights(task, Made(network, operators[0], pictures.classes, args.width), args.imagenet)
    recipe = recipe if start else recipe.from_scratch()
    facts = {
        "pictures": pictures.what,
        "limit": args.limit,
        "imagenet": sha256(args.imagenet.read_bytes()).hexdigest() if start else None,
    }
    machine = Machine(args.accelerator, args.workers, args.save_every)
    experiment = Experiment(
        task, network, operators, name, recipe, steps, args.seeds, args.width, facts, args.out, machine, start
    )
    results = experiment.run(pictures)
    if args.json:
        budget = {"network": network, "recipe": name, "steps": steps, "batch": recipe.batch, **facts}
        print(json.dumps(as_json(task, results, budget), indent=2))
    else:
        seeds = f"{args.seeds} seeds" if args.seeds > 1 else "1 seed"
        said = [
            f"{task.title}. {network}; {pictures.what}.",
            f"{steps} steps of {recipe.batch}, recipe {name}, {seeds}"
            f"{f', encoders from {args.imagenet.name}' if start else ''}.",
        ]
        print(as_text(task, results, said))
    if args.plot:
        write(as_svg(task, results).encode(), args.plot, force=True)
    if args.features:
        drawn = feature_sheet(
            task, results, lambda result: experiment.folder(result["operator"], result["seed"]) / WEIGHTS
        )
        write(drawn, args.features, force=True)
    return 0


def _evaluate(task: "Task", args: argparse.Namespace) -> int:
    from pspm_runtime.tables import markdown_table

    from pspm.tasks.by_name import recipe_named
    from pspm.tasks.checkpoint import read_trained
    from pspm.tasks.feature_sheet import checkpoint_sheet
    from pspm.tasks.runs.experiment import count_parameters, measure
    from pspm.tasks.runs.run import Machine
    from pspm.tasks.table import title
    from pspm.tasks.task import NONE, Options

    trained = read_trained(args.evaluate)
    if trained.task != task.name:
        raise PspmError(f"{args.evaluate} was trained to {trained.task}; evaluate it with `pspm task {trained.task}`")
    recipe = recipe_named(task, args.recipe or trained.recipe or SHORT)
    pictures: Pictures = task.read(recipe, Options(args.data, args.sigma, args.limit))
    if pictures.classes != trained.made.classes:
        raise PspmError(
            f"{args.evaluate} predicts {trained.made.classes} classes, but {args.data} has {pictures.classes}; "
            "choose the data set it was trained on"
        )
    if args.features and trained.made.operator == NONE:
        raise PspmError(f"{args.evaluate} has no operator whose feature could be drawn; leave out --features")
    network = trained.network(task, args.evaluate)
    drawn = checkpoint_sheet(task, network, trained.made.operator) if args.features else None
    found = measure(task, network, pictures, Machine(args.accelerator).device)
    if drawn:
        write(drawn, args.features, force=True)
    if args.json:
        print(json.dumps({"task": task.name, **trained.made._asdict(), "tests": found}, indent=2))
        return 0
    rows = [["network", "operator", "parameters"], [trained.made.network, f"`{trained.made.operator}`", ""]]
    rows[1][2] = f"{count_parameters(network):,}"
    for test, values in found.items():
        for metric in task.metrics:
            rows[0].append(title(metric, test if len(found) > 1 else ""))
            rows[1].append(f"{values[metric.name]:.{metric.digits}f}" if metric.name in values else "-")
    print(f"{task.title}; {pictures.what}.\n\n{markdown_table(rows)}")
    return 0


def _check(args: argparse.Namespace) -> None:
    """Check the options before pictures are read."""
    for option in ("steps", "batch", "seeds", "width", "limit", "sigma", "save_every"):
        value = getattr(args, option)
        if value is not None and value < 1:
            raise PspmError(f"--{option.replace('_', '-')} must be at least 1, not {value}")
    if args.workers < 0:
        raise PspmError(f"--workers must be at least 0, not {args.workers}")
    if args.sigma > 255:
        raise PspmError(f"--sigma must be at most 255, not {args.sigma}")
    if args.imagenet and args.evaluate:
        raise PspmError("--imagenet is for training; leave it out with --evaluate")
    if args.plot and args.plot.suffix.lower() != ".svg":
        raise OutputError(f"{args.plot}: the plot must be an .svg file")
    if args.features and args.features.suffix.lower() != ".png":
        raise OutputError(f"{args.features}: the picture of features must be a .png file")
    if args.out is not None and args.out.exists() and not args.out.is_dir():
        raise OutputError(f"{os.fspath(args.out)} is a file; name a folder for runs and results")
