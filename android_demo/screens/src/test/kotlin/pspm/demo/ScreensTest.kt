package pspm.demo

import android.Manifest
import android.app.Activity
import android.content.Intent
import android.content.pm.PackageManager
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.net.Uri
import android.os.Handler
import android.os.HandlerThread
import android.os.Looper
import android.provider.Settings
import android.view.View
import android.widget.Button
import android.widget.LinearLayout
import android.widget.RadioButton
import android.widget.Spinner
import android.widget.TextView
import java.io.ByteArrayInputStream
import java.io.File
import java.io.FileNotFoundException
import java.nio.ByteBuffer
import java.time.Duration
import java.util.zip.CRC32
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertSame
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import org.robolectric.internal.bytecode.InstrumentationConfiguration
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowCameraCharacteristics
import org.robolectric.shadows.ShadowCameraManager
import org.robolectric.util.ReflectionHelpers
import pspm.matting.Background
import pspm.matting.ErrorKind
import pspm.matting.ModelException
import pspm.matting.PortraitMatting
import pspm.matting.engine.TensorFlowLiteEngine

/** Keeps the engine in the JVM's own class loader, because a native library can belong to only one. */
class ScreenRunner(test: Class<*>) : RobolectricTestRunner(test) {
    override fun createClassLoaderConfig(method: org.junit.runners.model.FrameworkMethod): InstrumentationConfiguration =
        InstrumentationConfiguration.Builder(super.createClassLoaderConfig(method))
            .doNotAcquirePackage("org.tensorflow.lite.")
            .doNotAcquireClass(Shim::class.java.name)
            .build()
}

/** The shim of Android's C library, loaded once for all class loaders. */
object Shim {
    init {
        val folder = File(System.getProperty("pspm.shim"))
        for (name in listOf("libc.so", "libm.so", "libdl.so", "liblog.so")) System.load(File(folder, name).absolutePath)
    }

    fun load() = Unit
}

/** Hears of no frame and no error. */
private object Unheard : CameraListener {
    override fun onFrame(image: android.media.Image, camera: Camera) = Unit

    override fun onCameraError(error: CameraError, detail: String) = Unit
}

