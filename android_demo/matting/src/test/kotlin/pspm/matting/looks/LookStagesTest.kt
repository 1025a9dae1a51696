package pspm.matting.looks

import java.io.File
import org.json.JSONArray
import org.json.JSONObject
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import pspm.matting.Case
import pspm.matting.InputSize
import pspm.matting.Quality
import pspm.matting.Tensor
import pspm.matting.Vectors
import pspm.matting.difference
import pspm.matting.pictures.Photo
import pspm.matting.pictures.Plane
import pspm.matting.pictures.green
import pspm.matting.pictures.red
import pspm.matting.stages.Guide
import pspm.matting.stages.Refine
import pspm.matting.stages.SMALL_SIDE
import pspm.matting.within

/** Compares every stage of the search for people with the Python runtime on the same inputs. */
class LookStagesTest {
    companion object {
        @AfterAll
        @JvmStatic
        fun `every stage of the search that Kotlin is not excused from was run`() {
            assertEquals(emptySet<String>(), Vectors.required.filter { it.startsWith("look-") }.toSet() - Vectors.run)
            Vectors.writeErrors(File("target", "errors.json"))
        }
    }

    @Test
    fun `regions and boxes of people`() {
        check("look-regions", "boxes", "pixels") {
            val found = regions(it.plane("mask"), 0.5f)
            found.flatMap { region -> region.box.numbers() } + found.map { region -> region.pixels.toDouble() }
        }
        check("look-boxes", "boxes") {
            boxesOfPeople(it.plane("alpha"), it.photo(), it.rule(), it.parameters.getInt("most")).flatMap { box ->
                box.numbers()
            }
        }
    }

    @Test
    fun `what a quality allows`() = check("look-quality", "numbers") {
        val quality = Quality.entries[it.input("quality").doubles()[0].toInt()]
        val (budget, nearness) = quality.budget to quality.nearness
        val again = nearness?.let { n -> listOf(n.scale, n.runs, number(n.mirrored)) } ?: listOf(1.0, 0.0, 0.0)
        listOf(budget.closer.toDouble(), budget.hints.toDouble(), number(budget.smallViews)) + again +
            number(quality.guide == Guide.COLOURS)
    }

    @Test
    fun `views of boxes and of thumbnails`() = check("look-view", "sizes", "gains", "small") { case ->
        val turns = case.input("boxes").areas().flatMap { box -> listOf(box to 0, box to 1) }
        val sizes = turns.map { (box, turn) -> case.rule().view(box, turn) }
        val gains = turns.map { (box, turn) -> case.rule().gain(box, case.photo().whole, turn) }
        val small = case.input("thumbnails").rows().map { Size(it[0].toInt(), it[1].toInt()) }
            .map { case.rule().forThumbnails(it).smaller(SMALL_SIDE).view(it.whole) }
        sizes.flatMap { it.numbers() } + gains + small.flatMap { it.numbers() }
    }

    @Test
    fun `a better box, and whether somebody is there`() = check("look-closer", "people", "better", "somebody") {
        val look = it.look()
        val (people, better) = boxOfPeople(look) to betterBox(look, it.photo(), it.rule())
        (people?.numbers() ?: listOf()) + (better?.numbers() ?: listOf()) + number(isSomebody(look, it.photo()))
    }

    @Test
    fun `where people are near`() = check("look-near", "near") {
        val near = nearPeople(it.plane("alpha"), it.area(), it.photo(), it.rule(), Size(62, 60))
        near?.numbers() ?: List(62 * 60) { 1.0 }
    }

    @Test
    fun `the same person, seen alike`() = check("look-confirm", "same", "alike") {
        val same = it.input("one").areas().zip(it.input("other").areas()).map { (one, other) ->
            number(isSamePerson(one, other))
        }
        same + it.input("agreed").doubles().map { agreed -> number(areAlike(agreed)) }
    }

    @Test
    fun `hints and tiles`() {
        check("look-hints", "clearness", "windows") {
            val hints = hintsIn(it.look(), it.photo(), it.input("known").areas())
            hints.map { hint -> hint.clearness.toDouble() } + hints.flatMap { hint -> hint.window.numbers() }
        }
        check("look-tiles", "boxes") {
            val (width, height) = it.input("photo").doubles().map { side -> side.toInt() }
            tilesOf(Size(width, height)).flatMap { tile -> tile.numbers() }
        }
    }

    @Test
    fun `which way up`() {
        check("look-measures", "doubt", "plain") {
            val turn = it.parameters.getInt("turn")
            listOf(doubt(it.plane("alpha"), turn), number(isPlain(it.plane("alpha"), turn)))
        }
        check("look-agreement", "agreement", "clearer") {
            val (alpha, small) = it.plane("alpha") to it.plane("small")
            listOf(agreement(alpha, small), number(isClearer(small, alpha)))
        }
        check("look-upright", "certain", "turns") { case ->
            val certain = case.input("numbers").rows().map { number(isCertain(it[0] == 1.0, it[1], it[2], it[3], it[4])) }
            certain + case.input("doubts").rows().map { turnOfLeastDoubt(it).toDouble() }
        }
    }

    @Test
    fun `what the mirror image agrees on`() = check("look-mirror", "alpha") {
        agreed(it.plane("one"), it.plane("other")).numbers()
    }

