package pspm.demo

import java.io.File
import javax.xml.parsers.DocumentBuilderFactory
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.w3c.dom.Element
import pspm.matting.ErrorKind
import pspm.matting.MattingException

/** The texts of the screens in both languages. */
class StringsTest {
    private fun texts(folder: String): Map<String, String> {
        val file = File("src/main/res/$folder/strings.xml")
        val entries = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file).getElementsByTagName("string")
        return (0 until entries.length).map { entries.item(it) as Element }.associate {
            it.getAttribute("name") to
                it.textContent
        }
    }

    @Test
    fun `every text has a German translation with the same arguments`() {
        val english = texts("values")
        val german = texts("values-de")
        assertEquals(english.keys, german.keys)
        val argument = Regex("""%(\d\$[.\d]*[sdf])""")
        for ((name, text) in english) {
            fun arguments(text: String) = argument.findAll(text).map { it.value }.sorted().toList()
            assertEquals(arguments(text), arguments(german.getValue(name)), name)
            // An apostrophe that is not escaped is lost in Android.
            for (each in listOf(text, german.getValue(name))) assertTrue(!Regex("""(?<!\\)'""").containsMatchIn(each), name)
        }
    }

    @Test
    fun `every kind of error has a text with its arguments in both languages`() {
        val languages = listOf("values", "values-de").map { texts(it) }
        val used = ErrorKind.entries.map { kind ->
            val name = "error_${kind.name.lowercase()}"
            val count = Regex("""%(\d)\$""").findAll(kind.pattern).maxOfOrNull { it.groupValues[1].toInt() } ?: 0
            val arguments = (1..count).map { "argument $it" }
            val sentences = languages.map { it.getValue(name).replace("\\'", "'").format(*arguments.toTypedArray()) }
            for (sentence in sentences) {
                for (argument in arguments) assertTrue(argument in sentence, "$kind: $sentence")
                assertTrue(!Regex("""%\d""").containsMatchIn(sentence), sentence)
            }
            // The app's English is the library's.
            val message = MattingException(kind, arguments).message + "."
            assertEquals(message.lowercase(), sentences[0].lowercase())
            if (kind != ErrorKind.OTHER) assertTrue(sentences[0] != sentences[1], sentences[1])
            name
        }
        assertEquals(used.size, ErrorKind.entries.map { it.text }.distinct().size)
        assertEquals(languages[0].keys.filter { it.startsWith("error_") }.toSet(), used.toSet())
    }
}
