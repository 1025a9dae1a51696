package pspm.matting

import java.io.File
import kotlin.math.abs
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import pspm.matting.pictures.Photo
import pspm.matting.pictures.downscale
import pspm.matting.pictures.rgb
import pspm.matting.pictures.upright
import pspm.matting.stages.BoxFilter
import pspm.matting.stages.DiscBlur
import pspm.matting.stages.Foreground
import pspm.matting.stages.Refine
import pspm.matting.stages.TemporalSmoothing
import pspm.matting.stages.blurBackground
import pspm.matting.stages.compose
import pspm.matting.stages.coverBox
import pspm.matting.stages.cutOut
import pspm.matting.stages.networkView
import pspm.matting.stages.normalisation
import pspm.matting.stages.settle

/** A fake network that answers with an alpha of [width] x [height] that is known before, and its bundle. */
private class KnownAlpha(width: Int, height: Int, alpha: FloatArray) {
    val engine = FakeNetwork(width, height) { pixel, _ -> alpha[pixel] }
    val bundle = emptyBundle(InputSize(1, 1, 1, listOf(width to height)))
}

/** Compares every stage with the Python runtime on the same inputs; see `pspm vectors`. */
class StagesTest {
    companion object {
        @AfterAll
        @JvmStatic
        fun `every stage that Kotlin is not excused from was run`() {
            // Other tests may have run further stages before; LookStagesTest runs those of the search for people.
            assertEquals(emptySet<String>(), Vectors.required.filterNot { it.startsWith("look-") }.toSet() - Vectors.run)
            Vectors.writeErrors(File("target", "errors.json"))
        }
    }

    @Test
    fun `size rule`() {
        for (case in Vectors.of("fit")) {
            val p = case.parameters
            val listed = p.optJSONArray("sizes")
            val sizes = (0 until (listed?.length() ?: 0)).map { i ->
                listed!!.getJSONArray(i).let { it.getInt(0) to it.getInt(1) }
            }
            val rule = InputSize(p.getInt("side"), p.getInt("multiple"), p.getInt("longest"), sizes)
            val frames = case.input("frames").doubles()
            val expected = case.output("sizes").doubles()
            val fitted = (frames.indices step 2).flatMap {
                val (width, height) = rule.fit(frames[it].toInt(), frames[it + 1].toInt())
                listOf(width.toDouble(), height.toDouble())
            }
            difference(fitted.toDoubleArray(), expected).within(case)
        }
    }

    @Test
    fun `cover box`() {
        for (case in Vectors.of("cover-box")) {
            val frame = case.parameters.getJSONArray("frame")
            val pictures = case.input("pictures").doubles()
            val boxes = (pictures.indices step 2).flatMap {
                val box = coverBox(pictures[it].toInt(), pictures[it + 1].toInt(), frame.getInt(0), frame.getInt(1))
                listOf(box.left, box.top, box.right, box.bottom)
            }
            difference(boxes.toDoubleArray(), case.output("boxes").doubles()).within(case)
        }
    }

    @Test
    fun `EXIF orientations`() {
        for (case in Vectors.of("orient")) {
            val photo = upright(case.input("image").photo(), case.parameters.getInt("exif"))
            val expected = case.output("image").photo()
            assertEquals(expected.width to expected.height, photo.width to photo.height, "$case")
            difference(photo.pixels, expected.pixels).within(case)
        }
    }

    @Test
    fun `downscaling averages pixels`() {
        val photo = Photo(5, 4, IntArray(20) { (it * 10 shl 24) or rgb(it, 2 * it, 3 * it).and(0xffffff) })
        val half = downscale(photo, 2)
        assertEquals(2 to 2, half.width to half.height)
        // The mean alpha of pixels 0, 1, 5 and 6: 0, 10, 50 and 60. Colours count by alpha: (10 + 5 * 50 + 6 * 60) / 120.
        assertEquals((30 shl 24) or (5 shl 16) or (10 shl 8) or 16, half.pixels[0])
        assertEquals(1, downscale(photo, 16).pixels.size)
        assertArrayEquals(photo.pixels, downscale(photo, 1).pixels)
    }

