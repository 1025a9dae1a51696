package pspm.demo

/**
 * Run a job on the largest copy of a picture that fits into memory. [job] gets the divisor of both sides: 1 at first,
 * twice as much after each [OutOfMemoryError], up to [maxDivisor]. If that fails too, the error is thrown.
 */
fun <T> shrinkToFit(maxDivisor: Int = 16, job: (divisor: Int) -> T): T {
    var divisor = 1
    while (true) {
        try {
            return job(divisor)
        } catch (error: OutOfMemoryError) {
            if (divisor >= maxDivisor) throw error
            divisor *= 2
        }
    }
}

/** The smallest power of two by which to divide both sides of a picture so that it has at most [maxPixels] pixels. */
fun divisorFor(width: Int, height: Int, maxPixels: Long): Int {
    var divisor = 1
    while (width.toLong() / divisor * (height / divisor) > maxPixels) divisor *= 2
    return divisor
}
