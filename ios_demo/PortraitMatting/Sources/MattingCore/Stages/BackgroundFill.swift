// Fill the area behind the person with background light from farther away.

/// Side of a cell in pixels, for a picture of `size`.
package func cellSide(of size: PixelSize) -> Int {
    (max(size.width, size.height) + StageConstants.cells - 1) / StageConstants.cells
}

/// Number of cells across and down. The last cell of a row or column may be smaller.
package func cellGrid(of size: PixelSize) -> PixelSize {
    let side = cellSide(of: size)
    return PixelSize(width: (size.width + side - 1) / side, height: (size.height + side - 1) / side)
}

/// Weighted mean of background light over the whole picture, for every pixel: three planes of height * width numbers.
///
/// `light` holds three planes, premultiplied by `weight`. The picture is reduced to square cells, at most `StageConstants.cells` along
/// a side. A cell at a distance of d cells has the weight 1 / (1 + d^2)^2. The cells' means are interpolated, so the
/// result is smooth however far away the nearest background is.
func fillBackground(light: [[Float]], weight: [Float], width: Int, height: Int) -> [[Float]] {
    let size = PixelSize(width: width, height: height)
    let (side, grid) = (cellSide(of: size), cellGrid(of: size))
    let counted = totals(of: cellMeans(of: weight, size, side: side), grid)
    let box = PixelBox(left: 0, top: 0, right: Double(width) / Double(side), bottom: Double(height) / Double(side))
    return light.map { plane in
        let lit = totals(of: cellMeans(of: plane, size, side: side), grid)
        let means = Raster(
            width: grid.width, height: grid.height,
            values: zip(lit, counted).map { $0 / max($1, StageConstants.leastCellWeight) })
        return means.resized(to: size, .bilinear, box: box).values
    }
}

/// The mean of every cell.
private func cellMeans(of plane: [Float], _ size: PixelSize, side: Int) -> [Float] {
    var result: [Float] = []
    for top in stride(from: 0, to: size.height, by: side) {
        for left in stride(from: 0, to: size.width, by: side) {
            let (bottom, right) = (min(size.height, top + side), min(size.width, left + side))
            var sum: Float = 0
            for y in top..<bottom {
                for x in left..<right { sum += plane[y * size.width + x] }
            }
            result.append(sum / Float((bottom - top) * (right - left)))
        }
    }
    return result
}

/// For every cell, the sum of all cells weighted by their nearness.
private func totals(of cells: [Float], _ grid: PixelSize) -> [Float] {
    cells.indices.map { here in
        var sum: Float = 0
        for there in cells.indices {
            let x = there % grid.width - here % grid.width
            let y = there / grid.width - here / grid.width
            let nearness = 1 / Float(1 + x * x + y * y)
            sum += nearness * nearness * cells[there]
        }
        return sum
    }
}
