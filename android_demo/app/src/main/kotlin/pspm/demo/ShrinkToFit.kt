package pspm.demo

/**
 * Do a job on the largest copy that fits into the memory: [job] is given by how much both sides are divided, 1 at first,
 * and after every [OutOfMemoryError] twice as much, up to [smallest]. The last error is the caller's.
 */
fun <T> shrinkToFit(smallest: Int = 16, job: (divisor: Int) -> T): T {
    var divisor = 1
    while (true) {
        try {
            return job(divisor)
        } catch (error: OutOfMemoryError) {
            if (divisor >= smallest) throw error
            divisor *= 2
        }
    }
}

/** The power of two by which both sides of a picture are divided so that it has at most so many pixels. */
fun divisorFor(width: Int, height: Int, mostPixels: Long): Int {
    var divisor = 1
    while (width.toLong() / divisor * (height / divisor) > mostPixels) divisor *= 2
    return divisor
}
