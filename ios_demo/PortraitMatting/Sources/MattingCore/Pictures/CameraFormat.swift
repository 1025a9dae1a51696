// Which of a camera's formats a live mode uses.

/// What a camera can deliver: the pixels of a frame, and the least and most frames a second.
package struct CameraFormat: Sendable, Equatable {
    package var size: PixelSize
    package var leastRate: Double
    package var mostRate: Double

    package init(size: PixelSize, leastRate: Double, mostRate: Double) {
        (self.size, self.leastRate, self.mostRate) = (size, leastRate, mostRate)
    }

    /// Frames a second that are asked for.
    package static let rate = 30.0
    /// The rate may fall this far in the dark, where each frame is exposed longer.
    package static let darkRate = 20.0
    private static let wanted = PixelSize(width: 960, height: 720)

    /// The index of the best format, nil if none has the network's shape and 30 frames a second.
    ///
    /// A network's view is 4:3. So are a camera's sensor and these formats; one of 16:9 would be cut at its sides, and so
    /// show half as much as the system's camera app. The nearest to 960 x 720 pixels is taken, the first of equal ones.
    package static func best(of formats: [CameraFormat]) -> Int? {
        let distance = { (index: Int) in
            abs(formats[index].size.width * formats[index].size.height - wanted.width * wanted.height)
        }
        return formats.indices
            .filter { formats[$0].size.width * 3 == formats[$0].size.height * 4 && formats[$0].mostRate >= rate }
            .min { distance($0) < distance($1) }
    }
}
