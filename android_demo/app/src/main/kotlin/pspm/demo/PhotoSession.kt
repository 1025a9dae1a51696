package pspm.demo

import android.content.Context
import android.graphics.Bitmap
import pspm.matting.Matting
import pspm.matting.pictures.Matte
import pspm.matting.pictures.Photo

/**
 * The photo on the Photo screen, and what was made of it. It changes as a whole, when a job is complete.
 *
 * [photo]: upright. [matte]: of it. [background]: the picture that the user chose. [choice]: what was made. [result]: at full
 * size, to be saved or shared, or null. [shown]: what the screen shows, small enough to be drawn.
 */
data class PhotoState(
    val photo: Photo? = null,
    val matte: Matte? = null,
    val background: Photo? = null,
    val choice: PhotoChoice? = null,
    val result: Bitmap? = null,
    val shown: Bitmap? = null
)

/** The screen that shows a [PhotoSession]. Its functions may be called from any thread. */
interface PhotoScreen {
    /** Show what a job has made. */
    fun show(state: PhotoState)

    /** A job was cancelled: show the choices of what is shown, or leave them if they are null. */
    fun restore(choice: PhotoChoice?)

    /** Show a sentence. */
    fun tell(message: String)

    /** Let the user send a shared file to another app. */
    fun send(file: ResultFile)
}

/** What the jobs of the Photo screen use. Used on the worker thread only, but for what says otherwise. */
class PhotoSession(context: Context) : AutoCloseable {
    /** The loaded model, once it is loaded. */
    var matting: Matting? = null

    /** The photo and what was made of it. */
    var state = PhotoState()

    /** The jobs that run and wait. Any thread may use them. */
    val jobs = Jobs()

    /** What the jobs do. */
    val work = PhotoWork(context, this)

    /** The screen that shows this session now; another one after the device is turned. May be set on any thread. */
    @Volatile
    var screen: PhotoScreen? = null

    /** The sentence on the status line. May be read on any thread. */
    @Volatile
    var message = ""
        private set

    /** Show a sentence, and keep it for the next screen. */
    fun tell(sentence: String) {
        message = sentence
        screen?.tell(sentence)
    }

    override fun close() {
        matting?.close()
        matting = null
    }
}
