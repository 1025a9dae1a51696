package pspm.demo

import android.content.ClipData
import android.content.Intent

/** Hands files of [SharedFiles] to other apps. */
object Shares {
    /** The system's choice of apps for a file. */
    fun send(name: String, type: String): Intent {
        val uri = SharedFiles.uri(name)
        val intent = Intent(Intent.ACTION_SEND)
            .setType(type)
            .putExtra(Intent.EXTRA_STREAM, uri)
            .addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
        // The permission goes with what the intent is about, which the chooser hands on.
        intent.clipData = ClipData.newRawUri(name, uri)
        return Intent.createChooser(intent, null)
    }
}
