package pspm.demo.saving

import android.content.ContentResolver
import android.content.ContentValues
import android.net.Uri
import android.provider.MediaStore.Images
import android.provider.MediaStore.MediaColumns
import java.io.FileNotFoundException
import java.io.IOException
import java.io.OutputStream

/** The calls to MediaStore that [GalleryPicture] makes. [Id] names an entry. */
interface MediaEntries<Id> {
    /** Make an entry, or return null if MediaStore does not. Throws what MediaStore throws. */
    fun insert(values: Map<String, Any>): Id?

    /** Open an entry to be written, or return null. */
    fun open(id: Id): OutputStream?

    /** Change an entry. Returns the number of entries that were changed. */
    fun update(id: Id, values: Map<String, Any>): Int

    /** Delete an entry. */
    fun delete(id: Id)
}

/**
 * A new picture in the gallery, for Android 10 and later, which need no permission for it: the file [name].[extension] of the
 * MIME [type] in the folder [FOLDER]. It is pending until it is complete, so no other app sees a part of it.
 *
 * A name that is taken gets a number: from MediaStore, and from here where MediaStore gives up.
 */
class GalleryPicture<Id>(
    private val entries: MediaEntries<Id>,
    private val name: String,
    private val extension: String,
    private val type: String
) : Destination {
    private var entry: Id? = null

    override fun open(): OutputStream {
        val made = insert()
        entry = made
        return entries.open(made) ?: throw FileNotFoundException("the new picture cannot be opened")
    }

    override fun publish() {
        if (entries.update(checkNotNull(entry), mapOf(MediaColumns.IS_PENDING to 0)) != 1) {
            throw IOException("the new picture is gone")
        }
    }

    override fun discard() {
        val unfinished = entry ?: return
        entry = null
        try {
            entries.delete(unfinished)
        } catch (_: RuntimeException) {
            // MediaStore deletes pending pictures after a week.
        }
    }

    private fun insert(): Id {
        for (number in 1..MOST_NAMES) {
            val numbered = if (number == 1) name else "$name-$number"
            try {
                return entries.insert(values("$numbered.$extension")) ?: throw IOException("the gallery takes no new picture")
            } catch (error: IllegalStateException) {
                // It found no name that is free, or there is no space.
                if (number == MOST_NAMES || problem(error) != SaveProblem.FAILED) throw error
            }
        }
        error("it found no free name")
    }

    private fun values(fileName: String) = mapOf(
        MediaColumns.DISPLAY_NAME to fileName,
        MediaColumns.MIME_TYPE to type,
        MediaColumns.RELATIVE_PATH to FOLDER,
        MediaColumns.IS_PENDING to 1
    )

    companion object {
        /** Where the pictures are, as MediaStore names it. */
        const val FOLDER = "Pictures/PSPM"

        private const val MOST_NAMES = 3
    }
}

/** The device's MediaStore. */
class MediaStoreEntries(private val resolver: ContentResolver) : MediaEntries<Uri> {
    override fun insert(values: Map<String, Any>): Uri? =
        resolver.insert(Images.Media.EXTERNAL_CONTENT_URI, contentValues(values))

    override fun open(id: Uri): OutputStream? = resolver.openOutputStream(id, "w")

    override fun update(id: Uri, values: Map<String, Any>): Int = resolver.update(id, contentValues(values), null, null)

    override fun delete(id: Uri) {
        resolver.delete(id, null, null)
    }

    private fun contentValues(values: Map<String, Any>) = ContentValues().apply {
        for ((column, value) in values) if (value is Int) put(column, value) else put(column, value.toString())
    }
}