    @Test
    fun `unseen colours do not darken the edge of a downscaled cut-out`() {
        val edge = Photo(2, 1, intArrayOf(rgb(200, 100, 50), 0))
        assertEquals((128 shl 24) or (200 shl 16) or (100 shl 8) or 50, downscale(edge, 2).pixels.single())
        assertEquals(0, downscale(Photo(2, 2, IntArray(4) { 0xffffff }), 2).pixels.single())
    }

    @Test
    fun `the network's view is bit-identical to Pillow's`() {
        for (case in Vectors.of("network-view")) {
            val transparency = if (case.name.endsWith("transparent")) case.input("transparency") else null
            val photo = case.input("image").photo(transparency)
            val expected = case.output("view")
            val view = networkView(photo, expected.shape[1], expected.shape[0])
            difference(view, expected.photo().pixels).within(case)
        }
    }

    @Test
    fun `normalisation`() {
        for (case in Vectors.of("normalise")) {
            val pixels = case.input("view").photo().pixels
            val mean = case.parameters.getJSONArray("mean")
            val std = case.parameters.getJSONArray("std")
            val found = FloatArray(3 * pixels.size) {
                val c = it / pixels.size
                val table = normalisation(mean.getDouble(c).toFloat(), std.getDouble(c).toFloat())
                table[pixels[it % pixels.size] shr (16 - 8 * c) and 255]
            }
            difference(found, case.output("image").floats()).within(case)
        }
    }

    @Test
    fun `settle`() {
        for (case in Vectors.of("settle")) {
            val alpha = case.input("alpha").floats()
            settle(alpha)
            difference(alpha, case.output("alpha").floats()).within(case)
        }
    }

    @Test
    fun `box filter`() {
        for (case in Vectors.of("box-mean")) {
            val x = case.input("x")
            val (planes, height, width) = x.shape
            val all = x.floats()
            val found = (0 until planes).flatMap { plane ->
                val part = all.copyOfRange(plane * height * width, (plane + 1) * height * width)
                BoxFilter(width, height).boxMean(part, part, case.parameters.getInt("radius"))
                part.toList()
            }
            difference(found.toFloatArray(), case.output("mean").floats()).within(case)
        }
    }

    @Test
    fun `edge-aware upsampling`() {
        for (case in Vectors.of("refine")) {
            val view = case.input("view").photo()
            val photo = case.input("image").photo()
            val result = ByteArray(photo.pixels.size)
            Refine(view.width, view.height, photo.width, photo.height)
                .refine(case.input("alpha").floats(), view.pixels, photo.pixels, result)
            difference(result, case.output("matte").bytes()).within(case)
        }
    }

    @Test
    fun `foreground colours`() {
        for (case in Vectors.of("foreground")) {
            val photo = case.input("image").photo()
            val result = IntArray(photo.pixels.size)
            Foreground(photo.width, photo.height).estimateForeground(photo.pixels, case.input("matte").bytes(), result)
            difference(result, case.output("foreground").photo().pixels).within(case)
        }
    }

    @Test
    fun `compose over a picture or a colour`() {
        for (case in Vectors.of("compose")) {
            val foreground = case.input("foreground").photo().pixels
            val picture = case.input("picture").photo()
            compose(foreground, case.input("matte").matte(), picture)
            difference(foreground, case.output("image").photo().pixels).within(case)
            if (picture.pixels.size > 1) continue
            val coloured = case.input("foreground").photo().pixels
            compose(coloured, case.input("matte").bytes(), picture.pixels[0])
            assertArrayEquals(foreground, coloured, "$case, as a colour")
        }
    }

    @Test
    fun `replace background`() {
        for (case in Vectors.of("replace-background")) {
            val photo = case.input("image").photo()
            val matte = case.input("matte").matte()
            // In place, as the app does for large photos.
            Foreground(photo.width, photo.height).estimateForeground(photo.pixels, matte.values, photo.pixels)
            compose(photo.pixels, matte, case.input("picture").photo())
            difference(photo.pixels, case.output("image").photo().pixels).within(case)
        }
    }

    @Test
    fun `cut out`() {
        for (case in Vectors.of("cut-out")) {
            val photo = case.input("image").photo()
            val matte = case.input("matte").matte()
            val result = IntArray(photo.pixels.size)
            Foreground(photo.width, photo.height).estimateForeground(photo.pixels, matte.values, result)
            cutOut(result, matte.values, photo.width, photo.height)
            val expected = case.output("image").photo()
            difference(result, expected.pixels).within(case)
            assertTrue(result.indices.all { result[it] ushr 24 == expected.pixels[it] ushr 24 }, "$case, transparency")
        }
    }

