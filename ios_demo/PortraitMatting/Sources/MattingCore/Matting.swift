/// A photo, upright: RGB, and its own transparency where it has any.
public struct Photo: Sendable {
    public let image: Raster<UInt8>
    public let transparency: Raster<UInt8>?

    public init(image: Raster<UInt8>, transparency: Raster<UInt8>? = nil) {
        precondition(image.channels == 3 && (transparency.map { $0.size == image.size && $0.channels == 1 } ?? true))
        self.image = image
        self.transparency = transparency
    }
}

/// A network: the photo at its size in, how much of each pixel is the person out.
public protocol MattingModel: Sendable {
    var manifest: Manifest { get }

    /// The size at which the network is to see a photo.
    func inputSize(for photo: Size) -> Size

    /// The network's alpha, in 0...1 and of the view's size, for an RGB view of a size that `inputSize` gave.
    func alpha(of view: Raster<UInt8>) async throws -> Raster<Float>
}

/// From a photo to its matte, with any model.
public struct Matting: Sendable {
    public let model: any MattingModel

    private static let personShare: Float = 0.005

    public init(model: any MattingModel) { self.model = model }

    /// The matte of a photo, of its size. Without a person it is (almost) empty; `requirePerson` makes that
    /// `MattingError.noPerson`.
    public func matte(of photo: Photo, requirePerson: Bool = false) async throws -> Raster<UInt8> {
        let view = networkView(of: photo, size: model.inputSize(for: photo.image.size))
        let alpha = try await model.alpha(of: view)
        if requirePerson && alpha.values.reduce(0, +) < Matting.personShare * Float(alpha.values.count) {
            throw MattingError.noPerson
        }
        try Task.checkCancellation()
        var matte = refine(alpha: alpha, view: view, image: photo.image)
        if let transparency = photo.transparency {
            for i in matte.values.indices { matte.values[i] = blended(0, matte.values[i], transparency.values[i]) }
        }
        return matte
    }
}

/// The photo at the size at which the network looks at it, transparent parts on white as viewers show them.
public func networkView(of photo: Photo, size: Size) -> Raster<UInt8> {
    var view = photo.image.shrunk(to: size, .bilinear)
    guard let mask = photo.transparency?.shrunk(to: size, .bilinear) else { return view }
    for i in mask.values.indices {
        for c in 3 * i..<3 * i + 3 { view.values[c] = blended(255, view.values[c], mask.values[i]) }
    }
    return view
}

/// What a network that takes numbers is given: (x - mean) / std of colours in 0...1, channel after channel.
public func normalised(_ view: Raster<UInt8>, mean: [Double], std: [Double]) -> [Float] {
    (0..<3).flatMap { c in
        (0..<view.width * view.height).map { (Float(view.values[3 * $0 + c]) / 255 - Float(mean[c])) / Float(std[c]) }
    }
}
