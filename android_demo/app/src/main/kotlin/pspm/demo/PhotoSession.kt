package pspm.demo

import android.graphics.Bitmap
import pspm.matting.Matting
import pspm.matting.pictures.Matte
import pspm.matting.pictures.Photo

/** The photo on the Photo screen, and what was made of it. Used on the worker thread only. */
class PhotoSession : AutoCloseable {
    /** The loaded model, once it is loaded. */
    var matting: Matting? = null

    /** The photo, upright. */
    var photo: Photo? = null
        set(value) {
            field = value
            matte = null
            result = null
        }

    /** The photo's matte, once it was needed. */
    var matte: Matte? = null

    /** The picture that the user chose as the background. */
    var background: Photo? = null

    /** The result at full size, to be saved or shared. */
    var result: Result? = null

    /** What the screen shows, small enough to be drawn. */
    var shown: Bitmap? = null

    /** The sentence on the status line. May be set on any thread. */
    @Volatile
    var message = ""

    override fun close() {
        matting?.close()
        matting = null
    }

    /** A finished picture, and the effect that made it. */
    class Result(val bitmap: Bitmap, val effect: PhotoEffect)
}
