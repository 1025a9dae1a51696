package pspm.matting

import android.content.Context
import android.graphics.Bitmap
import java.io.IOException
import java.io.InputStream
import java.nio.ByteBuffer

/**
 * Portrait matting of Android's bitmaps.
 *
 * ```
 * PortraitMatting.load(context).use { matting ->
 *     val matte = matting.predictAlpha(photo)
 *     val onBlue = matting.replaceBackground(photo, Color.BLUE)
 *     val blurred = matting.blurBackground(photo, strength = 0.5)
 * }
 * ```
 *
 * Calls take turns, block, and are not for the main thread. The bitmap that is given is not changed; it may have any
 * configuration. Errors that a user can mend are [MattingException]s.
 */
class PortraitMatting private constructor(private val matting: Matting) : AutoCloseable {
    /** What computes: the delegate that was asked for, or the CPU where that was refused. */
    val delegate: Delegate get() = matting.engine.delegate

    /** The matte of a photo, an ALPHA_8 bitmap of its size. [requirePerson]: throw where nobody is found. */
    fun predictAlpha(photo: Bitmap, requirePerson: Boolean = false): Bitmap {
        val matte = matting.matte(pixels(photo), requirePerson)
        return Bitmap.createBitmap(matte.width, matte.height, Bitmap.Config.ALPHA_8).also { fill(it, matte) }
    }

    /** The person on nothing: ARGB_8888 with estimated foreground colours, free of fringe. */
    fun cutOut(photo: Bitmap): Bitmap = effect(photo) { matting.cutOut(it, result = it.pixels) }

    /** The person before a picture, which covers the photo's size and is centre-cropped. */
    fun replaceBackground(photo: Bitmap, background: Bitmap): Bitmap = effect(photo) {
        matting.replaceBackground(it, pixels(background), result = it.pixels)
    }

    /** The person before a colour. */
    fun replaceBackground(photo: Bitmap, colour: Int): Bitmap =
        effect(photo) { matting.replaceBackground(it, colour, result = it.pixels) }

    /** Depth of field: the background as seen through a wide lens, [strength] from 0 to 1. */
    fun blurBackground(photo: Bitmap, strength: Double = 0.5): Bitmap =
        effect(photo) { matting.blurBackground(it, strength, result = it.pixels) }

    /** Free the engine; the object is of no use afterwards. */
    override fun close() = matting.close()

    private inline fun effect(photo: Bitmap, apply: (Photo) -> Photo): Bitmap {
        val result = apply(pixels(photo))
        return Bitmap.createBitmap(result.pixels, result.width, result.height, Bitmap.Config.ARGB_8888)
    }

    companion object {
        /** The bundle that [load] takes from the assets unless it is told another. */
        const val DEFAULT_BUNDLE = "mobile-fp16-512"

        /**
         * Load a bundle from the app's assets: the folder [bundle] with manifest.json and its model.
         *
         * Throws [ModelException] where it is missing or damaged. A [delegate] that the device refuses is replaced by
         * the CPU, and [refused] is told.
         */
        fun load(
            context: Context,
            bundle: String = DEFAULT_BUNDLE,
            delegate: Delegate = Delegate.CPU,
            threads: Int = TensorFlowLiteEngine.defaultThreads(),
            refused: (DelegateRefused) -> Unit = {}
        ): PortraitMatting = load(open(context, bundle, "manifest.json"), delegate, threads, refused) {
            open(context, bundle, it)
        }

        /** Load a bundle from anywhere: the stream of its manifest, and its model's by the name that this has for it. */
        fun load(
            manifest: InputStream,
            delegate: Delegate = Delegate.CPU,
            threads: Int = TensorFlowLiteEngine.defaultThreads(),
            refused: (DelegateRefused) -> Unit = {},
            model: (String) -> InputStream
        ): PortraitMatting {
            val bundle = Bundle.read(manifest, model)
            return PortraitMatting(Matting(bundle, openOrFallBack(bundle, delegate, threads, refused)))
        }

        private fun open(context: Context, bundle: String, name: String): InputStream = try {
            context.assets.open("$bundle/$name")
        } catch (error: IOException) {
            throw ModelException("the app's assets hold no $bundle/$name; put the bundle there and build again", error)
        }

        private fun pixels(bitmap: Bitmap): Photo {
            // A hardware bitmap has its pixels on the GPU, and others may have more than 8 bits: a copy has neither.
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

/** The engine on the delegate that is wanted, or on the CPU where that is refused, and [refused] is told why. */
fun openOrFallBack(bundle: Bundle, delegate: Delegate, threads: Int, refused: (DelegateRefused) -> Unit): Engine = try {
    TensorFlowLiteEngine.open(bundle.model, delegate, threads)
} catch (error: DelegateRefused) {
    refused(error)
    TensorFlowLiteEngine.open(bundle.model, Delegate.CPU, threads)
}
