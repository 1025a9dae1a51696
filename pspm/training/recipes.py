"""Training recipes by name. A recipe is plain data that `pspm train --recipe NAME` follows.

To add one, add an entry to `RECIPES`. Section and table numbers refer to the thesis. This file does not import torch,
because the help of `pspm train` lists the recipes.
"""

from dataclasses import dataclass, replace
from math import cos, pi
from typing import Literal

from pspm.data.samples.sample_options import CROP_SIDES, STRONG, Colours, Effects, Mixture, StrongShares
from pspm.losses.weights import TOLERANCE, Region, Weights

# Which batch norms are frozen: all, none, or those of the encoders that ImageNet trained.
FreezeNorms = bool | Literal["backbone"]


@dataclass(frozen=True)
class Phase:
    """A part of a run. share: of all steps. crop: side in pixels. batch: images per step, over all devices.

    freeze_norms: which batch norms are frozen, that is, use and keep their running statistics.
    """

    share: float
    crop: int
    batch: int
    freeze_norms: FreezeNorms = False


MIXED = Mixture()


@dataclass(frozen=True)
class Recipe:
    """Everything that defines a run, except its network, its data and its seed. Saved in run.json.

    steps: default length of the run. phases: in order; their shares sum to 1. weights: of the loss terms.
    lr, encoder_lr: learning rates. They rise linearly for `warmup` steps and then fall by `decay`: "poly" is
        (1 - step / steps)^0.9; "cosine" is half a wave; "steps" divides by ten after 20/30 and 26/30 of the run.
    decay_every: steps between two changes by `decay`, in a run of the default length; 0 means every step.
    mixture: shares of the kinds of samples. frozen: parts of the network that do not learn, as dotted prefixes of
        parameter names. clip: largest norm of the gradient; 0 for no clipping.
    average: decay of the moving average of the weights, which a checkpoint's `state_dict` contains; 0 for none.
    norm_momentum: of batch norms. dropout: None keeps the network's own.
    strong: whether to augment strongly. strong_shares: of the samples. colours, effects: see
        `pspm.data.samples.sample_options`.
    around_unknown, affine: see `TrainingDataset`. things: its `held_objects`; run.json has the field under this name.
    dilation: smallest and largest radius, in pixels, of the unknown region's dilation, drawn for each image; None uses
        a fixed share of the crop. tolerance: what counts as soft (`pspm.losses.unknown_region`).
    region: where the unknown region of the losses comes from.
    crop_sides, turned, balanced: see `TrainingDataset`. trimaps: of networks that take one: "dilated" as above, or
        "varied" (`pspm.data.samples.random_trimap`).
    frames: of the clips that a network with the previous matte learns from (`pspm.data.samples.clip`); each frame
        counts as an image of the batch. 1 means photos.

    run.json holds these fields. A field that is missing in an older one has its default, so new fields come last, and
    their default is what training did before them.
    """

    steps: int
    phases: tuple[Phase, ...]
    weights: Weights
    optimizer: Literal["sgd", "adamw"]
    lr: float
    encoder_lr: float
    weight_decay: float
    mixture: Mixture = MIXED
    frozen: tuple[str, ...] = ()
    warmup: int = 0
    clip: float = 0
    average: float = 0
    norm_momentum: float = 0.1
    dropout: float | None = None
    strong: bool = False
    decay: Literal["poly", "cosine", "steps"] = "poly"
    around_unknown: bool = False
    things: float = 0
    dilation: tuple[int, int] | None = None
    tolerance: float = TOLERANCE
    region: Region = "true"
    colours: Colours = "all"
    effects: Effects = "camera"
    strong_shares: StrongShares = STRONG
    affine: bool = False
    decay_every: int = 0
    crop_sides: tuple[float, ...] = CROP_SIDES
    trimaps: Literal["dilated", "varied"] = "dilated"
    turned: float = 0
    balanced: bool = False
    frames: int = 1

    def phase(self, step: int, steps: int) -> Phase:
        """Find the phase of a step in a run of `steps`."""
        end = 0.0
        for phase in self.phases:
            end += phase.share
            if step < round(end * steps):
                return phase
        return self.phases[-1]

    def lr_factor(self, step: int, steps: int) -> float:
        """Factor of the learning rate at a step: linear warm-up, then decay, which except for "steps" ends at 0."""
        reached = step
        if self.decay_every:
            every = max(1, round(self.decay_every * steps / self.steps))
            reached = step // every * every
        done = min(1, reached / steps)
        if self.decay == "cosine":
            left = (1 + cos(pi * done)) / 2
        elif self.decay == "steps":
            left = 0.1 ** ((done >= 20 / 30) + (done >= 26 / 30))
        else:
            left = (1 - done) ** 0.9
        return min(1, (step + 1) / max(1, self.warmup)) * left


