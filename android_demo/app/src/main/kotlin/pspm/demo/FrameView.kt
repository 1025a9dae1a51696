package pspm.demo

import android.content.Context
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Paint
import android.graphics.Rect
import android.graphics.RectF
import android.util.AttributeSet
import android.view.View

/**
 * Shows a picture, scaled to fit, over a grey checkerboard if it is transparent. Call [show] and [showFrame] from any
 * thread.
 */
class FrameView(context: Context, attributes: AttributeSet?) : View(context, attributes) {
    private val paint = Paint(Paint.FILTER_BITMAP_FLAG)
    private val dark = Paint().apply { color = context.getColor(R.color.check_a) }
    private val light = Paint().apply { color = context.getColor(R.color.check_b) }
    private val place = RectF()
    private val lock = Any()
    private var shown: Bitmap? = null

    // Frames rotate through three bitmaps: one is shown, one may still be on its way to the screen, one is written.
    private val ring = arrayOfNulls<Bitmap>(RING)
    private var turn = 0

    /** (width, height) of the shown picture, or null if there is none. */
    val shownSize: Pair<Int, Int>? get() = synchronized(lock) { shown?.let { it.width to it.height } }

    /** Where in the window the picture was drawn last. Use it on the main thread. */
    val placeInWindow: Rect
        get() = Rect().also {
            place.round(it)
            val corner = IntArray(2).also(::getLocationInWindow)
            it.offset(corner[0], corner[1])
        }

    /** Show a bitmap, which must not change afterwards, or nothing if it is null. */
    fun show(bitmap: Bitmap?) {
        synchronized(lock) { shown = bitmap }
        postInvalidateOnAnimation()
    }

    /** Show a copy of packed, opaque pixels. */
    fun showFrame(pixels: IntArray, width: Int, height: Int) {
        turn = (turn + 1) % RING
        val old = ring[turn]
        val bitmap = if (old != null && old.width == width && old.height == height) {
            old
        } else {
            // Without alpha the checkerboard is not drawn behind each frame.
            Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888).also {
                it.setHasAlpha(false)
                ring[turn] = it
            }
        }
        bitmap.setPixels(pixels, 0, width, 0, 0, width, height)
        show(bitmap)
    }

    override fun onDraw(canvas: Canvas) {
        synchronized(lock) {
            val bitmap = shown ?: return
            fit(bitmap.width, bitmap.height)
            if (bitmap.hasAlpha()) drawSquares(canvas)
            canvas.drawBitmap(bitmap, null, place, paint)
        }
    }

    private fun fit(pictureWidth: Int, pictureHeight: Int) {
        val scale = minOf(width.toFloat() / pictureWidth, height.toFloat() / pictureHeight)
        val left = (width - pictureWidth * scale) / 2
        val top = (height - pictureHeight * scale) / 2
        place.set(left, top, left + pictureWidth * scale, top + pictureHeight * scale)
    }

    private fun drawSquares(canvas: Canvas) {
        canvas.drawRect(place, light)
        val side = SQUARE * resources.displayMetrics.density
        var row = 0
        var y = place.top
        while (y < place.bottom) {
            var x = place.left + if (row % 2 == 0) 0f else side
            while (x < place.right) {
                canvas.drawRect(x, y, minOf(x + side, place.right), minOf(y + side, place.bottom), dark)
                x += 2 * side
            }
            y += side
            row++
        }
    }

    private companion object {
        const val RING = 3
        const val SQUARE = 12
    }
}
