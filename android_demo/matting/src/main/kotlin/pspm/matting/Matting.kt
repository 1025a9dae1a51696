package pspm.matting

/** No person is in the photo, and one was required. */
class NoPersonException : MattingException("no person was found in the photo; choose another one")

/**
 * A loaded model: photo in, matte out, and the effects on top of it, on plain arrays; [PortraitMatting] is the same for
 * Android's bitmaps. Calls from several threads take turns.
 *
 * The effects write into the array that is given for the result, by default a new one; it may be the photo's own, which
 * spares the memory of one.
 */
class Matting(private val bundle: Bundle, val engine: Engine) : AutoCloseable {
    private val network = NetworkView(bundle, engine)
    private val alpha = FloatArray(engine.width * engine.height)

    /** What is loaded: the bundle's name. */
    val name: String get() = bundle.name

    /**
     * The matte of a photo at its own size; its transparency is multiplied in. Without a person the matte is (almost)
     * empty; with [requirePerson] that throws [NoPersonException].
     */
    @Synchronized
    fun matte(photo: Photo, requirePerson: Boolean = false): Matte {
        val transparency = photo.transparency()
        val view = networkView(photo, engine.width, engine.height)
        network.write(view)
        engine.run()
        network.read(alpha)
        if (requirePerson && alpha.average() < PERSON_SHARE) throw NoPersonException()
        val values = ByteArray(photo.pixels.size)
        Refine(engine.width, engine.height, photo.width, photo.height).run(alpha, view, photo.pixels, values)
        if (transparency != null) {
            for (i in values.indices) values[i] = dividedBy255((values[i].toInt() and 255) * transparency[i]).toByte()
        }
        return Matte(photo.width, photo.height, values)
    }

    /** The person on nothing: straight alpha and estimated foreground colours, free of fringe. */
    fun cutOut(photo: Photo, matte: Matte = matte(photo), result: IntArray = IntArray(photo.pixels.size)): Photo {
        Foreground(photo.width, photo.height).run(photo.pixels, matte.values, result)
        cutOut(result, matte.values, photo.width, photo.height)
        return Photo(photo.width, photo.height, result)
    }

    /** The person before a picture, which covers the photo's size and is centre-cropped. */
    fun replaceBackground(
        photo: Photo,
        picture: Photo,
        matte: Matte = matte(photo),
        result: IntArray = IntArray(photo.pixels.size)
    ): Photo {
        Foreground(photo.width, photo.height).run(photo.pixels, matte.values, result)
        layOver(result, matte, picture)
        return Photo(photo.width, photo.height, result)
    }

    /** The person before a colour. */
    fun replaceBackground(
        photo: Photo,
        colour: Int,
        matte: Matte = matte(photo),
        result: IntArray = IntArray(photo.pixels.size)
    ): Photo {
        Foreground(photo.width, photo.height).run(photo.pixels, matte.values, result)
        layOver(result, matte.values, colour)
        return Photo(photo.width, photo.height, result)
    }

    /** Depth of field: the background as seen through a wide lens, [strength] from 0 to 1. */
    fun blurBackground(
        photo: Photo,
        strength: Double,
        matte: Matte? = null,
        result: IntArray = IntArray(photo.pixels.size)
    ): Photo {
        // The strength is checked before the network works for it.
        Lens(1, 1, strength)
        return Photo(photo.width, photo.height, blurBackground(photo, matte ?: matte(photo), strength, result))
    }

    /** Free the engine; the object is of no use afterwards. */
    @Synchronized
    override fun close() = engine.close()

    private companion object {
        const val PERSON_SHARE = 0.005
    }
}