PORTRAITS = Mixture(photos=1, recomposited=0, cutouts=0, masks=0, empty=0)
# For trimap-based networks: no hard masks and no empty images, because the trimap would give their alpha away.
SOFT = Mixture(photos=0.2, recomposited=0, cutouts=0.4, masks=0, empty=0, combined=0.4)
NO_MATTE = Weights()

# 20 epochs of Portrait-2k: 1,700 photos, 16 at a time (sec. 6.5.2).
TWENTY_EPOCHS = 20 * 1700 // 16

# Chapter 6. Its recipes take photos as they are, scaled, rotated and mirrored, and every alpha between 0 and 1 is
# unknown (sec. 6.5.2).
# Sec. 6.3.1, for the cascades B1 and B2, end to end: L_a over the whole image + 0.1 L_c (eq. 6.3).
CASCADE = Recipe(
    steps=100_000,
    phases=(Phase(1, crop=320, batch=16, freeze_norms="backbone"),),
    weights=Weights(image=1, segmentation=0.1),
    optimizer="sgd",
    lr=1e-4,
    encoder_lr=1e-4,
    weight_decay=5e-4,
    mixture=PORTRAITS,
    decay_every=TWENTY_EPOCHS,
    tolerance=0,
    colours="none",
    effects="none",
)
# Sec. 6.5.3, phase 2: everything, l_aU + 10 l_aI + 10 l_g + 10 l_A, where the SegDecoder says what is unknown.
PHASE_2 = replace(CASCADE, weights=Weights(unknown=1, image=10, affinity=10, region_gradient=10), region="predicted")

# Sec. 3.6.1, for trimap-based networks: alpha and composition loss in the unknown region.
TRIMAP = Recipe(
    steps=90_000,
    phases=(Phase(1, crop=320, batch=16, freeze_norms="backbone"),),
    weights=Weights(unknown=0.5, composition=0.5),
    optimizer="adamw",
    lr=0.01,
    encoder_lr=0.0001,
    weight_decay=0,
    mixture=SOFT,
    decay="steps",
    around_unknown=True,
    dilation=(1, 19),
    tolerance=0,
    colours="none",
    effects="none",
)
# Sec. 4.6, for A2U matting: larger crops, wider unknown regions, random affine transformations and colours of the
# foreground.
A2U = replace(
    TRIMAP,
    steps=180_000,
    phases=(Phase(1, crop=512, batch=16, freeze_norms="backbone"),),
    dilation=(1, 29),
    colours="foreground",
    affine=True,
)
# Sec. 5.5.1, the base of RMat: L1 and composition loss.
RMAT = replace(
    A2U,
    steps=90_000,
    phases=(Phase(1, crop=512, batch=32),),
    lr=6e-4,
    encoder_lr=6e-4,
    weight_decay=0.01,
    warmup=1000,
    decay="cosine",
)
# The losses of N3, M3 and M7: the base, pyramid and penalised gradient.
RMAT_LOSSES = RMAT.weights._replace(laplacian=1, penalised_gradient=1)
N3 = replace(RMAT, weights=RMAT_LOSSES)
# Table 5.1, an experiment of half the length: L1 only.
L1 = replace(RMAT, steps=45_000, weights=Weights(unknown=1))

