package pspm.matting

import android.content.Context
import android.graphics.Bitmap
import java.io.IOException
import java.io.InputStream
import java.nio.ByteBuffer
import pspm.matting.engine.Delegate
import pspm.matting.engine.FallBackEngine
import pspm.matting.engine.TensorFlowLiteEngine
import pspm.matting.pictures.Matte
import pspm.matting.pictures.Photo
import pspm.matting.pictures.goTo
import pspm.matting.pictures.toStart
import pspm.matting.stages.Bokeh

/**
 * Portrait matting for Android bitmaps.
 *
 * ```
 * PortraitMatting.load(context).use { matting ->
 *     val matte = matting.predictAlpha(photo)
 *     val onBlue = matting.replaceBackground(photo, Color.BLUE, matte)
 *     val blurred = matting.blurBackground(photo, 0.5, matte)
 * }
 * ```
 *
 * Calls block: make them on a background thread. Calls from several threads run one after the other. Photos may have any
 * bitmap configuration and are not modified. Errors that the user can fix are thrown as [MattingException]. A [Progress]
 * follows a call, and can end it from another thread.
 */
public class PortraitMatting private constructor(private val matting: Matting) : AutoCloseable {
    /** The delegate that runs the network: the requested one, or the CPU if that one was refused. */
    public val delegate: Delegate get() = matting.engine.delegate

    /**
     * The matte of a photo: an ALPHA_8 bitmap of the photo's size. [requirePerson]: throw [NoPersonException] if the
     * photo shows no person. [quality]: how much time it may take. [progress]: follows the call and can end it; here and in
     * the effects.
     */
    @JvmOverloads
    @Throws(MattingException::class)
    public fun predictAlpha(
        photo: Bitmap,
        requirePerson: Boolean = false,
        quality: Quality = Quality.BALANCED,
        progress: Progress = Progress()
    ): Bitmap {
        val matte = matting.predictAlpha(pixels(photo), requirePerson, quality, progress)
        val bitmap = Bitmap.createBitmap(matte.width, matte.height, Bitmap.Config.ALPHA_8).also { fill(it, matte) }
        progress.check()
        return bitmap
    }

    /**
     * The person on a transparent background: ARGB_8888 with estimated foreground colours, so edges show no fringe.
     *
     * [matte]: the photo's matte from [predictAlpha]. Here and in the other effects, pass it to run the network only once
     * for several effects. It is an ALPHA_8 bitmap of the photo's size; else [MattingException] is thrown.
     */
    @JvmOverloads
    @Throws(MattingException::class)
    public fun cutOut(photo: Bitmap, matte: Bitmap? = null, progress: Progress = Progress()): Bitmap =
        effect(photo, matte, progress) { whole, alpha -> matting.cutOut(whole, alpha, whole.pixels, progress) }

    /** The person in front of a picture, which is scaled to cover the photo and centre-cropped. */
    @JvmOverloads
    @Throws(MattingException::class)
    public fun replaceBackground(
        photo: Bitmap,
        background: Bitmap,
        matte: Bitmap? = null,
        progress: Progress = Progress()
    ): Bitmap = effect(photo, matte, progress) { whole, alpha ->
        matting.replaceBackground(whole, pixels(background), alpha, whole.pixels, progress)
    }

    /** The person in front of one colour. */
    @JvmOverloads
    @Throws(MattingException::class)
    public fun replaceBackground(photo: Bitmap, colour: Int, matte: Bitmap? = null, progress: Progress = Progress()): Bitmap =
        effect(photo, matte, progress) { whole, alpha ->
            matting.replaceBackground(whole, colour, alpha, whole.pixels, progress)
        }

    /**
     * The photo with its background blurred (depth of field). [strength]: 0 leaves it unchanged, 1 is the strongest.
     * Throws [MattingException] if it is out of range.
     */
    @JvmOverloads
    @Throws(MattingException::class)
    public fun blurBackground(
        photo: Bitmap,
        strength: Double = 0.5,
        matte: Bitmap? = null,
        progress: Progress = Progress()
    ): Bitmap {
        // Check the strength before the network runs.
        Bokeh(1, 1, strength)
        return effect(photo, matte, progress) { whole, alpha ->
            matting.blurBackground(whole, strength, alpha, whole.pixels, progress)
        }
    }

    /** Free the engine. The object cannot be used afterwards. */
    override fun close(): Unit = matting.close()