/** The app's screens with the real models, and their messages when something fails. */
@RunWith(ScreenRunner::class)
@Config(sdk = [34], qualifiers = "w411dp-h891dp-xxhdpi")
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class ScreensTest {
    private val application = RuntimeEnvironment.getApplication()

    @Before
    fun load() = Shim.load()

    @Test
    fun `Live explains how to give the camera permission`() {
        val live = start(LiveActivity::class.java)
        waitFor { live.text(R.id.status) == live.getString(R.string.no_permission) }
        draw(live, "live-no-permission")
    }

    @Test
    fun `Live reports a device without a camera`() {
        shadowOf(application).grantPermissions(Manifest.permission.CAMERA)
        val live = start(LiveActivity::class.java)
        waitFor { live.text(R.id.status) == live.getString(R.string.no_camera) }
    }

    @Test
    fun `Live survives a camera without frames, a rotation and a switch to the other camera`() {
        shadowOf(application).grantPermissions(Manifest.permission.CAMERA)
        addCameras()
        val controller = Robolectric.buildActivity(LiveActivity::class.java).setup()
        settle()
        controller.get().findViewById<View>(R.id.other_camera).performClick()
        settle()
        controller.recreate()
        settle()
        assertFalse(controller.get().isFinishing)
        controller.pause().stop().destroy()
    }

    @Test
    fun `Live leads to the settings when Android does not ask for the camera again`() {
        val live = start(LiveActivity::class.java)
        for (asksAgain in listOf(true, false)) {
            shadowOf(application.packageManager).setShouldShowRequestPermissionRationale(Manifest.permission.CAMERA, asksAgain)
            live.onRequestPermissionsResult(1, arrayOf(Manifest.permission.CAMERA), intArrayOf(PackageManager.PERMISSION_DENIED))
            settle()
            val text = live.getString(if (asksAgain) R.string.no_permission else R.string.camera_in_settings)
            assertEquals(text, live.text(R.id.status))
            live.tap(R.id.status)
            val settings = generateSequence { shadowOf(live).nextStartedActivity }
                .filter { it.action == Settings.ACTION_APPLICATION_DETAILS_SETTINGS }
            assertEquals(if (asksAgain) emptyList() else listOf("package:pspm.demo"), settings.map { it.dataString }.toList())
        }
        draw(live, "live-permission-in-settings")
    }

    @Test
    fun `a camera that opens after its screen has gone is closed`() {
        shadowOf(application).grantPermissions(Manifest.permission.CAMERA)
        addCameras()
        val thread = HandlerThread("gone").apply { start() }
        val handler = Handler(thread.looper)
        handler.post { Camera(application, true, handler, Unheard) }
        thread.quitSafely()
        thread.join()
        val device = ReflectionHelpers.getStaticField<CameraDevice>(ShadowCameraManager::class.java, "lastDevice")
        val isClosed = { ReflectionHelpers.getField<Boolean>(Shadow.extract<Any>(device), "closed") }
        assertFalse(isClosed())
        settle()
        assertTrue(isClosed())
    }

    @Test
    fun `Live goes on in a small window, and has its controls again afterwards`() {
        shadowOf(application).grantPermissions(Manifest.permission.CAMERA)
        shadowOf(application.packageManager).setSystemFeature(PackageManager.FEATURE_PICTURE_IN_PICTURE, true)
        addCameras()
        val controller = Robolectric.buildActivity(LiveActivity::class.java).setup()
        val live = controller.get()
        val button = live.findViewById<View>(R.id.small_window)
        waitFor { live.session().frames != null && live.session().camera != null }
        settle()
        assertTrue(button.isShown)
        assertFalse(button.isEnabled)
        live.giveFrame()
        waitFor { button.isEnabled }
        draw(live, "live-before-window")
        val camera = live.session().camera
        live.tap(R.id.small_window)
        assertTrue(live.isInPictureInPictureMode)
        live.onPictureInPictureModeChanged(true, live.resources.configuration)
        controller.pause()
        settle()
        for (id in listOf(R.id.status, R.id.blur, R.id.small_window, R.id.photo)) assertFalse(live.findViewById<View>(id).isShown)
        assertTrue(live.findViewById<View>(R.id.frame).isShown)
        live.giveFrame()
        settle()
        assertSame(camera, live.session().camera)
        live.window.decorView.resize(480, 640)
        draw(live, "live-window")
        ReflectionHelpers.setField(shadowOf(live), "isInPictureInPictureMode", false)
        live.onPictureInPictureModeChanged(false, live.resources.configuration)
        controller.resume()
        settle()
        for (id in listOf(R.id.status, R.id.blur, R.id.small_window, R.id.photo)) assertTrue(live.findViewById<View>(id).isShown)
        assertSame(camera, live.session().camera)
        controller.pause().stop()
        waitFor { live.session().camera == null }
        assertFalse(button.isEnabled)
    }

    @Test
    fun `Live has no small window where the device has none, and takes the layout of a window that becomes wide`() {
        val controller = Robolectric.buildActivity(LiveActivity::class.java).setup()
        val live = controller.get()
        assertFalse(live.findViewById<View>(R.id.small_window).isShown)
        for (qualifiers in listOf("w411dp-h791dp-xxhdpi", "w891dp-h411dp-land-xxhdpi")) {
            RuntimeEnvironment.setQualifiers(qualifiers)
            controller.configurationChange(RuntimeEnvironment.getApplication().resources.configuration)
            settle()
            val isWide = "land" in qualifiers
            assertEquals(isWide, controller.get() !== live)
            val picture = controller.get().findViewById<View>(R.id.frame)
            assertEquals(isWide, (picture.parent as LinearLayout).orientation == LinearLayout.HORIZONTAL)
        }
    }

    @Test
    fun `Live falls back to the CPU if a delegate is refused, and reports it`() {
        shadowOf(application).grantPermissions(Manifest.permission.CAMERA)
        val live = start(LiveActivity::class.java)
        live.tap(R.id.gpu)
        waitFor { "The CPU is used instead." in live.text(R.id.status) }
        assertTrue(live.findViewById<RadioButton>(R.id.gpu).isChecked)
        assertTrue(live.text(R.id.status), "GPU" in live.text(R.id.status))
        draw(live, "live-refused")
    }

    @Test
    fun `Live draws frames with a new background`() {
        shadowOf(application).grantPermissions(Manifest.permission.CAMERA)
        for ((name, background) in listOf("blur" to Background.Blur(0.6), "colour" to Background.Colour(Color.rgb(0, 177, 64)))) {
            val live = start(LiveActivity::class.java)
            settle()
            val bundle = Models(live.assets).read(Models.LIVE)
            LiveFrames(bundle, TensorFlowLiteEngine.open(bundle.model)).use { frames ->
                frames.background = background
                val sample = (Photos(live).openSample() as Opened.Success).photo
                frames.source(sample.width, sample.height).fill(sample)
                frames.onFrame = {
                    live.findViewById<FrameView>(R.id.frame).showFrame(it.pixels, it.width, it.height)
                }
                frames.run(0, true)
                frames.finish()
            }
            val picture = draw(live, "live-$name")
            if (name == "colour") assertTrue(picture.count(Color.rgb(0, 177, 64)) > 100_000)
        }
    }

    @Test
    fun `Photo cuts out the person, replaces the background and blurs it`() {
        val screen = start(PhotoActivity::class.java)
        screen.tap(R.id.sample)
        waitFor { "512 x 512" in screen.text(R.id.status) }
        draw(screen, "photo-cut-out")
        screen.tapAndWait(R.id.colour)
        assertTrue(draw(screen, "photo-colour").count(Color.rgb(32, 160, 255)) > 100_000)
        screen.tapAndWait(R.id.green)
        assertTrue(draw(screen, "photo-green").count(Color.rgb(0, 177, 64)) > 100_000)
        assertEquals(screen.getString(R.string.save_jpeg), screen.text(R.id.save))
        screen.tapAndWait(R.id.blur)
        draw(screen, "photo-blur")
        screen.tapAndWait(R.id.matte)
        draw(screen, "photo-matte")
    }

    @Test
    fun `the photo, the result and the chosen effect survive a rotation`() {
        val controller = Robolectric.buildActivity(PhotoActivity::class.java).setup()
        controller.get().tap(R.id.colour)
        settle()
        controller.get().tapAndWait(R.id.sample)
        val before = controller.get().text(R.id.status)
        RuntimeEnvironment.setQualifiers("w891dp-h411dp-land-xxhdpi")
        controller.recreate()
        val turned = controller.get()
        waitFor { turned.text(R.id.status) == before }
        assertTrue(turned.findViewById<RadioButton>(R.id.colour).isChecked)
        assertEquals(View.VISIBLE, turned.findViewById<View>(R.id.colours).visibility)
        val picture = draw(turned, "photo-landscape")
        assertTrue(picture.count(Color.rgb(32, 160, 255)) > 100_000)
        // The picture has more than half of the screen.
        assertTrue(turned.findViewById<View>(R.id.frame).width > 0.6 * picture.width)
        turned.tapAndWait(R.id.blur)
        assertTrue("512 x 512" in turned.text(R.id.status))
    }

    @Test
    fun `a job that was cancelled leaves everything as it was`() {
        val screen = start(PhotoActivity::class.java)
        screen.picked("large", large())
        waitFor { screen.text(R.id.status) in steps.map { screen.getString(it) } }
        for (id in listOf(R.id.progress, R.id.cancel)) assertTrue(screen.findViewById<View>(id).isShown)
        for (id in listOf(R.id.save, R.id.share)) assertFalse(screen.findViewById<View>(id).isEnabled)
        drawNow(screen, "photo-working")
        waitFor { !screen.isWorking() }
        for (id in listOf(R.id.save, R.id.share)) assertTrue(screen.findViewById<View>(id).isEnabled)
        screen.tapAndWait(R.id.sample)
        val before = draw(screen, "photo-before")
        screen.picked("large again", large())
        waitFor { screen.text(R.id.status) in steps.map { screen.getString(it) } }
        screen.tap(R.id.cancel)
        waitFor { !screen.isWorking() }
        assertEquals(screen.getString(R.string.cancelled), screen.text(R.id.status))
        assertEquals(512 to 512, screen.findViewById<FrameView>(R.id.frame).shownSize)
        // An effect with settings, and a quality.
        screen.tap(R.id.blur)
        screen.tap(R.id.best)
        screen.tap(R.id.cancel)
        waitFor { !screen.isWorking() }
        assertTrue(screen.findViewById<RadioButton>(R.id.cut_out).isChecked)
        assertTrue(screen.findViewById<RadioButton>(R.id.balanced).isChecked)
        assertEquals(View.GONE, screen.findViewById<View>(R.id.strength).visibility)
        screen.tapAndWait(R.id.cut_out)
        assertTrue("512 x 512" in screen.text(R.id.status))
        val after = draw(screen, "photo-after")
        val picture = { bitmap: Bitmap -> IntArray(bitmap.width * 600).also { bitmap.getPixels(it, 0, bitmap.width, 0, 100, bitmap.width, 600) } }
        assertTrue(picture(before).contentEquals(picture(after)))
    }

    @Test
    fun `a job goes on when the device is turned, and can be cancelled there`() {
        val controller = Robolectric.buildActivity(PhotoActivity::class.java).setup()
        controller.get().tapAndWait(R.id.sample)
        for (cancels in listOf(false, true)) {
            controller.get().picked("large", large())
            RuntimeEnvironment.setQualifiers(if (cancels) "w411dp-h891dp-xxhdpi" else "w891dp-h411dp-land-xxhdpi")
            controller.recreate()
            val turned = controller.get()
            assertTrue(turned.isWorking())
            if (cancels) turned.tap(R.id.cancel)
            waitFor { !turned.isWorking() }
            val expected = if (cancels) turned.getString(R.string.cancelled) else "3000 x 2000"
            assertTrue(turned.text(R.id.status), expected in turned.text(R.id.status))
        }
    }

    // Robolectric's records of MediaStore are deprecated in favour of a provider, which would be a second fake of it.
    @Suppress("DEPRECATION")
    @Test
    fun `a result is saved in the gallery, and nothing is left of one that does not fit`() {
        val screen = start(PhotoActivity::class.java)
        screen.tapAndWait(R.id.save)
        assertEquals(screen.getString(R.string.photo_hint), screen.text(R.id.status))
        screen.tapAndWait(R.id.sample)
        val resolver = shadowOf(screen.contentResolver)
        val pictures = android.provider.MediaStore.Images.Media.EXTERNAL_CONTENT_URI
        val saved = java.io.ByteArrayOutputStream()
        resolver.registerOutputStream(Uri.withAppendedPath(pictures, "1"), saved)
        screen.tapAndWait(R.id.save)
        assertEquals(screen.getString(R.string.saved_in, "Pictures/PSPM"), screen.text(R.id.status))
        val values = resolver.insertStatements.single().contentValues
        assertTrue(values.getAsString("_display_name").matches(Regex("""cutout-\d{8}-\d{6}\.png""")))
        assertEquals("image/png", values.getAsString("mime_type"))
        assertEquals(1, values.getAsInteger("is_pending"))
        assertEquals(0, resolver.updateStatements.single().contentValues.getAsInteger("is_pending"))
        val file = android.graphics.BitmapFactory.decodeByteArray(saved.toByteArray(), 0, saved.size())
        assertEquals(512 to 512, file.width to file.height)
        val second = Uri.withAppendedPath(pictures, "2")
        resolver.registerOutputStreamSupplier(second) {
            object : java.io.OutputStream() {
                override fun write(byte: Int) = throw java.io.IOException("write failed: ENOSPC (No space left on device)")
            }
        }
        screen.tapAndWait(R.id.save)
        assertEquals(screen.getString(R.string.no_space), screen.text(R.id.status))
        assertEquals(listOf(second), resolver.deletedUris)
    }

    @Test
    @Config(qualifiers = "de-w411dp-h891dp-xxhdpi")
    fun `the screens speak German`() {
        val screen = start(PhotoActivity::class.java)
        assertTrue(screen.text(R.id.status).startsWith("Wählen Sie ein Foto"))
        screen.picked("large", large())
        waitFor { screen.text(R.id.status) in steps.map { screen.getString(it) } }
        drawNow(screen, "photo-german")
        waitFor { !screen.isWorking() }
        screen.picked("wall", wall())
        waitFor { screen.text(R.id.status).startsWith("Auf dem Foto wurde kein Mensch gefunden.") }
        shadowOf(application).grantPermissions(Manifest.permission.CAMERA)
        for (kind in ErrorKind.entries) {
            assertEquals("error_${kind.name.lowercase()}", screen.resources.getResourceEntryName(kind.text))
        }
        val live = start(LiveActivity::class.java)
        live.tap(R.id.gpu)
        waitFor { live.text(R.id.status).endsWith("Stattdessen wird die CPU benutzt.") }
        assertTrue(live.text(R.id.status), live.text(R.id.status).startsWith("GPU kann das Netz nicht ausführen: "))
        draw(live, "live-german")
    }

    @Test
    fun `the second of two quick taps does nothing`() {
        val photo = start(PhotoActivity::class.java)
        repeat(2) { photo.tap(R.id.pick) }
        assertNotNull(shadowOf(photo).nextStartedActivity)
        assertNull(shadowOf(photo).nextStartedActivity)
        val benchmark = start(BenchmarkActivity::class.java)
        benchmark.findViewById<Spinner>(R.id.model).setSelection(Models(benchmark.assets).names().indexOf(Models.LIVE))
        settle()
        benchmark.tap(R.id.start)
        val button = benchmark.findViewById<View>(R.id.start)
        assertFalse(button.isEnabled)
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(1))
        assertTrue(button.isEnabled)
        benchmark.tap(R.id.start)
        waitFor(200) { benchmark.text(R.id.start) == benchmark.getString(R.string.start) }
    }

    @Test
    fun `a result larger than a screen can draw is shown as a copy and kept whole`() {
        val screen = start(PhotoActivity::class.java)
        screen.picked("large", large())
        waitFor { "3000 x 2000" in screen.text(R.id.status) }
        draw(screen, "photo-large")
        assertEquals(1500 to 1000, screen.findViewById<FrameView>(R.id.frame).shownSize)
    }

    @Test
    fun `Photo says that nobody is there, and shows the photo`() {
        val screen = start(PhotoActivity::class.java)
        screen.picked("wall", wall())
        waitFor { "No person" in screen.text(R.id.status) }
        assertTrue(draw(screen, "photo-nobody").count(Color.rgb(200, 200, 190)) > 100_000)
    }

    @Test
    @Config(fontScale = 2f)
    fun `the largest font fits`() {
        for ((name, screen) in listOf("photo" to PhotoActivity::class.java, "benchmark" to BenchmarkActivity::class.java)) {
            val activity = start(screen)
            activity.findViewById<View>(R.id.cancel)?.visibility = View.VISIBLE
            draw(activity, "$name-large-font")
            for (button in buttons(activity.window.decorView)) {
                assertTrue("${button.text}", button.lineCount <= button.maxLines)
                assertTrue("${button.text}", button.layout.height <= button.height)
                for (line in 0 until button.lineCount) {
                    assertEquals("${button.text}", 0, button.layout.getEllipsisCount(line))
                    assertTrue("${button.text}", button.layout.getLineWidth(line) <= button.width)
                }
            }
        }
    }

    @Test
    @Config(qualifiers = "w411dp-h891dp-night-xxhdpi")
    fun `the screens have a dark theme`() {
        val screen = start(PhotoActivity::class.java)
        screen.tapAndWait(R.id.sample)
        val picture = draw(screen, "photo-dark")
        assertTrue(picture.count(screen.getColor(R.color.ground)) > 100_000)
        assertEquals(Color.rgb(0x14, 0x15, 0x1c), screen.getColor(R.color.ground))
    }

    @Test
    fun `effects without a photo ask for one`() {
        val screen = start(PhotoActivity::class.java)
        for (id in listOf(R.id.cut_out, R.id.blur, R.id.share)) {
            screen.tap(id)
            waitFor { screen.text(R.id.status) == screen.getString(R.string.photo_hint) }
        }
    }

    @Test
    fun `Photo reports damaged, empty, huge and deleted photos and continues`() {
        val screen = start(PhotoActivity::class.java)
        val sample = screen.assets.open(Photos.SAMPLE).use { it.readBytes() }
        val bad = mapOf(
            "text" to ("no picture".toByteArray() to screen.getString(R.string.photo_broken)),
            "empty" to (ByteArray(0) to screen.getString(R.string.photo_broken)),
            "huge" to (png(40_000, 30_000) to screen.getString(R.string.photo_over_limit, 1200L, 200L)),
        )
        for ((name, case) in bad) {
            screen.picked(name, case.first)
            waitFor { screen.text(R.id.status) == case.second }
        }
        val gone = Uri.parse("content://test/gone")
        shadowOf(screen.contentResolver).registerInputStreamSupplier(gone) { throw FileNotFoundException("gone") }
        screen.give(gone)
        waitFor { screen.text(R.id.status) == screen.getString(R.string.photo_gone) }
        screen.picked("good", sample)
        waitFor { "512 x 512" in screen.text(R.id.status) }
    }

    @Test
    fun `Benchmark measures and reports refused delegates`() {
        val screen = start(BenchmarkActivity::class.java)
        val models = screen.findViewById<Spinner>(R.id.model)
        assertEquals(Models(screen.assets).names().size, models.count)
        models.setSelection(Models(screen.assets).names().indexOf(Models.LIVE))
        screen.findViewById<Spinner>(R.id.rounds).setSelection(1)
        settle()
        screen.tap(R.id.start)
        waitFor(400) { "nnapi" in screen.text(R.id.result) && screen.text(R.id.start) == screen.getString(R.string.start) }
        val text = screen.text(R.id.result)
        for (words in listOf("cpu, threads: 1", "frames a second", "inference", "gpu", "refused", "thermal state: none")) {
            assertTrue(words, words in text)
        }
        draw(screen, "benchmark")
        screen.tap(R.id.share)
        settle()
        val shared = JSONObject(SharedFiles.fileOf(screen, "pspm-bench.json").readText())
        assertEquals("android", shared.getString("app"))
        File(output, "report.json").writeText(shared.toString(2))
        val sent = shadowOf(screen).nextStartedActivity
        assertEquals(Intent.ACTION_CHOOSER, sent.action)
    }

    @Test
    fun `PortraitMatting works on bitmaps`() {
        val sample = application.assets.open(Photos.SAMPLE).use { android.graphics.BitmapFactory.decodeStream(it) }
        PortraitMatting.load(application).use { matting ->
            val matte = matting.predictAlpha(sample)
            assertEquals(Bitmap.Config.ALPHA_8, matte.config)
            assertEquals(sample.width to sample.height, matte.width to matte.height)
            // The astronaut's face is foreground, the corner is background.
            assertTrue(Color.alpha(matte.getPixel(220, 120)) > 250)
            assertTrue(Color.alpha(matte.getPixel(5, 250)) < 5)
            assertEquals(Color.BLUE, matting.replaceBackground(sample, Color.BLUE).getPixel(5, 250))
            assertEquals(0, Color.alpha(matting.cutOut(sample).getPixel(5, 250)))
            assertEquals(sample.width, matting.blurBackground(sample).width)
            assertEquals(matte.width, matting.predictAlpha(sample.copy(Bitmap.Config.RGB_565, false)).width)
        }
        val missing = assertThrows(ModelException::class.java) { PortraitMatting.load(application, "no-such-bundle") }
        assertTrue(missing.message!!.contains("no-such-bundle"))
    }

    @Test
    fun `shared files have plain names only`() {
        assertThrows(FileNotFoundException::class.java) { SharedFiles.fileOf(application, "../secret") }
        assertThrows(FileNotFoundException::class.java) { SharedFiles.fileOf(application, ".hidden") }
        assertNotNull(SharedFiles.fileOf(application, "taken.jpg"))
    }

    private fun addCameras() {
        val manager = application.getSystemService(CameraManager::class.java)
        for ((id, facing) in listOf("0" to CameraCharacteristics.LENS_FACING_BACK, "1" to CameraCharacteristics.LENS_FACING_FRONT)) {
            val about = ShadowCameraCharacteristics.newCameraCharacteristics()
            shadowOf(about).set(CameraCharacteristics.LENS_FACING, facing)
            shadowOf(about).set(CameraCharacteristics.SENSOR_ORIENTATION, 90)
            shadowOf(manager).addCamera(id, about)
        }
    }

    private fun LiveActivity.session(): LiveSession = ReflectionHelpers.callInstanceMethod(this, "getSession")

    /** The sample as a frame of the camera. */
    private fun LiveActivity.giveFrame() {
        val frames = checkNotNull(session().frames)
        val sample = (Photos(this).openSample() as Opened.Success).photo
        frames.source(sample.width, sample.height).fill(sample)
        frames.run(0, true)
        frames.finish()
    }

    private fun View.resize(width: Int, height: Int) {
        measure(View.MeasureSpec.makeMeasureSpec(width, View.MeasureSpec.EXACTLY), View.MeasureSpec.makeMeasureSpec(height, View.MeasureSpec.EXACTLY))
        layout(0, 0, width, height)
    }

    private fun wall(): ByteArray {
        val wall = Bitmap.createBitmap(400, 300, Bitmap.Config.ARGB_8888).apply { eraseColor(Color.rgb(200, 200, 190)) }
        return java.io.ByteArrayOutputStream().also { wall.compress(Bitmap.CompressFormat.PNG, 100, it) }.toByteArray()
    }

    /** The sample in a photo of 6 megapixels. */
    private fun large(): ByteArray {
        val large = Bitmap.createBitmap(3000, 2000, Bitmap.Config.ARGB_8888)
        val sample = application.assets.open(Photos.SAMPLE).use { android.graphics.BitmapFactory.decodeStream(it) }
        Canvas(large).apply {
            drawColor(Color.rgb(180, 190, 200))
            drawBitmap(sample, null, android.graphics.Rect(500, 0, 2500, 2000), null)
        }
        return java.io.ByteArrayOutputStream().also { large.compress(Bitmap.CompressFormat.PNG, 100, it) }.toByteArray()
    }

    private fun <T : Activity> start(screen: Class<T>): T = Robolectric.buildActivity(screen).setup().get()

    private fun buttons(view: View): List<Button> = when (view) {
        is android.view.ViewGroup -> (0 until view.childCount).flatMap { buttons(view.getChildAt(it)) }
        is Button -> if (view.isShown && view.text.isNotEmpty()) listOf(view) else emptyList()
        else -> emptyList()
    }

    private fun Activity.text(id: Int) = findViewById<TextView>(id).text.toString()

    private fun Activity.tap(id: Int) = assertTrue(findViewById<View>(id).performClick())

    private fun Activity.tapAndWait(id: Int) {
        tap(id)
        assertTrue(isWorking())
        waitFor { !isWorking() }
    }

    private fun Activity.isWorking() = findViewById<View>(R.id.cancel).visibility == View.VISIBLE

    private fun Activity.picked(name: String, content: ByteArray) {
        val uri = Uri.parse("content://test/$name")
        shadowOf(contentResolver).registerInputStreamSupplier(uri) { ByteArrayInputStream(content) }
        give(uri)
    }

    private fun Activity.give(uri: Uri) {
        tap(R.id.pick)
        val asked = shadowOf(this).nextStartedActivityForResult
        shadowOf(this).receiveResult(asked.intent, Activity.RESULT_OK, Intent().setData(uri))
    }

    /** The beginning of a PNG file, enough for its size to be read. */
    private fun png(width: Int, height: Int): ByteArray {
        val header = ByteBuffer.allocate(13).putInt(width).putInt(height).put(byteArrayOf(8, 2, 0, 0, 0)).array()
        return byteArrayOf(-119, 80, 78, 71, 13, 10, 26, 10) + chunk("IHDR", header) + chunk("IDAT", ByteArray(100))
    }

    private fun chunk(kind: String, data: ByteArray): ByteArray {
        val content = kind.toByteArray() + data
        val crc = CRC32().apply { update(content) }.value.toInt()
        return ByteBuffer.allocate(content.size + 8).putInt(data.size).put(content).putInt(crc).array()
    }

    /** Give the worker and the main thread a quarter of a second to finish their work. */
    private fun settle() {
        repeat(5) {
            Thread.sleep(50)
            shadowOf(Looper.getMainLooper()).idle()
        }
    }

    private fun waitFor(seconds: Int = 60, condition: () -> Boolean) {
        val end = System.nanoTime() + seconds * 1_000_000_000L
        while (!condition()) {
            assertTrue("the condition was not met within $seconds s", System.nanoTime() < end)
            Thread.sleep(20)
            shadowOf(Looper.getMainLooper()).idle()
        }
    }

    private fun draw(screen: Activity, name: String): Bitmap {
        settle()
        return drawNow(screen, name)
    }

    private fun drawNow(screen: Activity, name: String): Bitmap {
        val view = screen.window.decorView
        val bitmap = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888)
        view.draw(Canvas(bitmap))
        File(output, "$name.png").outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
        return bitmap
    }

    private fun Bitmap.count(colour: Int): Int {
        val pixels = IntArray(width * height)
        getPixels(pixels, 0, width, 0, 0, width, height)
        return pixels.count { it == colour }
    }

    private val steps = listOf(
        R.string.step_look,
        R.string.step_second_look,
        R.string.step_refine,
        R.string.step_foreground,
        R.string.step_compose
    )

    private val output = File(System.getProperty("pspm.screens")).apply { mkdirs() }
}
