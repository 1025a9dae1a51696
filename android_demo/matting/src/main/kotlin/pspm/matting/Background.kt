package pspm.matting

import pspm.matting.pictures.Photo

/** The background that [LiveMatting] draws behind the person. */
public sealed interface Background {
    /** One colour, packed as 0xAARRGGBB; its alpha is ignored. */
    public data class Colour(val colour: Int) : Background

    /** A picture, scaled to cover the frame and centre-cropped. */
    public class Picture(public val photo: Photo) : Background

    /** The frame's own background, blurred; [strength] from 0 to 1. */
    public data class Blur(val strength: Double) : Background
}
