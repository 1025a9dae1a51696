package pspm.demo

import android.content.res.AssetManager
import java.io.IOException
import java.io.InputStream
import pspm.matting.Bundle
import pspm.matting.ModelException

/** The bundles in the app's assets. */
class Models(private val assets: AssetManager) {
    /** Their folders' names, at least one. */
    fun names(): List<String> {
        val found = open(INDEX).bufferedReader().useLines { lines -> lines.filter { it.isNotBlank() }.toList() }
        if (found.isEmpty()) throw ModelException("the app's assets hold no model; build the app again")
        return found
    }

    /** Read one; ModelException where it is missing or damaged. */
    fun read(name: String): Bundle = Bundle.read(open("$name/$MANIFEST")) { open("$name/$it") }

    private fun open(path: String): InputStream = try {
        assets.open(path)
    } catch (error: IOException) {
        throw ModelException("the app's assets hold no $path; install the app again", error)
    }

    companion object {
        /** For the camera: the smaller picture, in 8 bits. */
        const val LIVE = "mobile-int8-256"

        /** For photos. */
        const val PHOTO = "mobile-fp16-512"

        // tools/assets.sh lists what it puts there.
        private const val INDEX = "models.txt"
        private const val MANIFEST = "manifest.json"
    }
}
