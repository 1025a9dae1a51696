package pspm.demo.saving

import java.io.ByteArrayOutputStream
import java.io.File
import java.io.IOException
import java.io.OutputStream
import java.util.concurrent.CancellationException
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import pspm.demo.ResultFile
import pspm.matting.Progress

/** A stream that fails after so many bytes, as where the device is full. */
private class Limited(private val limit: Int, private val error: () -> Exception) : ByteArrayOutputStream() {
    override fun write(bytes: ByteArray, from: Int, count: Int) {
        if (size() + count > limit) throw error()
        super.write(bytes, from, count)
    }
}

/** MediaStore as a map, with the rules that count: pending entries are invisible, and a taken name is refused. */
private class FakeEntries(private val stream: () -> ByteArrayOutputStream? = { ByteArrayOutputStream() }) : MediaEntries<Int> {
    val rows = LinkedHashMap<Int, MutableMap<String, Any>>()
    val streams = HashMap<Int, ByteArrayOutputStream>()
    val names get() = rows.values.map { it["_display_name"] }
    var refuse: (Map<String, Any>) -> RuntimeException? = { null }
    var takes = true
    var failDelete = false
    private var next = 0

    override fun insert(values: Map<String, Any>): Int? {
        refuse(values)?.let { throw it }
        if (!takes) return null
        rows[++next] = values.toMutableMap()
        return next
    }

    override fun open(id: Int): OutputStream? = stream()?.also { streams[id] = it }

    override fun update(id: Int, values: Map<String, Any>): Int {
        rows[id]?.putAll(values) ?: return 0
        return 1
    }

    override fun delete(id: Int) {
        check(!failDelete) { "it cannot delete" }
        rows.remove(id)
    }
}

class SavingTest {
    private val content = ByteArray(3000) { it.toByte() }

    /** An encoder that writes in pieces and, as Android's, returns false where the stream throws. */
    private fun encode(stream: OutputStream, between: () -> Unit = {}): Boolean {
        for (from in content.indices step 1000) {
            try {
                stream.write(content, from, 1000)
            } catch (_: Exception) {
                return false
            }
            between()
        }
        return true
    }

    private fun picture(entries: FakeEntries) = GalleryPicture(entries, "portrait-1", "jpg", "image/jpeg")

    private fun saveTo(entries: FakeEntries, progress: Progress = Progress(), between: () -> Unit = {}) =
        save(picture(entries), progress) { encode(it, between) }

    @Test
    fun `a picture is pending until it is complete`() {
        val entries = FakeEntries()
        saveTo(entries) { assertEquals(1, entries.rows.values.single()["is_pending"]) }
        assertEquals(
            mapOf(
                "_display_name" to "portrait-1.jpg",
                "mime_type" to "image/jpeg",
                "relative_path" to "Pictures/PSPM",
                "is_pending" to 0
            ),
            entries.rows.values.single()
        )
        assertArrayEquals(content, entries.streams.values.single().toByteArray())
    }

    @Test
    fun `a picture that was cancelled leaves nothing, wherever it is cancelled`() {
        for (piece in 0..2) {
            val entries = FakeEntries()
            val progress = Progress()
            var pieces = 0
            assertThrows(CancellationException::class.java) {
                saveTo(entries, progress) { if (pieces++ == piece) progress.cancel() }
            }
            assertEquals(1, entries.streams.size)
            assertTrue(entries.rows.isEmpty(), "after piece $piece")
        }
        val entries = FakeEntries()
        assertThrows(CancellationException::class.java) { saveTo(entries, Progress().apply { cancel() }) }
        assertTrue(entries.rows.isEmpty())
    }

