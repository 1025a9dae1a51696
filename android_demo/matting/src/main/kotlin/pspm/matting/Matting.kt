package pspm.matting

import pspm.matting.engine.Engine
import pspm.matting.looks.Network
import pspm.matting.looks.Viewer
import pspm.matting.looks.guide
import pspm.matting.looks.looks
import pspm.matting.looks.merge
import pspm.matting.looks.showsSomebody
import pspm.matting.pictures.Matte
import pspm.matting.pictures.Photo
import pspm.matting.pictures.Plane
import pspm.matting.pictures.dividedBy255
import pspm.matting.stages.Bokeh
import pspm.matting.stages.NetworkView
import pspm.matting.stages.blurBackground
import pspm.matting.stages.compose
import pspm.matting.stages.cutOut
import pspm.matting.stages.foreground

/** Thrown if a person is required and the photo shows none. */
public class NoPersonException : MattingException(ErrorKind.NO_PERSON)

/**
 * A loaded model: predicts the matte of a photo and applies effects with it. It works on plain arrays; [PortraitMatting]
 * does the same for Android bitmaps. Calls of [predictAlpha] from several threads run one after the other.
 *
 * The effects write to `result`, a new array by default. Pass the photo's own array to save memory; after a call that was
 * cancelled or failed, it holds a part of the result.
 */
public class Matting(private val bundle: Bundle, public val engine: Engine) : AutoCloseable {
    private val network = object : Network {
        private val view = NetworkView(bundle, engine)

        // An engine takes one size.
        override val size = maxOf(engine.width, engine.height).let {
            InputSize(it, it, it, listOf(engine.width to engine.height))
        }

        override fun alpha(view: Photo): Plane {
            this.view.write(view.pixels)
            engine.run()
            return Plane(view.width, view.height, FloatArray(view.pixels.size).also { this.view.read(it) })
        }
    }

    /** The bundle's name. */
    public val name: String get() = bundle.name

    /**
     * Predict the matte of a photo, at the photo's size. The photo's own transparency is multiplied in. If the photo shows
     * no person, the matte is (almost) empty, or [NoPersonException] is thrown if [requirePerson] is set. [quality]: how much
     * time it may take. [progress]: follows the call and can end it.
     */
    @Synchronized
    @JvmOverloads
    @Throws(MattingException::class)
    public fun predictAlpha(
        photo: Photo,
        requirePerson: Boolean = false,
        quality: Quality = Quality.BALANCED,
        progress: Progress = Progress()
    ): Matte {
        progress.check()
        val transparency = photo.transparency()
        val looks = Viewer(network, photo, progress).looks(quality)
        if (requirePerson && !showsSomebody(looks)) throw NoPersonException()
        val values = merge(looks, photo, quality.guide, progress)
        if (transparency != null) {
            for (i in values.indices) values[i] = dividedBy255((values[i].toInt() and 255) * transparency[i]).toByte()
        }
        progress.check()
        return Matte(photo.width, photo.height, values)
    }

    /** Cut out the person: straight alpha with estimated foreground colours, so edges show no fringe. */
    @JvmOverloads
    @Throws(MattingException::class)
    public fun cutOut(
        photo: Photo,
        matte: Matte? = null,
        result: IntArray = IntArray(photo.pixels.size),
        progress: Progress = Progress()
    ): Photo = overlay(photo, matte, result, progress) { alpha ->
        cutOut(result, alpha.values, photo.width, photo.height, progress.rows(Step.COMPOSE, 1))
    }

    /** Put the person in front of a [background], which is scaled to cover the photo and centre-cropped. */
    @JvmOverloads
    @Throws(MattingException::class)
    public fun replaceBackground(
        photo: Photo,
        background: Photo,
        matte: Matte? = null,
        result: IntArray = IntArray(photo.pixels.size),
        progress: Progress = Progress()
    ): Photo = overlay(photo, matte, result, progress) { alpha -> compose(result, alpha, background, progress) }

    /** Put the person in front of one [colour]. */
    @JvmOverloads
    @Throws(MattingException::class)
    public fun replaceBackground(
        photo: Photo,
        colour: Int,
        matte: Matte? = null,
        result: IntArray = IntArray(photo.pixels.size),
        progress: Progress = Progress()
    ): Photo = overlay(photo, matte, result, progress) { alpha ->
        progress.rows(Step.COMPOSE, 1).run(photo.height) { _, from, until ->
            compose(result, alpha.values, colour, from * photo.width, until * photo.width)
        }
    }

    /** Blur the background; see [Bokeh] for [strength]. Throws [MattingException] if it is not between 0 and 1. */
    @JvmOverloads
    @Throws(MattingException::class)
    public fun blurBackground(
        photo: Photo,
        strength: Double,
        matte: Matte? = null,
        result: IntArray = IntArray(photo.pixels.size),
        progress: Progress = Progress()
    ): Photo {
        // Check the strength before the network runs.
        Bokeh(1, 1, strength)
        progress.check()
        blurBackground(photo, matte ?: predictAlpha(photo, progress = progress), strength, result, progress)
        progress.check()
        return Photo(photo.width, photo.height, result)
    }

    /** Write the foreground colours to [result], and [lay] them over something. */
    private inline fun overlay(photo: Photo, matte: Matte?, result: IntArray, progress: Progress, lay: (Matte) -> Unit): Photo {
        progress.check()
        val alpha = matte ?: predictAlpha(photo, progress = progress)
        foreground(photo, progress).estimateForeground(photo.pixels, alpha.values, result)
        lay(alpha)
        progress.check()
        return Photo(photo.width, photo.height, result)
    }

    /** Free the engine. The object cannot be used afterwards. */
    @Synchronized
    override fun close(): Unit = engine.close()
}
