package pspm.matting

import pspm.matting.pictures.Filter
import pspm.matting.pictures.Resample
import pspm.matting.stages.Band
import pspm.matting.stages.Bokeh
import pspm.matting.stages.Foreground
import pspm.matting.stages.Guide
import pspm.matting.stages.LIVE_FOREGROUND_SIDE
import pspm.matting.stages.LIVE_WORKING_RADIUS
import pspm.matting.stages.Refine
import pspm.matting.stages.Rows
import pspm.matting.stages.compose
import pspm.matting.stages.cover
import pspm.matting.stages.coverBox

/** The second half of live matting, in [rows]: from the alpha of a view to the frame with another background. */
internal class LiveComposition(
    viewWidth: Int,
    viewHeight: Int,
    private val width: Int,
    private val height: Int,
    private val rows: Rows
) : AutoCloseable {
    private val refine = Refine(viewWidth, viewHeight, width, height, Guide.LUMA, rows)
    private val foreground = Foreground(width, height, LIVE_FOREGROUND_SIDE, rows)
    private val matte = ByteArray(width * height)
    private val backgroundPixels = IntArray(width * height)
    private var bokeh: Bokeh? = null
    private var blurred = IntArray(0)
    private var enlarge: Resample? = null

    // What the bands work on.
    private var frame = IntArray(0)
    private val composeRows = Band { _, from, until -> compose(frame, matte, backgroundPixels, from * width, until * width) }

    /** Use a background from now on. Throws [MattingException] for a blur of an invalid strength. */
    fun prepare(background: Background) {
        val blur = (background as? Background.Blur)?.let { Bokeh(width, height, it.strength, LIVE_WORKING_RADIUS, rows) }
        bokeh = null
        enlarge = null
        when (background) {
            is Background.Colour -> backgroundPixels.fill(background.colour or -0x1000000)
            is Background.Picture -> cover(background.photo, width, height).copyInto(backgroundPixels)
            is Background.Blur -> blur?.let { prepare(it) }
        }
    }

    /** Replace the background of a [frame] in place. [alpha]: of its [view]. */
    fun compose(frame: IntArray, view: IntArray, alpha: FloatArray) {
        refine.refine(alpha, view, frame, matte)
        bokeh?.let {
            if (!it.blurs) return
            it.blur(frame, matte, blurred)
            enlarge?.run(blurred, backgroundPixels)
        }
        foreground.estimateForeground(frame, matte, frame)
        this.frame = frame
        rows.run(height, composeRows)
    }

    override fun close() = rows.close()

    private fun prepare(wanted: Bokeh) {
        blurred = IntArray(wanted.blurredWidth * wanted.blurredHeight)
        enlarge = Resample(
            wanted.blurredWidth,
            wanted.blurredHeight,
            width,
            height,
            Filter.BILINEAR,
            coverBox(wanted.blurredWidth, wanted.blurredHeight, width, height),
            rows
        )
        bokeh = wanted
    }
}
