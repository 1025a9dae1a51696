import Foundation

/// The size rule of a network: which size a photo is resized to.
///
/// The area becomes `side`^2. Each side is a multiple of `multiple`, between `multiple` and `longest`. If there are
/// `sizes`, the model file takes only these. The photo is then stretched to the one with the nearest aspect ratio, the
/// first if several are equally near.
public struct InputSize: Codable, Equatable, Sendable {
    public let side: Int
    public let multiple: Int
    public let longest: Int
    public let sizes: [PixelSize]?

    public init(side: Int, multiple: Int, longest: Int, sizes: [PixelSize]? = nil) {
        self.side = side
        self.multiple = multiple
        self.longest = longest
        self.sizes = sizes
    }

    /// The size of the network's view of a photo, as close to the photo's aspect ratio as the rule allows.
    public func fit(_ photo: PixelSize) -> PixelSize {
        if let nearest = nearestSize(to: photo) { return nearest }
        let area = Double(photo.width * photo.height)
        let scale = min(
            Double(side) / area.squareRoot(), Double(longest) / Double(max(photo.width, photo.height)))
        return PixelSize(width: rounded(Double(photo.width) * scale), height: rounded(Double(photo.height) * scale))
    }

    private func nearestSize(to photo: PixelSize) -> PixelSize? {
        let stretch = { (size: PixelSize) in
            abs(log(Double(size.width * photo.height) / Double(size.height * photo.width)))
        }
        return sizes?.min { stretch($0) < stretch($1) }
    }

    private func rounded(_ length: Double) -> Int {
        max(multiple, Int((length / Double(multiple)).rounded(.toNearestOrEven)) * multiple)
    }
}