RECIPES = {
    # Sec. 6.5.2, first part: the trimap only.
    "deeplab": replace(
        CASCADE,
        steps=40_000,
        phases=(Phase(1, crop=512, batch=16),),
        weights=Weights(segmentation=1),
        lr=0.01,
        encoder_lr=0.01,
    ),
    # Sec. 6.5.3, phase 1: the MatDecoder only, where the fixed SegDecoder says "unknown". It has no dropout meanwhile.
    "phase1": replace(
        PHASE_2,
        steps=40_000,
        weights=Weights(unknown=1),
        lr=0.01,
        encoder_lr=0,
        frozen=("encoder", "seg_decoder", "segmentation"),
        dropout=0,
    ),
    "phase2": PHASE_2,
    # Table 6.6: B5-, B5--.
    "phase2-no-affinity": replace(PHASE_2, weights=PHASE_2.weights._replace(affinity=0)),
    "phase2-no-gradient": replace(PHASE_2, weights=PHASE_2.weights._replace(affinity=0, region_gradient=0)),
    "cascade": CASCADE,
    "trimap": TRIMAP,
    "a2u": A2U,
    # Table 5.9: A2U with AF, AFB and AC.
    "a2u-strong": replace(A2U, strong=True),
    # Table 5.1: without blur and JPEG, with them, and with alpha blurred and compressed too.
    "l1": L1,
    "l1-blur-jpeg": replace(L1, effects="blur-jpeg"),
    # JPEG leaves noise on flat parts of alpha, which must not count as soft.
    "l1-blur-jpeg-alpha": replace(L1, effects="blur-jpeg-alpha", tolerance=TOLERANCE),
    # Table 5.3, the columns of losses. Its networks are rmat-b3, rmat-m3, rmat-b7 and rmat-m7.
    "rmat-base": RMAT,
    "rmat-lap": replace(RMAT, weights=RMAT.weights._replace(laplacian=1)),
    "rmat-g": replace(RMAT, weights=RMAT.weights._replace(plain_gradient=1)),
    "rmat-gp": replace(RMAT, weights=RMAT.weights._replace(penalised_gradient=1)),
    "rmat-lap-gp": N3,
    # Tables 5.5 and 5.8: N3 with strong augmentation, alone at a share of 0.5 (sec. 5.7.3).
    "rmat-af": replace(N3, strong=True, strong_shares=StrongShares(af=0.5, afb=0, ac=0)),
    "rmat-afb": replace(N3, strong=True, strong_shares=StrongShares(af=0, afb=0.5, ac=0)),
    "rmat-af-afb": replace(N3, strong=True, strong_shares=StrongShares(ac=0)),
    "rmat": replace(N3, strong=True),
    # Our own: cut-outs with true alpha over many backgrounds, photos, hard masks away from their edge, and images
    # without a person; pyramid and gradient losses; larger crops at the end, with batch norms frozen.
    "own": Recipe(
        steps=60_000,
        phases=(Phase(0.75, crop=384, batch=16), Phase(0.25, crop=512, batch=16, freeze_norms=True)),
        weights=Weights(unknown=1, image=1, gradient=2, segmentation=0.2, laplacian=0.5),
        optimizer="adamw",
        lr=1e-3,
        encoder_lr=2e-4,
        weight_decay=1e-4,
        warmup=500,
        clip=5,
        average=0.999,
        norm_momentum=0.03,
        dropout=0.1,
    ),
}
# Fine-tune trained weights, ours or yours, on other images or larger crops. The first stages are frozen: their filters
# suit any photo, and at their resolution they would cost a quarter of a step. Twice as many images without a person as
# in "own", which shows few.
RECIPES["finetune"] = replace(
    RECIPES["own"],
    steps=5_000,
    phases=(Phase(1, crop=512, batch=16, freeze_norms=True),),
    mixture=MIXED._replace(masks=0.05, empty=0.10),
    frozen=("encoder.stages.0", "encoder.stages.1", "encoder.stages.2"),
    lr=3e-4,
    encoder_lr=1e-4,
    warmup=100,
)
# Like "finetune" without camera faults: every composed picture obeys the matting equation (sec. 5.4.1).
RECIPES["finetune-no-faults"] = replace(RECIPES["finetune"], effects="none")
# Like "finetune" for networks whose crops of 512 are expensive, such as `b5` on a CPU: most steps use smaller crops.
RECIPES["finetune-384"] = replace(
    RECIPES["finetune"],
    phases=(Phase(0.75, crop=384, batch=16, freeze_norms=True), Phase(0.25, crop=512, batch=16, freeze_norms=True)),
)
# Like "finetune" for networks with a view larger than 512 x 512, such as `mobile`.
RECIPES["finetune-640"] = replace(RECIPES["finetune"], phases=(Phase(1, crop=640, batch=16, freeze_norms=True),))
# Longer fine-tuning for 640-pixel networks: batch norms learn at first; the last 40 % uses crops of 640.
RECIPES["own-640"] = replace(
    RECIPES["own"],
    phases=(Phase(0.6, crop=512, batch=16), Phase(0.4, crop=640, batch=16, freeze_norms=True)),
    mixture=RECIPES["finetune"].mixture,
    warmup=100,
)
# Like "own-640" with held objects, and objects in backgrounds, which the images show rarely.
RECIPES["own-things"] = replace(RECIPES["own-640"], things=0.2)
# Any person in any photo: small people, several of them, turned pictures, bad light and bad files.
RECIPES["own-scenes"] = replace(
    RECIPES["own-things"],
    phases=(Phase(0.4, crop=256, batch=16), Phase(0.6, crop=512, batch=6, freeze_norms=True)),
    mixture=Mixture(photos=0.22, recomposited=0.06, cutouts=0.28, masks=0.04, empty=0.12, scenes=0.28),
    effects="hard",
    turned=0.15,
    balanced=True,
)
# The same in about an hour on a CPU, from trained weights.
RECIPES["finetune-scenes"] = replace(
    RECIPES["own-scenes"],
    steps=320,
    phases=(
        Phase(0.75, crop=256, batch=16, freeze_norms=True),
        Phase(0.25, crop=512, batch=6, freeze_norms=True),
    ),
    lr=3e-4,
    encoder_lr=1e-4,
    warmup=20,
    average=0.98,
)
# After "finetune-scenes": more portraits, and larger crops of them.
RECIPES["finetune-portraits"] = replace(
    RECIPES["finetune-scenes"],
    phases=(
        Phase(0.4, crop=256, batch=16, freeze_norms=True),
        Phase(0.6, crop=512, batch=6, freeze_norms=True),
    ),
    mixture=Mixture(photos=0.4, recomposited=0.06, cutouts=0.28, masks=0.04, empty=0.08, scenes=0.14),
    lr=2e-4,
)
# For `mobile-video`, from trained weights of `mobile`: clips of three frames, in about an hour on a CPU.
RECIPES["own-clips"] = replace(
    RECIPES["own"],
    steps=1_200,
    phases=(
        Phase(0.85, crop=256, batch=15, freeze_norms=True),
        Phase(0.15, crop=512, batch=6, freeze_norms=True),
    ),
    weights=RECIPES["own"].weights._replace(temporal=6),
    mixture=Mixture(photos=0.15, recomposited=0.15, cutouts=0.5, masks=0, empty=0.08, scenes=0.12),
    lr=3e-4,
    encoder_lr=2e-4,
    warmup=20,
    average=0.98,
    balanced=True,
    frames=3,
)
# For `mobile`, from its own trained weights: frames as videos have them, and a matte that is steady from one frame to
# the next. Nearly all of what is not steady lies within two pixels of the outline, so only the MatDecoder learns, which
# takes a few minutes on a CPU.
RECIPES["finetune-clips"] = replace(
    RECIPES["finetune"],
    steps=200,
    phases=(Phase(1, crop=256, batch=6, freeze_norms=True),),
    weights=RECIPES["own"].weights._replace(segmentation=0, temporal=6),
    mixture=Mixture(photos=0.15, recomposited=0.15, cutouts=0.6, masks=0, empty=0.1),
    frozen=("encoder", "seg_decoder"),
    lr=5e-4,
    warmup=10,
    average=0.98,
    effects="video",
    balanced=True,
    frames=2,
)
# For `mobile-steady`, from trained weights of `mobile`: the same with clips of three frames.
RECIPES["steady-clips"] = replace(RECIPES["finetune-clips"], steps=160, frames=3)
# Compare operators in a network with trained weights: only the operators and the MatDecoder learn.
RECIPES["operators"] = replace(
    RECIPES["own"],
    steps=1_000,
    phases=(Phase(1, crop=128, batch=4),),
    mixture=PORTRAITS,
    frozen=("encoder.stages", "encoder.modulations", "seg_decoder"),
    lr=1e-3,
    encoder_lr=1e-3,
    warmup=5,
    average=0,
    norm_momentum=0.1,
)
# Our own for `mobile-trimap`, which starts from `mobile`: composites at their own size and enlarged, and trimaps of
# every kind that people and networks draw.
RECIPES["own-trimap"] = Recipe(
    steps=12_000,
    phases=(Phase(0.6, crop=192, batch=12, freeze_norms=True), Phase(0.4, crop=320, batch=4, freeze_norms=True)),
    weights=NO_MATTE._replace(unknown=1, gradient=2, laplacian=0.5),
    optimizer="adamw",
    lr=6e-4,
    encoder_lr=2e-4,
    weight_decay=1e-4,
    mixture=Mixture(photos=0.1, recomposited=0, cutouts=0.55, masks=0, empty=0, combined=0.35),
    warmup=100,
    clip=5,
    average=0.998,
    around_unknown=True,
    crop_sides=(0.6, 1, 1, 1.5),
    trimaps="varied",
)
# Continue "own-trimap" on enlarged composites, as the runtime shows it photos of less than two megapixels, and on more
# photos as they were taken.
RECIPES["finetune-trimap"] = replace(
    RECIPES["own-trimap"],
    steps=2_200,
    lr=2e-4,
    encoder_lr=7e-5,
    mixture=Mixture(photos=0.25, recomposited=0, cutouts=0.45, masks=0, empty=0, combined=0.3),
    crop_sides=(0.4, 0.5, 0.6, 1),
)
# Like "own" with strong augmentation: AF, AFB and AC (sec. 5.4.2).
RECIPES["own-strong"] = replace(RECIPES["own"], strong=True)


def without_pretrained_backbone(recipe: Recipe) -> Recipe:
    """Let the batch norms of the backbone learn: frozen ones need trained weights before them."""
    phases = tuple(
        replace(phase, freeze_norms=False) if phase.freeze_norms == "backbone" else phase for phase in recipe.phases
    )
    return replace(recipe, phases=phases)


def with_batch(recipe: Recipe, batch: int) -> Recipe:
    """Change the images per step of a recipe. Phases with larger crops keep their smaller batch in proportion.

    Clips stay whole: a batch is a multiple of their frames.
    """
    largest, frames = max(phase.batch for phase in recipe.phases), recipe.frames
    phases = tuple(
        replace(phase, batch=frames * max(1, phase.batch * batch // largest // frames)) for phase in recipe.phases
    )
    return replace(recipe, phases=phases)


def shortened(recipe: Recipe) -> Recipe:
    """Shorten a recipe to four steps of two small crops or clips, to try that everything works."""
    phases = tuple(replace(phase, crop=64, batch=2 * recipe.frames) for phase in recipe.phases)
    return replace(recipe, steps=4, phases=phases, warmup=1)
