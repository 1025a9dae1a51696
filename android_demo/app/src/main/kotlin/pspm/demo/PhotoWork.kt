package pspm.demo

import android.content.Context
import android.content.res.Resources
import android.graphics.Bitmap
import java.io.OutputStream
import pspm.demo.saving.Destination
import pspm.demo.saving.SaveException
import pspm.demo.saving.SaveProblem
import pspm.demo.saving.save
import pspm.matting.Matting
import pspm.matting.MattingException
import pspm.matting.NoPersonException
import pspm.matting.Progress
import pspm.matting.engine.TensorFlowLiteEngine
import pspm.matting.pictures.Matte
import pspm.matting.pictures.Photo
import pspm.matting.pictures.downscale
import pspm.matting.pictures.rgb

/**
 * The jobs of the Photo screen, on the worker thread. Each changes the session's state when it is complete; one that is
 * cancelled leaves the state as it was.
 */
class PhotoWork(private val context: Context, private val session: PhotoSession) {
    private val texts: Resources get() = context.resources

    /** Load the model, unless it is loaded. Throws [MattingException] if it cannot be used. */
    fun load() {
        if (session.matting != null) return
        val bundle = Models(context.assets).read(Models.PHOTO)
        session.matting = Matting(bundle, TensorFlowLiteEngine.open(bundle.model))
    }

    /** Open a photo and make what is chosen of it. */
    fun use(progress: Progress, choice: PhotoChoice, open: () -> Opened) = openThen(progress, open) {
        make(progress, choice, PhotoState(photo = it, background = session.state.background))
    }

    /** Open a picture and put the person in front of it. */
    fun replace(progress: Progress, choice: PhotoChoice, open: () -> Opened) = openThen(progress, open) {
        make(progress, choice, session.state.copy(background = it))
    }

    /** Make what is chosen of the photo. */
    fun make(progress: Progress, choice: PhotoChoice) = run(progress) { make(progress, choice, session.state) }

    /** Save the result; [saved] is told then. [destination]: where a result goes. */
    fun save(progress: Progress, saved: String, destination: (ResultFile) -> Destination) = run(progress) {
        if (write(progress, destination)) session.tell(saved)
    }

    /** Write the result to a file, and let the user send it. */
    fun share(progress: Progress, destination: (ResultFile) -> Destination) = run(progress) {
        if (write(progress, destination)) session.state.choice?.let { session.screen?.send(it.effect.file) }
    }

    private fun run(progress: Progress, job: () -> Unit) {
        try {
            if (!session.jobs.run(progress, job)) fail(texts.getString(R.string.cancelled))
        } catch (error: MattingException) {
            fail(texts.sentence(error))
        } catch (_: OutOfMemoryError) {
            fail(texts.getString(R.string.photo_too_large))
        }
    }

    /** Say why the state is as it was. */
    private fun fail(message: String) {
        session.screen?.restore(session.state.choice)
        session.tell(message)
    }

    private fun openThen(progress: Progress, open: () -> Opened, job: (Photo) -> Unit) = run(progress) {
        session.jobs.at(progress, JobStep.OPEN)
        when (val opened = open()) {
            is Opened.Failure -> fail(opened.message)
            is Opened.Success -> job(opened.photo)
        }
    }

    private fun make(progress: Progress, choice: PhotoChoice, from: PhotoState) {
        val matting = session.matting ?: return
        val whole = from.photo
        if (whole == null) {
            session.state = from
            session.tell(texts.getString(R.string.photo_hint))
            return
        }
        val began = System.nanoTime()
        val made = try {
            shrinkToFit { divisor -> afterRelease(whole) { made(progress, choice, from, divisor, matting) } }
        } catch (error: NoPersonException) {
            show(from.copy(matte = null, choice = choice, result = null, shown = shown(whole)))
            session.tell(texts.sentence(error))
            return
        }
        progress.check()
        show(made)
        val (width, height) = checkNotNull(made.result).let { it.width to it.height }
        val millis = (System.nanoTime() - began) / 1_000_000
        session.tell(
            if (width < whole.width) {
                texts.getString(R.string.photo_smaller, width, height)
            } else {
                texts.getString(R.string.photo_done, width, height, millis)
            }
        )
    }

