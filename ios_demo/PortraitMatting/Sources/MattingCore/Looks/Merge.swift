/// Refine every look onto its part of a photo and merge them: the matte of the photo.
///
/// The first look is at the whole photo; each later one replaces what is in its place, and fades in along its edges.
func merge(_ looks: [Look], image: Raster<UInt8>, guide: Guide) throws -> Raster<UInt8> {
    var full = refine(alpha: looks[0].alpha, view: looks[0].view, image: image, guide: guide)
    for look in looks.dropFirst() {
        try Task.checkCancellation()
        let part = refine(alpha: look.alpha, view: look.view, image: image.cropped(to: look.place), guide: guide)
        let (across, down) = weights(of: look.place, in: image.size)
        for y in 0..<part.height {
            for x in 0..<part.width {
                let weight = (down[y] * across[x] + 127) / 255
                let at = (look.place.top + y) * image.width + look.place.left + x
                let over = Int(part.values[y * part.width + x])
                full.values[at] = UInt8((Int(full.values[at]) * (255 - weight) + over * weight + 127) / 255)
            }
        }
    }
    return full
}

/// Weights of a look along the width and along the height of its place, 0 to 255; their product counts.
///
/// They rise from each edge of the place that is not an edge of the photo.
func weights(of place: PixelPlace, in size: PixelSize) -> (across: [Int], down: [Int]) {
    let reach = max(1, rounded(StageConstants.feather * Double(place.longer)))
    let rising = { (length: Int, fromStart: Bool, fromStop: Bool) in
        (0..<length).map { i in
            let start = fromStart ? (2 * i + 1) * 255 / (2 * reach) : 255
            let stop = fromStop ? (2 * (length - 1 - i) + 1) * 255 / (2 * reach) : 255
            return min(255, start, stop)
        }
    }
    return (
        rising(place.width, place.left > 0, place.right < size.width),
        rising(place.height, place.top > 0, place.bottom < size.height)
    )
}
