package pspm.demo

import android.content.ContentResolver
import android.content.Context
import android.content.Intent
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.media.ExifInterface
import android.net.Uri
import java.io.ByteArrayInputStream
import java.io.IOException
import java.io.InputStream
import pspm.matting.Photo
import pspm.matting.upright

/** A photo that was opened, or what to tell the user instead. */
sealed interface Opened {
    /** Upright; [divisor] is by how much its sides were divided to fit into the memory. */
    class Good(val photo: Photo, val divisor: Int) : Opened

    /** One sentence. */
    class Bad(val sentence: String) : Opened
}

/** Reads what the user picks, upright, and as large as the memory allows. */
class Photos(private val context: Context) {
    private val resolver: ContentResolver = context.contentResolver

    /** Open the photo at an address, of at most [mostPixels]. */
    fun open(uri: Uri, mostPixels: Long = MOST_PIXELS): Opened = open(mostPixels) {
        resolver.openInputStream(uri) ?: throw IOException("$uri gives nothing")
    }

    /** Open the portrait in the app's assets. */
    fun openSample(): Opened = open(MOST_PIXELS) { context.assets.open(SAMPLE) }

    private fun open(mostPixels: Long, stream: () -> InputStream): Opened {
        // Read once and whole: the photo may be removed while it is open.
        val bytes = try {
            stream().use { it.readBytes() }
        } catch (_: IOException) {
            return Opened.Bad(context.getString(R.string.photo_gone))
        } catch (_: SecurityException) {
            return Opened.Bad(context.getString(R.string.photo_gone))
        } catch (_: OutOfMemoryError) {
            return Opened.Bad(context.getString(R.string.photo_too_large))
        }
        val bounds = BitmapFactory.Options().apply { inJustDecodeBounds = true }
        BitmapFactory.decodeByteArray(bytes, 0, bytes.size, bounds)
        if (bounds.outWidth < 1 || bounds.outHeight < 1) return Opened.Bad(context.getString(R.string.photo_broken))
        val pixels = bounds.outWidth.toLong() * bounds.outHeight
        if (pixels > BOMB) return Opened.Bad(context.getString(R.string.photo_bomb, pixels / MEGA, BOMB / MEGA))
        val first = divisorFor(bounds.outWidth, bounds.outHeight, mostPixels)
        return try {
            shrinkToFit { divisor ->
                val photo = decode(bytes, first * divisor)
                if (photo == null) broken() else Opened.Good(photo, first * divisor)
            }
        } catch (_: OutOfMemoryError) {
            Opened.Bad(context.getString(R.string.photo_too_large))
        }
    }

    private fun broken() = Opened.Bad(context.getString(R.string.photo_broken))

    private fun decode(bytes: ByteArray, divisor: Int): Photo? {
        val options = BitmapFactory.Options().apply {
            inSampleSize = divisor
            inPreferredConfig = Bitmap.Config.ARGB_8888
            inPremultiplied = true
        }
        val decoded = BitmapFactory.decodeByteArray(bytes, 0, bytes.size, options) ?: return null
        val pixels = IntArray(decoded.width * decoded.height)
        decoded.getPixels(pixels, 0, decoded.width, 0, 0, decoded.width, decoded.height)
        val photo = Photo(decoded.width, decoded.height, pixels)
        decoded.recycle()
        return upright(photo, orientation(bytes))
    }

    private fun orientation(bytes: ByteArray): Int = try {
        ExifInterface(ByteArrayInputStream(bytes))
            .getAttributeInt(ExifInterface.TAG_ORIENTATION, ExifInterface.ORIENTATION_NORMAL)
    } catch (_: IOException) {
        // Broken or no EXIF must not cost the photo.
        ExifInterface.ORIENTATION_NORMAL
    }

    companion object {
        /** The portrait that comes with the app. */
        const val SAMPLE = "sample.jpg"

        private const val MEGA = 1_000_000L
        private const val BOMB = 200 * MEGA

        // 50 megapixels are 200 MB of pixels for the photo and as much for its bitmap: the most that makes sense to try.
        private const val MOST_PIXELS = 50 * MEGA

        /** The system's way to pick a picture. */
        fun pick(): Intent = Intent(Intent.ACTION_GET_CONTENT)
            .addCategory(Intent.CATEGORY_OPENABLE)
            .setType("image/*")
    }
}
