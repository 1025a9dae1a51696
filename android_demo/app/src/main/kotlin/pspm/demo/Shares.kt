package pspm.demo

import android.content.ClipData
import android.content.Intent

/** Sends [SharedFiles] to other apps. */
object Shares {
    /** An intent that lets the user choose an app for the file [name] of the MIME [type]. */
    fun send(name: String, type: String): Intent {
        val uri = SharedFiles.uri(name)
        val intent = Intent(Intent.ACTION_SEND)
            .setType(type)
            .putExtra(Intent.EXTRA_STREAM, uri)
            .addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
        // The chooser passes on the clip data and the read permission for it.
        intent.clipData = ClipData.newRawUri(name, uri)
        return Intent.createChooser(intent, null)
    }
}
