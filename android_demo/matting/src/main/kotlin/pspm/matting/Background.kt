package pspm.matting

import pspm.matting.pictures.Photo

/** The background that [LiveMatting] draws behind the person. */
sealed interface Background {
    /** One colour, packed as 0xAARRGGBB; its alpha is ignored. */
    data class Colour(val colour: Int) : Background

    /** A picture, scaled to cover the frame and centre-cropped. */
    class Picture(val photo: Photo) : Background

    /** The frame's own background, blurred; [strength] from 0 to 1. */
    data class Blur(val strength: Double) : Background
}
