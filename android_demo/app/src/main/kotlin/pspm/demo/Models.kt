package pspm.demo

import android.content.res.AssetManager
import java.io.IOException
import java.io.InputStream
import pspm.matting.Bundle
import pspm.matting.ErrorKind
import pspm.matting.ModelException

/** The bundles in the app's assets. */
class Models(private val assets: AssetManager) {
    /** Names of the bundles' folders, at least one. Throws [ModelException] if there are none. */
    fun names(): List<String> {
        val found = open(INDEX).bufferedReader().useLines { lines -> lines.filter { it.isNotBlank() }.toList() }
        if (found.isEmpty()) throw ModelException(ErrorKind.FILE_UNREADABLE, listOf(INDEX))
        return found
    }

    /** Read a bundle. Throws [ModelException] if it is missing or damaged. */
    fun read(name: String): Bundle = Bundle.read(open("$name/$MANIFEST")) { open("$name/$it") }

    private fun open(path: String): InputStream = try {
        assets.open(path)
    } catch (error: IOException) {
        throw ModelException(ErrorKind.FILE_UNREADABLE, listOf(path), error)
    }

    companion object {
        /** Bundle for the Live screen: the smaller view, int8. */
        const val LIVE = "mobile-int8-256"

        /** Bundle for the Photo screen. */
        const val PHOTO = "mobile-fp16-512"

        // tools/assets.sh writes this list.
        private const val INDEX = "models.txt"
        private const val MANIFEST = "manifest.json"
    }
}