    /** Do a job with a photo. If memory is short for it, the photo that is shown goes before the new one is reduced. */
    private fun <T> afterRelease(whole: Photo, job: () -> T): T = try {
        job()
    } catch (error: OutOfMemoryError) {
        val old = session.state.photo
        if (old == null || old === whole) throw error
        session.state = session.state.copy(photo = null, matte = null)
        job()
    }

    private fun made(progress: Progress, choice: PhotoChoice, from: PhotoState, divisor: Int, matting: Matting): PhotoState {
        val whole = checkNotNull(from.photo)
        val photo = if (divisor == 1) whole else downscale(whole, divisor)
        val known = from.matte?.takeIf { divisor == 1 && from.choice?.quality == choice.quality }
        val matte = known ?: matting.predictAlpha(photo, true, choice.quality, progress)
        val picture = apply(choice, photo, matte, from.background, matting, progress)
        val result = bitmap(picture)
        val drawn = if (divisorToDraw(picture) == 1) result else shown(picture)
        return from.copy(photo = photo, matte = matte, choice = choice, result = result, shown = drawn)
    }

    private fun apply(
        choice: PhotoChoice,
        photo: Photo,
        matte: Matte,
        background: Photo?,
        matting: Matting,
        progress: Progress
    ): Photo = when (choice.effect) {
        PhotoEffect.MATTE -> grey(matte)

        PhotoEffect.CUT_OUT -> matting.cutOut(photo, matte, progress = progress)

        PhotoEffect.COLOUR -> matting.replaceBackground(photo, choice.colour, matte, progress = progress)

        PhotoEffect.BLUR -> matting.blurBackground(photo, choice.strength / PERCENT, matte, progress = progress)

        PhotoEffect.PICTURE -> if (background == null) {
            matting.cutOut(photo, matte, progress = progress)
        } else {
            matting.replaceBackground(photo, background, matte, progress = progress)
        }
    }

    private fun show(state: PhotoState) {
        session.state = state
        session.screen?.show(state)
    }

    // Android refuses to draw bitmaps of more than 100 MB (26 megapixels), and no screen has so many.
    private fun divisorToDraw(picture: Photo) = divisorFor(picture.width, picture.height, SHOWN_PIXELS)

    private fun shown(picture: Photo) = bitmap(downscale(picture, divisorToDraw(picture)))

    private fun bitmap(picture: Photo) =
        Bitmap.createBitmap(picture.pixels, picture.width, picture.height, Bitmap.Config.ARGB_8888)

    private fun grey(matte: Matte) = Photo(
        matte.width,
        matte.height,
        IntArray(matte.values.size) { rgb(matte[it], matte[it], matte[it]) }
    )

    /** Write the result to a destination. Returns false, and tells the user why, if there is none or it cannot be written. */
    private fun write(progress: Progress, destination: (ResultFile) -> Destination): Boolean {
        val result = session.state.result
        val file = session.state.choice?.effect?.file
        if (result == null || file == null) {
            session.tell(texts.getString(R.string.photo_hint))
            return false
        }
        session.jobs.at(progress, JobStep.SAVE)
        try {
            save(destination(file), progress) { stream: OutputStream -> result.compress(file.format, ENCODER_QUALITY, stream) }
            return true
        } catch (error: SaveException) {
            session.tell(
                when (error.problem) {
                    SaveProblem.FULL -> texts.getString(R.string.no_space)
                    SaveProblem.DENIED -> texts.getString(R.string.save_denied, error.message)
                    SaveProblem.FAILED -> texts.getString(R.string.not_saved, error.message)
                }
            )
            return false
        }
    }

    private companion object {
        const val ENCODER_QUALITY = 92
        const val PERCENT = 100.0
        const val SHOWN_PIXELS = 4_000_000L
    }
}
