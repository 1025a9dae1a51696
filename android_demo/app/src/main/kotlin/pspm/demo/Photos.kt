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
import pspm.matting.pictures.Photo
import pspm.matting.pictures.upright

/** The result of opening a photo. */
sealed interface Opened {
    /** The photo, upright. Its sides were divided by [divisor] to fit into memory. */
    class Success(val photo: Photo, val divisor: Int) : Opened

    /** The photo cannot be used; [message] is one sentence for the user. */
    class Failure(val message: String) : Opened
}

/** Reads photos, turns them upright, and reduces them if there is not enough memory. */
class Photos(private val context: Context) {
    private val resolver: ContentResolver = context.contentResolver

    /** Open the photo at a URI. Larger photos are reduced to at most [maxPixels] pixels. */
    fun open(uri: Uri, maxPixels: Long = MAX_PIXELS): Opened = open(maxPixels) {
        resolver.openInputStream(uri) ?: throw IOException("$uri cannot be opened")
    }

    /** Open the portrait in the app's assets. */
    fun openSample(): Opened = open(MAX_PIXELS) { context.assets.open(SAMPLE) }

    private fun open(maxPixels: Long, stream: () -> InputStream): Opened {
        // Read the whole file at once: the photo may be deleted while it is open.
        val bytes = try {
            stream().use { it.readBytes() }
        } catch (_: IOException) {
            return Opened.Failure(context.getString(R.string.photo_gone))
        } catch (_: SecurityException) {
            return Opened.Failure(context.getString(R.string.photo_gone))
        } catch (_: OutOfMemoryError) {
            return Opened.Failure(context.getString(R.string.photo_too_large))
        }
        val bounds = BitmapFactory.Options().apply { inJustDecodeBounds = true }
        BitmapFactory.decodeByteArray(bytes, 0, bytes.size, bounds)
        if (bounds.outWidth < 1 || bounds.outHeight < 1) return Opened.Failure(context.getString(R.string.photo_broken))
        val pixels = bounds.outWidth.toLong() * bounds.outHeight
        if (pixels > MAX_MEGAPIXELS * MEGA) {
            return Opened.Failure(context.getString(R.string.photo_over_limit, pixels / MEGA, MAX_MEGAPIXELS))
        }
        val first = divisorFor(bounds.outWidth, bounds.outHeight, maxPixels)
        return try {
            shrinkToFit { divisor ->
                val photo = decode(bytes, first * divisor)
                if (photo == null) broken() else Opened.Success(photo, first * divisor)
            }
        } catch (_: OutOfMemoryError) {
            Opened.Failure(context.getString(R.string.photo_too_large))
        }
    }

    private fun broken() = Opened.Failure(context.getString(R.string.photo_broken))

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
        // A photo with damaged or missing EXIF data is still usable.
        ExifInterface.ORIENTATION_NORMAL
    }

    companion object {
        /** The sample portrait in the app's assets. */
        const val SAMPLE = "sample.jpg"

        private const val MEGA = 1_000_000L

        // Larger photos are refused, to guard against decompression bombs.
        private const val MAX_MEGAPIXELS = 200L

        // Larger photos are reduced: 50 megapixels already need 200 MB for the pixels and as much for the bitmap.
        private const val MAX_PIXELS = 50 * MEGA

        /** The intent that lets the user pick a picture. */
        fun pick(): Intent = Intent(Intent.ACTION_GET_CONTENT)
            .addCategory(Intent.CATEGORY_OPENABLE)
            .setType("image/*")
    }
}
