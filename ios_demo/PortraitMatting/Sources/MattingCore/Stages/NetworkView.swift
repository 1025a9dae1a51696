// Prepare a photo for the network.

/// Resize a photo to the network's input size. Transparent parts become white, as viewers show them.
package func networkView(of photo: PixelPhoto, size: PixelSize) -> Raster<UInt8> {
    networkView(of: photo, size: size, place: photo.image.size.whole)
}

/// Resize the part of a photo in a place. The filter sees the pixels around it too.
func networkView(of photo: PixelPhoto, size: PixelSize, place: PixelPlace) -> Raster<UInt8> {
    var view = photo.image.shrunk(to: size, .bilinear, place: place)
    guard let mask = photo.transparency?.shrunk(to: size, .bilinear, place: place) else { return view }
    for i in mask.values.indices {
        for c in 3 * i..<3 * i + 3 { view.values[c] = blended(255, view.values[c], mask.values[i]) }
    }
    return view
}

/// Normalise a view for a network that takes a tensor: (x - mean) / std of colours in 0...1, one channel after another.
package func normalised(_ view: Raster<UInt8>, mean: [Double], std: [Double]) -> [Float] {
    (0..<3).flatMap { c in
        (0..<view.width * view.height).map { (Float(view.values[3 * $0 + c]) / 255 - Float(mean[c])) / Float(std[c]) }
    }
}
