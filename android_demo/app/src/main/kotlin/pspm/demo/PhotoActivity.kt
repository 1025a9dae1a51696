package pspm.demo

import android.Manifest
import android.content.Intent
import android.content.pm.PackageManager
import android.graphics.Bitmap
import android.os.Bundle
import android.provider.MediaStore
import android.widget.Button
import android.widget.RadioButton
import android.widget.SeekBar
import java.io.IOException
import java.io.OutputStream
import pspm.matting.Matting
import pspm.matting.NoPersonException
import pspm.matting.Quality
import pspm.matting.engine.TensorFlowLiteEngine
import pspm.matting.pictures.Matte
import pspm.matting.pictures.Photo
import pspm.matting.pictures.downscale
import pspm.matting.pictures.rgb

/** Shows a photo's matte, cut-out and new backgrounds at full resolution, and saves or shares the result. */
class PhotoActivity : Screen<PhotoSession>(R.layout.photo, R.id.photo) {
    private lateinit var view: FrameView
    private lateinit var swatches: Swatches
    private lateinit var strength: SeekBar

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        view = findViewById(R.id.frame)
        swatches = findViewById(R.id.colours)
        strength = findViewById(R.id.strength)
        showStatus(getString(R.string.photo_hint))
        onTap(R.id.pick) { startOther(Photos.pick(), PICK) }
        onTap(R.id.take) { take() }
        onTap(R.id.sample) { use { Photos(this).openSample() } }
        for (effect in PhotoEffect.entries) onTap(effect.button) { choose(effect) }
        for (button in QUALITIES.keys) onTap(button) { lookAgain() }
        swatches.onChoice = { make() }
        afterSliding(strength) { make() }
        onTap(R.id.save) { work { askWhereToSave() } }
        onTap(R.id.share) { work { share() } }
        work {
            if (session.matting == null) session.matting = load()
            showAgain()
        }
    }

    override fun onPostCreate(state: Bundle?) {
        super.onPostCreate(state)
        // The chosen effect of an earlier screen was restored before this call.
        showOptions()
    }

    override fun onActivityResult(request: Int, outcome: Int, data: Intent?) {
        super.onActivityResult(request, outcome, data)
        if (outcome != RESULT_OK) return
        val uri = data?.data
        when (request) {
            TAKE -> use { Photos(this).open(SharedFiles.uri(TAKEN)) }
            PICK -> if (uri != null) use { Photos(this).open(uri) }
            BACKGROUND -> if (uri != null) replace { Photos(this).open(uri) }
            SAVE -> if (uri != null) work { save { contentResolver.openOutputStream(uri, "wt") } }
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

    override fun newSession() = PhotoSession()

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

    private fun create(file: ResultFile) = Intent(Intent.ACTION_CREATE_DOCUMENT)
        .addCategory(Intent.CATEGORY_OPENABLE)
        .setType(file.type)
        .putExtra(Intent.EXTRA_TITLE, file.fileName)

    private fun choose(effect: PhotoEffect) {
        showOptions()
        if (effect == PhotoEffect.PICTURE) startOther(Photos.pick(), BACKGROUND) else make()
    }

    private fun effect() = PhotoEffect.entries.first { findViewById<RadioButton>(it.button).isChecked }

    private fun showOptions() {
        val chosen = effect()
        for (options in listOf(swatches, strength)) show(options, options.id == chosen.options)
    }

    private fun showKind(file: ResultFile) = onScreen {
        val png = file.format == Bitmap.CompressFormat.PNG
        findViewById<Button>(R.id.save).setText(if (png) R.string.save_png else R.string.save_jpeg)
    }

    /** Open a photo and apply the chosen effect. */
    private fun use(open: () -> Opened) = openThen(open) { session.photo = it }

    /** Open a picture and put the person in front of it. */
    private fun replace(open: () -> Opened) = openThen(open) { session.background = it }

    private fun openThen(open: () -> Opened, job: (Photo) -> Unit) {
        val effect = effect()
        val apply = applied(effect)
        val quality = quality()
        tell(getString(R.string.working))
        work {
            when (val opened = open()) {
                is Opened.Failure -> tell(opened.message)

                is Opened.Success -> {
                    job(opened.photo)
                    show(effect, quality, apply)
                }
            }
        }
    }

    /** Look at the photo with the chosen quality, and apply the chosen effect. */
    private fun lookAgain() {
        work { session.matte = null }
        make()
    }

    private fun quality() = QUALITIES.entries.first { (button) -> findViewById<RadioButton>(button).isChecked }.value

    private fun make() {
        val effect = effect()
        val apply = applied(effect)
        val quality = quality()
        tell(getString(R.string.working))
        work { show(effect, quality, apply) }
    }

    /** The function that applies an effect with the settings on the screen. */
    private fun applied(effect: PhotoEffect): (Photo, Matte, Matting) -> Photo {
        val colour = swatches.colour
        val share = strength.progress / PERCENT
        return { photo, matte, matting ->
            when (effect) {
                PhotoEffect.MATTE -> grey(matte)

                PhotoEffect.CUT_OUT -> matting.cutOut(photo, matte)

                PhotoEffect.COLOUR -> matting.replaceBackground(photo, colour, matte)

                PhotoEffect.BLUR -> matting.blurBackground(photo, share, matte)

                PhotoEffect.PICTURE ->
                    session.background?.let { matting.replaceBackground(photo, it, matte) } ?: matting.cutOut(photo, matte)
            }
        }
    }

    /** Apply an effect. If there is not enough memory, apply it to a smaller copy and tell the user. */
    private fun show(effect: PhotoEffect, quality: Quality, apply: (Photo, Matte, Matting) -> Photo) {
        val matting = session.matting ?: return
        val whole = session.photo
        if (whole == null) {
            tell(getString(R.string.photo_hint))
            return
        }
        val began = System.nanoTime()
        session.result = null
        val made = try {
            shrinkToFit { divisor ->
                // The full size would fail again, so keep the smaller copy.
                val work = if (divisor == 1) whole else downscale(whole, divisor).also { session.photo = it }
                val alpha = session.matte ?: matting.predictAlpha(work, true, quality).also { session.matte = it }
                finished(apply(work, alpha, matting), effect)
            }
        } catch (error: NoPersonException) {
            display(shown(whole))
            tell(sentence(error))
            return
        }
        session.result = made
        showKind(effect.file)
        val bitmap = made.bitmap
        val millis = (System.nanoTime() - began) / 1_000_000
        if (bitmap.width < whole.width) {
            tell(getString(R.string.photo_smaller, bitmap.width, bitmap.height))
        } else {
            tell(getString(R.string.photo_done, bitmap.width, bitmap.height, millis))
        }
    }

    /** The bitmap to save, and on the screen a copy that a screen can draw. */
    private fun finished(made: Photo, effect: PhotoEffect): PhotoSession.Result {
        val bitmap = bitmap(made)
        display(if (drawable(made)) bitmap else shown(made))
        return PhotoSession.Result(bitmap, effect)
    }

    // Android refuses to draw bitmaps of more than 100 MB (26 megapixels), and no screen has so many.
    private fun drawable(picture: Photo) = divisorFor(picture.width, picture.height, SHOWN_PIXELS) == 1

    private fun shown(picture: Photo) = bitmap(downscale(picture, divisorFor(picture.width, picture.height, SHOWN_PIXELS)))

    private fun bitmap(picture: Photo) =
        Bitmap.createBitmap(picture.pixels, picture.width, picture.height, Bitmap.Config.ARGB_8888)

    private fun display(bitmap: Bitmap) {
        session.shown = bitmap
        view.show(bitmap)
    }

    private fun tell(message: String) {
        session.message = message
        showStatus(message)
    }

    /** Show again what an earlier screen showed, before the device was turned. */
    private fun showAgain() {
        view.show(session.shown)
        session.result?.let { showKind(it.effect.file) }
        if (session.message.isNotEmpty()) showStatus(session.message)
    }

    private fun grey(matte: Matte) = Photo(
        matte.width,
        matte.height,
        IntArray(matte.values.size) { rgb(matte[it], matte[it], matte[it]) }
    )

    private fun askWhereToSave() = withResult { onScreen { startOther(create(it.effect.file), SAVE) } }

    private fun withResult(job: (PhotoSession.Result) -> Unit) {
        session.result?.let(job) ?: tell(getString(R.string.photo_hint))
    }

    private fun save(open: () -> OutputStream?) = withResult { result ->
        try {
            val stream = open() ?: throw IOException("the file cannot be opened")
            stream.use { write(result, it) }
            tell(getString(R.string.saved))
        } catch (error: IOException) {
            tell(getString(R.string.not_saved, error.message))
        } catch (error: SecurityException) {
            tell(getString(R.string.not_saved, error.message))
        }
    }

    private fun write(result: PhotoSession.Result, stream: OutputStream) {
        if (!result.bitmap.compress(
                result.effect.file.format,
                QUALITY,
                stream
            )
        ) {
            throw IOException("the picture cannot be encoded")
        }
    }

    private fun share() = withResult { result ->
        val file = result.effect.file
        try {
            SharedFiles.fileOf(this, file.fileName).outputStream().use { write(result, it) }
            onScreen { startOther(Shares.send(file.fileName, file.type), SHARE) }
        } catch (error: IOException) {
            tell(getString(R.string.not_saved, error.message))
        }
    }

    private companion object {
        const val PICK = 1
        const val TAKE = 2
        const val BACKGROUND = 3
        const val SAVE = 4
        const val SHARE = 5
        const val QUALITY = 92
        const val PERCENT = 100.0
        const val SHOWN_PIXELS = 4_000_000L
        const val TAKEN = "taken.jpg"
        val QUALITIES = mapOf(R.id.fast to Quality.FAST, R.id.balanced to Quality.BALANCED, R.id.best to Quality.BEST)
    }
}
