// The tiles of a photo where the matte is soft. The expensive full-resolution steps run only there.

/// A rectangle of the photo, `place`, and the same rectangle on the small matte, `box`.
struct Tile {
    let place: PixelPlace
    let box: PixelBox

    var size: PixelSize { PixelSize(width: place.width, height: place.height) }
}

private let cell = StageConstants.softCell

/// Tiles of a photo of `size` that cover every soft pixel of its small matte and a margin around it.
///
/// `margin` is in pixels of the small matte, at most `cell`. Tiles do not overlap. Neighbours in a row are merged.
func softTiles(_ small: Raster<UInt8>, size: PixelSize, margin: Int) -> [Tile] {
    let columns = (small.width + cell - 1) / cell
    let rows = (small.height + cell - 1) / cell
    let cells = softCells(small, columns: columns, rows: rows, margin: margin)
    var tiles: [Tile] = []
    for row in 0..<rows {
        let top = row * cell * size.height / small.height
        let bottom = min((row + 1) * cell, small.height) * size.height / small.height
        var column = 0
        while column < columns {
            guard cells[row * columns + column] else {
                column += 1
                continue
            }
            let start = column
            while column < columns && cells[row * columns + column] { column += 1 }
            let left = start * cell * size.width / small.width
            let right = min(column * cell, small.width) * size.width / small.width
            guard bottom > top && right > left else { continue }
            let across = { (x: Int) in Double(x) / Double(size.width) * Double(small.width) }
            let down = { (y: Int) in Double(y) / Double(size.height) * Double(small.height) }
            tiles.append(
                Tile(
                    place: PixelPlace(left: left, top: top, right: right, bottom: bottom),
                    box: PixelBox(left: across(left), top: down(top), right: across(right), bottom: down(bottom))))
        }
    }
    return tiles
}

/// Which cells are within `margin` of a soft pixel: neither 0 nor 255, or different from the pixel above or to the
/// left.
private func softCells(_ small: Raster<UInt8>, columns: Int, rows: Int, margin: Int) -> [Bool] {
    var cells = [Bool](repeating: false, count: columns * rows)
    let matte = small.values
    for y in 0..<small.height {
        for x in 0..<small.width {
            let i = y * small.width + x
            let alpha = matte[i]
            let soft =
                (alpha > 0 && alpha < 255) || (x > 0 && matte[i - 1] != alpha)
                || (y > 0 && matte[i - small.width] != alpha)
            guard soft else { continue }
            for row in max(0, y - margin) / cell...min(rows * cell - 1, y + margin) / cell {
                for column in max(0, x - margin) / cell...min(columns * cell - 1, x + margin) / cell {
                    cells[row * columns + column] = true
                }
            }
        }
    }
    return cells
}
