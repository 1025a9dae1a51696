package pspm.matting.pictures

// Arithmetic on packed 8-bit pixels, with Pillow's rounding.

/** Red, green and blue. */
internal const val RGB_CHANNELS = 3

/** Pack an opaque pixel from three values in 0..255. */
public fun rgb(red: Int, green: Int, blue: Int): Int = -0x1000000 or (red shl 16) or (green shl 8) or blue

/** Red, 0..255. */
public fun red(pixel: Int): Int = pixel shr 16 and 255

/** Green, 0..255. */
public fun green(pixel: Int): Int = pixel shr 8 and 255

/** Blue, 0..255. */
public fun blue(pixel: Int): Int = pixel and 255

/** BT.601 luma, 0..255. */
public fun luma(pixel: Int): Int = (red(pixel) * 19595 + green(pixel) * 38470 + blue(pixel) * 7471 + 0x8000) shr 16

/** [product] / 255, rounded to the nearest integer, for the product of two values in 0..255. */
public fun dividedBy255(product: Int): Int {
    val x = product + 128
    return ((x shr 8) + x) shr 8
}

/** Blend one channel: [over] for an [alpha] of 255, [under] for 0. All values are in 0..255. */
public fun mix(alpha: Int, over: Int, under: Int): Int = dividedBy255(over * alpha + under * (255 - alpha))

/** Blend two packed pixels as [mix] does. The result is opaque. */
public fun mixPixels(alpha: Int, over: Int, under: Int): Int = rgb(
    mix(alpha, red(over), red(under)),
    mix(alpha, green(over), green(under)),
    mix(alpha, blue(over), blue(under))
)

/** Clamp to 0..255. */
public fun clampToByte(value: Int): Int = minOf(maxOf(value, 0), 255)
