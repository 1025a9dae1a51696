package pspm.matting

import android.content.Context
import android.graphics.Bitmap
import java.io.IOException
import java.io.InputStream
import java.nio.ByteBuffer
import pspm.matting.engine.Delegate
import pspm.matting.engine.Engine
import pspm.matting.engine.TensorFlowLiteEngine
import pspm.matting.pictures.Matte
import pspm.matting.pictures.Photo
import pspm.matting.pictures.goTo
import pspm.matting.pictures.toStart

/**
 * Portrait matting for Android bitmaps.
 *
 * ```
 * PortraitMatting.load(context).use { matting ->
 *     val matte = matting.predictAlpha(photo)
 *     val onBlue = matting.replaceBackground(photo, Color.BLUE)
 *     val blurred = matting.blurBackground(photo, strength = 0.5)
 * }
 * ```
 *
 * Calls block: make them on a background thread. Calls from several threads run one after the other. Photos may have any
 * bitmap configuration and are not modified. Errors that the user can fix are thrown as [MattingException].
 */
class PortraitMatting private constructor(private val matting: Matting) : AutoCloseable {
    /** The delegate that runs the network: the requested one, or the CPU if that one was refused. */
    val delegate: Delegate get() = matting.engine.delegate

    /**
     * The matte of a photo: an ALPHA_8 bitmap of the photo's size. [requirePerson]: throw [NoPersonException] if the
     * photo shows no person.
     */
    fun predictAlpha(photo: Bitmap, requirePerson: Boolean = false): Bitmap {
        val matte = matting.predictAlpha(pixels(photo), requirePerson)
        return Bitmap.createBitmap(matte.width, matte.height, Bitmap.Config.ALPHA_8).also { fill(it, matte) }
    }

    /** The person on a transparent background: ARGB_8888 with estimated foreground colours, so edges show no fringe. */
    fun cutOut(photo: Bitmap): Bitmap = effect(photo) { matting.cutOut(it, result = it.pixels) }

    /** The person in front of a picture, which is scaled to cover the photo and centre-cropped. */
    fun replaceBackground(photo: Bitmap, background: Bitmap): Bitmap = effect(photo) {
        matting.replaceBackground(it, pixels(background), result = it.pixels)
    }

    /** The person in front of one colour. */
    fun replaceBackground(photo: Bitmap, colour: Int): Bitmap =
        effect(photo) { matting.replaceBackground(it, colour, result = it.pixels) }

    /**
     * The photo with its background blurred (depth of field). [strength]: 0 leaves it unchanged, 1 is the strongest.
     * Throws [MattingException] if it is out of range.
     */
    fun blurBackground(photo: Bitmap, strength: Double = 0.5): Bitmap =
        effect(photo) { matting.blurBackground(it, strength, result = it.pixels) }

    /** Free the engine. The object cannot be used afterwards. */
    override fun close() = matting.close()

    private inline fun effect(photo: Bitmap, apply: (Photo) -> Photo): Bitmap {
        val result = apply(pixels(photo))
        return Bitmap.createBitmap(result.pixels, result.width, result.height, Bitmap.Config.ARGB_8888)
    }

    companion object {
        /** The default bundle of [load]. */
        const val DEFAULT_BUNDLE = "mobile-fp16-512"

        /**
         * Load a bundle from the app's assets: the folder [bundle] with manifest.json and its model.
         *
         * Throws [ModelException] if it is missing or damaged. If the device refuses the [delegate], the CPU replaces it
         * and [onRefused] is called with the reason.
         */
        fun load(
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
        fun load(
            manifest: InputStream,
            delegate: Delegate = Delegate.CPU,
            threads: Int = TensorFlowLiteEngine.defaultThreads(),
            onRefused: (DelegateRefused) -> Unit = {},
            model: (String) -> InputStream
        ): PortraitMatting {
            val bundle = Bundle.read(manifest, model)
            return PortraitMatting(Matting(bundle, openOrFallBack(bundle, delegate, threads, onRefused)))
        }

        private fun open(context: Context, bundle: String, name: String): InputStream = try {
            context.assets.open("$bundle/$name")
        } catch (error: IOException) {
            throw ModelException("$bundle/$name is missing in the app's assets; add the bundle and build the app again", error)
        }

        private fun pixels(bitmap: Bitmap): Photo {
            // Pixels of a hardware bitmap are on the GPU, and other bitmaps may have more than 8 bits: copy those.
            val plain = if (bitmap.config == Bitmap.Config.ARGB_8888) bitmap else bitmap.copy(Bitmap.Config.ARGB_8888, false)
            val pixels = IntArray(plain.width * plain.height)
            plain.getPixels(pixels, 0, plain.width, 0, 0, plain.width, plain.height)
            return Photo(plain.width, plain.height, pixels)
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

/** Open an engine on [delegate]. If it is refused, call [onRefused] and open one on the CPU. */
fun openOrFallBack(bundle: Bundle, delegate: Delegate, threads: Int, onRefused: (DelegateRefused) -> Unit): Engine = try {
    TensorFlowLiteEngine.open(bundle.model, delegate, threads)
} catch (error: DelegateRefused) {
    onRefused(error)
    TensorFlowLiteEngine.open(bundle.model, Delegate.CPU, threads)
}
