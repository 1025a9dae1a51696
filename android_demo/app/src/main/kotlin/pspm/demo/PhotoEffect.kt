package pspm.demo

import android.graphics.Bitmap
import pspm.matting.Quality

/** What the Photo screen makes of a photo. [button] chooses it, [options] are the views for its settings or 0. */
enum class PhotoEffect(val button: Int, val options: Int, val file: ResultFile) {
    CUT_OUT(R.id.cut_out, 0, ResultFile.CUT_OUT),
    COLOUR(R.id.colour, R.id.colours, ResultFile.PORTRAIT),
    PICTURE(R.id.picture, 0, ResultFile.PORTRAIT),
    BLUR(R.id.blur, R.id.strength, ResultFile.PORTRAIT),
    MATTE(R.id.matte, 0, ResultFile.MATTE)
}

/** What the user chose: an effect with its [colour] or [strength] from 0 to 100, and the matte's [quality]. */
data class PhotoChoice(val effect: PhotoEffect, val colour: Int, val strength: Int, val quality: Quality)

/** The file of a result: PNG where transparency or exact values count, else JPEG. */
enum class ResultFile(val title: String, val extension: String, val type: String) {
    CUT_OUT("cutout", "png", "image/png"),
    MATTE("matte", "png", "image/png"),
    PORTRAIT("portrait", "jpg", "image/jpeg");

    /** Its encoder. */
    val format: Bitmap.CompressFormat
        get() = if (this == PORTRAIT) Bitmap.CompressFormat.JPEG else Bitmap.CompressFormat.PNG

    /** The name of a file that is replaced by the next of its kind. */
    val fileName: String get() = "$title.$extension"
}
