"""Settle the statistics of batch norms when a short training is done."""

import torch
from torch import nn

from pspm.tasks.runs.module import Samples, TaskModule


@torch.no_grad()
def settle_norms(module: TaskModule) -> None:
    """Set the statistics of the batch norms that learn to their means over `recipe.settled` batches behind the last.

    While a network learns, they follow the last ten batches or so. A few small ones tell them little, so that networks
    which learned equally well are measured with errors that differ by decibels.
    """
    recipe, network, steps = module.recipe, module.network, module.steps
    recipe.start_training(network, module.encoder)
    norms = [m for m in network.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm) and m.training]
    if not recipe.settled or not norms:
        return
    kept = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # all batches count alike
    samples = Samples(module.pictures, module.seed)
    for step in range(steps, steps + recipe.settled):
        torch.manual_seed((module.seed << 32) + step)
        numbers = range(step * recipe.batch, (step + 1) * recipe.batch)
        module.task.loss(network, module.task.collate([samples[number] for number in numbers]), recipe)
    for norm, momentum in zip(norms, kept, strict=True):
        norm.momentum = momentum