    @Test
    fun `disc blur`() {
        for (case in Vectors.of("disc-blur")) {
            val light = case.input("light")
            val (_, height, width) = light.shape
            val all = light.floats()
            val planes = Array(4) {
                if (it < 3) all.copyOfRange(it * height * width, (it + 1) * height * width) else case.input("weight").floats()
            }
            DiscBlur(width, height, case.parameters.getDouble("radius")).discBlur(planes)
            val found = planes[0] + planes[1] + planes[2]
            difference(found, case.output("light").floats()).within(case)
        }
    }

    @Test
    fun `bokeh`() {
        for (case in Vectors.of("blur-background")) {
            val photo = case.input("image").photo()
            val strength = case.parameters.getDouble("strength")
            val found = blurBackground(photo, case.input("matte").matte(), strength, IntArray(photo.pixels.size))
            difference(found, case.output("image").photo().pixels).within(case)
        }
    }

    @Test
    fun `somebody or nobody`() {
        for (case in Vectors.of("person")) {
            val alpha = case.input("alpha")
            val (height, width) = alpha.shape
            val network = KnownAlpha(width, height, alpha.floats())
            val matting = Matting(network.bundle, network.engine)
            val photo = Photo(width, height, IntArray(width * height) { -0x1000000 })
            val found = try {
                matting.predictAlpha(photo, requirePerson = true, quality = Quality.FAST)
                1.0
            } catch (_: NoPersonException) {
                0.0
            }
            difference(doubleArrayOf(found), case.output("person").doubles()).within(case)
        }
    }

    @Test
    fun `live over another background`() {
        for (case in Vectors.of("live-replace")) live(case, Background.Picture(case.input("picture").photo()))
    }

    @Test
    fun `live with a blurred background`() {
        for (case in Vectors.of("live-blur")) live(case, Background.Blur(case.parameters.getDouble("strength")))
    }

    private fun live(case: Case, background: Background) {
        val photo = case.input("image").photo()
        val (height, width) = case.input("alpha").shape
        val network = KnownAlpha(width, height, case.input("alpha").floats())
        val live = LiveMatting(network.bundle, network.engine, photo.width, photo.height)
        live.background = background
        photo.pixels.copyInto(live.frame)
        live.preprocess()
        network.engine.run()
        live.postprocess()
        difference(live.frame, case.output("image").photo().pixels).within(case)
    }

    @Test
    fun `temporal smoothing`() {
        for (case in Vectors.of("smooth")) {
            val (frames, height, width) = case.input("frames").shape
            val all = case.input("frames").floats()
            val smoothing = TemporalSmoothing(height * width)
            val found = (0 until frames).flatMap { n ->
                all.copyOfRange(n * height * width, (n + 1) * height * width).also { smoothing.smooth(it) }.toList()
            }
            difference(found.toFloatArray(), case.output("shown").floats()).within(case)
        }
    }

    @Test
    fun `temporal smoothing leaves no ghost and resets`() {
        val smoothing = TemporalSmoothing(2)
        smoothing.smooth(floatArrayOf(0f, 1f))
        for (step in 1..100) {
            val alpha = floatArrayOf(step / 100f, 1f - step / 100f)
            val shown = alpha.copyOf()
            smoothing.smooth(shown)
            for (i in alpha.indices) assertTrue(abs(shown[i] - alpha[i]) <= TemporalSmoothing.LARGEST_GHOST + 1e-6f)
        }
        smoothing.reset()
        assertArrayEquals(floatArrayOf(0.5f, 0.5f), floatArrayOf(0.5f, 0.5f).also { smoothing.smooth(it) })
    }

    @Test
    fun `statistics`() {
        for (case in Vectors.of("statistics")) {
            val found = Statistics.summary(case.input("samples").doubles())
            val expected = listOf("mean", "p50", "p90", "p99").map { case.output(it).doubles()[0] }
            difference(doubleArrayOf(found.mean, found.p50, found.p90, found.p99), expected.toDoubleArray())
                .within(case)
        }
    }
}
