package pspm.matting

import java.io.ByteArrayInputStream
import java.io.FileNotFoundException
import java.security.MessageDigest
import org.json.JSONObject
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Valid and invalid manifests. */
class BundleTest {
    private val model = ByteArray(1000) { it.toByte() }

    @Test
    fun `reads a valid bundle`() {
        val bundle = read(manifest())
        assertEquals("mobile", bundle.name)
        assertEquals(InputSize(256, 256, 256, listOf(256 to 256)), bundle.size)
        assertArrayEquals(floatArrayOf(0.5f, 0.4f, 0.3f), bundle.mean)
        assertEquals(1000, bundle.model.remaining())
        assertTrue(bundle.model.isDirect)
    }

    @Test
    fun `optional manifest entries may be missing`() {
        val manifest = manifest()
        manifest.remove("precision")
        manifest.getJSONObject("input").getJSONObject("size").remove("sizes")
        assertEquals(256 to 256, read(manifest).size.fit(640, 480))
    }

    @Test
    fun `refuses a model that does not match its manifest`() {
        for (i in listOf(0, 500, 999)) {
            val flipped = model.copyOf().also { it[i] = (it[i] + 1).toByte() }
            assertRefused(ErrorKind.MODEL_DAMAGED) { read(manifest(), flipped) }
        }
        assertRefused(ErrorKind.MODEL_DAMAGED) { read(manifest(), model.copyOf(999)) }
        assertRefused(ErrorKind.MODEL_DAMAGED) { read(manifest(), ByteArray(0)) }
    }

    @Test
    fun `reports a missing model`() = assertRefused(ErrorKind.FILE_UNREADABLE) {
        Bundle.read(stream(manifest().toString())) { throw FileNotFoundException(it) }
    }

    @Test
    fun `refuses an invalid manifest`() {
        val whole = manifest().toString()
        for (text in listOf("", "{", "[]", "null", "\u0000\u0001", whole.take(whole.length / 2))) {
            assertRefused(ErrorKind.MANIFEST_INVALID) { Bundle.read(stream(text)) { model.inputStream() } }
        }
        for (key in listOf("name", "file", "sha256", "input", "licence")) {
            assertRefused(ErrorKind.MANIFEST_INVALID) { read(manifest().also { it.remove(key) }) }
        }
        for ((key, value) in listOf("layout" to "NCHW", "mean" to listOf(1, 2))) {
            assertRefused(ErrorKind.MANIFEST_INVALID) { read(manifest().also { it.getJSONObject("input").put(key, value) }) }
        }
    }

    @Test
    fun `refuses another format`() = assertRefused(ErrorKind.MODEL_FORMAT) {
        read(manifest().also { it.put("format", "onnx") })
    }

    private fun manifest() = JSONObject(
        """{"name": "mobile", "network": "mobile", "file": "model.tflite", "format": "tflite", "precision": "fp16",
            "sha256": "${sha256(model)}",
            "input": {"name": "image", "layout": "NHWC", "colours": "RGB", "range": [0, 255],
                "mean": [0.5, 0.4, 0.3], "std": [0.5, 0.5, 0.5],
                "size": {"side": 256, "multiple": 256, "longest": 256, "sizes": [{"height": 256, "width": 256}]}},
            "output": {"name": "alpha", "layout": "NHWC", "range": [0, 1]}, "licence": "l", "data": "d"}"""
    )

    private fun read(manifest: JSONObject, content: ByteArray = model) =
        Bundle.read(stream(manifest.toString())) { content.inputStream() }

    private fun stream(text: String) = ByteArrayInputStream(text.toByteArray())

    private fun sha256(bytes: ByteArray) =
        MessageDigest.getInstance("SHA-256").digest(bytes).joinToString("") { "%02x".format(it) }

    private fun assertRefused(kind: ErrorKind, read: () -> Unit) {
        val error = assertThrows(ModelException::class.java) { read() }
        assertEquals(kind, error.kind)
        assertEquals(kind.pattern.format(*error.arguments.toTypedArray()), error.message)
        for (argument in error.arguments) assertTrue(argument in error.message!!, error.message)
    }
}
