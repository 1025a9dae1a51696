package pspm.demo

import pspm.matting.Background
import pspm.matting.pictures.rgb

/**
 * How frames are measured: the protocol of docs/benchmark.md, the same in Python and in all apps, so that their results can
 * be compared.
 */
object BenchmarkProtocol {
    const val WIDTH = 1280
    const val HEIGHT = 720

    /** The sample portrait, scaled to cover a frame, and cropped around its centre. */
    const val CONTENT = "sample"

    const val WARM_UP = 10
    const val ROUNDS = 100

    /** Of fewer rounds the 99th percentile is little more than the largest time. */
    const val P99_FROM = 100

    const val PACED_FPS = 30
    const val PACED_SECONDS = 5
    const val SUSTAINED_SECONDS = 60

    /** The effects by name. "none" computes the matte at the frame's size and leaves the frame as it is. */
    val EFFECTS = mapOf(
        "none" to Background.Blur(0.0),
        "colour" to Background.Colour(rgb(0, 160, 80)),
        "blur" to Background.Blur(0.5)
    )
}
