/// Mattes photos with any engine: the stages from a photo to its matte.
public struct Matting: Sendable {
    public let engine: any Engine

    public init(engine: any Engine) { self.engine = engine }

    /// Return the matte of a photo, in the photo's size.
    ///
    /// Without a person the matte is (almost) empty. With `requirePerson`, that throws `MattingError.noPerson` instead.
    /// `quality`: how much time it may take. `onLook` is called after each run of the network with how many there were.
    public func matte(
        of photo: PixelPhoto, requirePerson: Bool = false, quality: MatteQuality = .balanced,
        onLook: (@Sendable (Int) -> Void)? = nil
    ) async throws -> Raster<UInt8> {
        let network = EngineNetwork(engine: engine, onLook: onLook)
        let looks = try await Viewer(network: network, photo: photo).looks(quality)
        if requirePerson && !showsSomebody(looks) { throw MattingError.noPerson }
        try Task.checkCancellation()
        var matte = try merge(looks, image: photo.image, guide: quality.guide)
        if let transparency = photo.transparency {
            for i in matte.values.indices { matte.values[i] = blended(0, matte.values[i], transparency.values[i]) }
        }
        return matte
    }
}

/// An engine as the looks at a photo run it.
private final class EngineNetwork: Network {
    private let engine: any Engine
    private let onLook: (@Sendable (Int) -> Void)?
    private var runs = 0

    init(engine: any Engine, onLook: (@Sendable (Int) -> Void)?) {
        self.engine = engine
        self.onLook = onLook
    }

    var size: InputSize { engine.bundle.input.size }

    func alpha(of view: Raster<UInt8>) async throws -> Raster<Float> {
        let alpha = try await engine.alpha(of: view)
        runs += 1
        onLook?(runs)
        return alpha
    }
}
