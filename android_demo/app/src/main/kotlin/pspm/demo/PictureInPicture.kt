package pspm.demo

import android.app.Activity
import android.app.PictureInPictureParams
import android.content.pm.PackageManager
import android.graphics.Rect
import android.os.Build
import android.util.Rational
import pspm.matting.NewerApi

/**
 * A screen's moving picture in a small window over other apps. Android 12 and later open it when the user goes to the home
 * screen; before, the screen calls [enter] then. Use it on the main thread.
 */
class PictureInPicture(private val activity: Activity) {
    /** Whether this device has it. */
    val isOffered: Boolean = activity.packageManager.hasSystemFeature(PackageManager.FEATURE_PICTURE_IN_PICTURE)

    private var size: Pair<Int, Int>? = null

    /** Where the picture was before the small window, for the way there and back. */
    var place: Rect = Rect()
        private set

    /** Whether there is a moving picture to show. */
    val isReady: Boolean get() = isOffered && size != null

    /** Say that a picture of (width, height) moves at this [place] of the screen's window, or that none does. */
    fun offer(size: Pair<Int, Int>?, place: Rect) {
        if (!isOffered || (size == this.size && place == this.place)) return
        this.size = size
        this.place = place
        activity.setPictureInPictureParams(parameters())
    }

    /** Open the small window. Returns false if there is no moving picture, or if Android does not allow it. */
    fun enter(): Boolean = isReady && activity.enterPictureInPictureMode(parameters())

    @NewerApi
    private fun parameters(): PictureInPictureParams {
        val builder = PictureInPictureParams.Builder().setSourceRectHint(place)
        size?.let { (width, height) -> builder.setAspectRatio(allowed(width, height)) }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) builder.setAutoEnterEnabled(isReady)
        return builder.build()
    }

    /** The aspect ratio of the window: that of the picture, as far as Android allows. */
    private fun allowed(width: Int, height: Int) = when {
        width * LONGEST.denominator > height * LONGEST.numerator -> LONGEST
        height * LONGEST.denominator > width * LONGEST.numerator -> Rational(LONGEST.denominator, LONGEST.numerator)
        else -> Rational(width, height)
    }

    private companion object {
        /** Android's limit for the longer side by the shorter. */
        val LONGEST = Rational(239, 100)
    }
}