    private inline fun effect(photo: Bitmap, matte: Bitmap?, progress: Progress, apply: (Photo, Matte) -> Photo): Bitmap {
        if (matte != null) checkSize(matte, photo)
        progress.check()
        val whole = pixels(photo)
        val result = apply(whole, matte?.let { values(it) } ?: matting.predictAlpha(whole, progress = progress))
        val bitmap = Bitmap.createBitmap(result.pixels, result.width, result.height, Bitmap.Config.ARGB_8888)
        progress.check()
        return bitmap
    }

    public companion object {
        /** The default bundle of [load]. */
        public const val DEFAULT_BUNDLE: String = "mobile-fp16-512"

        /**
         * Load a bundle from the app's assets: the folder [bundle] with manifest.json and its model.
         *
         * Throws [ModelException] if it is missing or damaged. If the device refuses the [delegate], at once or while
         * it runs, the CPU replaces it and [onRefused] is called with the reason.
         */
        @JvmStatic
        @JvmOverloads
        @Throws(MattingException::class)
        public fun load(
            context: Context,
            bundle: String = DEFAULT_BUNDLE,
            delegate: Delegate = Delegate.CPU,
            threads: Int = TensorFlowLiteEngine.defaultThreads(),
            onRefused: (DelegateRefused) -> Unit = {}
        ): PortraitMatting = load(open(context, bundle, "manifest.json"), delegate, threads, onRefused) {
            open(context, bundle, it)
        }

        /**
         * Load a bundle from any source. [manifest]: the stream of manifest.json. [model] opens the model by the file
         * name in the manifest.
         */
        @JvmStatic
        @Throws(MattingException::class)
        public fun load(
            manifest: InputStream,
            delegate: Delegate = Delegate.CPU,
            threads: Int = TensorFlowLiteEngine.defaultThreads(),
            onRefused: (DelegateRefused) -> Unit = {},
            model: (String) -> InputStream
        ): PortraitMatting {
            val bundle = Bundle.read(manifest, model)
            return PortraitMatting(Matting(bundle, FallBackEngine.open(bundle.model, delegate, threads, onRefused)))
        }

        private fun open(context: Context, bundle: String, name: String): InputStream = try {
            context.assets.open("$bundle/$name")
        } catch (error: IOException) {
            throw ModelException(ErrorKind.ASSET_MISSING, listOf("$bundle/$name"), error)
        }

        private fun pixels(bitmap: Bitmap): Photo {
            // Pixels of a hardware bitmap are on the GPU, and other bitmaps may have more than 8 bits: copy those.
            val plain = if (bitmap.config == Bitmap.Config.ARGB_8888) bitmap else bitmap.copy(Bitmap.Config.ARGB_8888, false)
            val pixels = IntArray(plain.width * plain.height)
            plain.getPixels(pixels, 0, plain.width, 0, 0, plain.width, plain.height)
            return Photo(plain.width, plain.height, pixels)
        }

        private fun checkSize(matte: Bitmap, photo: Bitmap) {
            if (matte.config == Bitmap.Config.ALPHA_8 && matte.width == photo.width && matte.height == photo.height) return
            throw MattingException(
                ErrorKind.MATTE_DOES_NOT_FIT,
                listOf("${matte.config}", "${matte.width}", "${matte.height}", "${photo.width}", "${photo.height}")
            )
        }

        private fun values(matte: Bitmap): Matte {
            val rows = ByteBuffer.allocate(matte.rowBytes * matte.height)
            matte.copyPixelsToBuffer(rows)
            if (matte.rowBytes == matte.width) return Matte(matte.width, matte.height, rows.array())
            val values = ByteArray(matte.width * matte.height)
            for (y in 0 until matte.height) {
                rows.array().copyInto(values, y * matte.width, y * matte.rowBytes, y * matte.rowBytes + matte.width)
            }
            return Matte(matte.width, matte.height, values)
        }

        private fun fill(bitmap: Bitmap, matte: Matte) {
            // Rows of an ALPHA_8 bitmap may be padded.
            if (bitmap.rowBytes == matte.width) {
                bitmap.copyPixelsFromBuffer(ByteBuffer.wrap(matte.values))
                return
            }
            val rows = ByteBuffer.allocate(bitmap.rowBytes * matte.height)
            for (y in 0 until matte.height) {
                rows.goTo(y * bitmap.rowBytes)
                rows.put(matte.values, y * matte.width, matte.width)
            }
            rows.toStart()
            bitmap.copyPixelsFromBuffer(rows)
        }
    }
}
