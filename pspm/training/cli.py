"""The commands `pspm train` and `pspm average`. Their heavy imports happen only when they run."""

import argparse
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from pspm_runtime.errors import OutputError, PspmError
from pspm_runtime.extras import needs_extra
from pspm_runtime.files.save import write

from pspm.command_errors import command_errors
from pspm.training.recipes import RECIPES


def add_train(subcommands: Any) -> None:
    """Add the command `pspm train`."""
    parser = subcommands.add_parser(
        "train",
        help="train or fine-tune a network",
        description="Train a network by a named recipe (pspm/training/recipes.py). To resume a run that was stopped or "
        "killed from its last checkpoint, give the same command again.",
    )
    parser.add_argument("network", help="name of the network; `pspm count` lists them")
    parser.add_argument(
        "--operator", metavar="NAME", help="upsampling operator of b3, b4, b5, b5-fm, psp-b5 or b11 (docs/operators.md)"
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with portraits/, cutouts/, backgrounds/, people/"
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder for the checkpoint, log and curves")
    parser.add_argument(
        "--recipe",
        default="own",
        help=f"one of {', '.join(RECIPES)} (default own); docs/training.md describes them",
    )
    parser.add_argument(
        "--steps",
        type=_from(0),
        help="length of the run, which the learning rate follows; 0 saves the weights that it starts from (default: "
        "the recipe's)",
    )
    parser.add_argument("--batch", type=_from(1), help="images per step, over all devices (default: the recipe's)")
    parser.add_argument(
        "--max-time", type=_seconds, metavar="H:MM:SS", help="save and stop after this time; the run can be resumed"
    )
    parser.add_argument(
        "--imagenet",
        type=Path,
        metavar="FILE",
        help="ImageNet weights to start the encoder from: a file that pspm imagenet wrote or reads",
    )
    parser.add_argument(
        "--start-from",
        action="append",
        default=[],
        metavar="CKPT|NAME",
        help="start from the weights of a checkpoint or a shipped network, or of the parts that it shares with this "
        "network; repeatable, as for the two halves of a cascade",
    )
    parser.add_argument("--seed", type=int, default=0, help="random seed (default 0)")
    parser.add_argument("--devices", type=_from(1), default=1, help="GPUs, or processes on a CPU (default 1)")
    parser.add_argument("--nodes", type=_from(1), default=1, help="machines, each started by torchrun (default 1)")
    parser.add_argument("--accelerator", default="auto", help="auto, gpu, cpu or mps (default auto)")
    parser.add_argument("--precision", default="32-true", help="32-true, bf16-mixed or 16-mixed (default 32-true)")
    parser.add_argument(
        "--channels-last",
        action="store_true",
        help="use the channels-last memory layout: faster on some processors, slower on others",
    )
    parser.add_argument(
        "--in-memory",
        action="store_true",
        help="decode all images once and keep them: for fast GPUs, if the images fit into memory",
    )
    parser.add_argument("--workers", type=_from(0), default=2, help="processes that decode images (default 2)")
    parser.add_argument(
        "--save-every", type=_from(1), default=500, metavar="STEPS", help="steps between checkpoints (default 500)"
    )
    parser.add_argument(
        "--validate-every",
        type=_from(1),
        default=2000,
        metavar="STEPS",
        help="steps between validations (default 2000)",
    )
    parser.add_argument("--fast-dev-run", action="store_true", help="train four steps on tiny crops, as a quick test")
    parser.set_defaults(run=_train)


def add_imagenet(subcommands: Any) -> None:
    """Add the command `pspm imagenet`."""
    parser = subcommands.add_parser(
        "imagenet",
        help="convert ImageNet weights of an encoder for pspm train --imagenet",
        description="Convert ImageNet weights for pspm train --imagenet: torchvision's MobileNetV2 (for mobile and the "
        "networks of chapters 3 and 6), ResNet-34 (A2U) and VGG-16 (Deep Image Matting), and MiT-B1 and MiT-B2 (RMat) "
        "with the names of SegFormer's authors or of timm.",
    )
    parser.add_argument("weights", type=Path, help="a .pth file, such as torchvision's mobilenet_v2-b0353104.pth")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FILE", help="the .npz file to write")
    parser.add_argument("--force", action="store_true", help="replace an existing file")
    parser.set_defaults(run=_imagenet)


def add_average(subcommands: Any) -> None:
    """Add the command `pspm average`."""
    parser = subcommands.add_parser(
        "average",
        help="average the weights of several runs",
        description="Write a checkpoint with the mean of the weights of several runs. The runs have to start from the "
        "same weights. The mean can be better than each run, at the same latency.",
    )
    parser.add_argument(
        "sources", nargs="+", metavar="CKPT|NAME", help="checkpoints of the runs, or names of shipped networks"
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="checkpoint to write")
    parser.add_argument(
        "--halves", action="store_true", help="round every weight to half precision, as in the shipped models"
    )
    parser.add_argument("--force", action="store_true", help="replace an existing file")
    parser.set_defaults(run=_average)


def _from(smallest: int) -> Callable[[str], int]:
    """Make a reader of whole numbers from the smallest that an option takes."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < smallest:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {smallest}")
        return int(text)

    return read


def _seconds(text: str) -> float:
    parts = text.split(":")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is not a time; write hours, minutes and seconds, like 1:30:00")
    hours, minutes, seconds = map(int, parts)
    return hours * 3600.0 + minutes * 60 + seconds


def _train(args: argparse.Namespace) -> int:
    with needs_extra("train"):
        from pspm.networks import build
        from pspm.training.callbacks.checkpoint import CHECKPOINT
        from pspm.training.recipes import shortened, with_batch
        from pspm.training.run import train
        from pspm.training.settings import Settings

    if args.recipe not in RECIPES:
        raise PspmError(f"there is no recipe named {args.recipe!r}; choose one of {', '.join(RECIPES)}")
    network = f"{args.network}+{args.operator}" if args.operator else args.network
    with command_errors():
        build(network)
    recipe = RECIPES[args.recipe]
    if args.fast_dev_run:
        recipe = shortened(recipe)
    if args.batch is not None:
        recipe = with_batch(recipe, args.batch)
    steps = recipe.steps if args.steps is None else args.steps
    settings = Settings(
        data=args.data,
        out=args.out,
        steps=steps,
        seed=args.seed,
        devices=args.devices,
        nodes=args.nodes,
        accelerator=args.accelerator,
        precision=args.precision,
        channels_last=args.channels_last,
        in_memory=args.in_memory,
        workers=args.workers,
        save_every=args.save_every,
        validate_every=max(1, min(args.validate_every, steps)),
        budget=args.max_time,
        imagenet=args.imagenet,
        start_from=tuple(args.start_from),
    )
    with command_errors(args.out):
        train(network, recipe, settings)
    print(args.out / CHECKPOINT)
    return 0


def _imagenet(args: argparse.Namespace) -> int:
    with needs_extra("train"):
        from pspm.training.weights.imagenet_files import TITLES, read_encoder

    if args.out.suffix.lower() != ".npz":
        raise OutputError(f"{args.out}: the weights must be an .npz file")
    with command_errors():
        encoder = read_encoder(args.weights)
    write(encoder.npz(), args.out, force=args.force)
    print(f"{args.out}: {TITLES[encoder.kind]}")
    return 0


def _average(args: argparse.Namespace) -> int:
    with needs_extra("train"):
        import torch

        from pspm.training.weights.average import average

    with command_errors():
        checkpoint = average(args.sources, halves=args.halves)
    buffer = BytesIO()
    torch.save(checkpoint, buffer)
    write(buffer.getvalue(), args.out, force=args.force)
    print(args.out)
    return 0
