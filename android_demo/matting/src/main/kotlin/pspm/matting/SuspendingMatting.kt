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
 * Calls run on [dispatcher], one after the other. Cancelling one ends it: at once while it waits, and soon while it runs, as
 * [Progress] says. Either way it has no result. `listener` hears what a call does, on a thread of the dispatcher.
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
        quality: Quality = Quality.BALANCED,
        listener: Progress.Listener? = null
    ): Bitmap = turns.take(listener) { matting.predictAlpha(photo, requirePerson, quality, it) }

    /** See [PortraitMatting.cutOut]. */
    public suspend fun cutOut(photo: Bitmap, matte: Bitmap? = null, listener: Progress.Listener? = null): Bitmap =
        turns.take(listener) { matting.cutOut(photo, matte, it) }

    /** See [PortraitMatting.replaceBackground]. */
    public suspend fun replaceBackground(
        photo: Bitmap,
        background: Bitmap,
        matte: Bitmap? = null,
        listener: Progress.Listener? = null
    ): Bitmap = turns.take(listener) { matting.replaceBackground(photo, background, matte, it) }

    /** See [PortraitMatting.replaceBackground]. */
    public suspend fun replaceBackground(
        photo: Bitmap,
        colour: Int,
        matte: Bitmap? = null,
        listener: Progress.Listener? = null
    ): Bitmap = turns.take(listener) { matting.replaceBackground(photo, colour, matte, it) }

    /** See [PortraitMatting.blurBackground]. */
    public suspend fun blurBackground(
        photo: Bitmap,
        strength: Double = 0.5,
        matte: Bitmap? = null,
        listener: Progress.Listener? = null
    ): Bitmap = turns.take(listener) { matting.blurBackground(photo, strength, matte, it) }

    /** Free the engine, after the calls that run. Neither object can be used afterwards. */
    override fun close() {
        matting.close()
    }
}
