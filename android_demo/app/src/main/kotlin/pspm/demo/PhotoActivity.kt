package pspm.demo

import android.content.Intent
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.provider.MediaStore
import android.view.View
import android.widget.Button
import android.widget.ProgressBar
import android.widget.RadioButton
import android.widget.SeekBar
import java.text.SimpleDateFormat
import java.util.Date
import java.util.Locale
import java.util.concurrent.atomic.AtomicBoolean
import pspm.demo.saving.ChosenDocument
import pspm.demo.saving.GalleryPicture
import pspm.demo.saving.MediaStoreEntries
import pspm.demo.saving.ReplacedFile
import pspm.matting.Progress
import pspm.matting.Quality

/** Shows a photo's matte, cut-out and new backgrounds at full resolution, and saves or shares the result. */
class PhotoActivity :
    Screen<PhotoSession>(R.layout.photo, R.id.photo),
    PhotoScreen {
    private lateinit var view: FrameView
    private lateinit var swatches: Swatches
    private lateinit var strength: SeekBar
    private lateinit var permission: CameraPermission
    private val isJobPosted = AtomicBoolean()

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        permission = CameraPermission(this)
        view = findViewById(R.id.frame)
        swatches = findViewById(R.id.colours)
        strength = findViewById(R.id.strength)
        showStatus(session.message.ifEmpty { getString(R.string.photo_hint) })
        onTap(R.id.pick) { startOther(Photos.pick(), PICK) }
        onTap(R.id.take) { take() }
        onTap(R.id.sample) { use { openSample() } }
        onTap(R.id.cancel) { session.jobs.cancel() }
        for (effect in PhotoEffect.entries) onTap(effect.button) { choose(effect) }
        for (button in QUALITIES.keys) onTap(button) { make() }
        swatches.onChoice = { make() }
        afterSliding(strength) { make() }
        onTap(R.id.save) { save() }
        onTap(R.id.share) { share() }
        // Jobs that an earlier screen began go on here.
        session.screen = this
        session.jobs.onChange = ::postJob
        showJob()
        work {
            session.work.load()
            show(session.state)
        }
    }

    override fun onPostCreate(state: Bundle?) {
        super.onPostCreate(state)
        // The chosen effect of an earlier screen was restored before this call.
        showOptions()
    }

    override fun onDestroy() {
        if (session.screen === this) session.screen = null
        if (!isChangingConfigurations) session.jobs.leave()
        super.onDestroy()
    }

    override fun onActivityResult(request: Int, result: Int, data: Intent?) {
        super.onActivityResult(request, result, data)
        val uri = data?.data
        when {
            request == TAKE && result == RESULT_OK -> use { open(SharedFiles.uri(TAKEN)) }
            request == PICK && result == RESULT_OK && uri != null -> use { open(uri) }
            request == BACKGROUND && result == RESULT_OK && uri != null -> replace(uri)
            request == BACKGROUND -> work { restore(session.state.choice) }
            request == SAVE && result == RESULT_OK && uri != null -> saveAt(uri)
        }
    }

    override fun onRequestPermissionsResult(request: Int, names: Array<out String>, results: IntArray) {
        super.onRequestPermissionsResult(request, names, results)
        permission.onAnswer(results)
        if (permission.isGranted) {
            take()
        } else {
            showStatus(getString(if (permission.isRefusedForGood) R.string.take_in_settings else R.string.no_take_permission))
        }
    }

    override fun newSession() = PhotoSession(applicationContext)

    override fun show(state: PhotoState) {
        view.show(state.shown)
        val file = state.choice?.effect?.file ?: return
        val isPng = file.extension == "png"
        onScreen { findViewById<Button>(R.id.save).setText(if (isPng) R.string.save_png else R.string.save_jpeg) }
    }

    override fun restore(choice: PhotoChoice?) {
        if (choice == null) return
        onScreen {
            findViewById<RadioButton>(choice.effect.button).isChecked = true
            findViewById<RadioButton>(QUALITIES.entries.first { it.value == choice.quality }.key).isChecked = true
            swatches.colour = choice.colour
            strength.progress = choice.strength
            showOptions()
        }
    }

    override fun tell(message: String) = onScreen { if (session.jobs.state == null) showStatus(message) }

    override fun send(file: ResultFile) = onScreen { startOther(Shares.send(file.fileName, file.type), SHARE) }

    /** Show where the running job is, soon and on the main thread. */
    private fun postJob() {
        if (isJobPosted.compareAndSet(false, true)) {
            onScreen {
                isJobPosted.set(false)
                showJob()
            }
        }
    }

    private fun showJob() {
        val job = session.jobs.state
        val bar = findViewById<ProgressBar>(R.id.progress)
        bar.visibility = if (job == null) View.INVISIBLE else View.VISIBLE
        show(findViewById(R.id.cancel), job != null)
        // A second, quick tap would save twice.
        for (id in listOf(R.id.save, R.id.share)) findViewById<View>(id).isEnabled = job == null
        if (job == null) {
            if (session.message.isNotEmpty()) showStatus(session.message)
            return
        }
        showStatus(getString(job.step.text))
        findViewById<View>(R.id.cancel).isEnabled = job.step != JobStep.CANCEL
        bar.isIndeterminate = job.of == 0
        if (job.of > 0) bar.progress = bar.max * job.done / job.of
    }

    private fun take() {
        // An app that declares the camera permission must hold it before it may start the camera app.
        if (!permission.isGranted) {
            if (permission.isRefusedForGood) startOther(permission.settings(), SETTINGS) else permission.ask()
            return
        }
        val intent = Intent(MediaStore.ACTION_IMAGE_CAPTURE)
            .putExtra(MediaStore.EXTRA_OUTPUT, SharedFiles.uri(TAKEN))
            .addFlags(Intent.FLAG_GRANT_WRITE_URI_PERMISSION or Intent.FLAG_GRANT_READ_URI_PERMISSION)
        startOther(intent, TAKE)
    }

    private fun choose(effect: PhotoEffect) {
        showOptions()
        if (effect == PhotoEffect.PICTURE) startOther(Photos.pick(), BACKGROUND) else make()
    }

    private fun choice() = PhotoChoice(
        PhotoEffect.entries.first { findViewById<RadioButton>(it.button).isChecked },
        swatches.colour,
        strength.progress,
        QUALITIES.entries.first { (button) -> findViewById<RadioButton>(button).isChecked }.value
    )

    private fun showOptions() {
        val chosen = choice().effect
        for (options in listOf(swatches, strength)) show(options, options.id == chosen.options)
    }

    /** Run a job of the session, which may end on another screen than this. */
    private fun start(endsWithScreen: Boolean = true, job: PhotoWork.(Progress) -> Unit) {
        val work = session.work
        val progress = session.jobs.announce(endsWithScreen)
        work { work.job(progress) }
    }

    private fun use(open: Photos.() -> Opened) {
        val choice = choice()
        val photos = Photos(applicationContext)
        start { use(it, choice) { photos.open() } }
    }

    private fun replace(uri: Uri) {
        val choice = choice()
        val photos = Photos(applicationContext)
        start { replace(it, choice) { photos.open(uri) } }
    }

    private fun make() {
        val choice = choice()
        start { make(it, choice) }
    }

    private fun save() {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.Q) {
            // The system's dialog needs no permission to write.
            work { withFile { onScreen { startOther(create(it), SAVE) } } }
            return
        }
        val entries = MediaStoreEntries(applicationContext.contentResolver)
        val time = SimpleDateFormat("yyyyMMdd-HHmmss", Locale.ROOT).format(Date())
        val saved = getString(R.string.saved_in, GalleryPicture.FOLDER)
        start(endsWithScreen = false) { progress ->
            save(progress, saved) { GalleryPicture(entries, "${it.title}-$time", it.extension, it.type) }
        }
    }

    private fun saveAt(uri: Uri) {
        val resolver = applicationContext.contentResolver
        val saved = getString(R.string.saved)
        start(endsWithScreen = false) { progress -> save(progress, saved) { ChosenDocument(resolver, uri) } }
    }

    private fun withFile(job: (ResultFile) -> Unit) {
        val file = session.state.choice?.effect?.file
        if (file == null || session.state.result == null) session.tell(getString(R.string.photo_hint)) else job(file)
    }

    private fun create(file: ResultFile) = Intent(Intent.ACTION_CREATE_DOCUMENT)
        .addCategory(Intent.CATEGORY_OPENABLE)
        .setType(file.type)
        .putExtra(Intent.EXTRA_TITLE, file.fileName)

    private fun share() {
        val context = applicationContext
        start { progress -> share(progress) { ReplacedFile(SharedFiles.fileOf(context, it.fileName)) } }
    }

    private companion object {
        const val PICK = 1
        const val TAKE = 2
        const val BACKGROUND = 3
        const val SAVE = 4
        const val SHARE = 5
        const val SETTINGS = 6
        const val TAKEN = "taken.jpg"
        val QUALITIES = mapOf(R.id.fast to Quality.FAST, R.id.balanced to Quality.BALANCED, R.id.best to Quality.BEST)
    }
}
