package pspm.demo.saving

import android.content.ContentResolver
import android.net.Uri
import android.provider.DocumentsContract
import java.io.FileNotFoundException
import java.io.OutputStream

/**
 * A new document whose place the user chose in the system's dialog, for Android 8 and 9. It is deleted if it is not complete.
 */
class ChosenDocument(private val resolver: ContentResolver, private val uri: Uri) : Destination {
    override fun open(): OutputStream =
        resolver.openOutputStream(uri, "wt") ?: throw FileNotFoundException("the file cannot be opened")

    override fun publish() = Unit

    override fun discard() {
        try {
            DocumentsContract.deleteDocument(resolver, uri)
        } catch (_: FileNotFoundException) {
            // It is gone already.
        } catch (_: RuntimeException) {
            // Not every provider can delete: the document then stays, and is not complete.
        }
    }
}