    @Test
    fun `a full device and one that refuses are told apart, and leave nothing`() {
        val cases = mapOf<() -> Exception, SaveProblem>(
            { IOException("write failed: ENOSPC (No space left on device)") } to SaveProblem.FULL,
            { IOException("write failed", IOException("EDQUOT")) } to SaveProblem.FULL,
            { IOException("open failed: EACCES (Permission denied)") } to SaveProblem.DENIED,
            { SecurityException("not yours") } to SaveProblem.DENIED,
            { IOException("the card was removed") } to SaveProblem.FAILED,
            { IllegalStateException("the provider died") } to SaveProblem.FAILED
        )
        for ((error, problem) in cases) {
            for (limit in listOf(0, 1500, 2500)) {
                val entries = FakeEntries({ Limited(limit, error) })
                val thrown = assertThrows(SaveException::class.java) { saveTo(entries) }
                assertEquals(problem, thrown.problem, "$thrown")
                assertTrue(entries.rows.isEmpty(), "$thrown")
            }
        }
    }

    @Test
    fun `errors of MediaStore itself leave nothing`() {
        val refusing = FakeEntries().apply { refuse = { SecurityException("no") } }
        assertEquals(SaveProblem.DENIED, assertThrows(SaveException::class.java) { saveTo(refusing) }.problem)
        val full = FakeEntries().apply { refuse = { IllegalStateException("SQLiteFullException: database or disk is full") } }
        assertEquals(SaveProblem.FULL, assertThrows(SaveException::class.java) { saveTo(full) }.problem)
        val wrongType = FakeEntries().apply { refuse = { IllegalArgumentException("image/jpeg is not image/png") } }
        assertEquals(SaveProblem.FAILED, assertThrows(SaveException::class.java) { saveTo(wrongType) }.problem)
        val empty = FakeEntries().apply { takes = false }
        assertThrows(SaveException::class.java) { saveTo(empty) }
        val closed = FakeEntries({ null })
        assertThrows(SaveException::class.java) { saveTo(closed) }
        assertTrue(closed.rows.isEmpty())
        val deleted = FakeEntries()
        assertThrows(SaveException::class.java) { saveTo(deleted) { deleted.rows.clear() } }
        val stubborn = FakeEntries({ Limited(0) { IOException("ENOSPC") } }).apply { failDelete = true }
        assertEquals(SaveProblem.FULL, assertThrows(SaveException::class.java) { saveTo(stubborn) }.problem)
    }

    @Test
    fun `a taken name gets a number`() {
        val entries = FakeEntries()
        entries.refuse =
            { if (it["_display_name"] in entries.names) IllegalStateException("Failed to build unique file") else null }
        repeat(3) { saveTo(entries) }
        assertEquals(listOf("portrait-1.jpg", "portrait-1-2.jpg", "portrait-1-3.jpg"), entries.names)
        assertEquals(SaveProblem.FAILED, assertThrows(SaveException::class.java) { saveTo(entries) }.problem)
        assertEquals(3, entries.rows.size)
    }

    @Test
    fun `an encoder that fails leaves nothing`() {
        val entries = FakeEntries()
        assertThrows(SaveException::class.java) { save(picture(entries), Progress()) { false } }
        assertTrue(entries.rows.isEmpty())
    }

    @Test
    fun `a shared file is replaced when the new one is complete`(@TempDir folder: File) {
        val file = File(folder, "portrait.jpg").apply { writeText("old") }
        val cancelled = Progress()
        assertThrows(CancellationException::class.java) {
            save(ReplacedFile(file), cancelled) { encode(it) { cancelled.cancel() } }
        }
        assertEquals("old", file.readText())
        assertEquals(listOf(file), folder.listFiles()!!.toList())
        save(ReplacedFile(file), Progress()) { encode(it) }
        assertArrayEquals(content, file.readBytes())
        assertEquals(listOf(file), folder.listFiles()!!.toList())
        assertFalse(File(folder, "portrait.jpg.part").exists())
    }

    @Test
    fun `the names of results end as their types say`() {
        val types = mapOf("png" to "image/png", "jpg" to "image/jpeg")
        for (file in ResultFile.entries) assertEquals(types[file.extension], file.type)
    }
}
