package pspm.demo.saving

import java.io.IOException
import java.io.OutputStream
import java.util.concurrent.CancellationException
import pspm.matting.Progress

/** Where a picture is written. Others see it complete or not at all. */
interface Destination {
    /** Open it to be written. */
    fun open(): OutputStream

    /** The picture is complete: let others see it. */
    fun publish()

    /** Remove what was written. It throws nothing. */
    fun discard()
}

/** Why a picture was not saved. */
enum class SaveProblem { FULL, DENIED, FAILED }

/** A picture was not saved, and nothing of it is left. The message says what failed. */
class SaveException(val problem: SaveProblem, cause: Exception) : IOException(cause.message ?: cause.toString(), cause)

/**
 * Write a picture to a destination. [encode] writes it to a stream, and returns false if that failed. If the picture is not
 * complete, because something fails or [progress] is cancelled, the destination is discarded.
 *
 * Throws [SaveException], and CancellationException if it was cancelled.
 */
fun save(to: Destination, progress: Progress, encode: (OutputStream) -> Boolean) {
    var published = false
    try {
        write(to, progress, encode)
        to.publish()
        published = true
    } catch (error: CancellationException) {
        throw error
    } catch (error: Exception) {
        // MediaStore and providers of documents throw many kinds.
        throw SaveException(problem(error), error)
    } finally {
        if (!published) to.discard()
    }
}

private fun write(to: Destination, progress: Progress, encode: (OutputStream) -> Boolean) {
    to.open().use { stream ->
        val watched = WatchedStream(stream, progress)
        val complete = encode(watched)
        // Android's encoders return false where the stream threw.
        watched.failure?.let { throw it }
        if (!complete) throw IOException("the picture cannot be encoded")
    }
    progress.check()
}

/** What kind of problem an error of the file system or of MediaStore is. */
fun problem(error: Throwable): SaveProblem {
    val texts = generateSequence(error) { it.cause }.map { "${it.javaClass.simpleName} ${it.message}" }.toList()
    return when {
        texts.any { text -> FULL.any { it in text } } -> SaveProblem.FULL
        texts.any { text -> DENIED.any { it in text } } -> SaveProblem.DENIED
        else -> SaveProblem.FAILED
    }
}

// The error numbers' names in the messages of Android's system calls, and what its database throws.
private val FULL = listOf("ENOSPC", "EDQUOT", "No space left", "SQLiteFullException")
private val DENIED = listOf("EACCES", "EPERM", "EROFS", "Permission denied", "SecurityException")

/** Ends the writing when it is cancelled, and remembers what failed. */
private class WatchedStream(private val stream: OutputStream, private val progress: Progress) : OutputStream() {
    var failure: Exception? = null
        private set

    override fun write(byte: Int) = attempt { stream.write(byte) }

    override fun write(bytes: ByteArray, from: Int, count: Int) = attempt { stream.write(bytes, from, count) }

    override fun flush() = attempt { stream.flush() }

    private inline fun attempt(job: () -> Unit) {
        try {
            progress.check()
            job()
        } catch (error: Exception) {
            if (failure == null) failure = error
            throw error
        }
    }
}
