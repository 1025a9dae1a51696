package pspm.matting

import android.graphics.Bitmap
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers

/**
 * [PortraitMatting] for coroutines: the same calls, which suspend instead of blocking. Your app must have
 * kotlinx-coroutines among its dependencies.
 *
 * ```
 * val matting = SuspendingMatting(PortraitMatting.load(context))
 * lifecycleScope.launch { view.setImageBitmap(matting.cutOut(photo)) }
 * ```
 *
 * Calls run on [dispatcher], one after the other. Cancelling a call that waits ends it. One that runs is first computed to its
 * end, and its result is dropped.
 */
public class SuspendingMatting @JvmOverloads constructor(
    private val matting: PortraitMatting,
    dispatcher: CoroutineDispatcher = Dispatchers.Default
) : AutoCloseable {
    private val turns = Turns(dispatcher)

    /** See [PortraitMatting.predictAlpha]. */
    public suspend fun predictAlpha(
        photo: Bitmap,
        requirePerson: Boolean = false,
        quality: Quality = Quality.BALANCED
    ): Bitmap = turns.take { matting.predictAlpha(photo, requirePerson, quality) }

    /** See [PortraitMatting.cutOut]. */
    public suspend fun cutOut(photo: Bitmap, matte: Bitmap? = null): Bitmap = turns.take { matting.cutOut(photo, matte) }

    /** See [PortraitMatting.replaceBackground]. */
    public suspend fun replaceBackground(photo: Bitmap, background: Bitmap, matte: Bitmap? = null): Bitmap =
        turns.take { matting.replaceBackground(photo, background, matte) }

    /** See [PortraitMatting.replaceBackground]. */
    public suspend fun replaceBackground(photo: Bitmap, colour: Int, matte: Bitmap? = null): Bitmap =
        turns.take { matting.replaceBackground(photo, colour, matte) }

    /** See [PortraitMatting.blurBackground]. */
    public suspend fun blurBackground(photo: Bitmap, strength: Double = 0.5, matte: Bitmap? = null): Bitmap =
        turns.take { matting.blurBackground(photo, strength, matte) }

    /** Free the engine, after the calls that run. Neither object can be used afterwards. */
    override fun close() {
        matting.close()
    }
}
