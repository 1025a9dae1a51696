"""SAPA: upsampling kernels from the similarity of encoder points and decoder neighbourhoods (Lu et al., 2022)."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.operators.assembly import assemble, nearest, neighbours
from pspm.operators.interface import Operator, Pooled

# SAPA-I, -B, -P and -G of the paper.
Similarity = Literal["inner", "bilinear", "addition", "gated"]
# h of its eq. 3; "none" does not normalise.
Normalisation = Literal["exp", "relu", "sigmoid", "softplus", "none"]
EPSILON = 1e-5


class SAPA(Operator):
    """An upsampled pixel averages its kernel x kernel decoder neighbours by their similarity to its encoder pixel.

    Layer norms have no parameters, as the paper's Table 1 requires. Pooling is max pooling.

    similarity: "inner" compares the features, the others compare embeddings. "addition" adds the decoder's embedding to
    the encoder's; "gated" mixes the two with a gate learned from the decoder feature.
    guide_channels: of the encoder feature, if they are not the decoder's, as in BTS; not for "inner".
    embedding: number of channels of the embeddings, d. kernel: odd.
    """

    def __init__(
        self,
        channels: int,
        similarity: Similarity,
        *,
        guide_channels: int | None = None,
        embedding: int = 32,
        kernel: int = 5,
        normalisation: Normalisation = "exp",
    ) -> None:
        if similarity == "inner" and guide_channels not in (None, channels):
            raise ValueError(f"an inner product needs equal channels, not {guide_channels} and {channels}")
        super().__init__()
        self.similarity, self.embedding, self.kernel, self.normalisation = similarity, embedding, kernel, normalisation
        embeds = similarity != "inner"
        self.embed_encoder, self.embed_decoder = (
            nn.Conv2d(inputs, embedding, 1, bias=False) if embeds else nn.Identity()
            for inputs in (guide_channels or channels, channels)
        )
        self.gate = nn.Conv2d(channels, 1, 1, bias=False) if similarity == "gated" else None

    def pool(self, x: Tensor) -> Pooled:
        """The guidance is the embedded feature, (N, d, H, W)."""
        return Pooled(F.max_pool2d(x, 2), x, self.guide(x))

    def guide(self, x: Tensor) -> Tensor:
        return self.embed_encoder(layer_norm(x))

    def upsample(self, x: Tensor, guidance: Tensor) -> Tensor:
        return assemble(nearest(x), self.kernels(x, guidance), self.kernel)

    def kernels(self, x: Tensor, guidance: Tensor) -> Tensor:
        """The upsampling kernel of every output pixel, (N, kernel * kernel, H, W)."""
        decoder = nearest(self.embed_decoder(layer_norm(x)))
        encoder = guidance
        if self.gate is not None:
            gate = nearest(self.gate(x).sigmoid())
            encoder = gate * guidance + (1 - gate) * decoder
        elif self.similarity == "addition":
            encoder = guidance + decoder
        similar = [(encoder * neighbour).sum(1, keepdim=True) for neighbour in neighbours(decoder, self.kernel)]
        return normalised(torch.cat(similar, 1), self.normalisation)


def layer_norm(x: Tensor) -> Tensor:
    """Normalise the channels of every pixel, (N, C, H, W), to mean 0 and variance 1."""
    x = x - x.mean(1, keepdim=True)
    return x / (x.square().mean(1, keepdim=True) + EPSILON).sqrt()


def normalised(similarity: Tensor, how: Normalisation) -> Tensor:
    """h(s) / sum h(s) over the neighbours of similarities s, (N, kernel * kernel, H, W)."""
    if how == "none":
        return similarity
    if how == "exp":
        return similarity.softmax(1)
    functions = {"relu": torch.relu, "sigmoid": torch.sigmoid, "softplus": F.softplus}
    h = functions[how](similarity)
    return h / (h.sum(1, keepdim=True) + EPSILON)
