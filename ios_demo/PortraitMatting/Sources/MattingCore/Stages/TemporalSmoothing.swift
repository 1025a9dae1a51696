/// Smooth the alpha of camera frames over time, so that the matte does not flicker.
package struct TemporalSmoothing: Sendable {
    private var shown: Raster<Float>?

    package init() {}

    /// Return the alpha to show for a frame: a recursive average per pixel.
    ///
    /// The shown alpha moves towards the network's alpha by min(1, still + |d| / jump) * d, where d is their
    /// difference. Small changes are averaged over several frames and large ones are followed at once. The result is
    /// within 9/255 of the network's alpha, so moving edges leave no ghost. An alpha of another size (the device was
    /// turned) begins a new sequence.
    package mutating func smooth(_ alpha: Raster<Float>) -> Raster<Float> {
        guard var next = shown, next.size == alpha.size else {
            shown = alpha
            return alpha
        }
        next.values.withUnsafeMutableBufferPointer { next in
            alpha.values.withUnsafeBufferPointer { alpha in
                for i in 0..<next.count {
                    let difference = alpha[i] - next[i]
                    next[i] += min(StageConstants.still + abs(difference) / StageConstants.jump, 1) * difference
                }
            }
        }
        shown = next
        return next
    }

    /// Begin a new sequence, after a change of camera or scene.
    package mutating func restart() { shown = nil }
}
