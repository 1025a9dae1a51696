package pspm.matting

// Arithmetic on packed 8-bit pixels, rounded as Pillow rounds it.

/** An opaque pixel of three colours in 0..255. */
fun rgb(red: Int, green: Int, blue: Int): Int = -0x1000000 or (red shl 16) or (green shl 8) or blue

/** Red, 0..255. */
fun red(pixel: Int): Int = pixel shr 16 and 255

/** Green, 0..255. */
fun green(pixel: Int): Int = pixel shr 8 and 255

/** Blue, 0..255. */
fun blue(pixel: Int): Int = pixel and 255

/** Luma of BT.601, 0..255. */
fun luma(pixel: Int): Int = (red(pixel) * 19595 + green(pixel) * 38470 + blue(pixel) * 7471 + 0x8000) shr 16

/** The nearest integer to [product] / 255, for products of two bytes. */
fun dividedBy255(product: Int): Int {
    val x = product + 128
    return ((x shr 8) + x) shr 8
}

/** [over] where [alpha] is 255, [under] where it is 0, and their mixture between: one colour, all in 0..255. */
fun mix(alpha: Int, over: Int, under: Int): Int = dividedBy255(over * alpha + under * (255 - alpha))

/** [mix] of the three colours of two pixels; opaque. */
fun mixPixels(alpha: Int, over: Int, under: Int): Int = rgb(
    mix(alpha, red(over), red(under)),
    mix(alpha, green(over), green(under)),
    mix(alpha, blue(over), blue(under))
)

/** Into 0..255. */
fun clampToByte(value: Int): Int = minOf(maxOf(value, 0), 255)
