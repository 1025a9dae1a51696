"""SAPA: upsampling kernels from the similarity of encoder points and decoder neighbourhoods (Lu et al., 2022)."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pspm.operators.assembly import assemble, nearest, neighbours
from pspm.operators.interface import Operator, Pooled

# The paper's I, B, P and G.
Similarity = Literal["inner", "bilinear", "addition", "gated"]
# h of its eq. 3; "none" leaves the similarities as they are.
Normalisation = Literal["exp", "relu", "sigmoid", "softplus", "none"]
EPSILON = 1e-5


class SAPA(Operator):
    """Every upsampled point selects those of its kernel x kernel decoder neighbours that its encoder point is like.

    The layer normalisations have no parameters, as the paper's Table 1 demands. Pooling is by the maximum.
    similarity: of embedded features, but for "inner"; "addition" adds the decoder's own embedding to the encoder's,
    "gated" mixes the two by a gate that is learned from the decoder feature.
    embedding: d, at most the number of channels.
    """

    def __init__(
        self,
        channels: int,
        similarity: Similarity,
        *,
        embedding: int = 32,
        kernel: int = 5,
        normalisation: Normalisation = "exp",
    ) -> None:
        super().__init__()
        self.similarity, self.kernel, self.normalisation = similarity, kernel, normalisation
        embeds = similarity != "inner"
        self.embed_encoder, self.embed_decoder = (
            nn.Conv2d(channels, embedding, 1, bias=False) if embeds else nn.Identity() for _ in range(2)
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
        """The upsampling kernel of every point, (N, kernel * kernel, H, W)."""
        decoder = nearest(self.embed_decoder(layer_norm(x)))
        point = guidance
        if self.gate is not None:
            gate = nearest(self.gate(x).sigmoid())
            point = gate * guidance + (1 - gate) * decoder
        elif self.similarity == "addition":
            point = guidance + decoder
        similar = [(point * other).sum(1, keepdim=True) for other in neighbours(decoder, self.kernel)]
        return normalised(torch.cat(similar, 1), self.normalisation)


def layer_norm(x: Tensor) -> Tensor:
    """The channels of every point, (N, C, H, W), to mean 0 and variance 1."""
    x = x - x.mean(1, keepdim=True)
    return x / (x.square().mean(1, keepdim=True) + EPSILON).sqrt()


def normalised(similarity: Tensor, how: Normalisation) -> Tensor:
    """h(s) / sum h(s) over the neighbours, (N, kernel * kernel, H, W)."""
    if how == "none":
        return similarity
    if how == "exp":
        return similarity.softmax(1)
    functions = {"relu": torch.relu, "sigmoid": torch.sigmoid, "softplus": F.softplus}
    h = functions[how](similarity)
    return h / (h.sum(1, keepdim=True) + EPSILON)
