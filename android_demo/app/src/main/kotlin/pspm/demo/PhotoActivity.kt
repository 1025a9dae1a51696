package pspm.demo

import android.Manifest
import android.content.Intent
import android.content.pm.PackageManager
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.net.Uri
import android.os.Bundle
import android.provider.MediaStore
import android.widget.SeekBar
import java.io.IOException
import java.io.OutputStream
import pspm.matting.Matting
import pspm.matting.engine.TensorFlowLiteEngine
import pspm.matting.pictures.Matte
import pspm.matting.pictures.Photo
import pspm.matting.pictures.downscale
import pspm.matting.pictures.rgb

/** Shows a photo's matte, cut-out and new backgrounds at full resolution, and saves or shares the result. */
class PhotoActivity : Screen(R.layout.photo, R.id.photo) {
    private lateinit var view: FrameView
    private var colour = 0

    // Used only on the worker thread.
    private var matting: Matting? = null
    private var photo: Photo? = null
    private var matte: Matte? = null
    private var result: Bitmap? = null

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        view = findViewById(R.id.frame)
        showStatus(getString(R.string.photo_hint))
        onTap(R.id.pick) { startOther(Photos.pick(), PICK) }
        onTap(R.id.take) { take() }
        onTap(R.id.sample) { use { Photos(this).openSample() } }
        onTap(R.id.matte) { make { _, matte, _ -> grey(matte) } }
        onTap(R.id.cut_out) { make { photo, matte, matting -> matting.cutOut(photo, matte) } }
        onTap(R.id.colour) {
            val chosen = COLOURS[colour++ % COLOURS.size]
            make { photo, matte, matting -> matting.replaceBackground(photo, chosen, matte) }
        }
        onTap(R.id.picture) { startOther(Photos.pick(), BACKGROUND) }
        onTap(R.id.blur) { blur() }
        findViewById<SeekBar>(R.id.strength).setOnSeekBarChangeListener(
            object : SeekBar.OnSeekBarChangeListener {
                override fun onProgressChanged(bar: SeekBar, progress: Int, byUser: Boolean) = Unit

                override fun onStartTrackingTouch(bar: SeekBar) = Unit

                override fun onStopTrackingTouch(bar: SeekBar) = blur()
            }
        )
        onTap(R.id.save_png) { startOther(create("image/png", "cutout.png"), SAVE_PNG) }
        onTap(R.id.save_jpeg) { startOther(create("image/jpeg", "portrait.jpg"), SAVE_JPEG) }
        onTap(R.id.share) { work { share() } }
        work { matting = load() }
    }

    override fun onActivityResult(request: Int, outcome: Int, data: Intent?) {
        super.onActivityResult(request, outcome, data)
        if (outcome != RESULT_OK) return
        val uri = data?.data
        when (request) {
            TAKE -> use { Photos(this).open(SharedFiles.uri(TAKEN)) }
            PICK -> if (uri != null) use { Photos(this).open(uri) }
            BACKGROUND -> if (uri != null) replace(uri)
            SAVE_PNG -> if (uri != null) work { save(uri, Bitmap.CompressFormat.PNG) }
            SAVE_JPEG -> if (uri != null) work { save(uri, Bitmap.CompressFormat.JPEG) }
        }
    }

    override fun onRequestPermissionsResult(request: Int, names: Array<out String>, results: IntArray) {
        super.onRequestPermissionsResult(request, names, results)
        if (results.firstOrNull() == PackageManager.PERMISSION_GRANTED) {
            take()
        } else {
            showStatus(getString(R.string.no_take_permission))
        }
    }

    override fun release() {
        matting?.close()
        matting = null
    }

    private fun load(): Matting {
        val bundle = Models(assets).read(Models.PHOTO)
        return Matting(bundle, TensorFlowLiteEngine.open(bundle.model))
    }

    private fun take() {
        // An app that declares the camera permission must hold it before it may start the camera app.
        if (checkSelfPermission(Manifest.permission.CAMERA) != PackageManager.PERMISSION_GRANTED) {
            requestPermissions(arrayOf(Manifest.permission.CAMERA), 1)
            return
        }
        val intent = Intent(MediaStore.ACTION_IMAGE_CAPTURE)
            .putExtra(MediaStore.EXTRA_OUTPUT, SharedFiles.uri(TAKEN))
            .addFlags(Intent.FLAG_GRANT_WRITE_URI_PERMISSION or Intent.FLAG_GRANT_READ_URI_PERMISSION)
        startOther(intent, TAKE)
    }

    private fun create(type: String, name: String) = Intent(Intent.ACTION_CREATE_DOCUMENT)
        .addCategory(Intent.CATEGORY_OPENABLE)
        .setType(type)
        .putExtra(Intent.EXTRA_TITLE, name)

    /** Open a photo and show its cut-out. */
    private fun use(open: () -> Opened) {
        showStatus(getString(R.string.working))
        work {
            when (val opened = open()) {
                is Opened.Failure -> showStatus(opened.message)

                is Opened.Success -> {
                    photo = opened.photo
                    matte = null
                    show { photo, matte, matting -> matting.cutOut(photo, matte) }
                }
            }
        }
    }

    private fun replace(background: Uri) {
        showStatus(getString(R.string.working))
        work {
            when (val opened = Photos(this).open(background)) {
                is Opened.Failure -> showStatus(opened.message)
                is Opened.Success -> show { photo, matte, matting -> matting.replaceBackground(photo, opened.photo, matte) }
            }
        }
    }

    private fun blur() {
        val strength = findViewById<SeekBar>(R.id.strength).progress / 100.0
        make { photo, matte, matting -> matting.blurBackground(photo, strength, matte) }
    }

    private fun make(effect: (Photo, Matte, Matting) -> Photo) {
        showStatus(getString(R.string.working))
        work { show(effect) }
    }

    /** Apply an effect. If there is not enough memory, apply it to a smaller copy and tell the user. */
    private fun show(effect: (Photo, Matte, Matting) -> Photo) {
        val matting = matting ?: return
        val whole = photo
        if (whole == null) {
            showStatus(getString(R.string.photo_hint))
            return
        }
        val began = System.nanoTime()
        result = null
        view.show(null)
        val bitmap = shrinkToFit { divisor ->
            val work = if (divisor == 1) whole else downscale(whole, divisor)
            if (divisor > 1) {
                // The full size would fail again, so keep the smaller copy.
                photo = work
                matte = null
            }
            val alpha = matte ?: matting.predictAlpha(work).also { matte = it }
            val made = effect(work, alpha, matting)
            Bitmap.createBitmap(made.pixels, made.width, made.height, Bitmap.Config.ARGB_8888)
        }
        result = bitmap
        view.show(bitmap)
        val millis = (System.nanoTime() - began) / 1_000_000
        if (bitmap.width < whole.width) {
            showStatus(getString(R.string.photo_smaller, bitmap.width, bitmap.height))
        } else {
            showStatus(getString(R.string.photo_done, bitmap.width, bitmap.height, millis))
        }
    }

    private fun grey(matte: Matte) = Photo(
        matte.width,
        matte.height,
        IntArray(matte.values.size) { rgb(matte[it], matte[it], matte[it]) }
    )

    private fun save(uri: Uri, format: Bitmap.CompressFormat) {
        val bitmap = result
        if (bitmap == null) {
            showStatus(getString(R.string.photo_hint))
            return
        }
        try {
            val stream = contentResolver.openOutputStream(uri, "wt") ?: throw IOException("the file cannot be opened")
            stream.use { write(bitmap, format, it) }
            val flattened = format == Bitmap.CompressFormat.JPEG && bitmap.hasTransparency()
            showStatus(getString(if (flattened) R.string.jpeg_note else R.string.saved))
        } catch (error: IOException) {
            showStatus(getString(R.string.not_saved, error.message))
        } catch (error: SecurityException) {
            showStatus(getString(R.string.not_saved, error.message))
        }
    }

    private fun write(bitmap: Bitmap, format: Bitmap.CompressFormat, stream: OutputStream) {
        val flat = if (format == Bitmap.CompressFormat.JPEG) onWhite(bitmap) else bitmap
        if (!flat.compress(format, QUALITY, stream)) throw IOException("the picture cannot be encoded")
    }

    private fun onWhite(bitmap: Bitmap): Bitmap {
        val flat = Bitmap.createBitmap(bitmap.width, bitmap.height, Bitmap.Config.ARGB_8888)
        Canvas(flat).apply {
            drawColor(Color.WHITE)
            drawBitmap(bitmap, 0f, 0f, null)
        }
        return flat
    }

    private fun Bitmap.hasTransparency(): Boolean {
        val row = IntArray(width)
        return (0 until height).any { y ->
            getPixels(row, 0, width, 0, y, width, 1)
            row.any { it ushr 24 != 255 }
        }
    }

    private fun share() {
        val bitmap = result
        if (bitmap == null) {
            showStatus(getString(R.string.photo_hint))
            return
        }
        try {
            SharedFiles.fileOf(this, RESULT).outputStream().use { write(bitmap, Bitmap.CompressFormat.PNG, it) }
        } catch (error: IOException) {
            showStatus(getString(R.string.not_saved, error.message))
            return
        }
        onScreen { startOther(Shares.send(RESULT, "image/png"), SHARE) }
    }

    private companion object {
        const val PICK = 1
        const val TAKE = 2
        const val BACKGROUND = 3
        const val SAVE_PNG = 4
        const val SAVE_JPEG = 5
        const val SHARE = 6
        const val QUALITY = 92
        const val TAKEN = "taken.jpg"
        const val RESULT = "portrait.png"
        val COLOURS = intArrayOf(rgb(32, 160, 255), rgb(0, 177, 64), rgb(255, 255, 255), rgb(0, 0, 0), rgb(255, 120, 40))
    }
}
