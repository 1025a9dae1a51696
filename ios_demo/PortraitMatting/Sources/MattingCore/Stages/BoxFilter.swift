/// Box filter: the mean over (2 radius + 1)^2 pixels, fewer at the borders, computed with running sums.
///
/// `plane` holds height * width numbers, row by row. `linearModels` and `estimateForeground` are built on this filter.
package func boxMean(_ plane: [Float], width: Int, height: Int, radius: Int) -> [Float] {
    precondition(plane.count == width * height && radius >= 0)
    var along = [Float](repeating: 0, count: plane.count)
    meansOfColumns(plane, &along, width: width, height: height, radius: radius)
    var result = [Float](repeating: 0, count: plane.count)
    meansOfRows(along, &result, width: width, height: height, radius: radius)
    return result
}

private func meansOfColumns(_ x: [Float], _ result: inout [Float], width: Int, height: Int, radius: Int) {
    let reach = min(radius, height - 1)
    // Row y holds the column sums of the rows above y, so a window's sum is the difference of two rows.
    var sums = [Double](repeating: 0, count: (height + 1) * width)
    x.withUnsafeBufferPointer { x in
        sums.withUnsafeMutableBufferPointer { sums in
            for i in 0..<height * width { sums[i + width] = sums[i] + Double(x[i]) }
            result.withUnsafeMutableBufferPointer { result in
                for y in 0..<height {
                    let top = max(0, y - reach)
                    let bottom = min(height, y + reach + 1)
                    let count = Double(bottom - top)
                    for i in 0..<width {
                        result[y * width + i] = Float((sums[bottom * width + i] - sums[top * width + i]) / count)
                    }
                }
            }
        }
    }
}

private func meansOfRows(_ x: [Float], _ result: inout [Float], width: Int, height: Int, radius: Int) {
    let reach = min(radius, width - 1)
    var sums = [Double](repeating: 0, count: width + 1)
    x.withUnsafeBufferPointer { x in
        sums.withUnsafeMutableBufferPointer { sums in
            result.withUnsafeMutableBufferPointer { result in
                for y in 0..<height {
                    for i in 0..<width { sums[i + 1] = sums[i] + Double(x[y * width + i]) }
                    for i in 0..<width {
                        let left = max(0, i - reach)
                        let right = min(width, i + reach + 1)
                        result[y * width + i] = Float((sums[right] - sums[left]) / Double(right - left))
                    }
                }
            }
        }
    }
}
