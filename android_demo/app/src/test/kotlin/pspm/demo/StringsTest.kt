package pspm.demo

import java.io.File
import javax.xml.parsers.DocumentBuilderFactory
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.w3c.dom.Element

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
}
