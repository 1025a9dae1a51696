package pspm.demo

import android.graphics.Bitmap

/** What the Photo screen makes of a photo. [button] chooses it, [options] are the views for its settings or 0. */
enum class PhotoEffect(val button: Int, val options: Int, val file: ResultFile) {
    CUT_OUT(R.id.cut_out, 0, ResultFile.CUT_OUT),
    COLOUR(R.id.colour, R.id.colours, ResultFile.PORTRAIT),
    PICTURE(R.id.picture, 0, ResultFile.PORTRAIT),
    BLUR(R.id.blur, R.id.strength, ResultFile.PORTRAIT),
    MATTE(R.id.matte, 0, ResultFile.MATTE)
}

/** The file of a result: PNG where transparency or exact values count, else JPEG. */
enum class ResultFile(val fileName: String, val type: String, val format: Bitmap.CompressFormat) {
    CUT_OUT("cutout.png", "image/png", Bitmap.CompressFormat.PNG),
    MATTE("matte.png", "image/png", Bitmap.CompressFormat.PNG),
    PORTRAIT("portrait.jpg", "image/jpeg", Bitmap.CompressFormat.JPEG)
}
