"""FPN of segmentation_models_pytorch, with any of its encoders."""

from segmentation_models_pytorch.decoders.fpn.decoder import FPNBlock, FPNDecoder
from torch import Tensor

from pspm.operators.replacement.placing import Placing
from pspm.operators.replacement.stage import Stage


class OperatedFPNBlock(FPNBlock):
    """A level of the pyramid with an operator: its lateral feature guides the upsampling of the coarser level."""

    upsampling: Stage

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """x: (N, C, H/2, W/2), skip: the encoder's feature, (N, S, H, W)."""
        lateral = self.skip_conv(skip)
        return self.upsampling(x, lateral) + lateral


def place(placing: Placing, path: str, decoder: FPNDecoder) -> None:
    """The three levels of the pyramid. The segmentation branches stay: no source guides them."""
    for name in ("p4", "p3", "p2"):
        block, where = getattr(decoder, name), f"{path}.{name}".lstrip(".")
        channels = block.skip_conv.out_channels
        stage = placing.stage(
            f"{where}.upsampling",
            channels,
            guide=f"{where}.skip_conv",
            guide_channels=channels,
            instead_of=block.interpolation_mode,
        )
        placing.change(block, OperatedFPNBlock, upsampling=stage)
    placing.leave(f"{path}.seg_blocks".lstrip("."), "for no paper guides the branches behind a pyramid")
