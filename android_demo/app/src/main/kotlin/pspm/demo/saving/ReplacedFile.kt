package pspm.demo.saving

import java.io.File
import java.io.IOException
import java.io.OutputStream

/** A file that is replaced when its new content is complete. */
class ReplacedFile(private val file: File) : Destination {
    private val unfinished = File(file.path + ".part")

    override fun open(): OutputStream = unfinished.outputStream()

    override fun publish() {
        if (!unfinished.renameTo(file)) throw IOException("${file.name} cannot be replaced")
    }

    override fun discard() {
        unfinished.delete()
    }
}
