/// Size of a kernel's thread groups over the pixels of a texture, in threads.
package struct ThreadGroup: Equatable, Sendable {
    /// Pixels of a group that is neither small nor large, if the kernel allows so many.
    private static let usual = 256

    package let width: Int
    package let height: Int

    /// A group of whole rows of threads that run at once, as Metal recommends.
    ///
    /// `threadsAtOnce` and `most` are the pipeline's `threadExecutionWidth` and `maxTotalThreadsPerThreadgroup`. A kernel
    /// that needs many registers has a small `most`, and a larger group would fail.
    package init(threadsAtOnce: Int, most: Int) {
        width = max(1, min(threadsAtOnce, most))
        height = max(1, min(most, ThreadGroup.usual) / width)
    }

    /// How many groups cover a texture, across and down. Those at the edges reach beyond it.
    package func count(over size: PixelSize) -> PixelSize {
        PixelSize(width: (size.width + width - 1) / width, height: (size.height + height - 1) / height)
    }
}