    @Test
    fun `second looks`() {
        check("look-share", "share") { shareOfSecondLook(it.plane("alpha"), it.parameters.getInt("reach")).numbers() }
        check("look-blend", "alpha") { blend(it.plane("first"), it.plane("second"), it.plane("share")).numbers() }
        check("look-second-view", "size", "seen", "share") {
            val alpha = it.plane("alpha")
            val plan = plan(alpha, it.area(), it.rule(), it.quality().nearness!!)
            val share = plan?.share?.numbers() ?: List(alpha.values.size) { 0.0 }
            (plan?.size?.numbers() ?: listOf()) + (plan?.seen?.numbers() ?: listOf()) + share
        }
    }

    @Test
    fun `looks are merged`() {
        check("look-weights", "across", "down") {
            val (across, down) = weights(it.input("box").areas().single(), it.photo())
            (across + down).map { weight -> weight.toDouble() }
        }
        check("look-merge", "matte") { case ->
            val image = case.input("image").photo()
            val areas = mapOf("first" to image.size.whole, "closer" to case.area())
            val looks = areas.map { (place, area) -> Look(area, case.plane("$place-alpha"), case.input("$place-view").photo()) }
            numbers(merge(looks, image, if (case.parameters.getInt("colours") == 1) Guide.COLOURS else Guide.LUMA))
        }
        check("look-refine-by-colours", "matte") {
            val (view, image) = it.input("view").photo() to it.input("image").photo()
            val result = ByteArray(image.pixels.size)
            val refine = Refine(view.width, view.height, image.width, image.height, Guide.COLOURS)
            refine.refine(it.plane("alpha").values, view.pixels, image.pixels, result)
            numbers(result)
        }
    }

    @Test
    fun `whole photos with an engine that is arithmetic`() {
        check("look-search", "boxes", "turns", "runs") {
            val engine = GreenEngine(it.rule())
            val looks = Viewer(engine, it.input("image").photo()).looks(it.quality())
            looks.flatMap { look -> look.area.numbers() } + looks.map { look -> look.turn.toDouble() } + engine.runs.toDouble()
        }
        check("look-matte", "matte") {
            val image = it.input("image").photo()
            val looks = Viewer(GreenEngine(it.rule()), image).looks(it.quality())
            numbers(merge(looks, image, it.quality().guide))
        }
    }

    /** Compare the numbers of every case of a stage with its [outputs], one after the other. */
    private fun check(stage: String, vararg outputs: String, found: (Case) -> List<Double>) {
        for (case in Vectors.of(stage)) {
            val expected = outputs.flatMap { case.output(it).doubles().toList() }
            difference(found(case).toDoubleArray(), expected.toDoubleArray()).within(case)
        }
    }
}

/** Green is a person; see docs/vectors.md. */
private class GreenEngine(override val size: InputSize) : Network {
    var runs = 0

    override fun alpha(view: Photo): Plane {
        runs++
        val (width, height) = view.width to view.height
        val alpha = FloatArray(width * height) { ((green(view.pixels[it]) - red(view.pixels[it])) / 128f).coerceIn(0f, 1f) }
        val rows = (0 until height).count { y -> (0 until width).any { alpha[y * width + it] > 0 } }
        if (rows < 30) scale(alpha, if (rows >= 12) 0.125f else 0f)
        fun edge(count: Int, at: (Int) -> Int) = (0 until count).sumOf { alpha[at(it)].toDouble() } / count
        val others = listOf(edge(width) { it }, edge(height) { it * width }, edge(height) { it * width + width - 1 })
        if (others.max() > edge(width) { (height - 1) * width + it }) scale(alpha, 0.75f)
        return Plane(width, height, alpha)
    }

    private fun scale(alpha: FloatArray, by: Float) {
        for (i in alpha.indices) alpha[i] *= by
    }
}

private fun number(flag: Boolean) = if (flag) 1.0 else 0.0

private fun numbers(bytes: ByteArray) = bytes.map { (it.toInt() and 255).toDouble() }

private fun Size.numbers() = listOf(width.toDouble(), height.toDouble())

private fun Area.numbers() = listOf(left, top, right, bottom).map { it.toDouble() }

private fun Plane.numbers() = values.map { it.toDouble() }

private fun Tensor.rows(): List<List<Double>> = doubles().toList().chunked(shape.last())

private fun Tensor.areas() = rows().map { Area(it[0].toInt(), it[1].toInt(), it[2].toInt(), it[3].toInt()) }

private fun Case.plane(name: String) = input(name).let { Plane(it.shape[1], it.shape[0], it.floats()) }

private fun JSONArray.ints() = List(length()) { getInt(it) }

private fun Case.photo() = parameters.getJSONArray("photo").ints().let { (width, height) -> Size(width, height) }

private fun Case.area() = parameters.getJSONArray("box").ints().let { Area(it[0], it[1], it[2], it[3]) }

private fun Case.quality() = Quality.entries[parameters.getInt("quality")]

private fun Case.rule(): InputSize = parameters.let { p: JSONObject ->
    val sizes = p.getJSONArray("sizes")
    val listed = List(sizes.length()) { sizes.getJSONArray(it).ints().let { (width, height) -> width to height } }
    InputSize(p.getInt("side"), p.getInt("multiple"), p.getInt("longest"), listed)
}

private fun Case.look() = plane("alpha").let { Look(area(), it, Photo(it.width, it.height, IntArray(it.values.size))) }
