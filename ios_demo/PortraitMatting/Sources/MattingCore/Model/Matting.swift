/// Mattes photos with any engine: the stages from a photo to its matte.
public struct Matting: Sendable {
    public let engine: any Engine

    public init(engine: any Engine) { self.engine = engine }

    /// Return the matte of a photo, in the photo's size.
    ///
    /// Without a person the matte is (almost) empty. With `requirePerson`, that throws `MattingError.noPerson` instead.
    public func matte(of photo: PixelPhoto, requirePerson: Bool = false) async throws -> Raster<UInt8> {
        let view = networkView(of: photo, size: engine.inputSize(for: photo.image.size))
        let alpha = try await engine.alpha(of: view)
        if requirePerson && Double(alpha.values.reduce(0, +)) < StageConstants.personShare * Double(alpha.values.count)
        {
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
