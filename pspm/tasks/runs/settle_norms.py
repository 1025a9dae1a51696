"""Settle the statistics of batch norms when a short training with small batches is done."""

import torch
from torch import nn

from pspm.tasks.runs.module import Samples, TaskModule

# In one batch.
TOGETHER = 64


@torch.no_grad()
def settle_norms(module: TaskModule) -> None:
    """Set the statistics of the batch norms that learn to those of `recipe.settled` samples behind the last one.

    The variance within a few small samples is less than that of all, the more so the deeper the layer. Statistics from
    the training are too small, then, and errors of networks that learned equally well differ by decibels.
    """
    recipe, network = module.recipe, module.network
    recipe.start_training(network, module.encoder)
    norms = [m for m in network.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm) and m.training]
    if not recipe.settled or not norms:
        return
    kept = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # all batches count alike
    samples, first = Samples(module.pictures, module.seed), module.steps * recipe.batch
    for start in range(first, first + recipe.settled, TOGETHER):
        torch.manual_seed((module.seed << 32) + start)
        numbers = range(start, min(start + TOGETHER, first + recipe.settled))
        module.task.loss(network, module.task.collate([samples[number] for number in numbers]), recipe)
    for norm, momentum in zip(norms, kept, strict=True):
        norm.momentum = momentum
