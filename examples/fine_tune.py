"""Fine-tune the shipped network on your own pictures and write a bundle for `pspm.load`. Needs the extra "export".

python examples/fine_tune.py DATA run/ bundle/ [--quick]

DATA is a folder as in docs/how-to/fine-tune.md. --quick takes four steps on tiny crops, to see that everything works.
"""

import sys
from dataclasses import replace
from pathlib import Path

from pspm_export.bundle import write_bundle
from pspm_export.plan.export_spec import spec_for
from pspm_export.plan.formats import FORMATS

import pspm
from pspm.checkpoint import load_network
from pspm.training.recipes import RECIPES, shortened
from pspm.training.run import train
from pspm.training.settings import Settings


def main(data: Path, run: Path, bundle: Path, *, quick: bool) -> None:
    """Fine-tune `mobile`, export it to ONNX, and load it."""
    recipe = replace(RECIPES["finetune"], steps=1000)
    if quick:
        recipe = shortened(recipe)
    settings = Settings(data=data, out=run, steps=recipe.steps, start_from=("mobile",), validate_every=recipe.steps)
    train("mobile", recipe, settings)

    network = load_network("mobile", run / "checkpoint.ckpt")
    write_bundle(network, "mobile", bundle, spec_for(network, FORMATS["onnx"], "fp32"))
    model = pspm.load(bundle)
    print(f"wrote {bundle}; load it with pspm.load({str(bundle)!r}); its view has {model.engine.size.side}^2 pixels")


if __name__ == "__main__":
    paths = [Path(argument) for argument in sys.argv[1:] if argument != "--quick"]
    if len(paths) != 3:
        sys.exit(__doc__)
    try:
        main(*paths, quick="--quick" in sys.argv)
    except (pspm.PspmError, OSError, ValueError) as error:
        sys.exit(f"fine_tune.py: {error}")
